"""The exercises of all chapters: how hard each is and how long it takes, said in one way."""

import re

import pytest

from ..book.page import cells
from .test_quiz import CHAPTERS

OPENS = re.compile(r"^:::+\{exercise\} *(.*)\n:label: .*\n\n(.*)$", re.M)
MARK = re.compile(r"\*(?:(?:A warm-up, |With code, )?(\d+) min|Open(?:, with code)?)\.\* \S")


def exercises(chapter):
    """Return the title and the first line of each exercise."""
    text = "\n\n".join(source for kind, _, source in cells(chapter) if kind == "markdown")
    found = OPENS.findall(text)
    assert len(found) == text.count("{exercise}")
    return found


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_exercise_begins_with_its_mark(chapter):
    for title, first in exercises(chapter):
        mark = MARK.match(first)
        assert mark, (title, first[:40])
        assert mark[1] is None or (int(mark[1]) % 5 == 0 and 5 <= int(mark[1]) <= 40), title
        assert "min)" not in title
        assert "(open" not in title


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_exercises_climb_from_a_warm_up_to_an_open_question(chapter):
    marks = [first for _, first in exercises(chapter)]
    assert len(marks) >= 6
    assert marks[0].startswith("*A warm-up, ")
    assert sum("ith code" in mark.partition(".*")[0] for mark in marks) >= 2
    assert [mark.startswith("*Open") for mark in marks] == [False] * (len(marks) - 1) + [True]
