"""Reading a notebook as a dict, whatever its format and its encoding."""

import json
import re

LARGEST = 256_000_000  # bytes: room for stored figures, not for memory to run out
TOO_LARGE = f"the file is larger than {LARGEST // 10**6} MB: clear the outputs and hand in again."
PARTS = 4_000_000  # lists, dicts and commas in one file: memory is bounded by them, not by bytes


NO_NOTEBOOK = "the file is not a notebook: hand in the .ipynb file."
MERGE = re.compile(rb"^\s*\"?(<{7}|>{7}) ", re.MULTILINE)
CONFLICT = (
    "git has left a merge conflict in the file (lines with <<<<<<< and >>>>>>>): choose one side of"
    " each, save, and hand in again."
)


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
        said = CONFLICT if MERGE.search(data) else NO_NOTEBOOK
        raise UnreadableSubmission(said) from None
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


def order(found):
    """Return the numbers of the code cells in the order in which they were run.

    A cell that was not run stands after the one above it. What `submit` wrote, and notebooks
    without a trace of running, are in the order in which they stand.
    """
    counts, last = [], 0
    for cell in _cells(found):
        if cell.get("cell_type") == "code":
            count = cell.get("execution_count", cell.get("prompt_number"))
            is_count = isinstance(count, int) and not isinstance(count, bool) and count > 0
            counts.append(last := count if is_count else last)
    return sorted(range(len(counts)), key=counts.__getitem__)


def handed_in(found):
    """Return what `submit` wrote into a notebook, an empty dict if it did not write it."""
    metadata = found.get("metadata")
    work = metadata.get("stragglers") if isinstance(metadata, dict) else None
    return work if isinstance(work, dict) else {}
