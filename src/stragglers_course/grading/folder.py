"""A folder of submissions: graded once each, and kept."""

import functools
import hashlib
import json
import os
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from importlib.util import find_spec
from pathlib import Path

from . import files
from .submission import grade

GRADES_NOTHING = ("explorer", "figures", "theorems")  # of the library: no answer rests on them


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
        try:
            results += progress(_bounded(pool, files.submissions(folder), course, state, workers))
        except BaseException:
            course.stop.set()  # else the pool waits for those that run
            raise
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
        f"{code_digest()} {course.set} {course.salt} {course.same} {course.master} {course.limits}"
    )
    text += f" {submission.problem} {submission.name}"
    digest = hashlib.sha256(text.encode() + submission.data).hexdigest()
    path = state / f"{digest[:32]}.json"
    if not path.exists():
        result = grade(submission, course)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(partial, path)  # all of it or nothing, if the machine stops now
    return json.loads(path.read_text(encoding="utf-8")) | {"time": submission.time}


@functools.cache
def code_digest():
    """Return a digest of the code that decides a grade: what another version graded is not used."""
    return digest(Path(__file__).parents[1], Path(find_spec("stragglers").origin).parent)


def digest(course, library):
    """Return a digest of the course's code, and of what submissions can compute with."""
    found = hashlib.sha256()
    for package in (course, library):
        for path in sorted(package.rglob("*.py")):
            name = path.relative_to(package)
            if package is course or name.parts[0] not in GRADES_NOTHING:
                found.update(name.as_posix().encode() + path.read_bytes())
    return found.hexdigest()
