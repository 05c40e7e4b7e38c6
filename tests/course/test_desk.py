"""The student's side: check, progress, submit."""

import json
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from stragglers_course import start
from stragglers_course.notebooks import reading
from stragglers_course.questions.plain_data import plain
from stragglers_course.sets import NAMES

from .works import QUESTIONS


class Mute(Exception):
    """An error that cannot be told."""

    def __str__(self):
        raise RuntimeError("no")


def raises():
    raise Mute


class Evil:
    """An object whose every method raises."""

    def __getattribute__(self, name):
        raise RuntimeError("no")


@pytest.fixture
def desk():
    return start("protocols", "ada@example.edu", "key")


ODD = [
    None,
    ...,
    True,
    float("nan"),
    float("inf"),
    10**400,
    1j,
    "",
    "x" * 10**6,
    b"bytes",
    [],
    [[]],
    [1, "a", None],
    list(range(10**5)),
    {},
    {"K": {}},
    {1: 2},
    set(),
    object(),
    Evil(),
    Evil,
    lambda: 1,
    lambda *a: Evil(),
    lambda *a: [0] * 10**5,
    lambda *a: raises(),
    type("Silent", (), {"__float__": lambda self: raises()})(),
    len,
    np.array(3.0),
    np.array([[1, 2], [3, 4]]),
    np.zeros(10**6),
    np.array(["a"]),
    np.datetime64("2020-01-01"),
    np.float32(2.5),
    np.ma.masked,
    np.array([object(), None]),
    Decimal("0.1"),
    Fraction(10**5000, 3),
    (number for number in range(10**9)),
    "\ud800",
    json,
]


@pytest.mark.parametrize("number", range(len(ODD)))
def test_check_never_raises_and_says_the_same_twice(desk, capsys, number):
    check, answer = desk[0], ODD[number]
    for name in ["q1", "q3", "q4", "q6", "q7", "q8", "q99", None]:
        said = []
        for _ in range(2):
            check(name, answer)
            said.append(capsys.readouterr().out)
        assert said[0] == said[1]
        assert said[0].startswith({"q99": "'q99' ✗", None: "nothing ✗"}.get(name, name))
        assert said[0].count("\n") == 1


def ends():
    sys.exit("by a student")


def test_a_name_that_no_question_has_is_refused_with_those_that_are_there(desk, capsys):
    for name in [*ODD, "", "q 1", 1]:
        desk[0](name, 1)
        said = capsys.readouterr().out
        assert '✗ no question has this name. Write check("q1", q1); there are q1, q2,' in said


def test_a_name_is_known_whatever_its_case_and_spaces(desk, capsys):
    desk[0](" Q1 ", 1)
    assert capsys.readouterr().out.startswith("q1 ✗ ")
    assert desk[1](" Q1 ") == desk[1]("q1")


def test_check_is_called_with_one_answer(desk, capsys):
    desk[0]()
    assert "nothing ✗ no question has this name." in capsys.readouterr().out
    desk[0]("q1", 1, 2)
    assert "'q1' ✗ one answer at a time." in capsys.readouterr().out


def test_a_function_that_checks_itself_is_checked_once(desk, capsys):
    check = desk[0]

    def q6(times):
        check("q6", q6)

    check("q6", q6)
    assert capsys.readouterr().out.startswith("q6 ✗ the function returns nothing")


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda times: print("0.5"), "the function returns nothing: end it with return"),
        (lambda times: "0.5", "what it returns must be one number, not text."),
        (lambda times: (t for t in times), "what it returns must be one number, not generator."),
        (lambda times: [1, "x"], "an entry of what it returns must be one number, not text."),
        (lambda times: times, "an entry of what it returns must be one number, not a list of"),
    ],
)
def test_what_a_function_returns_instead_of_numbers_is_named(desk, capsys, function, said):
    desk[0]("q6", function)
    assert said in capsys.readouterr().out


def test_a_function_may_change_its_arguments(desk, capsys):
    def q6(times):
        for row in times:
            for j in range(1, len(row)):
                row[j] += row[j - 1]
        last = min(row[-1] for row in times)
        return sorted(end for row in times for end in row if end <= last)

    def same_for_all(times):
        for row in times:
            row[:] = [1.0] * len(row)
        return sorted([j + 1.0 for row in times for j in range(len(row))])

    desk[0]("q6", q6)
    assert "q6 ✓ right." in capsys.readouterr().out
    desk[0]("q6", same_for_all)
    assert "q6 ✗" in capsys.readouterr().out


def test_a_rounded_number_is_named_and_a_whole_number_is_not(desk, capsys):
    check, parameters, *_ = desk
    p = parameters("q1")
    check("q1", 1.01 * (p.shift + 1 / p.rate) / p.m)
    assert "close, but not close enough: a rounded number" in capsys.readouterr().out
    p = parameters("q5")
    check("q5", 1.01 * np.ceil(p.work * p.rate))
    assert "close" not in capsys.readouterr().out


def test_a_misspelt_field_is_named_and_a_choice_may_be_joined_in_any_way(capsys):
    check, *_ = start("race", "ada", "key")
    check("q7", {"hegded": 0.5, "merged": 0.5, "choice": "hedge"})
    assert "There is no field hegded." in capsys.readouterr().out
    question = start("protocols", "ada", "key")[0].__self__.questions["q8"]
    choice = question.fields["choice"]
    for word in ("K_sync", " k-sync", "k sync"):
        assert choice.judge(word, "k-sync").status == "right"
    assert choice.judge("ksync", "k-sync").mistake == "form"


