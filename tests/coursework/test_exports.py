"""The form of the exports; `python -m tools.exports` takes them through the real graders."""

import json

import nbformat
import pytest

from stragglers.coursework import exports, release, start
from stragglers.coursework.sets import NAMES, problem_set

from .works import master


def sources(path):
    notebook = json.loads(path.read_text())
    nbformat.validate(nbformat.from_dict(notebook))
    return {cell["id"]: cell for cell in notebook["cells"]}


@pytest.mark.parametrize("name", NAMES)
def test_nbgrader_gets_solution_cells_and_graded_cells_with_points(name, tmp_path):
    _, path = exports.nbgrader(master(name), name, "0123456789abcdef", tmp_path)
    cells = sources(path)
    for question in problem_set(name).QUESTIONS.values():
        answer = cells[f"{question.name}-answer"]
        assert answer["metadata"]["nbgrader"]["solution"]
        assert "### BEGIN SOLUTION" in answer["source"]
        test = cells[f"{question.name}-test"]
        assert test["metadata"]["nbgrader"]["points"] == question.points
        assert ("BEGIN HIDDEN TESTS" in test["source"]) == question.calls_functions
    assert not any("check(" in c["source"] for c in cells.values() if c["id"].endswith("-check"))


@pytest.mark.parametrize("name", NAMES)
def test_otter_gets_balanced_questions_with_points(name, tmp_path):
    (path,) = exports.otter(master(name), name, "0123456789abcdef", tmp_path)
    raw = [c["source"] for c in sources(path).values() if c["cell_type"] == "raw"]
    questions = problem_set(name).QUESTIONS
    for mark in ("QUESTION", "SOLUTION", "TESTS"):
        begun = sum(text.startswith(f"# BEGIN {mark}") for text in raw)
        assert begun == raw.count(f"# END {mark}") == len(questions)
    points = [text.split("points: ")[1] for text in raw if "points: " in text]
    assert points == [str(question.points) for question in questions.values()]


def test_expect_passes_the_right_answer_and_names_the_mistake(capsys):
    _, parameters, *_ = start("race", "ada", "key")
    p = parameters("q1")
    exports.expect("race", "q1", 1 - (1 - p.slow) ** p.n, "ada", "key")
    with pytest.raises(AssertionError, match="only bounds the probability"):
        exports.expect("race", "q1", p.n * p.slow, "ada", "key")
    with pytest.raises(AssertionError, match="not answered yet"):
        exports.expect("race", "q4", None, "ada", "key", seed=1)


def test_a_master_without_questions_cannot_be_exported():
    with pytest.raises(release.ReleaseError, match="no cells with ids like q1-answer"):
        exports.parts({"cells": []}, "key")
