"""What the tests of the coursework share: a salt, masters, and students' notebooks made of them."""

import json

import numpy as np

from stragglers_course.masters import release
from stragglers_course.notebooks import reading
from stragglers_course.questions import Decision, OwnTable, personal_numbers
from stragglers_course.questions.figures import Figure, drawn
from stragglers_course.questions.functions import Function, Simulation, answered
from stragglers_course.questions.plain_data import plain
from stragglers_course.sets import NAMES, problem_set
from tests.conftest import ROOT

SALT = "a salt for tests, not for a course"
MASTERS = ROOT / "coursework"
QUESTIONS = [(name, q) for name in NAMES for q in problem_set(name).QUESTIONS.values()]
IDS = [f"{name}-{q.name}" for name, q in QUESTIONS]


def master(name):
    return release.read_master(MASTERS / f"{name}.ipynb")


def student_notebook(name, student="", solved=lambda question: True):
    """Return the released notebook with the master's answers to the `solved` questions."""
    source = master(name)
    solutions = {cell["id"]: reading.source(cell) for cell in source["cells"]}
    notebook = release.student_notebook(source, personal_numbers.handout_key(SALT, name), student)
    for cell in notebook["cells"]:
        question, _, part = cell["id"].partition("-")
        if part == "answer" and solved(question):
            cell["source"] = solutions[cell["id"]]
    return notebook


def dump(notebook):
    return json.dumps(notebook, ensure_ascii=False).encode()


def data(question, answer, p, seed=None):
    """Return a live answer as the plain data that is judged."""
    if isinstance(question, Function) and callable(answer):
        rng = None if seed is None else np.random.default_rng(seed)
        return answered(answer, question.requests(p, rng))
    return answer if isinstance(question, Figure) else plain(answer)


def reference(question, p):
    """Return the right answer to a question."""
    if isinstance(question, Simulation):
        return lambda m, rate, rounds, seed: (
            np.random.default_rng(seed).exponential(1 / rate, (rounds, m)).max(axis=1)
        )
    if isinstance(question, Function):
        return question.key
    if isinstance(question, Figure):
        return drawn(question.key(p))
    if isinstance(question, OwnTable):
        told = dict(question.key(p), why="word " * question.words)
        return {**told, "times": question.example(p).tolist()}
    if isinstance(question, Decision):
        return dict(question.key(p), why="word " * question.words)
    return question.key(p)


def own_lines(notebook):
    """Return the lines that only the instructor has: solutions, hidden cells, their own cells."""
    public, secret = set(), set()
    for cell in notebook["cells"]:
        shown, solution = release.split(reading.source(cell))
        apart = {"hidden-test", "instructor-only"} & set(reading.tags(cell))
        secret.update(line.strip() for line in (shown.split("\n") if apart else solution))
        public.update(() if apart else (line.strip() for line in shown.split("\n")))
    return {
        line for line in secret - public if len(line) > 11 and not line.startswith(("#", "from "))
    }
