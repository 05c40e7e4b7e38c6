"""What students get: nothing secret, and a notebook that runs to the end, solved or not."""

import copy
import json
import os
import subprocess
import sys
import zipfile

import nbformat
import pytest

from stragglers_course import command
from stragglers_course.masters import practice, release
from stragglers_course.notebooks import reading
from stragglers_course.questions import personal_numbers
from stragglers_course.sets import NAMES

from .works import MASTERS, SALT, dump, master, student_notebook


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    folder = tmp_path_factory.mktemp("released")
    for name in NAMES:
        release.release(name, MASTERS, folder, SALT, roster=["Zoë Müller"])
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_students_get_their_notebook_and_nothing_else(released, name):
    given = released / name / "for-students"
    assert {p.relative_to(given).as_posix() for p in given.rglob("*") if p.is_file()} == {
        f"{name}.ipynb",
        f"{name}.zip",
        f"personal/zoe-muller/{name}.ipynb",
    }
    with zipfile.ZipFile(given / f"{name}.zip") as archive:
        assert archive.namelist() == [f"{name}.ipynb", "README.txt"]
        assert archive.read(f"{name}.ipynb") == (given / f"{name}.ipynb").read_bytes()
    text = (given / f"{name}.ipynb").read_text()
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert personal_numbers.handout_key(SALT, name) in text
    assert "SOLUTION" not in text
    assert not [t for c in json.loads(text)["cells"] for t in reading.tags(c)]
    assert 'student = \\"Zoë Müller\\"' in (given / f"personal/zoe-muller/{name}.ipynb").read_text()


def test_releasing_twice_gives_the_same_bytes(released, tmp_path):
    for path in release.release("race", MASTERS, tmp_path, SALT):
        assert path.read_bytes() == (released / path.relative_to(tmp_path)).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_leak_stops_the_release(name, tmp_path, monkeypatch):
    whole = master(name)
    hidden_cells = [c for c in whole["cells"] if "hidden-test" in reading.tags(c)]
    answers = [c for c in whole["cells"] if c["id"].endswith("-answer")]
    for secret in [*hidden_cells, *answers]:
        for line in release.split(secret["source"])[1] or [secret["source"]]:
            text = json.dumps({"source": f"x = 1\n{line}"}, ensure_ascii=False)
            stripped = line.strip()
            if len(stripped) > 11 and not stripped.startswith("#"):
                assert release.leaks(text, whole, name, SALT), line
    assert release.leaks(f"salt {SALT}", whole, name, SALT) == ["the salt"]
    leaky = copy.deepcopy(whole)
    leaky["cells"].append(dict(answers[0], id="copy", source=f"a = '''{SALT}'''"))
    monkeypatch.setattr(release, "read_master", lambda path: leaky)
    with pytest.raises(release.ReleaseError, match="would hand out the salt"):
        release.release(name, MASTERS, tmp_path, SALT)
    assert not list(tmp_path.rglob("*.ipynb"))


@pytest.mark.parametrize(
    "text",
    [
        "### BEGIN SOLUTION\nx = 1",
        "x = 1\n### END SOLUTION",
        "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
    ],
)
def test_unbalanced_marks_are_named_with_their_cell(text):
    with pytest.raises(release.ReleaseError, match="q1-answer: ### "):
        release.split(text, "q1-answer")


def test_the_salt_is_made_once_and_must_be_long(tmp_path):
    path = tmp_path / "private" / "salt.txt"
    salt = release.read_salt(path)
    assert release.read_salt(path) == salt
    assert len(salt) == 48
    path.write_text("short")
    with pytest.raises(release.ReleaseError, match="16 characters or more"):
        release.read_salt(path)


@pytest.mark.parametrize(
    "line", [["release", "race"], ["grade", "race", "."], ["export", "race", "otter"]]
)
def test_outside_of_a_checkout_one_is_told_where_the_masters_are(
    line, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert command.main([*line, "--to", "out"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("stragglers-course: there is no master coursework/race.ipynb. The mas")
    assert "name that folder with --masters" in said
    assert not list(tmp_path.iterdir())  # no salt either


def test_a_key_in_the_text_is_a_leak():
    key = 'handout=\\"abc\\"'
    question = release.problem_set("race").QUESTIONS["q1"]
    value = question.key(personal_numbers.parameters(question, "abc", "race", ""))
    assert release.leaks(f"{key} {value:.6g}", master("race"), "race", SALT) == ["the key of q1"]


@pytest.mark.parametrize("name", NAMES)
def test_an_unsolved_notebook_runs_to_the_end_and_writes_its_file(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    space = {}
    for source in reading.code_cells(student_notebook(name, solved=lambda question: False)):
        exec(source, space)
    assert len(list(tmp_path.glob("*-handin.ipynb"))) == 1


def test_unsolved_half_solved_and_practice_notebooks_run_in_a_kernel(tmp_path):
    notebooks = {
        "unsolved": student_notebook("protocols", solved=lambda question: False),
        "half": student_notebook("protocols", "ada", solved=lambda q: int(q[1:]) % 2),
        "practice": practice.practice_notebook("protocols", master("protocols"), "install = True"),
    }
    for name, notebook in notebooks.items():
        (tmp_path / f"{name}.ipynb").write_bytes(dump(notebook))
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q"]
    command += ["-p", "no:cacheprovider", "--nbval-cell-timeout=60", str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "skipped" not in done.stdout
    assert len(list(tmp_path.glob("*-handin.ipynb"))) == 2  # each but the one to practise
