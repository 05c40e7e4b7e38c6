"""A chapter as its tests read it: its prose, the code of its cells and of its solutions."""

import json
import re
from functools import cache

import pytest

from ..conftest import ROOT
from . import figure_numbers

FENCED = re.compile(r"```python\n(.*?)```", re.S)
NOT_PROSE = re.compile(r"```.*?```|`[^`]*`|https?://\S+", re.S)
FOUND = re.compile(r"\d+\.\d+|\d+(?=\s?\\?[,;]?\s?\\?%)")  # decimals, and whole numbers of per cent


@cache
def cells(chapter):
    """Return the cells of a chapter as (kind, id, source)."""
    kept = json.loads((ROOT / "book" / f"{chapter}.ipynb").read_text("utf-8"))["cells"]
    return [(cell["cell_type"], cell["id"], "".join(cell["source"])) for cell in kept]


@cache
def prose(chapter):
    """Return all the text of a chapter, on one line."""
    return one_line(figure_numbers.prose(chapter))


def one_line(text):
    return " ".join(text.split())


def missing(chapter, phrases):
    """Return the phrases that the text of the chapter does not hold, word by word."""
    return [phrase for phrase in map(one_line, phrases) if phrase not in prose(chapter)]


def unheld(chapter, phrases, given):
    """Return the numbers of the text that stand in no phrase and are not given, with their place.

    Decimals and percentages are looked at: whole numbers are mostly chosen, not found.
    """
    text = one_line(NOT_PROSE.sub(" ", figure_numbers.prose(chapter)))
    for phrase in sorted(map(one_line, phrases), key=len, reverse=True):
        text = text.replace(one_line(NOT_PROSE.sub(" ", phrase)), "·")
    found = [match for match in FOUND.finditer(text) if match[0] not in given]
    return [text[max(match.start() - 30, 0) : match.end() + 10] for match in found]


@cache
def said(section):
    """Return the phrases that a function of a test file computes, once for all its tests."""
    return tuple(section())


def each(sections, slow=()):
    """Return a mark that runs a test for each of these functions; `slow` marks some of them."""
    marks = dict.fromkeys(slow, pytest.mark.slow)
    params = [pytest.param(section, marks=marks.get(section, ())) for section in sections]
    return pytest.mark.parametrize("section", params, ids=lambda section: section.__name__)


def solution(chapter, label):
    """Return the code in the solution of an exercise."""
    text = figure_numbers.prose(chapter)
    after = text[text.index(f":label: {label}\n") :]
    return "\n".join(FENCED.findall(after[: after.index("</details>")]))


def right(words):
    """Return how a quick check marks its right option."""
    return f'<details class="right"><summary>{words}</summary>'


def wrong(words):
    """Return how a quick check marks a wrong option."""
    return f'<details class="wrong"><summary>{words}</summary>'


def run(chapter, names, space):
    """Run the cells with these names in a namespace, and return it."""
    sources = {name: source for kind, name, source in cells(chapter) if kind == "code"}
    for name in names:
        exec(sources[name], space)
    return space


seen = cache(figure_numbers.seen)


def sentence(draw, panels=2, **values):
    """Return what a figure says in words."""
    return seen(draw, panels, **values)[1]


def series(draw, panel, name, panels=2, **values):
    """Return what a panel shows under a name as a dictionary from place to value."""
    return seen(draw, panels, **values)[0][panel][name]
