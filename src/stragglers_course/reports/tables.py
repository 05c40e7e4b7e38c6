"""Tables as people and LMS write and read them, and results for Gradescope."""

import csv
import hashlib
import io
import json
from pathlib import Path

from ..student.handin import slug

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


def read_table(path):
    """Return (header, rows as dicts) of a CSV, as spreadsheets of any country write it.

    Names of columns are in small letters; what `safe` has added is taken off again.
    """
    data = Path(path).read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    text = text.lstrip("\ufeff")
    first, *_ = text.splitlines() or [""]
    delimiter = max(",;\t", key=first.count)
    header, *rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) or [[]]
    header = [name.strip().lower() for name in header]
    rows = [[_plain(value) for value in row] for row in rows if any(row)]
    return header, [dict.fromkeys(header, "") | dict(zip(header, r, strict=False)) for r in rows]


def _plain(text):
    text = text.strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULAS) else text


def write_all(students, title, out):
    """Write grades.csv, canvas.csv, moodle.csv and gradescope/ below `out`."""
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
    folder = out / "gradescope"
    folder.mkdir(exist_ok=True)
    for person in people:
        path = folder / f"{file_name(person['id'])}.json"
        path.write_text(json.dumps(gradescope(person), ensure_ascii=False, indent=1), "utf-8")


def comment(person):
    """Return the feedback on a submission in one line a question."""
    marks = person["questions"].items()
    return "\n".join(f"{q}: {m['points']:g} of {m['of']}. {said(m)}" for q, m in marks)


def said(mark):
    """Return all that is said of one answer, by the machine and by the person who read the text."""
    parts = [mark["message"], *mark.get("person", ())]
    return " ".join(_sentence(part) for part in parts if part)


def _sentence(text):
    """Return a text with a capital first letter, unless that letter is a symbol by itself."""
    return text if text[1:2] == " " else text[:1].upper() + text[1:]


def gradescope(person):
    """Return a result in the form of Gradescope's results.json."""
    tests = [
        {
            "name": name,
            "score": mark["points"],
            "max_score": mark["of"],
            "output": said(mark),
            "visibility": "visible",
        }
        for name, mark in person["questions"].items()
    ]
    return {"score": person["points"], "output": "\n".join(person["notes"]), "tests": tests}
