"""A whole class of made submissions, of every kind, in one folder as Canvas gives it.

python -m tests.course.made_class 300     grades one of that size and says what came out
"""

import csv
import io
import json
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from stragglers_course import command
from stragglers_course.grading.submission import Course
from stragglers_course.questions import personal_numbers
from stragglers_course.sandbox import wall
from stragglers_course.student.handin import version

from .corpus import base, cell, code, edited, inserted, without
from .works import MASTERS, SALT, dump

COURSE = Course("race", SALT, {})
NUMBER = 1000  # Canvas's number of the first one


def handed_in(student, **changes):
    """A notebook as `submit` writes it: both answers, the numbers and the version."""
    notebook = base(student)
    numbers = {name: COURSE.parameters(name, student) for name in COURSE.questions}
    answer = COURSE.questions["q1"].key(numbers["q1"])
    notebook["metadata"]["stragglers"] = {
        "format": 2,
        "set": "race",
        "student": student,
        "handout": COURSE.handout,
        "version": version(),
        "parameters": numbers,
        "answers": {"q1": float(answer), "q4": {"function": "q4", "empty": False}},
        **changes,
    }
    return notebook


def changed(change, student):
    """A notebook of both answers after a change."""
    notebook = base(student)
    change(notebook)
    return notebook


def out_of_order(notebook):
    """Run from the top to the bottom, then the answers moved above what they need."""
    for count, own in enumerate(notebook["cells"]):
        own["execution_count"] = count + 1
    notebook["cells"].reverse()


def wrong(notebook):
    cell(notebook, "q1-answer")["source"] = 'p = parameters("q1")\nq1 = p.n * p.slow'


def other_numbers(student):
    """A hand-in that an older version of the package made, with another case of q1."""
    own = COURSE.parameters("q1", student)
    other = next(c for c in COURSE.questions["q1"].cases if c != own)
    numbers = {"q1": other}
    key = COURSE.questions["q1"].key(personal_numbers.Parameters(other))
    return handed_in(student, parameters=numbers, answers={"q1": float(key)}, version="0.0.9")


