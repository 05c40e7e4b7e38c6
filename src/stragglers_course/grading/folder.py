"""A folder of submissions: graded once each, and kept.

The grading itself is done by a process of its own. Should a submission kill that process, another
one goes on; a file that was under way then is graded alone, and left out if it does so again.
"""

import functools
import hashlib
import json
import multiprocessing
import os
import signal
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from importlib.util import find_spec
from pathlib import Path

from ..sandbox import run as sandbox
from ..sandbox import wall
from . import files
from .submission import grade, unreadable

GRADES_NOTHING = ("explorer", "figures", "theorems")  # of the library: no answer rests on them
ENDED = "the same command goes on from here"
KILLER = "the grader's process was killed while this file ran alone: look at its code. Not graded."


def grade_folder(folder, course, out, workers=2, progress=iter, only=lambda submission: True):
    """Grade all submissions of a folder and return the results, in order of the files' names.

    Every finished result is kept in `out`/state, by the content of the submission, so that a
    grading that was stopped goes on where it was. `progress` wraps the results as they come, as
    tqdm does. `only` chooses submissions.
    """
    state = Path(out) / "state"
    state.mkdir(parents=True, exist_ok=True)
    results = list(progress(_results(folder, course, state, workers, only)))
    return sorted(results, key=lambda result: result["file"])


def _results(folder, course, state, workers, only):
    """Yield the results as a process of its own finishes them, and as others after it do."""
    names, known = set(), code_digest()  # read once, here, whatever becomes of the process
    sandbox.font_list()  # likewise
    wall.kind()  # else each worker finds it out for itself
    while True:
        here, there = multiprocessing.get_context("fork").Pipe(duplex=False)
        job = (there, folder, course, state, workers, only, known)
        process = multiprocessing.get_context("fork").Process(target=_work, args=job)
        process.start()
        there.close()
        try:
            while True:
                said = here.recv()
                if isinstance(said, BaseException):
                    raise said
                if said is None:
                    return
                if said["file"] not in names:
                    names.add(said["file"])
                    yield said
        except EOFError:  # it was killed: the next one knows what was under way
            process.join()
            if not list(state.glob("*.begun")):
                raise OSError(f"the grader's process was ended from outside ({ENDED})") from None
        finally:
            if process.is_alive():
                process.terminate()
            process.join()


def _work(pipe, folder, course, state, workers, only, known):
    """Grade what is not graded yet, and tell of each result through the pipe; end with None."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and says so
    signal.signal(signal.SIGTERM, lambda *_: course.stop.set())
    begun = {path.stem: path.read_text("utf-8") for path in state.glob("*.begun")}
    submissions = (s for s in files.submissions(folder) if only(s))
    try:
        with ThreadPoolExecutor(workers) as pool:
            for result in _bounded(pool, submissions, course, state, workers, begun, known):
                pipe.send(result)
        pipe.send(None)
    except Exception as error:
        course.stop.set()
        pipe.send(error)
    finally:
        os._exit(0)


def _bounded(pool, submissions, course, state, workers, begun, known):
    """Yield results as they come; no more submissions than workers are held in memory.

    `begun` are those that were under way when the process before this one was killed.
    """
    waiting = set()
    for submission in submissions:
        name = _digest(submission, course, known)
        if name in begun:
            done, waiting = wait(waiting)  # alone: if it happens again, it is this one
            yield from (future.result() for future in done)
            yield _kept(submission, course, state, name, "alone", begun[name] == "alone")
            continue
        waiting.add(pool.submit(_kept, submission, course, state, name, "among others"))
        if len(waiting) >= workers:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    yield from (future.result() for future in waiting)


def _digest(submission, course, known):
    text = f"{known} {course.set} {course.salt} {course.same} {course.master} {course.limits}"
    text += f" {submission.problem} {submission.name}"
    return hashlib.sha256(text.encode() + submission.data).hexdigest()[:32]


def _kept(submission, course, state, name, how, is_killer=False):
    """Return the result of a submission, graded now if it is not kept; `how` is with whom."""
    path, mark = state / f"{name}.json", state / f"{name}.begun"
    if not path.exists():
        mark.write_text(how, encoding="utf-8")
        try:
            result = unreadable(submission, KILLER, course) if is_killer else None
            result = result or grade(submission, course)
            partial = path.with_suffix(".partial")
            partial.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
            os.replace(partial, path)  # all of it or nothing, if the machine stops now
        finally:
            mark.unlink(missing_ok=True)
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
