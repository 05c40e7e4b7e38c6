"""A folder of submissions: graded once each, and kept."""

import functools
import hashlib
import json
import os
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

from . import reading
from .grading import grade


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
            results += progress(_bounded(pool, reading.submissions(folder), course, state, workers))
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
    """Return a digest of the package's code: what another version of it graded is not used."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
