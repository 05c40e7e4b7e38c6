"""Hidden inputs and hidden questions: in the master only, and with the grader."""

import json
import re

import pytest

from stragglers_course.grading import files
from stragglers_course.grading.submission import Course, grade
from stragglers_course.masters import other_graders, release
from stragglers_course.notebooks import reading
from stragglers_course.questions import hidden_cells, personal_numbers
from stragglers_course.sandbox import run as sandbox
from stragglers_course.sandbox import wall
from stragglers_course.sets import NAMES, problem_set
from tests.conftest import ROOT

from .works import SALT, dump, master, student_notebook

QUESTION = """from stragglers_course.questions import ask
from stragglers_course.questions import Number
ask(Number("q9", points=2, cases=({},), key=lambda p: 1.5, mistakes=()))"""


def tagged(source):
    return {
        "cell_type": "code",
        "id": "own",
        "metadata": {"tags": ["hidden-test"]},
        "source": source,
    }


@pytest.mark.parametrize("name", [name for name in NAMES if name != "project"])  # asks for none
def test_every_master_has_hidden_inputs_for_its_function(name):
    found = hidden_cells.collect(master(name))
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


@pytest.mark.usefixtures("in_copies")
def test_a_hidden_question_is_graded():
    whole = master("race")
    whole["cells"].append(tagged(QUESTION))
    notebook = student_notebook("race", "ada", solved=lambda question: question == "q1")
    own = {"cell_type": "code", "id": "own", "metadata": {}, "source": "q9 = 1.5", "outputs": []}
    notebook["cells"] = [*notebook["cells"][:7], own]
    result = grade(files.Submission("a.ipynb", 0, dump(notebook)), Course("race", SALT, whole))
    assert (result["questions"]["q9"]["points"], result["points"], result["of"]) == (2, 3, 17)


def fork():
    """The master of "race" in a private fork, with the question that the guide gives as example."""
    guide = (ROOT / "book" / "instructors.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", guide, flags=re.S)
    (example,) = [block for block in blocks if "ask(" in block]
    whole = master("race")
    answer = f"q9 = None\n{release.BEGIN}\nq9 = 1 / (p.m * p.rate)\n{release.END}"
    shown = ['p = parameters("q9")', answer, 'check("q9", q9)']
    cells = [tagged(example)] + [dict(tagged(source), metadata={}) for source in shown]
    ids = ("q9-hidden", "q9-numbers", "q9-answer", "q9-check")
    whole["cells"][-3:-3] = [dict(cell, id=i) for i, cell in zip(ids, cells, strict=True)]
    return whole


def ran(notebook):
    """Run the code cells of a notebook and return the names that they leave."""
    space = {}
    for source in reading.code_cells(notebook):
        exec(source, space)
    return space


def test_a_hidden_question_is_judged_in_the_master_itself(monkeypatch, capsys):
    monkeypatch.setattr(hidden_cells, "ASKED", {})
    whole = fork()
    whole["cells"] = [c for c in whole["cells"] if c["id"][:2] in ("im", "st", "q9")]
    desk = ran(whole)["check"].__self__
    assert desk.verdicts["q9"].status == "right"
    desk.check("q9", desk.parameters("q9").rate / desk.parameters("q9").m)
    assert "the rate in the place of the scale" in capsys.readouterr().out


@pytest.mark.usefixtures("in_copies")
def test_a_hidden_question_has_personal_numbers_for_student_and_grader(tmp_path, capsys):
    whole = fork()
    course, key = Course("race", SALT, whole), personal_numbers.handout_key(SALT, "race")
    drawn = []
    for number in range(40):
        notebook = release.student_notebook(whole, key, f"student {number}")
        text = json.dumps(notebook)
        assert release.leaks(text, whole, "race", SALT) == []
        notebook["cells"] = [c for c in notebook["cells"] if c["id"][:2] in ("im", "st", "q9")]
        space = ran(notebook)
        p = space["parameters"]("q9")
        assert p == course.parameters("q9", f"Student {number}")
        drawn.append(str(p))
        if number:
            continue
        space["check"]("q9", 1 / (p.m * p.rate))
        space["progress"]()
        space["submit"](tmp_path)
        said = capsys.readouterr().out
        assert "q9 · noted; this question is judged after you hand in.  (0 of 7 right)" in said
        assert "q9 · noted        2 points" in said
        assert "Answered: q9." in said
    assert len(set(drawn)) > 20
    (path,) = tmp_path.iterdir()
    result = grade(files.Submission("a.ipynb", 0, path.read_bytes()), course)
    assert (result["questions"]["q9"]["points"], result["points"], result["of"]) == (2, 2, 17)
    p = course.parameters("q9", "student 0")
    foreign = next(q for n in range(9) if (q := course.parameters("q9", f"student {n}")) != p)
    question = course.questions["q9"]
    assert question.judge(question.key(foreign), p).status == "wrong"


