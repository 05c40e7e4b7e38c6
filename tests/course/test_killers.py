"""Submissions that kill what runs them: the others are graded, and the culprit is named."""

import os
import signal

import pytest

from stragglers_course import command
from stragglers_course.grading import folder
from stragglers_course.grading.submission import Course
from stragglers_course.reports import tables
from stragglers_course.sandbox import wall

from .corpus import base, inserted
from .works import MASTERS, SALT, dump

KILLS = """import os, signal
pid = os.getpid()
while pid > 1:  # all above it, up to the one that a Python without arguments is not
    line = open(f"/proc/{pid}/cmdline").read()
    parent = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
    if "sandbox.child" not in line:
        os.kill(pid, signal.SIGKILL)
        break
    pid = parent"""


def test_a_cell_that_kills_the_grader_is_named_and_the_others_are_graded(tmp_path, capsys, stands):
    (tmp_path / "salt.txt").write_text(SALT)
    (tmp_path / "in").mkdir()
    for name in ("ada", "mallory", "zoe"):
        notebook = base(name)
        if name == "mallory":
            inserted(KILLS)(notebook)
        (tmp_path / "in" / f"{name}.ipynb").write_bytes(dump(notebook))
    line = ["grade", "race", str(tmp_path / "in"), "--to", str(tmp_path / "out")]
    line += ["--masters", str(MASTERS), "--salt", str(tmp_path / "salt.txt"), "--workers", "2"]
    for _ in range(2):
        assert command.main(line) == 0
        said = capsys.readouterr().out
        _, rows = tables.read_table(tmp_path / "out" / "grades.csv")
        points = {row["id"]: row["points"] for row in rows}
        assert (points["ada"], points["zoe"]) == ("4.0", "4.0")
        if stands == wall.LIMITS:
            assert float(points["mallory"]) == 0
            assert "mallory: the grader's process was killed while this file ran alone" in said
        else:
            assert points["mallory"] == "4.0"
    assert not list((tmp_path / "out" / "state").glob("*.begun"))


def test_a_process_that_is_ended_from_outside_is_told_and_not_begun_without_end(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(folder, "_bounded", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(OSError, match="ended from outside"):
        folder.grade_folder(tmp_path, Course("race", SALT), tmp_path / "out")