def test_a_function_that_ends_python_is_an_answer_like_others(desk, capsys):
    desk[0]("q6", lambda times: ends())
    assert "it raises SystemExit: by a student" in capsys.readouterr().out


def test_check_names_the_minimum_that_is_not_the_long_run_time(desk, capsys):
    check, parameters, *_ = desk
    p = parameters("q1")
    check("q1", p.shift + 1 / (p.m * p.rate))
    said = capsys.readouterr().out
    assert "this is E[min]" in said
    assert "long-run time per update" in said
    check("q1", (p.shift + 1 / p.rate) / p.m)
    assert "q1 ✓ right.  (1 of 8 right)" in capsys.readouterr().out


def test_progress_lists_every_question_and_the_points(desk, capsys):
    check, parameters, progress, _ = desk
    p = parameters("q1")
    check("q1", (p.shift + 1 / p.rate) / p.m)
    check("q2", 1)
    progress()
    lines = capsys.readouterr().out.splitlines()[2:]
    assert lines[0].split()[:3] == ["q1", "✓", "right"]
    assert lines[1].split()[:3] == ["q2", "✗", "wrong"]
    assert lines[2].split()[:3] == ["q3", "·", "not"]
    assert lines[-1].endswith("1 of 22 points so far, before the hidden checks")


def test_submit_says_what_is_missing_and_writes_one_file(desk, capsys, tmp_path):
    check, _, _, submit = desk
    check("q2", np.float64(2.5))
    check("q3", None)
    submit(tmp_path)
    said = capsys.readouterr().out
    assert "Answered: q2." in said
    assert "Not answered: q1, q3, q4, q5, q6, q7, q8." in said
    (path,) = tmp_path.iterdir()
    assert path.name == "protocols-ada-example-edu-handin.ipynb"
    work = reading.handed_in(reading.notebook(path.read_bytes()))
    assert (work["student"], work["answers"]["q2"]) == ("ada@example.edu", 2.5)


def a_session(desk, **names):
    """Give a desk a session that holds `names`, as a notebook does."""
    desk[0].__self__.recorder.shell = SimpleNamespace(user_ns=names)
    return desk[0].__self__.recorder.shell.user_ns


def test_submit_takes_what_a_name_holds_now_if_it_changed_since_it_was_checked(
    desk, capsys, tmp_path
):
    check, _, _, submit = desk
    space = a_session(desk, q1=99, q2=2, q3=None)
    check("q1", space["q1"])
    check("q2", space["q2"])
    check("q3", [1, 2])  # not by its name, which still holds nothing
    space.update(q1=0.5, q5=7)
    capsys.readouterr()
    submit(tmp_path)
    said = capsys.readouterr().out
    assert "Answered: q2, q3, q1, q5." in said
    assert "Not checked as they are now: q1, q5." in said
    (path,) = tmp_path.iterdir()
    answers = reading.handed_in(reading.notebook(path.read_bytes()))["answers"]
    assert (answers["q1"], answers["q2"], answers["q3"], answers["q5"]) == (0.5, 2, [1, 2], 7)


def test_submit_calls_no_function_and_knows_one_that_is_not_written_yet(desk, capsys, tmp_path):
    def never(times):
        raise KeyboardInterrupt

    def stub(times):
        """Return the moments."""
        ...

    figure, ax = plt.subplots()
    for function, said in [(never, "Answered: q6."), (stub, "Answered: nothing yet.")]:
        a_session(desk, q6=function, q7=ax)
        desk[3](tmp_path)
        assert said in capsys.readouterr().out
    plt.close(figure)


def test_submit_says_where_the_file_is_and_in_colab_to_download_it(
    desk, capsys, tmp_path, monkeypatch
):
    desk[3](tmp_path)
    said = capsys.readouterr().out
    assert f"It is in the folder {tmp_path}" in said
    assert "Download" not in said
    monkeypatch.setitem(sys.modules, "google.colab", json)
    desk[3](tmp_path)
    assert "Download it now" in capsys.readouterr().out


def test_half_a_character_can_be_handed_in(desk, tmp_path):
    check, _, _, submit = desk
    check("q4", {"why": "half \ud800"})
    submit(tmp_path)
    (path,) = tmp_path.iterdir()
    work = reading.handed_in(reading.notebook(path.read_bytes()))
    assert work["answers"]["q4"] == {"why": "half ?"}


def test_submit_says_so_when_the_file_cannot_be_written(desk, capsys, tmp_path):
    desk[3](tmp_path / "missing")
    assert "hand in the notebook itself" in capsys.readouterr().out


def test_a_missing_id_is_asked_for(capsys, tmp_path):
    *_, submit = start("race", " ", "key")
    assert "Write your id" in capsys.readouterr().out
    submit(tmp_path)
    assert "Your id is missing" in capsys.readouterr().out


def test_a_set_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(ValueError, match=f"one of {', '.join(NAMES)}, got 'rase'"):
        start("rase")


def test_plain_data_is_json_and_bounded():
    for answer in ODD:
        assert len(json.dumps(plain(answer))) < 10**6


def test_the_student_side_loads_no_front_end_and_no_grader():
    heavy = ["matplotlib", "IPython", "nbformat", "nbconvert", "tqdm"]
    code = f"""import sys
from stragglers_course import start
start("race", "ada", "k")[0]("q1", 1)
print([m for m in {heavy} if m in sys.modules])"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]" or "IPython" in done.stdout


def test_every_set_has_six_to_eight_questions_that_climb():
    for name in {name for name, _ in QUESTIONS} - {"project"}:  # which has three, and two weeks
        points = [q.points for other, q in QUESTIONS if other == name]
        assert 6 <= len(points) <= 8
        assert points[0] == 1
        assert points[-1] == max(points)
