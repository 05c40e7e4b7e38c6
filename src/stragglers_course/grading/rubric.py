"""What a person reads: the texts of open questions, and the marks by the rubric, in reading.csv."""

import re
from pathlib import Path

from ..questions.decisions import Decision
from ..questions.personal_numbers import normal
from ..reports.tables import read_table, write_table

RUBRIC = {
    "numbers": "the numbers are there",
    "why": "it says why",
    "trade_off": "it names the trade-off",
}
COLUMNS = ["id", "question", "text", *RUBRIC, "comment"]


def apply(students, path, course):
    """Count the marks and comments of `path`; return (rows that count for nobody, sentences).

    Marks count when all three are there. A row whose student has handed in another text since
    is not counted, nor one of a student who is not there: the sentences say so.
    Raises ValueError for a table without these columns, and for a mark that is not 0 or 1.
    """
    if not Path(path).exists():
        return [], []
    header, rows = read_table(path)
    if missing := [column for column in COLUMNS if column not in header and column != "comment"]:
        raise ValueError(f"{path} must have the columns {', '.join(missing)}; repair or remove it")
    unused, said = [], []
    for row in rows:
        marks = {column: row[column] for column in RUBRIC}
        if not (any(marks.values()) or row.get("comment")):
            continue
        if not set(marks.values()) <= {"", "0", "1"}:
            raise ValueError(f"{path}: marks must be 0 or 1, got {marks} for {row['id']}")
        person, question = students.get(normal(row["id"])), course.questions.get(row["question"])
        mark = person["questions"].get(row["question"]) if person else None
        if not isinstance(question, Decision) or not (mark or {}).get("text", "").strip():
            unused.append(row)
            said.append(f"the marks of {row['id']!r}, {row['question']}, belong to no text")
        elif not _is_same(mark["text"], row["text"]):
            said.append(f"{row['id']!r} has another text in {row['question']} now: read it again")
        else:
            _count(mark, marks, row.get("comment", ""), question)
            person["points"] = round(sum(m["points"] for m in person["questions"].values()), 2)
    return unused, said


def _is_same(one, other):
    """Whether two texts are the same, as far as a spreadsheet keeps a text."""
    letters = [re.sub(r"[\W_]", "", text.casefold()) for text in (one, other)]
    plain = [re.sub(r"[^a-z0-9]", "", text) for text in letters]  # what every encoding keeps
    return letters[0] == letters[1] or (
        plain[0] == plain[1] and len(plain[0]) > len(letters[0]) / 2
    )


def _count(mark, marks, comment, question):
    """Put the marks and the comment of one text into its question's mark."""
    mark["read"], mark["comment"] = marks, comment
    given = [f"{RUBRIC[name]}: {value} of 1" for name, value in marks.items() if value]
    sentences = [f"read by a person: {'; '.join(given)}."] if given else []
    mark["person"] = [*sentences, *([comment] if comment else [])]
    if len(given) == len(RUBRIC):
        points = [int(value) for value in marks.values()]
        mark["share"] = question.with_rubric(mark["share"], mark["text"], points)
        mark["points"] = round(mark["share"] * question.points, 2)
        mark["status"] = "right" if mark["share"] == 1 else "partly" if mark["share"] else "wrong"


def unread(students):
    """Return how many texts no person has marked yet: they count as if all was there."""
    marks = (mark for person in students.values() for mark in person["questions"].values())
    texts = [mark for mark in marks if mark.get("text")]
    return sum(not all(mark.get("read", {"": ""}).values()) for mark in texts)


def write(students, path, unused=()):
    """Write the texts that a person is to read, with what was marked already."""
    rows = [
        [person["id"], name, mark["text"]]
        + [mark.get("read", {}).get(column, "") for column in RUBRIC]
        + [mark.get("comment", "")]
        for person in students.values()
        for name, mark in person["questions"].items()
        if mark.get("text")
    ]
    rows += [[row.get(column, "") for column in COLUMNS] for row in unused]
    write_table(path, COLUMNS, rows)
