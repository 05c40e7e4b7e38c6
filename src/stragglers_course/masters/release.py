"""Releasing a set: what students get, made from the master, and nothing that they must not get."""

import ast
import copy
import json
import re
import secrets
import zipfile
from pathlib import Path

from ..notebooks import reading
from ..questions import hidden_cells, personal_numbers
from ..questions.numbers import Number
from ..sets import problem_set
from ..student.handin import slug

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
INSTRUCTOR, HANDOUT = "instructor-only", "handout-only"
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
READ_ME = """Open {name}.ipynb in JupyterLab, VS Code, Binder or Colab, with the package
`stragglers` installed. Write your id into the cell that says so, and run the cells from top to
bottom. The last cell writes the file to hand in.
"""


class ReleaseError(ValueError):
    """A master that cannot be released; the message says which cell, or what would leak."""


def read_salt(path):
    """Return the course's salt; make one, kept in the file `path`, if there is none yet."""
    path = Path(path)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(24) + "\n", encoding="utf-8")
    salt = path.read_text(encoding="utf-8").strip()
    if len(salt) < 16:
        raise ReleaseError(
            f"the salt in {path} must have 16 characters or more; it has {len(salt)}"
        )
    return salt


def read_master(path):
    """Return a master notebook as a dict; raise ReleaseError if it is not there."""
    path = Path(path)
    if not path.is_file():
        raise ReleaseError(
            f"there is no master {path}. The masters are in the folder coursework of a checkout"
            " of the book: go there, or name that folder with --masters"
        )
    return reading.notebook(path.read_bytes())


def split(text, where="a cell"):
    """Return (what students see, the solution's lines) of a cell's source.

    Raises ReleaseError if the marks of the solution are not balanced.
    """
    public, solution, inside = [], [], False
    for line in text.split("\n"):
        mark = line.strip()
        if mark in (BEGIN, END):
            if inside == (mark == BEGIN):
                raise ReleaseError(f"{where}: {mark} where it must not be")
            inside = not inside
            if inside and line != line.lstrip():
                public.append(line[: -len(mark)] + "...  # your answer")
        else:
            (solution if inside else public).append(line)
    if inside:
        raise ReleaseError(f"{where}: {BEGIN} without {END}")
    return "\n".join(public), solution


def student_notebook(master, handout, student="", install=""):
    """Return the notebook that students get: no solution, no hidden cell, no output, no tag.

    The handout key is written into the cell that calls `start`. `student` fills in an id, and
    `install` makes a first cell that installs the package, for Colab.
    """
    cells = [_cell("code", "install", f"%pip install -q {install}")] if install else []
    for cell in master["cells"]:
        tags = reading.tags(cell)
        if hidden_cells.TAG in tags or INSTRUCTOR in tags:
            continue
        kind = "code" if HANDOUT in tags else cell["cell_type"]
        text, _ = split(reading.source(cell), cell.get("id", "a cell"))
        cells.append(_cell(kind, cell.get("id", f"cell-{len(cells)}"), text))
    starts = [cell for cell in cells if 'handout=""' in cell["source"]]
    if len(starts) != 1:
        raise ReleaseError(f'one cell must hold handout="", {len(starts)} do')
    start = starts[0]["source"].replace('handout=""', f'handout="{handout}"')
    start = start.replace('student = ""', f"student = {json.dumps(student, ensure_ascii=False)}")
    starts[0]["source"] = _with_more(start, later(master), handout)
    return {"cells": cells, "metadata": copy.deepcopy(KERNEL), "nbformat": 4, "nbformat_minor": 5}


def later(master):
    """Return {name: (points, cases)} of the hidden questions.

    Raises ReleaseError if a case is not made of plain numbers, words, lists and tuples.
    """
    found = {}
    for name, question in hidden_cells.collect(master).questions.items():
        found[name] = (question.points, list(question.cases))
        try:
            same = ast.literal_eval(repr(found[name])) == found[name]
        except (ValueError, SyntaxError):
            same = False
        if not same:
            raise ReleaseError(f"{name}: cases must be plain numbers and words, for a notebook")
    return found


