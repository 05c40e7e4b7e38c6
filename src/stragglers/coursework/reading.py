"""Reading notebooks that people hand in: whatever the format, the encoding or the file's name."""

import contextlib
import io
import json
import time as clock
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

LARGEST = 256_000_000  # bytes: room for stored figures, not for memory to run out
TOO_LARGE = f"the file is larger than {LARGEST // 10**6} MB: clear the outputs and hand in again."
PARTS = 4_000_000  # lists, dicts and commas in one file: memory is bounded by them, not by bytes
MEMBERS = 1000  # notebooks in one archive: more than a course has students
SUFFIXES = (".ipynb", ".json", ".txt")
DAMAGED = "the zip archive is damaged, or has a password."
IGNORED = ("__MACOSX", "Thumbs.db", "desktop.ini")  # and all names that begin with a dot


class UnreadableSubmission(ValueError):
    """A file that holds no notebook; the message is for the student."""


def notebook(data):
    """Return the bytes of a notebook as a dict; raise UnreadableSubmission if they hold none."""
    if len(data) > LARGEST:
        raise UnreadableSubmission(TOO_LARGE)
    if not data.strip():
        raise UnreadableSubmission("the file is empty: save the notebook and hand in again.")
    if data.count(b"{") + data.count(b"[") > PARTS / 2 or data.count(b",") > 2 * PARTS:
        raise UnreadableSubmission(TOO_LARGE)
    try:
        found = json.loads(_text(data))
        for cell in _cells(found) if isinstance(found, dict) else ():
            cell["outputs"] = cell["attachments"] = None
        found = sound(found)
    except (ValueError, RecursionError):
        raise UnreadableSubmission("the file is not a notebook: hand in the .ipynb file.") from None
    if not isinstance(found, dict) or not (_cells(found) or handed_in(found)):
        raise UnreadableSubmission("the file holds no cells: hand in the notebook itself.")
    return found


def sound(value):
    """Return JSON data with a "?" for what no file can hold, the halves of characters.

    >>> sound(["a", {"b": "\\ud800"}])
    ['a', {'b': '?'}]
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [sound(item) for item in value]
    if isinstance(value, dict):
        return {sound(name): sound(item) for name, item in value.items()}
    return value


def _text(data):
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def _cells(found):
    """Return the list of cells; notebooks of format 3 and older keep them in worksheets."""
    cells = found.get("cells")
    if not isinstance(cells, list):
        sheets = found.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        parts = [s.get("cells") for s in sheets if isinstance(s, dict)]
        cells = [c for part in parts if isinstance(part, list) for c in part]
    return [cell for cell in cells if isinstance(cell, dict)]


def source(cell):
    """Return the text of a cell, "" if it has none; format 3 calls it `input`."""
    text = cell.get("source", cell.get("input", ""))
    return "".join(map(str, text)) if isinstance(text, list) else str(text or "")


def tags(cell):
    """Return the tags of a cell, none if its metadata is gone or broken."""
    metadata = cell.get("metadata")
    found = metadata.get("tags") if isinstance(metadata, dict) else None
    return found if isinstance(found, list) else []


def code_cells(found, tag=None):
    """Return the sources of the code cells, of those with the tag if one is given."""
    return [
        source(cell)
        for cell in _cells(found)
        if cell.get("cell_type") == "code" and (tag is None or tag in tags(cell))
    ]


def handed_in(found):
    """Return what `submit` wrote into a notebook, an empty dict if it did not write it."""
    metadata = found.get("metadata")
    work = metadata.get("stragglers") if isinstance(metadata, dict) else None
    return work if isinstance(work, dict) else {}


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
