"""The files that people hand in: in a folder, in folders of students, in archives."""

import contextlib
import io
import time as clock
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..notebooks.reading import LARGEST, TOO_LARGE, sound

MEMBERS = 1000  # notebooks in one archive: more than a course has students
SUFFIXES = (".ipynb", ".json", ".txt")
DAMAGED = "the zip archive is damaged, or has a password."
IGNORED = ("__MACOSX", "Thumbs.db", "desktop.ini")  # and all names that begin with a dot


@dataclass(frozen=True)
class Submission:
    """A file that was handed in: its name below the folder, its time, and its bytes or why not."""

    name: str
    time: float
    data: bytes = b""
    problem: str = ""


def submissions(folder):
    """Yield the Submissions of a folder, in order of name.

    Archives are read in memory, never unpacked: a path that climbs out of them leads nowhere.
    """
    for path, name in _paths(folder):
        time = path.lstat().st_mtime
        if path.is_symlink():
            problem = "this is a link to a file: hand in the .ipynb file."
            yield Submission(name, time, problem=problem)
        elif path.stat().st_size > LARGEST:
            yield Submission(name, time, problem=TOO_LARGE)
        elif path.suffix.lower() == ".zip":
            yield from _members(name, time, path)
        elif path.suffix.lower() in SUFFIXES:
            yield Submission(name, time, path.read_bytes())
        else:
            problem = f"a {path.suffix or 'nameless'} file is no notebook: hand in the .ipynb file."
            yield Submission(name, time, problem=problem)


def count(folder):
    """Return how many submissions there are in a folder, an archive within an archive being one."""
    total = 0
    for path, _ in _paths(folder):
        found = 1
        if path.suffix.lower() == ".zip" and not path.is_symlink():
            with contextlib.suppress(Exception), zipfile.ZipFile(path) as archive:
                found = max(1, sum(_is_wanted(name, 1) for name in archive.namelist()))
        total += found
    return total


def _paths(folder):
    """Yield (path, name below the folder) of all files that may be submissions, links too."""
    for path in sorted(Path(folder).rglob("*")):
        name = sound(path.relative_to(folder).as_posix())
        if (path.is_file() or path.is_symlink()) and not _is_ignored(name):
            yield path, name


def _is_ignored(name):
    parts = PurePosixPath(name).parts
    return any(p in IGNORED or (p.startswith(".") and p not in ("..", ".ipynb")) for p in parts)


def _members(name, time, file, depth=1):
    """Yield the notebooks of a zip archive, and of the archives in it, one by one."""
    try:
        with zipfile.ZipFile(file) as archive:
            wanted = [info for info in archive.infolist() if _is_wanted(info.filename, depth)]
            for info in wanted[:MEMBERS]:
                inside = f"{name}/{_inside(sound(info.filename))}"
                yield from _member(archive, info, inside, time, depth)
            problem = "" if wanted else "the zip archive holds no notebook."
            if len(wanted) > MEMBERS:
                problem = f"the zip archive holds more than {MEMBERS} notebooks; the rest is left."
    except Exception:  # the ways to be damaged have no end, and the others must be graded
        problem = DAMAGED
    if problem:
        yield Submission(name, time, problem=problem)


def _member(archive, info, name, time, depth):
    try:
        with archive.open(info) as file:
            data = file.read(LARGEST + 1)  # no more: it may be a bomb
    except Exception:  # as above
        yield Submission(name, time, problem=DAMAGED)
        return
    time = _packed(info, time)
    if len(data) > LARGEST:
        yield Submission(name, time, problem=TOO_LARGE)
    elif info.filename.lower().endswith(".zip"):
        yield from _members(name, time, io.BytesIO(data), depth - 1)
    else:
        yield Submission(name, time, data)


def _packed(info, otherwise):
    """Return the time that an archive tells of a file, `otherwise` if it tells none."""
    try:
        return clock.mktime((*info.date_time, 0, 0, -1)) if info.date_time[0] > 1980 else otherwise
    except (ValueError, OverflowError):
        return otherwise


def _is_wanted(filename, depth):
    suffixes = (".ipynb", ".zip") if depth else (".ipynb",)
    return filename.lower().endswith(suffixes) and not _is_ignored(filename)


def _inside(filename):
    return "/".join(p for p in PurePosixPath(filename.replace("\\", "/")).parts if p not in "/..")
