"""Canvas's and Moodle's tables: what the instructor downloaded, with the points filled in."""

import csv

import pytest

from stragglers_course.reports import gradebooks

MARK = {"q1": {"points": 1.0, "of": 1, "message": "right.", "status": "right"}}
MOODLE = """Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,\
Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments
Participant 7,Ada Lovelace,,ada@x,Submitted for grading,,2.00,Yes,"Monday, 1 May 2026",-,
Participant 8,"Zoë, Müller",,zoe@x,No submission,,2.00,Yes,-,-,
Participant 9,Bob,b9,bob@x,Submitted for grading,1.00,2.00,Yes,-,"Monday, 1 May 2026",old
"""
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Race (99),Protocols (98),Final Score
,,,,,Manual Posting,,
    Points Possible,,,,,15.00,22.00,(read only)
"Lovelace, Ada",17,,ada@x,A,,7.00,50
"Li, Bo",18,u18,bo,A,3.00,,50
"Student, Test",3,,x3,A,,,
"""


def person(student, points, **more):
    return {"id": student, "points": points, "questions": MARK, **more}


def fill(tmp_path, text, lms, people, encoding="utf-8", **options):
    path, out = tmp_path / "downloaded.csv", tmp_path / f"{lms}.csv"
    path.write_bytes(text.encode(encoding))
    said = gradebooks.fill({p["id"]: p for p in people}, lms, path, out, **options)
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file)), said


@pytest.mark.parametrize(
    "ada",
    [
        person("a", 1.5, moodle_id="Participant 7"),
        person("ada@x", 1.5),
        person("a", 1.5, email="ADA@x"),
        person("a", 1.5, name="ada  lovelace"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_moodles_worksheet_is_filled_and_stays_moodles(tmp_path, ada, encoding):
    bob = person("b9", 2.0)
    rows, (lost, idle, said) = fill(tmp_path, MOODLE, "moodle", [ada, bob], encoding, of=2)
    before = list(csv.reader(MOODLE.splitlines()))
    assert rows[0] == before[0]
    assert (lost, idle, said) == ([], ["Zoë, Müller"], [])
    for row, old in zip(rows, before, strict=True):
        assert row[:5] + row[6:10] == old[:5] + old[6:10]  # "Last modified (grade)" too
    assert [row[5] for row in rows[1:]] == ["1.5", "", "2"]
    assert [row[10] for row in rows[1:]] == ["q1: 1 of 1. Right.", "", "q1: 1 of 1. Right."]


@pytest.mark.parametrize("name", ["Race", "race (99)", " RACE "])
def test_canvas_gets_its_own_columns_and_the_one_assignment(tmp_path, name):
    people = [person("ada@x", 12.5), person("b", 3.25, canvas_id="18")]
    rows, (lost, idle, said) = fill(tmp_path, CANVAS, "canvas", people, assignment=name, of=15)
    before = list(csv.reader(CANVAS.splitlines()))
    assert [row[:5] for row in rows] == [row[:5] for row in before]
    assert [row[5:] for row in rows] == [
        ["Race (99)"],
        ["Manual Posting"],
        ["15.00"],
        ["12.5"],
        ["3.25"],
        [""],
    ]
    assert (lost, idle, said) == ([], ["Student, Test"], [])


def test_whoever_has_no_row_is_named_and_so_are_two_with_one(tmp_path):
    people = [person("ada@x", 1.0), person("cy", 2.0), person("a", 3.0, canvas_id="17")]
    _, (lost, _, said) = fill(tmp_path, CANVAS, "canvas", people, assignment="Race", of=15)
    assert lost == ["cy"]
    assert said == ["two of those graded have one row: look at their ids"]


def test_other_points_there_are_named(tmp_path):
    for lms, text, told in (("canvas", CANVAS, "15.00"), ("moodle", MOODLE, "2.00")):
        _, (*_, said) = fill(tmp_path, text, lms, [], assignment="Race", of=22)
        assert said == [f"the assignment counts out of {told} there, the set out of 22"]


def test_a_table_or_a_column_that_is_not_there_is_refused_with_what_there_is(tmp_path):
    with pytest.raises(ValueError, match=r"no column Last modified \(grade\): it is not what Moo"):
        fill(tmp_path, "Identifier,Grade\n", "moodle", [])
    with pytest.raises(ValueError, match="no assignment 'Rase': name one with --assignment; 'Race"):
        fill(tmp_path, CANVAS, "canvas", [], assignment="Rase")
