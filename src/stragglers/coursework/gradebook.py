"""A folder of submissions: graded once each, kept, and put together for every student."""

import csv
import hashlib
import json
import os
import re
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path, PurePosixPath

from . import reading, variants
from .grading import VERSION, grade
from .questions import Decision

RUBRIC = ("numbers", "why", "trade_off")
CANVAS = re.compile(r"^([a-z-]+)(?:_LATE)?_(\d+)_(\d+)_")
MOODLE = re.compile(r"^(.+?)_(\d+)_assignsubmission_")


def grade_folder(folder, course, out, workers=2, progress=iter):
    """Grade all submissions of a folder and return the results, in order of the files' names.

    Every finished result is kept in `out`/state, by the content of the submission, so that a
    grading that was stopped goes on where it was. `progress` wraps the results as they come, as
    tqdm does.
    """
    state = Path(out) / "state"
    state.mkdir(parents=True, exist_ok=True)
    results = []
    with ThreadPoolExecutor(workers) as pool:
        for result in progress(_bounded(pool, reading.submissions(folder), course, state, workers)):
            results.append(result)
    return sorted(results, key=lambda result: result["file"])


def _bounded(pool, submissions, course, state, workers):
    """Yield results as they come; no more submissions than workers are held in memory."""
    waiting = set()
    for submission in submissions:
        waiting.add(pool.submit(_kept, submission, course, state))
        if len(waiting) >= workers:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    yield from (future.result() for future in waiting)


def _kept(submission, course, state):
    text = (
        f"{VERSION} {course.set} {course.salt} {course.same} {course.master} {submission.problem}"
    )
    digest = hashlib.sha256(f"{text} {submission.name}".encode() + submission.data).hexdigest()
    path = state / f"{digest[:32]}.json"
    if not path.exists():
        result = grade(submission, course)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(partial, path)  # all of it or nothing, if the machine stops now
    return json.loads(path.read_text(encoding="utf-8")) | {"time": submission.time}


def by_student(results, roster=()):
    """Return {id: the result that counts}: of several files by one student, the last.

    The id is the one in the notebook, else what the file's name tells. `roster` rows (dicts with
    "id") add what they know; an id that is not among them is noted.
    """
    known = {variants.normal(row["id"]): row for row in roster}
    students = {}
    for result in sorted(results, key=lambda r: (r["time"], r["file"])):
        person = {**result, **from_name(result["file"]), "notes": list(result["notes"])}
        person["id"] = variants.normal(result["student"]) or variants.normal(person["name"])
        row = known.get(person["id"], {})
        person.update({key: value for key, value in row.items() if key != "id" and value})
        if known and not row:
            person["notes"].append(f"the id {person['id']!r} is not in the roster.")
        if before := students.pop(person["id"], None):
            person["notes"].append(f"two files by one id; {before['file']} does not count.")
        students[person["id"]] = person
    return dict(sorted(students.items()))


def from_name(file):
    """Return the name and numbers that an LMS writes into the names of downloaded files."""
    path = PurePosixPath(file)
    for part in path.parts:
        if found := MOODLE.match(part):
            return {"name": found[1], "moodle_id": f"Participant {found[2]}"}
        if found := CANVAS.match(part):
            return {"name": found[1], "canvas_id": found[2]}
    return {"name": path.parent.name if len(path.parts) > 1 else path.stem}


def read_roster(path):
    """Return the rows of a roster, a CSV with the column id and any of name, email, canvas_id."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = [
            {key.strip().lower(): v for key, v in row.items() if key}
            for row in csv.DictReader(file)
        ]
    if rows and "id" not in rows[0]:
        raise ValueError(f"{path} must have a column id; it has {', '.join(rows[0])}")
    return rows


def apply_rubric(students, path, course):
    """Count the marks that a person has written into reading.csv; rows without marks stay open."""
    if not Path(path).exists():
        return
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        marks = {column: row.get(column, "").strip() for column in RUBRIC}
        person = students.get(variants.normal(row.get("id", "")))
        question = course.questions.get(row.get("question"))
        if person is None or not isinstance(question, Decision) or not any(marks.values()):
            continue
        if not set(marks.values()) <= {"", "0", "1"}:
            raise ValueError(f"{path}: marks must be 0 or 1, got {marks} for {row['id']}")
        mark = person["questions"][question.name]
        mark["read"] = marks
        if all(marks.values()):
            share = question.with_rubric(mark["share"], [int(m) for m in marks.values()])
            mark["points"] = round(share * question.points, 2)
        person["points"] = round(sum(m["points"] for m in person["questions"].values()), 2)
