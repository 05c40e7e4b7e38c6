"""What a master notebook keeps from the students: more inputs, and whole questions.

Cells of a master with the tag `hidden-test` call `inputs` and `ask`. In the master itself these
check their arguments, and a question can be answered and checked at once; when a set is released
or submissions are graded, `collect` runs the same cells and keeps what they give. No such cell is
ever released.
"""

import json
from contextvars import ContextVar
from dataclasses import dataclass, field

from ..notebooks.reading import code_cells
from .personal_numbers import Parameters
from .question import Question

TAG = "hidden-test"
ASKED = {}  # the questions that hidden cells have asked in the session of a master
COLLECTING = ContextVar("the Hidden that cells fill while `collect` runs them", default=None)


@dataclass
class Hidden:
    """What the hidden cells of one master give: argument lists by question, and questions."""

    calls: dict = field(default_factory=dict)
    questions: dict = field(default_factory=dict)


def inputs(question, argument_lists):
    """Call the function handed in for `question` on these argument lists too."""
    if not all(isinstance(arguments, list) for arguments in argument_lists):
        raise TypeError(f"argument_lists must be a list of lists, got {argument_lists!r}")
    try:
        json.dumps(argument_lists)
    except (TypeError, ValueError):
        message = f"argument_lists must be plain numbers, words and lists, got {argument_lists!r}"
        raise TypeError(message) from None
    if hidden := COLLECTING.get():
        hidden.calls.setdefault(question, []).extend(argument_lists)


def ask(question):
    """Judge one more question, of which students see the text and their numbers, not the key.

    Raises ValueError for a case in which the key is too near to a known mistake: without the key,
    a student's notebook could not pass it over.
    """
    if not isinstance(question, Question):
        raise TypeError(f"question must be a Question, got {question!r}")
    for case in question.cases:
        if not question.well_posed(Parameters(case)):
            raise ValueError(f"{question.name}: a mistake is too near to the key for {case}")
    hidden = COLLECTING.get()
    (hidden.questions if hidden else ASKED)[question.name] = question


def collect(master):
    """Run the hidden cells of a master notebook (a dict) and return what they give, a Hidden."""
    hidden = Hidden()
    before = COLLECTING.set(hidden)
    try:
        space = {}
        for cell in code_cells(master, tag=TAG):
            exec(compile(cell, "<hidden-test>", "exec"), space)
    finally:
        COLLECTING.reset(before)
    return hidden