def zipped(name, content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr(name, content)
    return stream.getvalue()


SALT_READER = """import os
if os.path.exists("THE SALT"):
    raise ValueError(open("THE SALT").read())"""


def has_read():
    """What must be said of who looks for the salt: with bubblewrap it is not there."""
    return None if wall.kind() == wall.BUBBLEWRAP else "it has read the salt"


CONFLICT = b'{"cells": [\n<<<<<<< HEAD\n{},\n=======\n>>>>>>> other\n]}'

# kind: (what makes the content of a student's file, its ending, points, what must be said or None)
KINDS = {
    "hand-in": (handed_in, "ipynb", 4, None),
    "notebook": (base, "ipynb", 4, None),
    "notebook out of order": (lambda s: changed(out_of_order, s), "ipynb", 4, None),
    "one wrong": (lambda s: changed(wrong, s), "ipynb", 3, None),
    "zip": (lambda s: zipped("race.ipynb", dump(base(s))), "zip", 4, None),
    "utf-16": (lambda s: dump(base(s)).decode().encode("utf-16"), "ipynb", 4, None),
    "ends Python": (lambda s: changed(inserted("import os\nos._exit(1)"), s), "ipynb", 4, None),
    "reads the salt": (lambda s: changed(inserted(SALT_READER), s), "ipynb", 4, has_read),
    "no cells": (
        lambda s: (
            changed(without("imports", "start", "q1-numbers", "q4-numbers"), s)
            | {"metadata": handed_in(s)["metadata"]}
        ),
        "ipynb",
        1,
        "q1: the cells of the hand-in do not give the answers",
    ),
    "other version": (other_numbers, "ipynb", 4, "q1: the notebook had other numbers"),
    "other salt": (
        lambda s: handed_in(s, handout="practice"),
        "ipynb",
        4,
        "handed out with another salt",
    ),
    "other set": (lambda s: handed_in(s, set="laws"), "ipynb", 0, "this is the set 'laws'"),
    "no id": (
        lambda s: changed(edited("start", 'from stragglers_course import start\nstart("race")'), s),
        "ipynb",
        None,
        "no id in the notebook",
    ),
    "typed another's id": (lambda s: base("s0@x"), "ipynb", None, "stands in the notebook"),
    "id with a slip": (lambda s: base(f"{s}x"), "ipynb", None, "stands in the notebook"),
    "empty": (lambda s: b"", "ipynb", 0, "the file is empty"),
    "no notebook": (lambda s: b"%PDF-1.7", "pdf", 0, "a .pdf file is no notebook"),
    "merge conflict": (lambda s: CONFLICT, "ipynb", 0, "git has left a merge conflict"),
    "damaged zip": (lambda s: b"PK damaged", "zip", 0, "the zip archive is damaged"),
    "by mail": (base, "ipynb", 4, "the name of the file is not one that Canvas writes"),
    "blank beside it": (handed_in, "ipynb", 4, "nothing is answered in it"),
    "nothing": (None, "", None, "Nothing was handed in by"),
    "late": (base, "ipynb", 4, "Late: "),
}


def members(size):
    """Yield (student, kind) for a class."""
    kinds = list(KINDS)
    for number in range(size):
        yield f"s{number}@x", kinds[number % len(kinds)]


def content(kind, student):
    made = KINDS[kind][0](student)
    return made if isinstance(made, bytes) else dump(made)


def write(folder, size):
    """Write the submissions of a class, its roster and its gradebook; return how many files."""
    (folder / "in").mkdir()
    (folder / "salt.txt").write_text(SALT)
    rows = []
    for number, (student, kind) in enumerate(members(size)):
        rows.append((student, f"Student {number}", NUMBER + number))
        if kind == "nothing":
            continue
        name = f"student{number}{'_LATE' * (kind == 'late')}_{NUMBER + number}_7{number}_race"
        name = f"mail-{number}" if kind == "by mail" else name
        handed = content(kind, student).replace(b"THE SALT", str(folder / "salt.txt").encode())
        (folder / "in" / f"{name}.{KINDS[kind][1]}").write_bytes(handed)
        if kind == "blank beside it":
            blank = base(student)
            blank["cells"] = [*blank["cells"][:2], code("q1 = None")]
            (folder / "in" / f"{name}-1.ipynb").write_bytes(dump(blank))
    with (folder / "roster.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "name", "canvas_id"), *rows])
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Race (99)", "Other (98)"]
    table = [header, ["    Points Possible", "", "", "", "", 15, 10]]
    table += [[name, number, "", student, "A", "", 7] for student, name, number in rows]
    with (folder / "gradebook.csv").open("w", newline="") as file:
        csv.writer(file).writerows(table)
    return len(list((folder / "in").iterdir()))


def line(folder, *more):
    """The command that grades the class in `folder`."""
    words = ["grade", "race", str(folder / "in"), "--to", str(folder / "out"), "--lms", "canvas"]
    words += ["--roster", str(folder / "roster.csv"), "--sheet", str(folder / "gradebook.csv")]
    words += ["--assignment", "Race", "--masters", str(MASTERS)]
    return [*words, "--salt", str(folder / "salt.txt"), "--cell", "10", *more]


def faults(folder, said, size):
    """Return what is wrong with the tables and the words of a graded class."""
    found = []
    with (folder / "out" / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        graded = {row["id"]: row for row in csv.DictReader(file)}
    with (folder / "out" / "canvas.csv").open(newline="") as file:
        sheet = {row["SIS Login ID"]: row for row in csv.DictReader(file)}
    for student, kind in members(size):
        _, _, points, words = KINDS[kind]
        words = words() if callable(words) else words
        row = graded.get(student)
        if row is None:
            found.append(f"{student} ({kind}) is lost")
            continue
        if points is not None and float(row["points"] or -1) != points:
            found.append(f"{student} ({kind}) has {row['points']!r} points, not {points}")
        if sheet[student]["Race (99)"] != (f"{float(row['points']):g}" if row["points"] else ""):
            found.append(f"{student} ({kind}) has other points in canvas.csv")
        lines = [text for text in said.splitlines() if student in text]
        if words and not any(words in text for text in lines):
            found.append(f"{student} ({kind}) is not named with {words!r}")
        if words is None and any(text.startswith(f"{student}:") for text in lines):
            found.append(f"{student} ({kind}) is doubted without a reason")
    if len(graded) != size:
        found.append(f"{len(graded)} rows for {size} people")
    return found


def main(size):
    """Grade a class of `size`, and print how long it took and what is wrong."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        number, began = write(folder, size), time.monotonic()
        said = io.StringIO()
        sys.stdout, before = said, sys.stdout
        try:
            status = command.main(line(folder))
        finally:
            sys.stdout = before
        print(said.getvalue())
        print(json.dumps(faults(folder, said.getvalue(), size), indent=1))
        print(f"{size} people, {number} files, {time.monotonic() - began:.0f} s, exit {status}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