def _with_more(start, more, handout):
    """Return the cell that calls `start` with the cases of hidden questions before the call."""
    if not more:
        return start
    lines = start.replace(f'handout="{handout}"', f'handout="{handout}", more=more').split("\n")
    lines.insert(1, f"more = {more}  # your numbers for what is judged later are from these")
    return "\n".join(lines)


def _cell(kind, name, text):
    cell = {"cell_type": kind, "id": name, "metadata": {}, "source": text}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def leaks(text, master, name, salt=""):
    """Return what of the secrets stands in `text`, as a list of sentences; it should be empty.

    Secret are the solution's lines, the hidden and the instructor's cells, the salt if there is
    one, the marks and tags themselves, and the keys of the numbers of an example, of "me" and of
    the instructor.
    """
    found = [f"the {what}" for what, mark in _marks(salt).items() if mark in text]
    public, secret = set(), set()
    for cell in master["cells"]:
        shown, solution = split(reading.source(cell), cell.get("id", "a cell"))
        apart = {hidden_cells.TAG, INSTRUCTOR} & set(reading.tags(cell))
        secret.update(shown.split("\n") if apart else solution)
        public.update([] if apart else (line.strip() for line in shown.split("\n")))
    lines = {line.strip() for line in secret}
    plain = json.dumps(text, ensure_ascii=False)[1:-1] + text
    for line in sorted(lines - public):
        if len(line) > 11 and not line.startswith("#"):
            written = json.dumps(line, ensure_ascii=False)[1:-1]
            found += [f"the line {line!r}"] * (line in plain or written in plain)
    return found + [f"the key of {q}" for q in _keys(text, master, name)]


def _marks(salt):
    marks = {"solution's mark": BEGIN, "end of a solution": END} | ({"salt": salt} if salt else {})
    return marks | {f"tag {tag}": f'"{tag}"' for tag in (hidden_cells.TAG, INSTRUCTOR, HANDOUT)}


def _keys(text, master, name):
    handout = "".join(re.findall(r'handout=\\?"([\w-]*)', text)[:1])
    asked = problem_set(name).QUESTIONS | hidden_cells.collect(master).questions
    for question in asked.values():
        if not isinstance(question, Number):
            continue
        for student in ("", "me", "instructor"):
            key = question.key(personal_numbers.parameters(question, handout, name, student))
            if key % 1 and f"{float(key):.6g}" in text:
                yield question.name


def release(name, masters, to, salt, same=False, install="", roster=()):
    """Write what students get and, apart from it, the solutions; return the paths written.

    Below `to`/`name`: for-students/ (the notebook, a zip for an LMS and, for each id of the
    roster, a notebook with the id filled in) and for-instructor/. Raises ReleaseError, and writes
    nothing, if anything secret would be handed out.
    """
    master = read_master(Path(masters) / f"{name}.ipynb")
    handout = personal_numbers.handout_key(salt, name, same)
    files = {f"for-students/{name}.ipynb": student_notebook(master, handout, install=install)}
    for student in roster:
        notebook = student_notebook(master, handout, student, install)
        files[f"for-students/personal/{slug(student)}/{name}.ipynb"] = notebook
    texts = {path: json.dumps(nb, ensure_ascii=False, indent=1) for path, nb in files.items()}
    for path, text in texts.items():
        bad = leaks(text, master, name, salt)
        bad += ["an output"] * any(cell.get("outputs") for cell in files[path]["cells"])
        if bad:
            raise ReleaseError(f"{path} would hand out {'; '.join(bad)}")
    texts[f"for-instructor/{name}-solutions.ipynb"] = json.dumps(master, ensure_ascii=False)
    folder, paths = Path(to) / name, []
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text + "\n", encoding="utf-8")
        paths.append(folder / path)
    paths.append(_zip(folder / f"for-students/{name}.zip", name, texts))
    return paths


def _zip(path, name, texts):
    members = {f"{name}.ipynb": texts[f"for-students/{name}.ipynb"] + "\n"}
    members["README.txt"] = READ_ME.format(name=name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in members.items():
            archive.writestr(zipfile.ZipInfo(member), text)  # no date: the same zip every time
    return path
