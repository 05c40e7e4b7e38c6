"""What a master notebook keeps from the students: more inputs, and whole questions.

Cells of a master with the tag `hidden-test` call `inputs` and `ask`. In the master itself these
check their arguments; when submissions are graded, `collect` runs the same cells and keeps what
they give. No such cell is ever released.
"""

from contextvars import ContextVar
from dataclasses import dataclass, field

from .questions import Question
from .reading import code_cells

TAG = "hidden-test"
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
    if hidden := COLLECTING.get():
        hidden.calls.setdefault(question, []).extend(argument_lists)


def ask(question):
    """Judge one more question, which students see only as text."""
    if not isinstance(question, Question):
        raise TypeError(f"question must be a Question, got {question!r}")
    if hidden := COLLECTING.get():
        hidden.questions[question.name] = question


def collect(master):
    """Run the hidden cells of a master notebook (a dict) and return what they give."""
    hidden = Hidden()
    before = COLLECTING.set(hidden)
    try:
        space = {}
        for cell in code_cells(master, tag=TAG):
            exec(compile(cell, "<hidden-test>", "exec"), space)
    finally:
        COLLECTING.reset(before)
    return hidden
