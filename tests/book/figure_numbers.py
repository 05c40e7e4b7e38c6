"""The numbers of a figure as a reader sees them: its tables and its sentence."""

import csv
import io
import json

from matplotlib import rc_context

from stragglers.explorer.pictures import new_axes, table
from stragglers.explorer.style import STYLE

from ..conftest import ROOT


def seen(draw, panels=1, **values):
    """Return the tables of a picture, a panel each: {series: {place x: number}}; its sentence."""
    with rc_context(STYLE):
        axes = [new_axes(3.0) for _ in range(panels)]
        sentence = draw(axes if panels > 1 else axes[0], **values)
    tables = []
    for text in map(table, axes):
        head, *rows = [*csv.reader(io.StringIO(text))] or [[]]
        tables.append(
            {
                name: {float(row[0]): float(row[i]) for row in rows if row[i]}
                for i, name in enumerate(head)
                if i
            }
        )
    return tables, " ".join(sentence.split())


def prose(name):
    """Return the text of a chapter's cells of words."""
    cells = json.loads((ROOT / "book" / f"{name}.ipynb").read_text())["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
