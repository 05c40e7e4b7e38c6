"""Tables as people and spreadsheets write and read them."""

import csv
import hashlib
import io
import json
from pathlib import Path

from ..student.handin import slug

REWRITTEN = ("grades.csv", "canvas.csv", "moodle.csv")
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
    (header, *rows), _ = read_rows(path)
    header = [name.strip().lower() for name in header]
    rows = [[_plain(value) for value in row] for row in rows if any(row)]
    return header, [dict.fromkeys(header, "") | dict(zip(header, r, strict=False)) for r in rows]


def read_rows(path):
    """Return (rows as they stand, one at least, what separates their columns) of a CSV."""
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
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) or [[]], delimiter


def _plain(text):
    text = text.strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULAS) else text


def write_grades(students, out, absent=()):
    """Write grades.csv below `out`, with a row for each of the `absent` rows of a roster too."""
    people = students.values()
    questions = list(next(iter(people))["questions"]) if students else []
    rows = [
        [p["id"], p["name"], p["points"], p["of"]]
        + [p["questions"][q]["points"] for q in questions]
        + ["late" if p.get("late") else "", p["file"], " ".join(p["notes"])]
        for p in people
    ]
    nothing = ["" for _ in range(len(questions) + 4)]
    rows += [[r["id"], r.get("name"), *nothing, "nothing was handed in."] for r in absent]
    header = ["id", "name", "points", "of", *questions, "late", "file", "notes"]
    write_table(Path(out) / "grades.csv", header, rows)


def digests(out):
    """Return {name: digest} of the tables below `out` that are written anew each time."""
    found = [path for name in REWRITTEN if (path := Path(out) / name).exists()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def keep_edited(out):
    """Move tables that were changed by hand since they were written; return sentences on them."""
    kept, said = Path(out) / "results.json", []
    before = json.loads(kept.read_text("utf-8")).get("written", {}) if kept.exists() else {}
    for name, digest in digests(out).items():
        if before.get(name, digest) != digest:
            stem, number = Path(name).stem, 1
            while (place := Path(out) / f"{stem}-edited-{number}.csv").exists():
                number += 1
            (Path(out) / name).rename(place)
            said.append(
                f"{name} was changed by hand: that is {place.name} now. Points that are to stay"
                " belong into overrides.csv."
            )
    return said


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
