"""The file to hand in: a notebook of the cells that ran, with the answers as plain data beside.

It is made from the running session, so it needs no access to the notebook's own file, which Colab
and unsaved tabs do not give; and it is a notebook itself, so one reader serves all submissions.
"""

import json
import re
import unicodedata
from pathlib import Path

from ..notebooks.failed_cells import before_error
from ..notebooks.reading import sound

FORMAT = 1
CELLS, CHARACTERS = 500, 500_000
ONLY_CALLS = re.compile(r"\s*(progress|submit)\(.*\)\s*")


class Recorder:
    """The cells of this IPython session: all before the first `start`, then those that ran.

    Of a cell that failed, the part before the failing statement is kept: a function may have been
    defined there. They are kept with the session, so that running the cell of `start` again loses
    none.
    """

    def __init__(self):
        try:
            from IPython import get_ipython
        except ImportError:
            self.shell = None
        else:
            self.shell = get_ipython()
        self.cells = []
        if self.shell is not None:
            if not hasattr(self.shell, "stragglers_cells"):
                before = self.shell.user_ns.get("In", [])[1:-1]  # the last one runs right now
                self.shell.stragglers_cells = [source for source in before if source.strip()]
                self.shell.events.register("post_run_cell", self._ran)
            self.cells = self.shell.stragglers_cells

    def _ran(self, result):
        source = result.info.raw_cell if result.info else ""
        if error := result.error_in_exec:
            source = before_error(source, self.shell.transform_cell(source), error)
        elif not result.success:
            source = ""  # it did not even begin
        if source.strip() and not ONLY_CALLS.fullmatch(source):
            self.cells.append(source)

    def value(self, name):
        """Return what the session holds under a name, None if there is nothing."""
        return self.shell.user_ns.get(name) if self.shell is not None else None


def slug(text):
    """Return text as a part of a file name: plain letters, digits and hyphens.

    >>> slug("Zoë Müller")
    'zoe-muller'
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.casefold()).strip("-")[:60] or "no-name"


def write(folder, desk):
    """Write the hand-in notebook of a Desk into `folder` and return its path."""
    kept, size = [], 0
    for before, source in zip([None, *desk.recorder.cells], desk.recorder.cells, strict=False):
        size += len(source)
        if source != before and len(kept) < CELLS and size < CHARACTERS:
            kept.append(source)
    work = {
        "format": FORMAT,
        "set": desk.name,
        "student": desk.student,
        "handout": desk.handout,
        "answers": desk.answers,
    }
    notebook = {
        "cells": [_cell(number, source) for number, source in enumerate(kept)],
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "stragglers": work,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = Path(folder) / f"{desk.name}-{slug(desk.student)}-handin.ipynb"
    text = json.dumps(sound(notebook), ensure_ascii=False, indent=1)
    path.write_text(text, encoding="utf-8")
    return path


def _cell(number, source):
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }
