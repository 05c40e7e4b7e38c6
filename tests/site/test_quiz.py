"""The extension `quiz`: what the build says of a block that is not as it should be."""

import json
import re

import chapter_map
import pytest
import quiz

from ..book.page import cells
from ..conftest import ROOT

RIGHT = '<details class="right"><summary>two</summary>\n\nBecause.\n\n</details>'
WRONG = '<details class="wrong"><summary>one</summary>\n\nNot so.\n\n</details>'
CHAPTERS = sorted(path.stem for path in (ROOT / "book").glob("*.ipynb"))
RECALL = re.compile(r"^:::\{admonition\} [^\n]*\n:class: quiz-again\n(.*?)^:::$", re.M | re.S)


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
    blocks = quiz.BLOCK.findall(text)
    assert len(blocks) >= 3
    for question, body in blocks:
        assert question.rstrip().endswith("?"), question
        assert faults_of(body) == [], question


# Earlier questions, asked again


def path_of(chapter):
    return ROOT / "book" / f"{chapter}.ipynb"


def asked_again(chapter):
    """Return (chapter, question) of each quick check that a chapter asks again."""
    text = "\n".join(chapter_map.cells(path_of(chapter), "markdown"))
    return [quiz.recalled(body) for body in RECALL.findall(text)]


def all_needed(chapter):
    """Return the chapters that a chapter needs, and those that they need."""
    direct = chapter_map.needed(path_of(chapter))
    return set(direct).union(*map(all_needed, direct))


def test_options_are_found_by_the_words_of_their_question(tmp_path):
    path = tmp_path / "x.ipynb"
    source = f":::{{admonition}} How many?\n:class: quiz\n\n{WRONG}\n\n{RIGHT}\n:::"
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": [source]}]}))
    assert faults_of(quiz.options_of(path, "How many?")) == []
    with pytest.raises(ValueError, match="x has no quick check 'How few"):
        quiz.options_of(path, "How few?")
    with pytest.raises(ValueError, match="nowhere has no quick check"):
        quiz.options_of(tmp_path / "nowhere.ipynb", "How many?")
    with pytest.raises(ValueError, match="this is not 'From"):
        quiz.recalled("How many?")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_asks_again_what_a_chapter_that_it_needs_has_asked(chapter):
    again = asked_again(chapter)
    assert len(again) <= 2
    assert bool(again) == bool(chapter_map.needed(path_of(chapter)))
    for earlier, question in again:
        assert earlier in all_needed(chapter)
        assert faults_of(quiz.options_of(path_of(earlier), question)) == []
