"""Whose file is whose: by what the LMS wrote into a file's name, else by the id in the notebook.

An id is typed by a student, so two people can have typed the same one; a name that the LMS wrote
is certain, and so is it that two folders beside each other are two people's. Of several files by
one person the last that answers anything counts. Nobody disappears: a file that does not count is
named at its person, and whoever of the roster has no file is named too.
"""

import contextlib
import json
import re
from collections import Counter
from os.path import commonpath
from pathlib import PurePosixPath

from ..questions.personal_numbers import normal
from ..reports.tables import read_table

LMS = ("canvas", "moodle", "none")
NAMES = {
    "canvas": re.compile(r"^(?P<name>.+?)(?P<late>_LATE)?_(?P<canvas_id>\d+)_(\d+)_"),
    "moodle": re.compile(r"^(?P<name>.+?)_(?P<moodle_id>\d+)_assignsubmission_"),
}
NUMBERS = ("canvas_id", "moodle_id")
SHARED = "the id {!r} stands in files of several people; ask your instructor."
UNNAMED = "the name of the file is not one that {} writes: taken as {}'s by the id in it."


def from_name(file, lms="none"):
    """Return the name, the number and the lateness that an LMS writes into a file's name."""
    path = PurePosixPath(file)
    for part in path.parts if lms in NAMES else ():
        if found := NAMES[lms].match(part):
            told = {key: value for key, value in found.groupdict().items() if key != "late"}
            if lms == "moodle":
                return told | {"moodle_id": f"Participant {found['moodle_id']}"}
            return told | {"late": bool(found["late"])}
    return {"name": path.parent.name.removesuffix(".zip") or path.stem}


def looks_like(names):
    """Return the LMS that has written most of these names of files, None if none has."""
    for lms, form in NAMES.items():
        found = sum(any(form.match(part) for part in PurePosixPath(n).parts) for n in names)
        if found > len(names) / 2:
            return lms
    return None


def read_roster(path):
    """Return the rows of a roster: a CSV with the column id and any of name, email, canvas_id."""
    header, rows = read_table(path)
    if "id" not in header:
        raise ValueError(f"{path} must have a column id; it has {', '.join(header)}")
    return rows


def by_student(results, roster=(), lms="none"):
    """Return {id: the result that counts}, with what file names and the roster tell of a person.

    What an instructor should look at is in "doubts", which also stand among the notes.
    """
    people = [
        {
            **result,
            **from_name(result["file"], lms),
            "id": normal(result["student"]),
            "doubts": list(result["doubts"]),
        }
        for result in sorted(results, key=_weight)
    ]
    owned = {}
    for person, owner in zip(people, _owners(people, roster, lms), strict=True):
        owned.setdefault(owner, []).append(person)
    counting = [_counting(found, roster, lms) for found in owned.values()]
    _tell_apart(counting)
    for person in counting:
        person["notes"] = [*person["notes"], *person["doubts"]]
    return dict(sorted((person["id"], person) for person in counting))


def may_be(student):
    """Return whether a submission may be by `student`: its name or its text has the id."""
    wanted = normal(student)
    plain = re.sub(r"[\W_]", "", wanted)

    def chosen(submission):
        text = submission.name + submission.data.decode("utf-8", "replace")
        with contextlib.suppress(ValueError, RecursionError):  # "\\u00e9" is é
            text += json.dumps(json.loads(submission.data), ensure_ascii=False)
        return wanted in normal(text) or plain in re.sub(r"[\W_]", "", normal(submission.name))

    return chosen


def missing(students, roster):
    """Return the rows of the roster of whom nothing was handed in."""
    there = {name for person in students.values() for name in (person["id"], person.get("row"))}
    return [row for row in roster if normal(row["id"]) not in there]


def _weight(result):
    """Return what orders the files of one person: the last in this order counts."""
    return (
        result["usable"],
        _answers(result),
        result["time"],
        result.get("recorded", False),
        result["points"],
        result["file"],
    )


def _answers(result):
    """Whether anything is answered in a file; a blank handout beside the answers does not count."""
    marks = result.get("questions", {"": {"status": "?"}}).values()
    return any(mark["status"] not in ("unanswered", "unreadable") for mark in marks)


