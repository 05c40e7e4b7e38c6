"""The numbers of a figure as a reader sees them: its tables and its sentence."""

import csv
import io
import json

from stragglers.explorer.pictures import take_picture

from ..conftest import ROOT


def seen(draw, panels=1, **values):
    """Return the tables of a picture, a panel each: {series: {place x: number}}; its sentence."""
    picture = take_picture(draw, values, panels, 3.0)
    tables = []
    for text in picture.tables:
        head, *rows = [*csv.reader(io.StringIO(text))] or [[]]
        tables.append(
            {
                name: {float(row[0]): float(row[i]) for row in rows if row[i]}
                for i, name in enumerate(head)
                if i
            }
        )
    return tables, picture.sentence


def prose(name):
    """Return the text of a chapter's cells of words."""
    cells = json.loads((ROOT / "book" / f"{name}.ipynb").read_text())["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
