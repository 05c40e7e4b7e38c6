"""What the instructor decides by hand: points in overrides.csv, which every grading takes anew."""

from pathlib import Path

from ..questions.personal_numbers import normal
from ..reports.tables import read_table, write_table

COLUMNS = ["id", "question", "points", "comment"]
TOTAL = "total"


def apply(students, path):
    """Set the points that stand in the table `path`; return sentences on rows that found nobody.

    A row is id, question (or "total"), points and a comment for the student. The table is made,
    without rows, if there is none. Raises ValueError for points that are no number.
    """
    if not Path(path).exists():
        write_table(path, COLUMNS, [])
    header, rows = read_table(path)
    if lacking := [name for name in COLUMNS[:3] if name not in header]:
        raise ValueError(f"{path} must have the columns {', '.join(lacking)}; repair or remove it")
    said = []
    for row in rows:
        person, question = students.get(normal(row["id"])), row["question"].strip().lower()
        if person is None or question not in (*person["questions"], TOTAL):
            said.append(f"the row of {row['id']!r}, {row['question']!r} belongs to nothing")
        else:
            _set(person, question, _points(row, path), row.get("comment", ""))
    return said


def _points(row, path):
    try:
        points = float(row["points"].replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points < 1e6:
        raise ValueError(f"{path}: points must be a number, got {row['points']!r} for {row['id']}")
    return points


def _set(person, question, points, comment):
    said = f"set by hand to {points:g} points." + (f" {comment}" if comment else "")
    if question == TOTAL:
        person["points"] = points
        person["notes"] = [*person["notes"], f"the total was {said}"]
        return
    mark = person["questions"][question]
    person["points"] = round(person["points"] + points - mark["points"], 2)
    mark["points"] = points
    mark["share"] = min(1.0, points / mark["of"])
    mark["status"] = "right" if mark["share"] == 1 else "partly" if mark["share"] else "wrong"
    mark["person"] = [*mark.get("person", ()), said]
