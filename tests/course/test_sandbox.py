"""Which answer counts when a notebook is run, and what is left out when it takes too long."""

import pytest

from stragglers_course.grading import files
from stragglers_course.grading.submission import Course, grade
from stragglers_course.notebooks import reading
from stragglers_course.sandbox import run as sandbox

from .works import MASTERS, SALT, dump, master, student_notebook

pytestmark = pytest.mark.usefixtures("in_copies")

RACE = "def {}(m, rate, rounds, seed):\n    draw = np.random.default_rng(seed).exponential\n"
RACE += "    return draw(1 / rate, (rounds, m)).max(axis=1)"
RIGHT = "1 - (1 - p.slow) ** p.n"


def graded(*cells, **limits):
    """Grade a notebook of these cells, after the first two of the set "race"."""
    notebook = student_notebook("race", "ada", solved=lambda question: False)
    first = [c for c in notebook["cells"] if c["id"] in ("imports", "start")]
    first[0]["source"] = "import numpy as np\nfrom stragglers_course import start"  # soon done
    cells = ['p = parameters("q1")', *cells]
    notebook["cells"] = [*first, *(dict(first[0], source=source) for source in cells)]
    course = Course("race", SALT, master("race"), limits=sandbox.LIMITS | limits)
    return grade(files.Submission("a.ipynb", 0, dump(notebook)), course)


def statuses(result):
    return {name: mark["status"] for name, mark in result["questions"].items()}


@pytest.mark.parametrize(
    "cells",
    [
        ["q1 = None", f'check("q1", {RIGHT})'],
        ["q1 = 99", f'check("q1", {RIGHT})'],
        ["q1 = 99", 'check("q1", q1)', f"q1 = {RIGHT}"],
        [f"q1 = {RIGHT}"],
        [f'p = parameters("Q1 ")\ncheck(" Q1", {RIGHT})'],
    ],
)
def test_what_was_checked_counts_unless_the_name_holds_something_new(cells):
    assert statuses(graded(*cells))["q1"] == "right"


@pytest.mark.parametrize("name", ["q4", "my_race"])
def test_a_stub_does_not_hide_the_function_that_was_checked(name):
    stub = 'def q4(m, rate, rounds, seed):\n    """Return the times."""\n    ...'
    result = graded(stub, RACE.format(name), f'check("q4", {name})')
    assert statuses(result)["q4"] == "right"


def test_a_stub_alone_is_no_answer_and_a_function_that_prints_is_a_wrong_one():
    stub = 'def q4(m, rate, rounds, seed):\n    """Return the times."""\n    ...'
    assert statuses(graded(stub))["q4"] == "unanswered"
    prints = graded("def q4(*arguments):\n    print(1)")["questions"]["q4"]
    assert (prints["status"], prints["mistake"]) == ("wrong", "nothing")


def test_a_notebook_with_the_numbers_of_another_course_is_doubted():
    own = graded(f"q1 = {RIGHT}")
    assert own["doubts"] == []
    for start in (
        "check, parameters, *_ = start('race', 'ada', handout='practice')",
        "check, parameters, *_ = start('race', 'ada', 'practice')",
    ):
        result = graded(start)
        assert "the notebook was handed out with another salt" in result["doubts"][0]


def test_when_all_takes_too_long_the_slowest_cells_are_left_out():
    slow = [f"import time\ntime.sleep({seconds})" for seconds in (3, 3.1, 3.2)]
    result = graded(*slow, RACE.format("q4"), total=9)  # the others have 3 s, on a busy machine too
    assert statuses(result)["q4"] == "right"
    left_out = [note for note in result["notes"] if "all cells together take longer" in note]
    assert len(left_out) == 2


SHAPE = "    H = sum(1 / j for j in range(1, m + 1)) / rate\n"
SHAPE += "    s = sum(1 / j**2 for j in range(1, m + 1)) ** 0.5 / rate\n"


@pytest.mark.parametrize(
    "draws",
    [
        "np.random.default_rng(seed).normal(H, s, rounds)",
        "[H + s * (-1) ** i + seed * 1e-9 for i in range(rounds)]",
    ],
)
def test_draws_of_the_right_mean_and_spread_are_not_enough(draws):
    result = graded(f"def q4(m, rate, rounds, seed):\n{SHAPE}    return {draws}")
    assert result["questions"]["q4"]["mistake"] == "distribution"


def test_hidden_inputs_do_not_lie_about_where_a_student_can_read_them():
    result = graded("given = check.__self__.given\nraise ValueError(sorted(given))")
    (note,) = result["notes"]
    assert note.startswith("code cell 4 (given = check.__self__.given…): ValueError")
    assert note.endswith(": ['parameters', 'questions']")


def test_whatever_goes_wrong_in_the_grader_is_said_and_stops_nothing(monkeypatch):
    def broken(*_):
        raise OverflowError("of the grader")

    monkeypatch.setattr(sandbox, "run", broken)
    result = graded("x = 1")
    assert result["notes"][0].startswith("the grader could not read it (OverflowError: of the")
    assert {mark["status"] for mark in result["questions"].values()} == {"unreadable"}


def test_the_notebooks_say_the_limits_and_the_accuracy_that_there_are():
    for path in MASTERS.glob("*.ipynb"):
        how = next(c for c in reading.notebook(path.read_bytes())["cells"] if c["id"] == "how")
        cell, total = sandbox.LIMITS["cell"], sandbox.LIMITS["total"]
        assert f"a cell may take {cell} seconds, and all cells {total}." in reading.source(how)
        assert "Numbers count as right within 0.1 %, curves within 2 %" in reading.source(how)
