"""From graded submissions to tables, pages, statistics and the report of similar ones."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from functools import partial

import pytest

from stragglers_course import command
from stragglers_course.grading import folder as gradebook
from stragglers_course.masters.release import ReleaseError
from stragglers_course.reports import feedback, similarity, statistics, tables

from . import copies
from .corpus import base
from .works import MASTERS, SALT, dump, student_notebook

pytestmark = pytest.mark.usefixtures("in_copies")

ROSTER = (
    "id,name,email,canvas_id\nAda,Ada Lovelace,ada@x,17\nbob,=HYPERLINK(),b@x,18\nnew,New,n@x,19\n"
)


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder after `grade`: ada solved all, bob copied her cells, cy answered nothing."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "salt.txt").write_text(SALT)
    (folder / "roster.csv").write_text(ROSTER)
    submissions = folder / "submissions"
    submissions.mkdir()
    ada, bob = (student_notebook("race", student) for student in ("ada", "Bob"))
    own = "def helper(a, b):\n    return [a + i * b for i in range(10) if i % 2] + [a, b] * 2\n"
    for notebook in (ada, bob):
        notebook["cells"].insert(2, dict(notebook["cells"][1], id="own", source=own * 3))
    cell = next(c for c in bob["cells"] if c["id"] == "q1-answer")
    cell["source"] = 'p = parameters("q1")\nq1 = p.n * p.slow'
    (submissions / "ada_17_99_race.ipynb").write_bytes(dump(ada))
    (submissions / "bob_18_98_race.ipynb").write_bytes(dump(bob))
    nothing = student_notebook("race", "cy", solved=lambda question: False)
    (submissions / "cy.ipynb").write_bytes(dump(nothing))
    with copies.instead_of_new_ones():
        assert command.main(arguments(folder)) == 0
    return folder


def arguments(folder):
    line = ["grade", "race", str(folder / "submissions"), "--to", str(folder / "out")]
    line += ["--lms", "canvas"]
    line += ["--masters", str(MASTERS), "--salt", str(folder / "salt.txt")]
    return [*line, "--roster", str(folder / "roster.csv")]


def test_the_table_has_points_a_question(course):
    ada, bob, cy, _ = rows(course / "out/grades.csv")
    assert (ada["id"], ada["name"], ada["points"], ada["of"]) == (
        "ada",
        "Ada Lovelace",
        "15.0",
        "15",
    )
    assert (bob["q1"], bob["q2"], bob["points"]) == ("0.0", "1.0", "14.0")
    assert bob["name"] == "'=HYPERLINK()"  # not a formula
    assert "the id 'cy' is not in the roster" in cy["notes"]


def test_who_handed_in_nothing_has_a_row_and_is_named(course, capsys):
    assert command.main(arguments(course)) == 0
    assert "Nothing was handed in by new." in capsys.readouterr().out
    (new,) = [row for row in rows(course / "out/grades.csv") if row["id"] == "new"]
    assert (new["name"], new["points"], new["notes"]) == ("New", "", "nothing was handed in.")


def test_gradescope_gets_an_archive_that_delivers(course, tmp_path):
    with zipfile.ZipFile(course / "out/gradescope.zip") as archive:
        assert sorted(archive.namelist()) == ["results.json", "run_autograder", "setup.sh"]
        assert all(info.external_attr >> 16 & 0o111 for info in archive.infolist())
        archive.extractall(tmp_path / "source")
    (tmp_path / "submission").mkdir()
    for users, typed, points in [
        ([{"email": "ADA@x"}], "", 15.0),
        ([{"email": "other@x", "name": "nobody"}], "Bob", 14.0),
        ([{"email": None}], "", 0),
    ]:
        (tmp_path / "submission_metadata.json").write_text(json.dumps({"users": users}))
        notebook = {"metadata": {"stragglers": {"student": typed}}}
        (tmp_path / "submission" / "a.ipynb").write_text(json.dumps(notebook))
        line = [sys.executable, tmp_path / "source" / "run_autograder", tmp_path]
        subprocess.run(line, check=True)
        result = json.loads((tmp_path / "results" / "results.json").read_text())
        assert result["score"] == points
        for test in result.get("tests", ()):
            assert set(test) == {"name", "score", "max_score", "output", "visibility"}


def test_every_student_gets_a_page_that_escapes_and_asks_nobody(course):
    pages = sorted((course / "out/feedback").iterdir())
    assert len(pages) == 3
    person = {
        "id": "<script>",
        "points": 0,
        "of": 1,
        "notes": ["<b>"],
        "questions": {
            "q1": {"points": 0, "of": 1, "status": "wrong", "message": "<img>", "person": ["<i>"]}
        },
    }
    page = feedback.page(person, "A & B")
    assert not {"<script>", "<b>", "<img>", "<i>"} & set(page.replace(">", "> ").split())
    assert "http" not in page
    text = pages[1].read_text()
    assert "14 of 15 points" in text
    assert "Not yet. n · slow only bounds the probability" in text


def test_two_ids_never_share_a_file():
    assert tables.file_name("a b") != tables.file_name("a-b")


def test_grading_twice_gives_the_same_bytes(course):
    def content():
        return {p: p.read_bytes() for p in (course / "out").rglob("*") if p.is_file()}

    assert command.main(arguments(course)) == 0
    before = content()
    assert command.main(arguments(course)) == 0
    assert content() == before


def test_statistics_tell_who_missed_what_and_how(course, capsys):
    assert command.main(["statistics", str(course / "out")]) == 0
    line = capsys.readouterr().out.splitlines()[1]
    assert line.split() == ["q1", "1", "0", "1", "1", "0", "33%", "–", "union-bound", "(1)"]
    table = rows(course / "out/statistics.csv")
    assert table[0]["missed by"] == "bob cy"
    assert statistics.statistics({}) == []


def test_similar_code_is_reported_and_what_was_handed_out_is_not(course, capsys):
    assert command.main(["similarity", str(course / "out")]) == 0
    said = capsys.readouterr().out
    assert "%  ada  bob\n" in said
    assert "%  (the published solution)  ada\n" in said
    assert "cy" not in said
    assert "Look before you judge" in said


def test_renaming_and_new_numbers_do_not_hide_a_copy():
    one = similarity.tokens("def f(a):\n    return a * 3.5  # mine")
    assert one == similarity.tokens("def g(value):\n    return value * 12")
    assert one != similarity.tokens("def f(a):\n    return a + 3.5")


def test_an_answer_that_is_right_for_somebody_else_is_reported(course):
    from stragglers_course.grading.submission import Course

    graded = json.loads((course / "out/results.json").read_text())
    whole = Course("race", SALT)
    question = whole.questions["q2"]
    bob = graded["students"]["bob"]
    bob["answers"]["q2"] = float(question.key(whole.parameters("q2", "ada")))
    bob["questions"]["q2"]["status"] = "wrong"
    assert ("bob", "q2", "ada") in [
        tuple(row) for row in similarity.borrowed(graded["students"], whole)
    ]


def test_an_answer_of_a_strange_shape_does_not_stop_the_report(course):
    from stragglers_course.grading.submission import Course

    graded = json.loads((course / "out/results.json").read_text())["students"]
    figure = graded["ada"]["answers"]["q6"]["axes"]
    graded["bob"]["answers"]["q6"] = {"axes": {"lines": figure["lines"]}}
    graded["bob"]["questions"]["q6"]["status"] = "wrong"
    assert similarity.borrowed(graded, Course("race", SALT)) is not None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["grade", "race", "nowhere", "--to", "x", "--salt", "{salt}"], "nowhere is not a folder"),
        (["grade", "race", ".", "--to", "x", "--salt", "none"], "no salt in none: grading needs"),
        (["grade", "race", ".", "--to", "x", "--salt", "{salt}"], "--to x is in the folder of"),
        (["statistics", "nowhere"], "no results.json in nowhere"),
        (
            ["release", "race", "--to", "x", "--masters", "none", "--salt", "{salt}"],
            "there is no master",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(course, tmp_path, monkeypatch, capsys, line, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "coursework").symlink_to(MASTERS)
    line = [word.format(salt=course / "salt.txt") for word in line]
    assert command.main(line) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--workers=0", "--workers: must be a whole number, 1 or more, got '0'"),
        ("--workers=two", "--workers: must be a whole number, 1 or more, got 'two'"),
        ("--total=0", "--total: must be a number of seconds, above 0, got '0'"),
        ("--cell=nan", "--cell: must be a number of seconds, above 0, got 'nan'"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(option, said, capsys):
    with pytest.raises(SystemExit) as end:
        command.main(["grade", "race", "submissions", "--to", "out", option])
    assert end.value.code == 2
    assert said in capsys.readouterr().err


def test_a_share_above_one_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.main(["similarity", "graded", "--least=3"])
    assert "--least: must be a share from 0 to 1, got '3'" in capsys.readouterr().err


def test_the_progress_counts_up_to_all_files(course, capsys):
    assert command.main(arguments(course)) == 0
    assert "graded: 100%" in capsys.readouterr().err


def test_a_grading_that_is_stopped_ends_soon_and_goes_on_later(tmp_path):
    (tmp_path / "salt.txt").write_text(SALT)
    (tmp_path / "submissions").mkdir()
    slow = student_notebook("race", "ada", solved=lambda question: False)
    first = next(cell for cell in slow["cells"] if cell["cell_type"] == "code")
    first["source"] = "import time\nopen('began', 'w')\ntime.sleep(600)"
    (tmp_path / "submissions" / "a.ipynb").write_bytes(dump(slow))
    line = [sys.executable, "-m", "stragglers_course", "grade", "race"]
    line += [
        str(tmp_path / "submissions"),
        "--to",
        str(tmp_path / "out"),
        "--cell",
        "600",
        "--total",
        "600",
    ]
    line += ["--masters", str(MASTERS), "--salt", str(tmp_path / "salt.txt")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment |= {"TMPDIR": str(tmp_path)}
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell may ignore it
    grader = subprocess.Popen(
        line, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=heard
    )
    end = time.monotonic() + 120
    while not list(tmp_path.glob("stragglers-*/began")) and time.monotonic() < end:
        time.sleep(0.1)
    assert time.monotonic() < end
    grader.send_signal(signal.SIGINT)
    _, said = grader.communicate(timeout=300)  # long before the cell would end
    assert grader.returncode == 130
    assert said.endswith("stopped; the same command goes on from here.\n")
    assert not list((tmp_path / "out" / "state").iterdir())
    assert not list(tmp_path.glob("stragglers-*"))


def test_what_another_version_of_the_code_graded_is_graded_again(tmp_path, monkeypatch):
    (tmp_path / "salt.txt").write_text(SALT)
    (tmp_path / "submissions").mkdir()
    (tmp_path / "submissions" / "a.ipynb").write_bytes(dump(base("ada")))
    line = ["grade", "race", str(tmp_path / "submissions"), "--to", str(tmp_path / "out")]
    line += ["--masters", str(MASTERS), "--salt", str(tmp_path / "salt.txt")]

    def kept(*more):
        assert command.main([*line, *more]) == 0
        return {path.name for path in (tmp_path / "out" / "state").iterdir()}

    (first,) = kept()
    assert kept() == {first}
    both = kept("--total", "80")
    assert len(both) == 2
    monkeypatch.setattr(gradebook, "code_digest", lambda: "of other code")
    assert len(kept() - both) == 1


def test_the_help_tells_the_first_round(capsys):
    with pytest.raises(SystemExit):
        command.main(["--help"])
    said = capsys.readouterr().out
    for word in ("release", "grade", "export", "similarity", "statistics", "salt", "LMS"):
        assert word in said


def test_the_first_release_says_that_it_made_a_salt(tmp_path, capsys):
    line = ["release", "race", "--to", str(tmp_path), "--masters", str(MASTERS)]
    line += ["--salt", str(tmp_path / "private" / "salt.txt")]
    said = []
    for _ in range(2):
        assert command.main(line) == 0
        said.append(capsys.readouterr().out)
    new = f"{tmp_path / 'private' / 'salt.txt'} is new: the secret of your course."
    assert new in said[0]
    assert new not in said[1]


def test_errors_of_a_release_are_said_like_the_others():
    assert issubclass(ReleaseError, ValueError)


def people_with(points):
    """People of two questions, made of pairs of points."""
    return {
        f"s{n}": {
            "questions": {
                name: {"points": own, "of": 1, "share": own, "status": "right", "mistake": ""}
                for name, own in (("q1", one), ("q2", two), ("q3", 0.5))
            }
        }
        for n, (one, two) in enumerate(points)
    }


def test_a_question_that_tells_who_has_understood_is_told_from_one_that_does_not():
    points = [(n % 3 / 2, n % 3 / 2) for n in range(12)]
    rows = {row[0]: row[3] for row in statistics.statistics(people_with(points))}
    assert rows["q1"] == pytest.approx(1.0, rel=1e-12)
    assert rows["q3"] is None  # the same for all
    turned = [(n % 3 / 2, 1 - n % 3 / 2) for n in range(12)]
    rows = {row[0]: row[3] for row in statistics.statistics(people_with(turned))}
    assert rows["q1"] == pytest.approx(-1.0, rel=1e-12)
    few = statistics.statistics(people_with(points[:9]))
    assert {row[3] for row in few} == {None}


def test_what_is_left_to_do_is_said(course, capsys):
    line = arguments(course)
    line.remove("--lms")
    line.remove("canvas")
    assert command.main(line) == 0
    said = capsys.readouterr().out
    assert "The files have names as Canvas writes them: is it --lms canvas?" in said
    assert "2 texts in reading.csv are not read yet: they count as if all was there." in said
    assert command.main([*line, "--sheet", "x.csv"]) == 2
    assert "--sheet needs --lms canvas or --lms moodle" in capsys.readouterr().err
