"""Points set by hand: they survive every grading, and edits of other tables are kept apart."""

import copy

import pytest

from stragglers_course import command
from stragglers_course.grading import overrides
from stragglers_course.reports import tables

from .made_class import base, dump
from .works import MASTERS, SALT

MARK = {"points": 1.0, "of": 4, "share": 0.25, "status": "partly", "message": "not yet right."}
PEOPLE = {"ada": {"id": "ada", "points": 3.0, "notes": [], "questions": {"q1": MARK, "q2": MARK}}}


@pytest.fixture
def people():
    return copy.deepcopy(PEOPLE)


def written(path, *rows):
    tables.write_table(path, overrides.COLUMNS, rows)
    return path


def test_a_table_without_rows_is_made(people, tmp_path):
    assert overrides.apply(people, tmp_path / "overrides.csv") == []
    assert tables.read_table(tmp_path / "overrides.csv") == (overrides.COLUMNS, [])
    assert people == PEOPLE


def test_points_of_a_question_and_the_total_are_set(people, tmp_path):
    path = written(tmp_path / "o.csv", [" ADA", "Q1", "4", "Well seen."], ["ada", "total", "5,5"])
    assert overrides.apply(people, path) == []
    mark = people["ada"]["questions"]["q1"]
    assert (mark["points"], mark["share"], mark["status"]) == (4.0, 1.0, "right")
    assert tables.said(mark) == "Not yet right. Set by hand to 4 points. Well seen."
    assert people["ada"]["points"] == 5.5
    assert people["ada"]["notes"] == ["the total was set by hand to 5.5 points."]


def test_a_question_alone_changes_the_sum(people, tmp_path):
    overrides.apply(people, written(tmp_path / "o.csv", ["ada", "q1", "0", ""]))
    assert people["ada"]["points"] == 2.0


def test_rows_that_find_nobody_are_named_and_bad_points_stop_before_anything_is_lost(
    people, tmp_path
):
    path = written(tmp_path / "o.csv", ["bob", "q1", "1", ""], ["ada", "q9", "1", ""])
    assert [said.split(" belongs")[0] for said in overrides.apply(people, path)] == [
        "the row of 'bob', 'q1'",
        "the row of 'ada', 'q9'",
    ]
    for points in ("many", "-1", "nan"):
        with pytest.raises(ValueError, match="points must be a number, got"):
            overrides.apply(people, written(tmp_path / "o.csv", ["ada", "q1", points, ""]))


@pytest.mark.usefixtures("in_copies")
def test_a_whole_round_with_edits_by_hand_and_one_student_alone(tmp_path, capsys):
    (tmp_path / "salt.txt").write_text(SALT)
    (tmp_path / "in").mkdir()
    for name in ("ada", "bob"):
        (tmp_path / "in" / f"{name}.ipynb").write_bytes(dump(base(name)))
    out = tmp_path / "out"
    line = ["grade", "race", str(tmp_path / "in"), "--to", str(out)]
    line += ["--masters", str(MASTERS), "--salt", str(tmp_path / "salt.txt")]
    assert command.main(line) == 0
    written(out / "overrides.csv", ["ada", "q2", "1", "Told me."], ["ghost", "q2", "1", ""])
    edited = (out / "grades.csv").read_bytes() + b"mine\n"
    (out / "grades.csv").write_bytes(edited)
    capsys.readouterr()
    for _ in range(2):
        assert command.main(line) == 0
    said = capsys.readouterr().out
    assert "grades.csv was changed by hand: that is grades-edited-1.csv now." in said
    assert "overrides.csv: the row of 'ghost', 'q2' belongs to nothing." in said
    assert (out / "grades-edited-1.csv").read_bytes() == edited
    assert not (out / "grades-edited-2.csv").exists()
    _, (ada, bob) = tables.read_table(out / "grades.csv")
    assert (ada["q2"], ada["points"], bob["points"]) == ("1.0", "5.0", "4.0")
    tables_before = {path: path.read_bytes() for path in out.glob("*.csv")}
    assert command.main([*line, "--only", " Ada "]) == 0
    said = capsys.readouterr().out
    assert "ada: 5 of 15 points, ada.ipynb" in said
    assert "q2: 1 of 1. Not answered yet. Set by hand to 1 points. Told me." in said
    assert "bob" not in said
    assert {path: path.read_bytes() for path in out.glob("*.csv")} == tables_before
    assert command.main([*line, "--only", "eve"]) == 2
    assert "no file of 'eve' in" in capsys.readouterr().err
