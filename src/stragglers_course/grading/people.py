"""Whose file is whose: by what the LMS wrote into a file's name, else by the id in the notebook.

An id is typed by a student, so two people can have typed the same one; a name that the LMS wrote
is certain. Of several files by one person, the last that could be graded counts.
"""

import re
from collections import Counter
from pathlib import PurePosixPath

from ..questions.personal_numbers import normal
from ..reports.tables import read_table

CANVAS = re.compile(r"^([^_]+)(?:_LATE)?_(\d+)_(\d+)_")
MOODLE = re.compile(r"^(.+?)_(\d+)_assignsubmission_")
LMS = ("canvas_id", "moodle_id")
SHARED = "the id {!r} stands in files of several people; ask your instructor."


def from_name(file):
    """Return the name and numbers that an LMS writes into the names of downloaded files."""
    path = PurePosixPath(file)
    for part in path.parts:
        if found := MOODLE.match(part):
            return {"name": found[1], "moodle_id": f"Participant {found[2]}"}
        if found := CANVAS.match(part):
            return {"name": found[1], "canvas_id": found[2]}
    return {"name": path.parent.name.removesuffix(".zip") or path.stem}


def read_roster(path):
    """Return the rows of a roster, a CSV with the column id and any of name, email, canvas_id."""
    header, rows = read_table(path)
    if "id" not in header:
        raise ValueError(f"{path} must have a column id; it has {', '.join(header)}")
    return rows


def by_student(results, roster=()):
    """Return {id: the result that counts}, with what file names and the roster tell of a person.

    What an instructor should look at is in "doubts", which also stand among the notes.
    """
    people = [
        {
            **result,
            **from_name(result["file"]),
            "id": normal(result["student"]),
            "doubts": list(result["doubts"]),
        }
        for result in sorted(results, key=lambda r: (r["usable"], r["time"], r["file"]))
    ]
    owned = {}
    for person, owner in zip(people, _owners(people), strict=True):
        owned.setdefault(owner, []).append(person)
    known = {normal(row["id"]): row for row in roster}
    counting = [_counting(files, known) for files in owned.values()]
    _tell_apart(counting)
    for person in counting:
        person["notes"] = [*person["notes"], *person["doubts"]]
    return dict(sorted((person["id"], person) for person in counting))


def _owners(people):
    """Return a key for each person, the same for files that one person handed in."""
    certain, nearby = {}, {}
    for person in people:
        if person["id"] and (number := _number(person)):
            certain.setdefault(person["id"], set()).add(number)
    keys = [_number(p) or _only(certain.get(p["id"])) or p["id"] for p in people]
    for person, key in zip(people, keys, strict=True):
        if key and "/" in person["file"]:
            nearby.setdefault(_folder(person), set()).add(key)
    return [
        key or _only(nearby.get(_folder(person))) or ("file", person["file"])
        for person, key in zip(people, keys, strict=True)
    ]


def _number(person):
    return next(((name, person[name]) for name in LMS if name in person), None)


def _only(found):
    return next(iter(found)) if found and len(found) == 1 else None


def _folder(person):
    return str(PurePosixPath(person["file"]).parent)


def _counting(files, known):
    """Return the file that counts, of one person's files in order, with what is known of them."""
    *others, person = files
    told = next((p["id"] for p in reversed(files) if p["id"]), "")
    person["id"] = told or normal(person["name"])
    for other in others:
        reason = "a later one does" if other["usable"] else " ".join(other["notes"])
        person["doubts"].append(f"the file {other['file']} does not count: {reason}")
    if not told and person["usable"]:
        person["doubts"].append("no id in the notebook: graded with the numbers of the example.")
    row = known.get(person["id"], {})
    theirs = row.get("canvas_id")
    if theirs and person.get("canvas_id", theirs) != theirs:
        person["doubts"].append(f"the id {person['id']!r} is somebody else's in the roster.")
    elif row:
        person["certain"] = bool(theirs) and _number(person) == ("canvas_id", theirs)
        person.update({key: value for key, value in row.items() if key != "id" and value})
    elif known:
        person["doubts"].append(f"the id {person['id']!r} is not in the roster.")
    return person


def _tell_apart(people):
    """Give people of one id ids of their own; whose number stands in the roster, keeps it."""
    several = {name for name, count in Counter(p["id"] for p in people).items() if count > 1}
    for person in people:
        if person["id"] in several:
            if person["student"]:
                person["doubts"].append(SHARED.format(person["id"]))
            if not person.get("certain"):
                label = (_number(person) or ("", person["file"]))[1]
                person["id"] = f"{person['id']} ({label})"
        person.pop("certain", None)


def doubts(students):
    """Yield a line for each person at whose files an instructor should look."""
    for name, person in students.items():
        if found := person["doubts"] if person["usable"] else person["notes"]:
            yield f"{name}: {' '.join(found)}"
