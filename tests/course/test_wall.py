"""What a submission can see of this machine: with bubblewrap, and without."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import stragglers_course
from stragglers_course import command
from stragglers_course.sandbox import run as sandbox
from stragglers_course.sandbox import wall

from .works import MASTERS, SALT

BRIEF = {"parameters": {}, "calls": {"q1": [], "q2": [], "q3": []}}
walled = pytest.mark.usefixtures("bubblewrap")


@pytest.fixture
def bubblewrap():
    """Skip where it is not; to find out takes a second, and is not done to list the tests."""
    if wall.kind() != wall.BUBBLEWRAP:
        pytest.skip("bubblewrap is not here")


def ran(*cells):
    """Run cells and return the answers q1, q2, q3, and the errors."""
    return sandbox.run(list(cells), lambda student: BRIEF)


@walled
def test_behind_bubblewrap_no_file_of_the_course_can_be_read(tmp_path):
    (tmp_path / "salt.txt").write_text(SALT)
    package = Path(stragglers_course.__file__).parent
    files = [tmp_path / "salt.txt", MASTERS / "race.ipynb", package / "sets" / "race.py"]
    source = "import os\nq1 = [os.path.exists(f) for f in {}]"
    found = ran(source.format([str(file) for file in files]))
    assert found.answers["q1"] == [False, False, False]
    everywhere = """import subprocess
done = subprocess.run(["find", "/", "-path", "*course/sets*"], capture_output=True, text=True)
q1 = done.stdout.split()"""
    assert ran(everywhere).answers["q1"] == []


@walled
def test_behind_bubblewrap_there_is_no_network_and_no_other_process():
    source = """import os, socket
q1 = [p for p in os.listdir("/proc") if p.isdigit()]
q2 = sorted(name for _, name in socket.if_nameindex())
q3 = os.getuid()"""
    found = ran(source).answers
    assert len(found["q1"]) <= 3
    assert found["q2"] == ["lo"]
    assert found["q3"] != 0


@walled
def test_a_package_installed_beside_the_others_is_hidden(tmp_path, monkeypatch):
    place = tmp_path / "site-packages"
    copy = place / "stragglers_course" / "sets"
    copy.mkdir(parents=True)
    (copy / "race.py").write_text("KEY = 1")
    places = [str(place), *wall.places()]
    monkeypatch.setattr(wall, "places", lambda: places)
    found = ran(f"import os\nq1 = os.listdir({str(place)!r})\nq2 = os.path.exists({str(copy)!r})")
    assert (found.answers["q1"], found.answers["q2"]) == (["stragglers_course"], False)


def test_without_bubblewrap_the_code_runs_all_the_same(monkeypatch):
    monkeypatch.setattr(wall, "kind", lambda: wall.LIMITS)
    found = ran(
        "import stragglers as sg, numpy\nq1 = sg.Async(4).time_per_update(sg.exponential(1))"
    )
    assert (found.answers["q1"], found.errors) == (0.25, {})


def test_a_grading_says_which_wall_stands(tmp_path, capsys, monkeypatch):
    (tmp_path / "salt.txt").write_text(SALT)
    (tmp_path / "in").mkdir()
    line = ["grade", "race", str(tmp_path / "in"), "--to", str(tmp_path / "out")]
    line += ["--masters", str(MASTERS), "--salt", str(tmp_path / "salt.txt")]
    for stands in (wall.BUBBLEWRAP, wall.USER, wall.LIMITS):
        monkeypatch.setattr(wall, "kind", lambda stands=stands: stands)
        assert command.main(line) == 0
        assert wall.SAID[stands] in capsys.readouterr().out
    assert "they can read what you can read, the salt" in wall.SAID[wall.LIMITS]


def test_where_nothing_named_bwrap_runs_the_wall_is_another_one(tmp_path):
    code = "from stragglers_course.sandbox import wall; print(wall.kind())"
    environment = os.environ | {"PATH": str(tmp_path)}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() in (wall.USER, wall.LIMITS)
