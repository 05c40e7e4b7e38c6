"""Hidden inputs and hidden questions: in the master only, and with the grader."""

import pytest

from stragglers.coursework import hidden, reading, sandbox
from stragglers.coursework.grading import Course, grade
from stragglers.coursework.sets import NAMES

from .works import SALT, dump, master, student_notebook

QUESTION = """from stragglers.coursework.hidden import ask
from stragglers.coursework.questions import Number
ask(Number("q9", points=2, cases=({},), key=lambda p: 1.5, mistakes=()))"""


def tagged(source):
    return {
        "cell_type": "code",
        "id": "own",
        "metadata": {"tags": ["hidden-test"]},
        "source": source,
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_master_has_hidden_inputs_for_its_function(name):
    found = hidden.collect(master(name))
    course = Course(name, SALT, master(name))
    for question, calls in found.calls.items():
        assert course.questions[question].calls_functions
        assert course.calls(question, "ada")[-len(calls) :] == calls
    assert found.calls


def test_the_hidden_inputs_differ_between_students_and_salts():
    course, other = Course("race", SALT), Course("race", SALT + "!")
    assert course.calls("q4", "ada") == course.calls("q4", " ADA ")
    assert course.calls("q4", "ada")[3:] != course.calls("q4", "bob")[3:]
    assert course.calls("q4", "ada")[3:] != other.calls("q4", "ada")[3:]


def test_a_hidden_question_is_graded():
    whole = master("race")
    whole["cells"].append(tagged(QUESTION))
    notebook = student_notebook("race", "ada", solved=lambda question: question == "q1")
    own = {"cell_type": "code", "id": "own", "metadata": {}, "source": "q9 = 1.5", "outputs": []}
    notebook["cells"] = [*notebook["cells"][:7], own]
    result = grade(reading.Submission("a.ipynb", 0, dump(notebook)), Course("race", SALT, whole))
    assert (result["questions"]["q9"]["points"], result["points"], result["of"]) == (2, 3, 17)


@pytest.mark.parametrize("source", ["ask(1)", "inputs('q4', [1])"])
def test_a_hidden_cell_that_is_wrong_is_named_at_once(source):
    cell = tagged(f"from stragglers.coursework.hidden import ask, inputs\n{source}")
    with pytest.raises(TypeError, match="must be"):
        hidden.collect({"cells": [cell]})


def test_no_key_and_no_salt_reach_the_process_of_the_students_code():
    look = """import gc, os, sys
names = [n for n in sys.modules if n.startswith("stragglers.coursework")]
q1 = ",".join(sorted(names))
q2 = " ".join(f"{k}={v}" for k, v in os.environ.items())
keys = {"Number", "Numbers", "Decision", "Function", "Figure", "Course"}
q3 = sum(type(o).__name__ in keys for o in gc.get_objects())"""
    course = Course("race", SALT, master("race"))
    start = "from stragglers.coursework import start\nstart('race', 'ada')"
    run = sandbox.run([start, look], course.brief)
    assert run.answers["q1"] == "stragglers.coursework"
    assert SALT not in run.answers["q2"]
    assert set(run.answers["q2"].replace("=", " ").split()) & {"SECRET", "USER", "LOGNAME"} == set()
    assert run.answers["q3"] == 0
