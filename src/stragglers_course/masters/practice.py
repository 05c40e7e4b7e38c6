"""What everybody may have of a set: what it asks, and a notebook to practise with.

The book's page "Problem sets" shows both. The numbers of a practice notebook follow from a handout
key that is open; no course has them.
"""

import json
import re
from dataclasses import dataclass

from ..notebooks import reading
from ..sets import problem_set
from .release import ReleaseError, leaks, student_notebook

KEY = "practice"
HOW = """Run the cells from top to bottom, and answer in the cells that say so. `parameters("q1")` \
gives your numbers for a question. `check("q1", q1)` says at once whether an answer is right and \
names the mistake if it knows it, as often as you like. Numbers count as right within 0.1 %, \
curves within 2 %, unless the question says otherwise: do not round. Another name in `student` \
gives other numbers.

Nothing is handed in, and nothing leaves this notebook. A reason in words is for you: *Are the \
numbers there? Does it say why? Does it name the trade-off?*"""
END = """## How far you are

`progress()` lists what is done. Write another name, and begin anew."""
HEADING = re.compile(r"## (q\d+)\. (.+) \((\d+) points?, (\d+) minutes\)")


@dataclass(frozen=True)
class Outline:
    """What a set asks: title, goals, chapters, and (name, title, points, minutes) a question."""

    title: str
    goals: tuple
    chapters: tuple
    questions: tuple

    @property
    def points(self):
        """The points of all questions."""
        return sum(points for _, _, points, _ in self.questions)

    @property
    def minutes(self):
        """The estimated time of all questions."""
        return sum(minutes for _, _, _, minutes in self.questions)


def outline(name, master):
    """Return the Outline of the set `name` from its module and its master notebook (a dict)."""
    asked = problem_set(name)
    texts = {cell.get("id"): reading.source(cell) for cell in master["cells"]}
    goals = tuple(line[2:] for line in texts["title"].splitlines() if line.startswith("- "))
    questions = []
    for question in asked.QUESTIONS.values():
        found = HEADING.match(texts[f"{question.name}-text"])
        questions.append((question.name, found[2], question.points, int(found[4])))
    return Outline(asked.TITLE, goals, asked.CHAPTERS, tuple(questions))


def practice_notebook(name, master, install):
    """Return the notebook of the set `name` that everybody may have, as a dict.

    `install` is the source of a first cell. Raises ReleaseError if it held anything secret.
    """
    notebook = student_notebook(master, KEY)
    cells = [cell for cell in notebook["cells"] if cell["id"] != "submit"]
    for cell in cells:
        cell["source"] = {"how": HOW, "end": END}.get(cell["id"], cell["source"])
        if cell["id"] == "start":
            _, *rest = cell["source"].split("\n")
            cell["source"] = "\n".join(['student = "me"  # any name', *rest])
    first = {"cell_type": "code", "id": "install", "metadata": {}, "source": install}
    notebook["cells"] = [{**first, "execution_count": None, "outputs": []}, *cells]
    if found := leaks(json.dumps(notebook, ensure_ascii=False), master, name):
        raise ReleaseError(f"the practice notebook would show {'; '.join(found)}")
    return notebook
