"""Reading notebooks that people hand in: whatever the format, the encoding or the file's name."""

import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

LARGEST = 256_000_000  # bytes: room for stored figures, not for memory to run out
SUFFIXES = (".ipynb", ".json", ".txt")
IGNORED = ("__MACOSX", ".ipynb_checkpoints")


class UnreadableSubmission(ValueError):
    """A file that holds no notebook; the message is for the student."""


def notebook(data):
    """Return the bytes of a notebook as a dict; raise UnreadableSubmission if they hold none."""
    if len(data) > LARGEST:
        raise UnreadableSubmission(
            f"the file is larger than {LARGEST // 10**6} MB: clear the outputs and hand in again."
        )
    if not data.strip():
        raise UnreadableSubmission("the file is empty: save the notebook and hand in again.")
    try:
        found = json.loads(_text(data))
    except (ValueError, RecursionError):
        raise UnreadableSubmission("the file is not a notebook: hand in the .ipynb file.") from None
    if not isinstance(found, dict) or not (_cells(found) or handed_in(found)):
        raise UnreadableSubmission("the file holds no cells: hand in the notebook itself.")
    return found


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
        cells = [c for s in sheets if isinstance(s, dict) for c in s.get("cells") or []]
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
    for path in sorted(Path(folder).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.is_symlink() or _is_ignored(name):
            continue
        time = path.stat().st_mtime
        if path.stat().st_size > LARGEST:
            problem = f"the file is larger than {LARGEST // 10**6} MB: clear the outputs."
            yield Submission(name, time, problem=problem)
        elif path.suffix.lower() == ".zip":
            yield from _members(name, time, path)
        elif path.suffix.lower() in SUFFIXES:
            yield Submission(name, time, path.read_bytes())
        else:
            problem = f"a {path.suffix or 'nameless'} file is no notebook: hand in the .ipynb file."
            yield Submission(name, time, problem=problem)


def _is_ignored(name):
    return any(part in IGNORED or part.startswith("._") for part in PurePosixPath(name).parts)


def _members(name, time, path):
    members, problem = [], "the zip archive holds no notebook."
    try:
        with zipfile.ZipFile(path) as archive:
            for info in filter(_is_notebook, archive.infolist()):
                with archive.open(info) as file:
                    data = file.read(LARGEST + 1)  # one byte more is refused by `notebook`
                members.append(Submission(f"{name}/{_inside(info.filename)}", time, data))
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, zlib.error):
        problem = "the zip archive is damaged."
    yield from members or [Submission(name, time, problem=problem)]


def _is_notebook(info):
    return info.filename.lower().endswith(".ipynb") and not _is_ignored(info.filename)


def _inside(filename):
    return "/".join(p for p in PurePosixPath(filename.replace("\\", "/")).parts if p not in "/..")
