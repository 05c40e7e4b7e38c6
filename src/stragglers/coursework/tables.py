"""What grading writes: tables for people and LMS, results for Gradescope, texts to read."""

import csv
import hashlib
import json
from pathlib import Path

from .gradebook import RUBRIC
from .handin import slug

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def file_name(student):
    """Return a file name for an id: readable, and different for different ids."""
    return f"{slug(student)}-{hashlib.sha256(student.encode()).hexdigest()[:6]}"


def safe(value):
    """Return a value that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    is_number = isinstance(value, (int, float))
    return f"'{text}" if text.startswith(FORMULAS) and not is_number else text


def write_table(path, header, rows):
    """Write a CSV that Excel, Canvas and Moodle read as UTF-8."""
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([safe(value) for value in row] for row in rows)


def write_all(students, title, out):
    """Write grades.csv, canvas.csv, moodle.csv, reading.csv and gradescope/ below `out`."""
    out = Path(out)
    people = students.values()
    questions = list(next(iter(people))["questions"]) if students else []
    of = next(iter(people))["of"] if students else 0
    write_table(
        out / "grades.csv",
        ["id", "name", "points", "of", *questions, "file", "notes"],
        [
            [p["id"], p["name"], p["points"], p["of"]]
            + [p["questions"][q]["points"] for q in questions]
            + [p["file"], " ".join(p["notes"])]
            for p in people
        ],
    )
    write_table(
        out / "canvas.csv",
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title],
        [["    Points Possible", "", "", "", "", of]]
        + [
            [p["name"], p.get("canvas_id"), p.get("sis_id"), p["id"], p.get("section"), p["points"]]
            for p in people
        ],
    )
    write_table(
        out / "moodle.csv",
        ["Identifier", "Full name", "Email address", "Grade", "Maximum Grade", "Feedback comments"],
        [
            [p.get("moodle_id"), p["name"], p.get("email"), p["points"], p["of"], comment(p)]
            for p in people
        ],
    )
    _write_reading(people, out / "reading.csv")
    folder = out / "gradescope"
    folder.mkdir(exist_ok=True)
    for person in people:
        path = folder / f"{file_name(person['id'])}.json"
        path.write_text(json.dumps(gradescope(person), ensure_ascii=False, indent=1), "utf-8")


def comment(person):
    """Return the feedback on a submission in one line a question."""
    marks = person["questions"].items()
    return "\n".join(f"{q}: {m['points']:g} of {m['of']}. {m['message']}" for q, m in marks)


def gradescope(person):
    """Return a result in the form of Gradescope's results.json."""
    tests = [
        {
            "name": name,
            "score": mark["points"],
            "max_score": mark["of"],
            "output": mark["message"],
            "visibility": "visible",
        }
        for name, mark in person["questions"].items()
    ]
    return {"score": person["points"], "output": "\n".join(person["notes"]), "tests": tests}


def _write_reading(people, path):
    """Write the texts that a person is to read, with what was marked already."""
    rows = [
        [p["id"], name, mark["text"], *(mark.get("read", {}).get(c, "") for c in RUBRIC)]
        for p in people
        for name, mark in p["questions"].items()
        if mark.get("text")
    ]
    write_table(path, ["id", "question", "text", *RUBRIC], rows)
