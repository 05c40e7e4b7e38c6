"""What a figure of a chapter shows, panel by panel."""

import csv
import io

from .page import picture


def seen(draw, panels=1, **values):
    """Return what a picture shows, {name: {place: value}} for each panel, and its sentence."""
    taken = picture(draw, panels, **values)
    panels_shown = []
    for text in taken.tables:
        head, *rows = [*csv.reader(io.StringIO(text))] or [[]]
        panels_shown.append(
            {
                name: {float(row[0]): float(row[i]) for row in rows if row[i]}
                for i, name in enumerate(head)
                if i
            }
        )
    return panels_shown, taken.sentence