def _owners(people, roster, lms):
    """Return a key for each person, the same for files that one person handed in."""
    certain, nearby = {}, {}
    for person in people:
        person["place"] = ""
        if person["id"] and (number := _number(person)):
            certain.setdefault(person["id"], set()).add(number)
    if lms == "none":
        _place(people, roster)
    keys = [_number(p) or _only(certain.get(p["id"])) or _typed(p) for p in people]
    for person, key in zip(people, keys, strict=True):
        if key and "/" in person["file"]:
            nearby.setdefault(_folder(person), set()).add(key)
    return [
        key or _only(nearby.get(_folder(person))) or ("file", person["file"])
        for person, key in zip(people, keys, strict=True)
    ]


def _place(people, roster):
    """Note which folder, among those of others, a file lies in, or whose name alone it bears."""
    folders = [PurePosixPath(person["file"]).parent for person in people]
    deep = [folder for folder in folders if folder.parts]
    above = len(PurePosixPath(commonpath(deep)).parts) if len(deep) > 1 else 0
    several = len({folder.parts[above : above + 1] for folder in deep}) > 1
    known = {normal(row["id"]) for row in roster}
    for person, folder in zip(people, folders, strict=True):
        stem = normal(PurePosixPath(person["file"]).stem)
        if several and folder.parts[above:]:
            person["place"] = folder.parts[above].removesuffix(".zip")
        elif stem in known:
            person["place"] = stem


def _typed(person):
    return (person["id"], person["place"]) if person["id"] else None


def _number(person):
    return next(((name, person[name]) for name in NUMBERS if name in person), None)


def _only(found):
    return next(iter(found)) if found and len(found) == 1 else None


def _folder(person):
    return str(PurePosixPath(person["file"]).parent)


def _counting(files, roster, lms):
    """Return the file that counts, of one person's files in order, with what is known of them."""
    *others, person = files
    told = next((p["id"] for p in reversed(files) if p["id"]), "")
    person["id"] = told or normal(person["name"])
    person["files"] = [p["file"] for p in files]
    person["late"] = any(p.get("late") for p in files)
    for other in others:
        person["doubts"].append(f"the file {other['file']} does not count: {_why(other, person)}")
    if lms != "none" and not _number(person):
        person["doubts"].append(UNNAMED.format(lms.capitalize(), person["id"] or "nobody"))
    if not told and person["usable"]:
        person["doubts"].append("no id in the notebook: graded with the numbers of the example.")
    if roster:
        _look_up(person, roster)
    return person


def _why(other, person):
    if not other["usable"]:
        return " ".join(other["notes"])
    if not _answers(other) and _answers(person):
        return "nothing is answered in it"
    later = "a later one does" if other["time"] < person["time"] else "another one does"
    return f"{later}, with fewer points" if other["points"] > person["points"] else later


def _look_up(person, roster):
    """Put what the roster tells into a person: whose number the LMS wrote is certain."""
    typed = person["id"]
    number = person.get("canvas_id")
    row = next((r for r in roster if number and r.get("canvas_id") == number), None)
    if row:
        person["certain"], person["id"] = True, normal(row["id"])
        if person["student"] and typed != person["id"]:
            person["doubts"].append(
                f"the id {typed!r} stands in the notebook, whose numbers were used; by the roster"
                f" it is {person['id']!r}."
            )
    else:
        row = next((r for r in roster if normal(r["id"]) == typed), None)
    if row is None:
        person["doubts"].append(f"the id {typed!r} is not in the roster.")
    elif number and row.get("canvas_id", "") not in ("", number):
        person["doubts"].append(f"the id {typed!r} is somebody else's in the roster.")
    else:
        person["row"] = normal(row["id"])
        person.update({key: value for key, value in row.items() if key != "id" and value})


def _tell_apart(people):
    """Give people of one id ids of their own; whose it certainly is, keeps it."""
    several = {name for name, count in Counter(p["id"] for p in people).items() if count > 1}
    for person in people:
        name = person["id"]
        if name in several:
            if person["student"]:
                person["doubts"].append(SHARED.format(name))
            if not (person.get("certain") or normal(person["place"]) == name):
                label = (_number(person) or ("", person["place"] or person["file"]))[1]
                person["id"] = f"{name} ({label})"
    seen = Counter()
    for person in people:
        person.pop("certain", None)
        seen[person["id"]] += 1
        if seen[person["id"]] > 1:  # nobody may stand in another one's row
            person["id"] = f"{person['id']} ({person['file']})"


def doubts(students):
    """Yield a line for each person at whose files an instructor should look."""
    for name, person in students.items():
        if found := person["doubts"] if person["usable"] else person["notes"]:
            yield f"{name}: {' '.join(found)}"
