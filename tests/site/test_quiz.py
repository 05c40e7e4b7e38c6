"""The extension `quiz`: what the build says of a block that is not as it should be."""

import re

import pytest
import quiz

from ..book.page import cells
from ..conftest import ROOT

RIGHT = '<details class="right"><summary>two</summary>\n\nBecause.\n\n</details>'
WRONG = '<details class="wrong"><summary>one</summary>\n\nNot so.\n\n</details>'
CHAPTERS = sorted(path.stem for path in (ROOT / "book").glob("*.ipynb"))
BLOCK = re.compile(r"^:::\{admonition\} ([^\n]*)\n:class: quiz\n(.*?)^:::$", re.M | re.S)


def faults_of(text):
    return list(quiz.faults(text, list(quiz.OPTION.finditer(text))))


def test_a_good_block_has_no_fault():
    assert faults_of(f"\n{WRONG}\n\n{RIGHT}\n") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{WRONG}\n\n{WRONG.replace('one', 'three')}", "exactly one option must be right, not 0"),
        (f"{RIGHT}\n\n{RIGHT.replace('two', 'three')}", "exactly one option must be right, not 2"),
        (RIGHT, "at least two options are needed, not 1"),
        (f"{RIGHT}\n\n{WRONG.replace('Not so.', '')}", "the option 'one' needs words and a reason"),
        (f"{RIGHT}\n\n{WRONG.replace('one', '')}", "the option '' needs words and a reason"),
        (f"{RIGHT}\n\n{WRONG.replace('one', '$1$')}", "needs a word beside its formula"),
        (f"{RIGHT}\n\n{WRONG.replace('one', 'two')}", "an option stands twice"),
        (f"{RIGHT}\n\n{WRONG}\n\nMore words.", "this is no part of an option: 'More words.'"),
    ],
)
def test_what_is_wrong_is_named(text, said):
    (fault,) = faults_of(text)
    assert said in fault


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_quick_checks_without_a_fault_where_the_book_is_not_built(chapter):
    text = "\n".join(source for kind, _, source in cells(chapter) if kind == "markdown")
    blocks = BLOCK.findall(text)
    assert len(blocks) >= 3
    for question, body in blocks:
        assert question.rstrip().endswith("?"), question
        assert faults_of(body) == [], question
