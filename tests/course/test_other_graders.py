"""The exports: their form, and their way through the real otter-grader and nbgrader."""

import csv
import itertools
import json
import os
import subprocess
import sys

import nbformat
import pytest

from stragglers_course import command, start
from stragglers_course.masters import other_graders, release
from stragglers_course.notebooks import reading
from stragglers_course.sets import NAMES, problem_set
from tests.conftest import ROOT
from tools import graders

from .works import MASTERS, SALT, master


def sources(path):
    notebook = json.loads(path.read_text())
    nbformat.validate(nbformat.from_dict(notebook))
    return {cell["id"]: cell for cell in notebook["cells"]}


@pytest.mark.parametrize("name", NAMES)
def test_nbgrader_gets_solution_cells_and_graded_cells_with_points(name, tmp_path):
    _, path = other_graders.nbgrader(master(name), name, "0123456789abcdef", tmp_path)
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
    (path,) = other_graders.otter(master(name), name, "0123456789abcdef", tmp_path)
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
    other_graders.expect("race", "q1", 1 - (1 - p.slow) ** p.n, "ada", "key")
    with pytest.raises(AssertionError, match="only bounds the probability"):
        other_graders.expect("race", "q1", p.n * p.slow, "ada", "key")
    with pytest.raises(AssertionError, match="not answered yet"):
        other_graders.expect("race", "q4", None, "ada", "key", seed=1)


def test_a_master_without_questions_cannot_be_exported():
    with pytest.raises(release.ReleaseError, match="no cells with ids like q1-answer"):
        other_graders.parts({"cells": []}, "race", "key")


# Through the real graders: a set is exported, released by their commands, answered, and graded

SOLVED = {
    "solved": lambda question: True,
    "half": lambda question: int(question[1:]) % 2 == 0,
}
POINTS = {"solved": 15.0, "half": 6.0}
GRADE = """import json, sys
from otter.api import grade_submission
archive, *notebooks = sys.argv[1:]
graded = {name: grade_submission(name, archive, quiet=True).total for name in notebooks}
json.dump(graded, open("points.json", "w"))"""


@pytest.fixture(scope="module")
def run():
    """A function that runs a command in a folder, with both graders within reach."""
    folder = graders.find()
    places = [ROOT / "src", folder], [folder / "bin", os.path.dirname(sys.executable)]
    python, programs = (os.pathsep.join(map(str, place)) for place in places)
    environment = os.environ | {"PYTHONPATH": python}
    environment["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"

    def call(place, *words):
        words = [str(word) for word in words]
        done = subprocess.run(words, cwd=place, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    return call


def exported(kind, folder):
    """Export the set "race" into `folder`, by our own command."""
    (folder / "salt.txt").write_text(SALT)
    line = ["export", "race", kind, "--to", str(folder), "--masters", str(MASTERS)]
    assert command.main([*line, "--salt", str(folder / "salt.txt")]) == 0


def answered_notebooks(released):
    """Yield (student, notebook) for the two students, from what a grader released."""
    solutions = {cell["id"]: cell["source"] for cell in master("race")["cells"]}
    for student, solved in SOLVED.items():
        notebook = json.loads(released.read_text())
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        for numbers, answer in itertools.pairwise(cells):
            asked = reading.source(numbers).removeprefix('parameters("').partition('"')[0]
            if f"{asked}-answer" in solutions and solved(asked):
                answer["source"] = solutions[f"{asked}-answer"]
        yield student, json.dumps(notebook)


def test_nbgrader_releases_and_grades_an_export(run, tmp_path):
    exported("nbgrader", tmp_path)
    run(tmp_path, "nbgrader", "generate_assignment", "race", "--create")
    released = tmp_path / "release" / "race" / "race.ipynb"
    assert "HIDDEN" not in released.read_text()
    for student, notebook in answered_notebooks(released):
        place = tmp_path / "submitted" / student / "race"
        place.mkdir(parents=True)
        (place / "race.ipynb").write_text(notebook)
    run(tmp_path, "nbgrader", "autograde", "race", "--create")
    run(tmp_path, "nbgrader", "generate_feedback", "race")
    run(tmp_path, "nbgrader", "export")
    with (tmp_path / "grades.csv").open() as file:
        assert {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)} == POINTS
    feedback = tmp_path / "feedback" / "half" / "race" / "race.html"
    assert "not answered yet" in feedback.read_text("utf-8")


def test_otter_releases_and_grades_an_export(run, tmp_path):
    exported("otter", tmp_path)
    run(tmp_path, "otter", "assign", "race.ipynb", "dist")
    released = tmp_path / "dist" / "student" / "race.ipynb"
    assert "SOLUTION" not in released.read_text()
    (archive,) = (tmp_path / "dist" / "autograder").glob("*.zip")
    for student, notebook in answered_notebooks(released):
        (tmp_path / f"{student}.ipynb").write_text(notebook)
    notebooks = [f"{student}.ipynb" for student in SOLVED]
    run(tmp_path, sys.executable, "-c", GRADE, archive, *notebooks)
    points = json.loads((tmp_path / "points.json").read_text())
    assert points == {f"{student}.ipynb": of for student, of in POINTS.items()}
