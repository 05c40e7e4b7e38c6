"""A master for otter-grader or nbgrader, for instructors who run one of them.

Both judge in the process that ran the student's code, with the keys in it; our own grader does
not. `expect` is what their tests call.
"""

import json
from pathlib import Path

import numpy as np

from ..notebooks import reading
from ..questions import hidden_cells, personal_numbers, plain_data
from ..questions.functions import answered
from ..sets import problem_set
from .release import BEGIN, END, HANDOUT, INSTRUCTOR, KERNEL, ReleaseError, split

HIDDEN_TESTS = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")
NBGRADER = {"schema_version": 3, "locked": False, "task": False, "grade": False, "solution": False}


def expect(name, question, answer, student, handout, seed=None):
    """Raise AssertionError, with the feedback, unless the answer gets all the points.

    `seed` adds hidden inputs for a function.
    """
    asked = problem_set(name).QUESTIONS[question]
    p = personal_numbers.parameters(asked, handout, name, student)
    data = plain_data.plain(answer)
    if asked.calls_functions and callable(answer):
        rng = None if seed is None else np.random.default_rng(seed)
        data = answered(answer, asked.requests(p, rng))
    verdict = asked.judge(data, p)
    if verdict.status != "right":
        raise AssertionError(verdict.message)


def parts(master, name, handout):
    """Return the master's cells before the questions, and those of each question of the set.

    `check` cells are left out: these graders have their own. So are hidden questions, whose keys
    these graders would not keep.
    """
    known = problem_set(name).QUESTIONS
    before, questions = [], {}
    for cell in master["cells"]:
        if {hidden_cells.TAG, INSTRUCTOR, HANDOUT} & set(reading.tags(cell)):
            continue
        text = reading.source(cell).replace('handout=""', f'handout="{handout}"')
        question, _, part = cell["id"].partition("-")
        piece = {"cell_type": cell["cell_type"], "id": cell["id"], "metadata": {}, "source": text}
        if part in ("text", "numbers", "answer", "check"):
            if question in known and part != "check":
                questions.setdefault(question, []).append(piece)
        elif not questions:
            piece["source"], _ = split(text, cell["id"])
            before.append(piece)  # what follows the questions is how to hand in: their affair
    if not questions:
        raise ReleaseError("the master has no cells with ids like q1-answer")
    return before, questions


def _test(name, question, handout, seed=None):
    extra = "" if seed is None else f", seed={seed}"
    return f'expect("{name}", "{question}", {question}, student, "{handout}"{extra})'


def _seed(handout):
    return int(handout[-8:], 16)


def nbgrader(master, name, handout, to):
    """Write source/`name`/`name`.ipynb of an nbgrader course into `to`; return the paths."""
    before, questions = parts(master, name, handout)
    cells = [*before, _code("expect", "from stragglers_course.masters.other_graders import expect")]
    for question, pieces in questions.items():
        asked = problem_set(name).QUESTIONS[question]
        for piece in pieces:
            if piece["id"].endswith("-answer"):
                piece["metadata"] = {"nbgrader": NBGRADER | _id(piece["id"]) | {"solution": True}}
            cells.append(piece)
        test = [_test(name, question, handout)]
        if asked.calls_functions:
            secret = _test(name, question, handout, _seed(handout))
            test += [HIDDEN_TESTS[0], secret, HIDDEN_TESTS[1]]
        cells.append(_code(f"{question}-test", "\n".join(test)))
        graded = {"grade": True, "locked": True, "points": asked.points}
        cells[-1]["metadata"] = {"nbgrader": NBGRADER | _id(f"{question}-test") | graded}
    config = "c = get_config()\nc.CourseDirectory.course_id = 'stragglers'\n"
    return _write(to, {f"source/{name}/{name}.ipynb": cells}, {"nbgrader_config.py": config})


def _id(name):
    return {"grade_id": name, "cell_type": "code"}


def otter(master, name, handout, to):
    """Write `name`.ipynb for `otter assign` into `to`; return the paths."""
    before, questions = parts(master, name, handout)
    cells = [_raw("config", "# ASSIGNMENT CONFIG\nexport_cell: true\ngenerate: true"), *before]
    cells.append(_code("expect", "from stragglers_course.masters.other_graders import expect"))
    for question, pieces in questions.items():
        asked = problem_set(name).QUESTIONS[question]
        begin = f"# BEGIN QUESTION\nname: {question}\npoints: {asked.points}"
        text, numbers, answer = pieces
        for mark in (BEGIN, END):
            answer["source"] = answer["source"].replace(mark, mark.replace("###", "#"))
        cells += [_raw(f"{question}-begin", begin), text]
        cells += [_raw(f"{question}-solution", "# BEGIN SOLUTION"), numbers, answer]
        cells.append(_raw(f"{question}-solved", "# END SOLUTION"))
        cells.append(_raw(f"{question}-tests", "# BEGIN TESTS"))
        cells.append(_code(f"{question}-open", _test(name, question, handout)))
        if asked.calls_functions:
            secret = "# HIDDEN\n" + _test(name, question, handout, _seed(handout))
            cells.append(_code(f"{question}-hidden", secret))
        cells.append(_raw(f"{question}-tested", "# END TESTS"))
        cells.append(_raw(f"{question}-end", "# END QUESTION"))
    return _write(to, {f"{name}.ipynb": cells}, {})


def _raw(name, text):
    return {"cell_type": "raw", "id": name, "metadata": {}, "source": text}


def _code(name, text):
    return {"cell_type": "code", "id": name, "metadata": {}, "source": text}


def _write(to, notebooks, texts):
    for path, cells in notebooks.items():
        for cell in cells:
            if cell["cell_type"] == "code":
                cell.update(execution_count=None, outputs=[])
        notebook = {"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
        texts[path] = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    for path, text in texts.items():
        (Path(to) / path).parent.mkdir(parents=True, exist_ok=True)
        (Path(to) / path).write_text(text, encoding="utf-8")
    return [Path(to) / path for path in texts]


WRITERS = {"otter": otter, "nbgrader": nbgrader}
