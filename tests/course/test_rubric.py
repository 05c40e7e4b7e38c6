"""What a person marks in reading.csv counts, stays, and is never lost."""

import copy
import csv

import pytest

from stragglers_course import command
from stragglers_course.grading import rubric
from stragglers_course.grading.submission import Course
from stragglers_course.reports import tables

from .works import MASTERS, SALT, dump, student_notebook

COURSE = Course("race", SALT)
TEXT = "because, " + "of the numbers " * 20
MARK = {"status": "right", "share": 1.0, "message": "the fields are right.", "points": 4.0}


@pytest.fixture
def students():
    mark = {**MARK, "of": 4, "text": TEXT, "mistake": ""}
    person = {"points": 4.0, "questions": {"q7": mark}}
    return {name: {"id": name, **copy.deepcopy(person)} for name in ("ada", "@bob")}


def marked(path, students, *marks):
    """Write reading.csv as `grade` does, then fill in (id, numbers, why, trade_off, comment)."""
    rubric.write(students, path)
    header, rows = tables.read_table(path)
    for name, *values in marks:
        row = next(row for row in rows if row["id"] == name)
        row.update(zip([*rubric.RUBRIC, "comment"], values, strict=False))
    tables.write_table(path, header, [row.values() for row in rows])


def test_marks_count_for_everyone_and_stay(students, tmp_path):
    path = tmp_path / "reading.csv"
    marked(path, students, ("ada", "1", "1", "0", "Name the price."), ("@bob", "0", "", ""))
    for _ in range(2):
        fresh = copy.deepcopy(students)
        assert rubric.apply(fresh, path, COURSE) == ([], [])
        ada, bob = (person["questions"]["q7"] for person in fresh.values())
        assert (ada["points"], ada["status"]) == (3.67, "partly")  # one of twelve parts less
        assert fresh["ada"]["points"] == 3.67
        assert (bob["points"], bob["read"]["numbers"]) == (4.0, "0")  # not all read yet
        assert tables.said(ada) == (
            "The fields are right. Read by a person: the numbers are there: 1 of 1; it says why:"
            " 1 of 1; it names the trade-off: 0 of 1. Name the price."
        )
        rubric.write(fresh, path)


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "cp1252"), ("\t", "utf-16")])
def test_a_table_saved_by_a_spreadsheet_still_counts(students, tmp_path, delimiter, encoding):
    path = tmp_path / "reading.csv"
    marked(path, students, ("ada", "0", "0", "0"))
    header, rows = tables.read_table(path)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([header, *(row.values() for row in rows)])
    assert rubric.apply(students, path, COURSE) == ([], [])
    assert students["ada"]["points"] == 3.0


def test_a_text_that_was_handed_in_later_is_to_be_read_again(students, tmp_path):
    path = tmp_path / "reading.csv"
    marked(path, students, ("ada", "0", "0", "0"))
    students["ada"]["questions"]["q7"]["text"] = f"{TEXT} And more."
    assert rubric.apply(students, path, COURSE) == (
        [],
        ["'ada' has another text in q7 now: read it again"],
    )
    assert students["ada"]["points"] == 4.0


@pytest.mark.parametrize(
    "text", ["потому что " * 30, "因为最慢的决定。" * 10, "naïve déjà vu " * 10]
)
def test_texts_in_all_languages_are_known_again(students, tmp_path, text):
    path = tmp_path / "reading.csv"
    students["ada"]["questions"]["q7"]["text"] = text
    marked(path, students, ("ada", "0", "1", "1"))
    assert rubric.apply(students, path, COURSE) == ([], [])
    assert students["ada"]["questions"]["q7"]["read"]["why"] == "1"
    students["ada"]["questions"]["q7"]["text"] = text.replace(text[:4], "xxxx")
    assert rubric.apply(students, path, COURSE)[1]


def test_marks_of_somebody_who_is_not_there_are_kept(students, tmp_path):
    path = tmp_path / "reading.csv"
    marked(path, students, ("@bob", "1", "0", "1", "See me."))
    del students["@bob"]
    unused, said = rubric.apply(students, path, COURSE)
    assert said == ["the marks of '@bob', q7, belong to no text"]
    rubric.write(students, path, unused)
    _, rows = tables.read_table(path)
    assert [(row["id"], row["why"], row["comment"]) for row in rows] == [
        ("ada", "", ""),
        ("@bob", "0", "See me."),
    ]


def test_the_texts_of_the_project_are_marked_by_the_same_rubric(tmp_path):
    project, path = Course("project", SALT), tmp_path / "reading.csv"
    marks = {q: {**MARK, "points": 5.0, "of": 5, "text": TEXT * 3} for q in ("q2", "q3")}
    graded = {"ada": {"id": "ada", "points": 10.0, "questions": copy.deepcopy(marks)}}
    rubric.write(graded, path)
    header, rows = tables.read_table(path)
    for row, given in zip(rows, ("111", "100"), strict=True):
        row.update(zip(rubric.RUBRIC, given, strict=True))
    tables.write_table(path, header, [row.values() for row in rows])
    assert rubric.apply(graded, path, project) == ([], [])
    own, second = (graded["ada"]["questions"][q]["points"] for q in marks)
    assert own == 5.0  # of q3, two of three marks for the text, which is a quarter of the question
    assert second == pytest.approx(5 * (1 - 2 / 3 / 4), abs=0.01)


def test_marks_that_are_no_marks_stop_the_grading_before_they_are_lost(students, tmp_path):
    path = tmp_path / "reading.csv"
    marked(path, students, ("ada", "good", "1", "1"))
    with pytest.raises(ValueError, match=r"marks must be 0 or 1, got .*'numbers': 'good'"):
        rubric.apply(students, path, COURSE)
    path.write_text("id,question\nada,q7\n")
    with pytest.raises(ValueError, match="must have the columns text, numbers, why, trade_off"):
        rubric.apply(students, path, COURSE)


@pytest.mark.usefixtures("in_copies")
def test_a_whole_round_through_the_command(tmp_path, capsys):
    (tmp_path / "salt.txt").write_text(SALT)
    (tmp_path / "in").mkdir()
    notebook = student_notebook("race", "ada", solved=lambda question: question == "q7")
    (tmp_path / "in" / "ada.ipynb").write_bytes(dump(notebook))
    line = ["grade", "race", str(tmp_path / "in"), "--to", str(tmp_path / "out")]
    line += ["--masters", str(MASTERS), "--salt", str(tmp_path / "salt.txt")]
    assert command.main(line) == 0
    path = tmp_path / "out" / "reading.csv"
    _, (row,) = tables.read_table(path)
    row.update(numbers="1", why="0", trade_off="1", comment="Say <why>.")
    other = dict(row, id="nobody")
    tables.write_table(path, row, [row.values(), other.values()])
    for _ in range(2):
        assert command.main(line) == 0
        said = capsys.readouterr().out
        assert "reading.csv: the marks of 'nobody', q7, belong to no text." in said
        assert len(tables.read_table(path)[1]) == 2
    _, (grades,) = tables.read_table(tmp_path / "out" / "grades.csv")
    assert grades["q7"] == "3.67"
    (page,) = (tmp_path / "out" / "feedback").iterdir()
    assert (
        "it says why: 0 of 1; it names the trade-off: 1 of 1. Say &lt;why&gt;." in page.read_text()
    )
