"""The grader on more than fifty bad submissions: nothing is lost, and nothing stops it."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from stragglers_course.grading import folder as gradebook
from stragglers_course.grading import people
from stragglers_course.grading.submission import Course
from stragglers_course.notebooks import reading
from stragglers_course.sandbox import keeper
from stragglers_course.sandbox import run as sandbox

from . import copies
from .corpus import BARE, BEHIND_THE_WALL, DAEMON, corpus
from .works import SALT, master

LIMITS = sandbox.LIMITS | {"cell": 6, "calls": 4, "total": 18, "AS": 2 * 2**30, "memory": 2**30}
LIMITS |= {"files": 1200, "disk": 60 * 2**20}  # soon reached, on a busy machine too
CORPUS = {name: (content, right) for name, content, right in corpus()}


def is_walled(submission):
    return submission.name.removesuffix(".ipynb") in BEHIND_THE_WALL


def is_free(submission):
    return not is_walled(submission)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The results by file, their folder of submissions, and where they were kept."""
    folder, out = (tmp_path_factory.mktemp(name, False) for name in ("submissions", "out"))
    for name, (content, _) in CORPUS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content() if callable(content) else content)
    (folder / "link.ipynb").symlink_to("/etc/passwd")
    course = Course("race", SALT, master("race"), limits=LIMITS)
    (folder.parent / "tmp").mkdir(mode=0o777)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder.parent / "tmp"))
        results = gradebook.grade_folder(folder, course, out, workers=3, only=is_walled)
        with copies.instead_of_new_ones():  # many of these only wait
            others = gradebook.grade_folder(folder, course, out, workers=6, only=is_free)
        results = sorted([*results, *others], key=lambda result: result["file"])
    return {named(r["file"]): r for r in results}, folder, out


def named(file):
    """Return the name of a file, of the archive if it was in one, as the results have it."""
    return reading.sound(file).split(".zip")[0]


def test_the_corpus_has_more_than_fifty(graded):
    results, *_ = graded
    assert len(CORPUS) >= 50
    assert {f"{name}.ipynb" for name in BEHIND_THE_WALL} < set(CORPUS)
    assert set(results) == {named(name) for name in CORPUS} | {"link.ipynb"}


@pytest.mark.parametrize("name", CORPUS)
def test_what_was_right_counts_and_the_rest_has_its_feedback(graded, name):
    result = graded[0][named(name)]
    found = {q for q, mark in result["questions"].items() if mark["status"] == "right"}
    right = CORPUS[name][1]
    assert found == (right or set()) or right is None, result["notes"]
    assert all(mark["message"] for mark in result["questions"].values())


def test_what_went_wrong_is_in_the_notes(graded):
    expected = {
        "endless loop.ipynb": "cell 3: TooLong: longer than 6 s",
        "endless loop that catches.ipynb": "cell 3: longer than 18 s",
        "os._exit.ipynb": "cell 3: the cell ends the process",
        "memory hog.ipynb": "cell 3: MemoryError",
        "syntax error.ipynb": "cell 3: SyntaxError",
        "not json.ipynb": "the file is not a notebook",
        "empty.ipynb": "the file is empty",
        "another set.ipynb": "this is the set 'protocols'",
        "report.pdf": "a .pdf file is no notebook",
        "looks for the key.ipynb": "ModuleNotFoundError",
        "half a character in an error.ipynb": "cell 3: ValueError: ?",
        "bomb.zip": "the file is larger than 256 MB",
        "name that no one reads.zip": "the zip archive is damaged",
        "link.ipynb": "this is a link to a file",
        "asks without end.ipynb": "cell 3: too much output",
        "files without end.ipynb": "cell 3: more than 1200 files",
        "disk hog.ipynb": "cell 3: more than 60 MB of files",
        "package that is not here.ipynb": "cell 1: ModuleNotFoundError",
        "parts.ipynb": "the file is larger than",
    }
    for name, note in expected.items():
        notes = " ".join(graded[0][named(name)]["notes"])
        cell, _, said = note.partition(": ") if note.startswith("cell") else ("", "", note)
        assert (f"{cell} (" in notes and f"): {said}" in notes) if cell else said in notes, notes


def running(command):
    """Return the ids of this machine's processes that run `command`."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{entry}/cmdline").read_text().split("\0")
            found += [entry] if " ".join(words).strip() == command else []
    return found


def within(seconds, question):
    """Whether the answer to `question()` becomes yes within so many seconds."""
    end = time.monotonic() + seconds
    while not question() and time.monotonic() < end:
        time.sleep(0.05)
    return question()


def test_nothing_is_left_running_or_written_outside(graded):
    _, folder, out = graded
    assert not running(DAEMON)
    assert not list((out.parent / "tmp").iterdir())
    assert Path("/etc/passwd").exists()
    assert not list(folder.parent.rglob("evil.ipynb"))


def test_nothing_is_left_running_when_the_grader_itself_is_killed():
    cell = f"{BARE}\nimport time\ntime.sleep(600)"
    source = f"from stragglers_course.sandbox import run as sandbox\nsandbox.run([{cell!r}], None)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    grader = subprocess.Popen([sys.executable, "-c", source], env=environment)
    began = within(90, lambda: running(DAEMON))
    grader.kill()
    grader.wait()
    assert began
    assert within(60, lambda: not running(DAEMON)), running(DAEMON)


def test_a_process_that_is_followed_by_another_without_end_is_caught():
    chain = "import os\nif os.fork() == 0:\n    os.setsid()\n    while True:\n"
    chain += "        if os.fork(): os._exit(0)"
    attempt = sandbox.Attempt([(0, chain)], lambda _: {"parameters": {}, "calls": {}}, LIMITS)
    attempt.run()
    assert attempt.done
    assert not within(1, lambda: keeper.below((), attempt.mark))


def test_the_last_of_two_files_by_one_student_counts(graded):
    students = people.by_student(graded[0].values(), (), "moodle")
    assert "twice/first.ipynb does not count" in " ".join(students["twice@x"]["notes"])
    person = students["zoë müller"]
    assert (person["name"], person["moodle_id"]) == ("Zoë Müller", "Participant 12345")


def test_a_second_grading_takes_what_is_kept_and_gives_the_same(graded, monkeypatch, tmp_path):
    results, folder, out = graded
    kept = tmp_path / "out"
    shutil.copytree(out, kept)
    course = Course("race", SALT, master("race"), limits=LIMITS)
    monkeypatch.setattr(gradebook, "grade", None)  # graded again, it would fail
    again = gradebook.grade_folder(folder, course, kept)
    assert {named(r["file"]): r for r in again} == results
