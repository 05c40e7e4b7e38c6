"""Take an exported set through otter-grader and nbgrader once: `python -m tools.exports otter`.

Makes a virtual environment with the grader in a temporary folder, exports the set "race", makes
the student's version with the grader's own command, lets it grade a solved, a half-solved and an
unsolved notebook, and compares the points. Needs a package index; takes one to three minutes.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
STUDENTS = {
    "solved": lambda q: True,
    "half": lambda q: int(q[1:]) % 2 == 0,
    "none": lambda q: False,
}
POINTS = {"solved": 15.0, "half": 6.0, "none": 0.0}


def run(folder, *command):
    """Run a command of the virtual environment beside `folder`; raise if it fails."""
    binaries = folder.parent / "venv" / "bin"
    environment = os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def prepare(folder, extra):
    """Install the package with the extra, and export the set into `folder`."""
    subprocess.run([sys.executable, "-m", "venv", folder.parent / "venv"], check=True)
    run(folder, "pip", "install", "--quiet", f"{ROOT}[{extra}]", "ipykernel")
    options = ["--masters", str(ROOT / "coursework"), "--salt", str(folder / "salt.txt")]
    run(folder, "stragglers-course", "export", "race", extra, "--to", ".", *options)


def submissions(released, source):
    """Yield (student, notebook) for the three students."""
    solutions = {c["id"]: c["source"] for c in json.loads(source.read_text())["cells"]}
    for student, solved in STUDENTS.items():
        notebook = json.loads(released.read_text())
        answers = [c for c in solutions if c.endswith("-answer")]
        cells = [c for c in notebook["cells"] if c["cell_type"] == "code"]
        for name in answers:
            question = name.split("-")[0]
            place = next(i for i, c in enumerate(cells) if f'parameters("{question}")' in text(c))
            if solved(question):
                cells[place + 1]["source"] = solutions[name]
        yield student, json.dumps(notebook)


def text(cell):
    """Return the source of a cell."""
    return "".join(cell["source"])


def nbgrader(folder):
    """Return the points that nbgrader gives."""
    run(folder, "nbgrader", "generate_assignment", "race", "--create")
    source, released = folder / "source/race/race.ipynb", folder / "release/race/race.ipynb"
    for student, notebook in submissions(released, source):
        (folder / "submitted" / student / "race").mkdir(parents=True)
        (folder / "submitted" / student / "race" / "race.ipynb").write_text(notebook)
    run(folder, "nbgrader", "autograde", "race", "--create")
    run(folder, "nbgrader", "generate_feedback", "race")
    run(folder, "nbgrader", "export")
    with (folder / "grades.csv").open() as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def otter(folder):
    """Return the points that otter-grader gives."""
    run(folder, "otter", "assign", "race.ipynb", "dist")
    (archive,) = (folder / "dist/autograder").glob("*.zip")
    points = {}
    for student, notebook in submissions(folder / "dist/student/race.ipynb", folder / "race.ipynb"):
        (folder / student).mkdir()
        (folder / student / "race.ipynb").write_text(notebook)
        run(folder, "otter", "run", "-a", str(archive), "-o", student, f"{student}/race.ipynb")
        results = json.loads((folder / student / "results.json").read_text())
        points[student] = sum(test.get("score", 0) for test in results["tests"])
    return points


def main(extra):
    """Take the way through once; raise unless the points are right."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "course"
        folder.mkdir()
        prepare(folder, extra)
        points = {"nbgrader": nbgrader, "otter": otter}[extra](folder)
    print(extra, points)
    if points != POINTS:
        raise SystemExit(f"the points should be {POINTS}")


if __name__ == "__main__":
    main(*sys.argv[1:])
