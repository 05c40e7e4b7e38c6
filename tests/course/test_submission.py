"""One submission graded: what counts, and what is doubted."""

import json

import pytest

from stragglers_course.grading import files
from stragglers_course.grading.submission import Course, grade
from stragglers_course.notebooks import reading
from stragglers_course.questions import personal_numbers
from stragglers_course.sandbox import wall
from stragglers_course.sets import problem_set

from .corpus import base, code
from .made_class import handed_in, other_numbers, out_of_order
from .works import SALT, dump, master

pytestmark = pytest.mark.usefixtures("in_copies")

COURSE = Course("race", SALT, master("race"))


def graded(notebook, course=COURSE):
    content = notebook if isinstance(notebook, bytes) else dump(notebook)
    return grade(files.Submission("a.ipynb", 0, content), course)


def right(result):
    return {name for name, mark in result["questions"].items() if mark["status"] == "right"}


def test_an_honest_hand_in_is_not_doubted():
    result = graded(handed_in("ada"))
    assert (result["points"], result["doubts"], result["notes"]) == (4.0, [], [])


def test_a_hand_in_of_other_numbers_is_graded_with_them_and_doubted():
    result = graded(other_numbers("ada"))
    assert right(result) == {"q1", "q4"}
    assert [doubt.split(";")[0] for doubt in result["doubts"]] == [
        "made with version 0.0.9 of the package",
        "q1: the notebook had other numbers than this version of the package gives",
    ]
    assert result["doubts"][1].endswith("graded with those of the notebook.")


def test_numbers_that_this_version_does_not_have_are_doubted_and_not_used():
    numbers = {"q1": {"n": 10**9, "slow": 0.5}}
    result = graded(handed_in("ada", parameters=numbers))
    assert result["doubts"][-1].endswith("graded with those of this version.")
    assert "q1: the notebook had other numbers" in result["doubts"][-1]


def test_a_range_of_cases_that_changes_after_the_release_costs_nothing(monkeypatch):
    question = problem_set("race").QUESTIONS["q1"]
    before = handed_in("ada")
    own = before["metadata"]["stragglers"]["parameters"]["q1"]
    others = tuple(case for case in question.cases if case["n"] % 3 or case == own)
    narrower = type(question)(**{**vars(question), "cases": others[1:] + others[:1]})
    monkeypatch.setitem(problem_set("race").QUESTIONS, "q1", narrower)
    assert personal_numbers.parameters(narrower, COURSE.handout, "race", "ada") != own
    result = graded(before, Course("race", SALT, master("race")))
    assert result["points"] == 4.0
    assert "q1: the notebook had other numbers" in " ".join(result["doubts"])


@pytest.mark.parametrize("cells", [[], ["key = check.__self__.given['q1'].key"], ["q1 = 0.5"]])
def test_answers_that_the_cells_do_not_give_are_doubted(cells):
    notebook = handed_in("ada")
    start = next(cell for cell in notebook["cells"] if cell["id"] == "start")
    notebook["cells"] = [notebook["cells"][0], start, *map(code, cells)][: 2 + len(cells)]
    notebook["cells"] = notebook["cells"] if cells else []
    result = graded(notebook)
    assert right(result) == {"q1"}
    assert result["doubts"][0].startswith("q1: the cells of the hand-in do not give the answers")


def test_a_notebook_that_was_run_in_another_order_than_it_stands_counts():
    notebook = base("ada")
    out_of_order(notebook)
    assert right(graded(notebook)) == {"q1", "q4"}
    for cell in notebook["cells"]:
        cell["execution_count"] = None  # nothing tells the order: what misses a name runs again
    result = graded(notebook)
    assert right(result) == {"q1", "q4"}
    assert result["notes"] == []


def test_the_order_of_running_is_read_and_what_did_not_run_stays_below_its_neighbour():
    cells = [{"cell_type": "code", "execution_count": n, "source": ""} for n in (3, None, 1, 2)]
    assert reading.order({"cells": cells}) == [2, 3, 0, 1]
    for count in (None, True, "x", -1, 0):
        for cell in cells:
            cell["execution_count"] = count
        assert reading.order({"cells": cells}) == [0, 1, 2, 3]


def test_a_name_that_never_comes_is_told_with_the_number_of_the_cell_that_stands_there():
    notebook = base("ada")
    notebook["cells"].insert(0, code("nobody_knows"))
    out_of_order(notebook)
    (note,) = graded(notebook)["notes"]
    assert note.startswith(f"code cell {len(notebook['cells'])} (nobody_knows): NameError")


def test_a_merge_conflict_is_named_in_the_file_and_in_a_cell():
    text = dump(base("ada")).replace(b'"cells"', b'\n<<<<<<< HEAD\n=======\n>>>>>>> b\n"cells"')
    assert "git has left a merge conflict" in graded(text)["notes"][0]
    notebook = base("ada")
    notebook["cells"].insert(2, code("<<<<<<< local\nq9 = 1\n=======\nq9 = 2\n>>>>>>> remote"))
    result = graded(notebook)
    assert right(result) == {"q1", "q4"}
    assert "with a merge conflict (<<<<<<<): SyntaxError" in result["notes"][0]


def test_the_salt_never_comes_out_of_a_grading(tmp_path, monkeypatch):
    monkeypatch.setattr(wall, "kind", lambda: wall.LIMITS)
    (tmp_path / "salt.txt").write_text(SALT)
    read = f"open({str(tmp_path / 'salt.txt')!r}).read()"
    notebook = base("ada")
    notebook["cells"] += [code(f"raise ValueError({read})"), code(f"q2 = {read}")]
    result = graded(notebook)
    assert SALT not in json.dumps(result)
    assert "it has read the salt" in result["doubts"][-1]