def test_a_key_of_a_hidden_question_in_the_text_is_a_leak():
    whole = fork()
    p = Course("race", SALT, whole).parameters("q9", "")
    handout = f'handout=\\"{personal_numbers.handout_key(SALT, "race")}'
    text = f"{handout} {1 / (p.m * p.rate):.6g}"
    assert release.leaks(text, whole, "race", SALT) == ["the key of q9"]


def test_an_export_leaves_hidden_questions_out():
    _, questions = other_graders.parts(fork(), "race", "key")
    assert list(questions) == list(problem_set("race").QUESTIONS)


@pytest.mark.parametrize(
    ("cases", "said"),
    [("({'m': 1},)", "too near to the key for {'m': 1}"), ("({'m': 2}, {'m': abs})", "cases must")],
)
def test_cases_that_no_notebook_can_carry_are_refused(cases, said):
    wrong = "(('same', lambda p: 1, 'one.'),)" if "abs" not in cases else "()"
    source = QUESTION.replace("Number\n", "Number, mistakes\n").replace("({},)", cases)
    source = source.replace("mistakes=()", f"mistakes=mistakes(*{wrong})").replace("1.5", "1")
    whole = master("race")
    whole["cells"].append(tagged(source))
    with pytest.raises(ValueError, match=re.escape(said)):
        release.student_notebook(whole, "key")


@pytest.mark.parametrize("source", ["ask(1)", "inputs('q4', [1])", "inputs('q4', [[{1, 2}]])"])
def test_a_hidden_cell_that_is_wrong_is_named_at_once(source):
    cell = tagged(f"from stragglers_course.questions import ask, inputs\n{source}")
    with pytest.raises(TypeError, match="must be"):
        hidden_cells.collect({"cells": [cell]})


LOOK = """import gc, importlib, os, sys
q1 = sorted(n for n in sys.modules if n.startswith("stragglers_course"))
q2 = " ".join(f"{k}={v}" for k, v in os.environ.items())
keys = {"Number", "Numbers", "Decision", "Function", "Figure", "Course"}
q3 = sum(type(o).__name__ in keys for o in gc.get_objects())
for name in [name for name in sys.modules if name.startswith("stragglers_course")]:
    del sys.modules[name]
importlib.invalidate_caches()
q4 = []
for name in ("sets.race", "sets", "questions.numbers", "student.desk"):
    try:
        importlib.import_module(f"stragglers_course.{name}")
        q4.append(name)
    except ModuleNotFoundError:
        pass
q5 = [f for path in sys.path for f in (path or ".",) if os.path.exists(f + "/sets/race.py")]
q5 += [f for path in sys.path for f in (path + "/stragglers_course/sets",) if os.path.exists(f)]"""


def test_no_key_and_no_salt_reach_the_process_of_the_students_code(stands):
    course = Course("race", SALT, master("race"))
    start = "from stragglers_course import start\nstart('race', 'ada')"
    run = sandbox.run([start, LOOK], course.brief)
    modules = {f"stragglers_course.{name[:-3].replace('/', '.')}" for name in wall.CHILD}
    packages = {m.rpartition(".")[0] for m in modules} | {"stragglers_course"}
    assert set(run.answers["q1"]) <= modules | packages
    assert SALT not in run.answers["q2"]
    assert set(run.answers["q2"].replace("=", " ").split()) & {"SECRET", "USER", "LOGNAME"} == set()
    assert run.answers["q3"] == 0
    assert (run.answers["q4"], run.answers["q5"]) == ([], [])
    assert run.errors == {}
