"""The file to hand in: a notebook of the cells that ran, with the answers as plain data beside.

It is made from the running session, so it needs no access to the notebook's own file, which Colab
and unsaved tabs do not give; and it is a notebook itself, so one reader serves all submissions.
"""

import ast
import json
import re
import unicodedata
from importlib import metadata
from pathlib import Path

from ..notebooks.failed_cells import before_error
from ..notebooks.reading import sound

FORMAT = 2
CELLS, CHARACTERS = 500, 500_000
ONLY_CALLS = re.compile(r"\s*(progress|submit)\(.*\)\s*")


class Recorder:
    """The cells of this IPython session: of each the last source that ran, in the order of cells.

    A cell is known by the id that the notebook gives it; where there is none, by its source. It
    stands where it first ran to its end. Of a run that failed, the part before the failing
    statement is kept, at the end, until the cell runs: a function may have been defined there.
    All is kept with the session, so that running the cell of `start` again loses nothing.
    """

    def __init__(self):
        try:
            from IPython import get_ipython
        except ImportError:
            self.shell = None
        else:
            self.shell = get_ipython()
        if self.shell is None:
            self.kept = {}
            return
        if not hasattr(self.shell, "stragglers_cells"):
            before = self.shell.user_ns.get("In", [])[1:-1]  # the last one runs right now
            self.shell.stragglers_cells = {s: s for s in before if s.strip()}
            self.shell.events.register("post_run_cell", self._ran)
        self.kept = self.shell.stragglers_cells

    def _ran(self, result):
        source = result.info.raw_cell if result.info else ""
        if ONLY_CALLS.fullmatch(source) or not source.strip():
            return
        key = getattr(result.info, "cell_id", None) or source
        if error := result.error_in_exec:
            part = before_error(source, self.shell.transform_cell(source), error)
            self.kept.pop(f"failed {key}", None)
            if part.strip():
                self.kept[f"failed {key}"] = part
        elif result.success:
            self.kept.pop(f"failed {key}", None)
            if source in self.kept and key not in self.kept:  # it ran before its id was known
                known = {key if name == source else name: s for name, s in self.kept.items()}
                self.kept.clear()
                self.kept.update(known)
            self.kept[key] = source

    @property
    def cells(self):
        """The sources to hand in, in order: of too many, those whose names all come again go."""
        sources = list(self.kept.values())
        return sources if _fits(sources) else _newest(sources)

    def value(self, name):
        """Return what the session holds under a name, None if there is nothing."""
        return self.shell.user_ns.get(name) if self.shell is not None else None


def _fits(sources):
    return len(sources) <= CELLS and sum(map(len, sources)) <= CHARACTERS


def _newest(sources):
    """Return the sources without those whose names are all given anew later, and that fit."""
    kept, later = [], set()
    for source in reversed(sources):
        names = _given(source)
        if not names or not names <= later:
            kept.append(source)
        later |= names
    while not _fits(kept):
        kept.remove(max(kept, key=len) if len(kept) <= CELLS else kept[-1])
    return kept[::-1]


def _given(source):
    """Return the names that a cell gives at its top, none if it is not Python alone."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return set()
    stores = [n.id for n in ast.walk(ast.Module(body, [])) if _is_stored(n)]
    return {*stores, *(n.name for n in body if hasattr(n, "name"))}


def _is_stored(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def version():
    """Return the version of the package that is installed here."""
    try:
        return metadata.version("stragglers")
    except metadata.PackageNotFoundError:
        return "unknown"


def slug(text):
    """Return text as a part of a file name: plain letters, digits and hyphens.

    >>> slug("Zoë Müller")
    'zoe-muller'
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.casefold()).strip("-")[:60] or "no-name"


def write(folder, desk):
    """Write the hand-in notebook of a Desk into `folder` and return its path."""
    work = {
        "format": FORMAT,
        "set": desk.name,
        "student": desk.student,
        "handout": desk.handout,
        "version": version(),
        "parameters": {name: dict(desk.parameters(name)) for name in desk.questions},
        "answers": desk.answers,
    }
    notebook = {
        "cells": [_cell(number, source) for number, source in enumerate(desk.recorder.cells)],
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
