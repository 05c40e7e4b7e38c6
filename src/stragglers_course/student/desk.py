"""The student's desk: check an answer, see the progress, write the file to hand in."""

import sys

from ..questions import hidden_cells, personal_numbers, plain_data
from ..questions.functions import Function, answered
from ..questions.plain_data import name_in, told
from ..questions.question import Later
from ..questions.verdicts import judge
from ..sets import NAMES, problem_set
from .handin import Recorder, write

MARKS = {"right": "✓", "partly": "~", "wrong": "✗", "unreadable": "✗"}  # of others: ·


def start(name, student="", handout="", more=None):
    """Return check, parameters, progress and submit, as the package's `start` says."""
    desk = Desk(name, student, handout, more)
    if not personal_numbers.normal(student):
        print("Write your id between the quotes of `student` first: your numbers depend on it.")
        print("Until then you see the numbers of an example.")
    return desk.check, desk.parameters, desk.progress, desk.submit


class Desk:
    """One student's work on one set: the answers that were checked, and how they were judged."""

    def __init__(self, name, student, handout, more=None):
        if name not in NAMES:
            raise ValueError(f"name must be one of {', '.join(NAMES)}, got {name!r}")
        self.name, self.student, self.handout = name, str(student), str(handout)
        later = {q: Later(q, points, cases) for q, (points, cases) in (more or {}).items()}
        self.given = {**problem_set(name).QUESTIONS, **later}
        self.answers, self.verdicts = {}, {}
        self.seen = {}  # what the names q1, q2, ... held when they were checked
        self.checking = False
        self.recorder = Recorder()

    @property
    def questions(self):
        """All questions by name, with those that hidden cells have asked in a master's session."""
        return {**self.given, **hidden_cells.ASKED}

    def parameters(self, question):
        """Return your numbers for a question: `p = parameters("q1")`, then `p.m`.

        Raises ValueError, with the questions there are, for any other.
        """
        name = name_in(question)
        if name not in self.questions:
            known = ", ".join(self.questions)
            raise ValueError(f"question must be one of {known}, got {question!r}")
        return personal_numbers.parameters(
            self.questions[name], self.handout, self.name, self.student
        )

    def check(self, question=None, answer=None, *others):
        """Say whether an answer is right, and name the mistake where it is known. Never raises."""
        name = name_in(question)
        if name not in self.questions or others:
            shown = repr(name[:20]) if name else plain_data.describe(plain_data.plain(question))
            said = "one answer at a time" if name in self.questions else "no question has this name"
            known = ", ".join(self.questions)
            print(f'{shown} ✗ {said}. Write check("q1", q1); there are {known}.')
            return
        if self.checking:
            return  # a function that checks itself
        self.checking = True
        try:
            verdict = self._judge(name, answer)
            print(f"{name} {MARKS.get(verdict.status, '·')} {verdict.message}  ({self._summary()})")
        except Exception as error:
            print(f"{name} ✗ this answer could not be checked ({type(error).__name__}).")
        finally:
            self.checking = False

    def _judge(self, name, answer):
        question, p = self.questions[name], self.parameters(name)
        data = plain_data.plain(answer)
        self.answers[name], self.seen[name] = data, plain_data.plain(self.recorder.value(name))
        if isinstance(question, Function) and callable(answer):
            data = answered(answer, question.requests(p))
        self.verdicts[name] = question.judge(data, p)
        return self.verdicts[name]

    def _summary(self):
        done = sum(v.status == "right" for v in self.verdicts.values())
        judged = [q for q in self.questions.values() if not isinstance(q, Later)]
        return f"{done} of {len(judged)} right"

    def progress(self):
        """Print a line for every question, and a bar for all of them."""
        for name, question in self.questions.items():
            verdict = self.verdicts.get(name)
            status = verdict.status if verdict else "not checked"
            mark = MARKS.get(verdict.status, "·") if verdict else "·"
            points = "point" if question.points == 1 else "points"
            print(f"{name} {mark} {status:<12} {question.points} {points}")
        total = sum(q.points for q in self.questions.values())
        parts = [v.share * self.questions[name].points for name, v in self.verdicts.items()]
        earned = sum(parts)
        bar = "█" * round(20 * earned / total)
        print(f"{bar:░<20} {earned:.3g} of {total} points so far, before the hidden checks")

    def submit(self, folder="."):
        """Say what is answered and what is not, and write the one file to hand in. Never raises.

        A name q1, q2, ... counts with what it holds now if that was never checked, or has changed
        since it was.
        """
        try:
            groups = {"checked": [], "new": [], "missing": []}
            for name in self.questions:
                groups[self._state(name)].append(name)
            path = write(folder, self)
        except Exception as error:
            print(f"The file could not be written: {told(error)}")
            print("Save the notebook and hand in the notebook itself; it is graded the same way.")
            return
        print(f"Answered: {', '.join(groups['checked'] + groups['new']) or 'nothing yet'}.")
        if groups["new"]:
            print(f"Not checked as they are now: {', '.join(groups['new'])}.")
        if groups["missing"]:
            print(f"Not answered: {', '.join(groups['missing'])}. Answer them and submit again.")
        if not personal_numbers.normal(self.student):
            print("Your id is missing: write it between the quotes of `student` and run all again.")
        print(f"Hand in this file: {path.name}")
        print(f"It is in the folder {path.resolve().parent}")
        if "google.colab" in sys.modules:
            print("Download it now, under Files at the left: it goes when the session ends.")

    def _state(self, name):
        """Take along what a name holds now, and return in which group `submit` names it."""
        value = self.recorder.value(name)
        data = plain_data.plain(value)
        if value is not None and data not in (self.answers.get(name), self.seen.get(name)):
            self.answers[name] = data
            if isinstance(self.questions[name], Function) and callable(value):
                return "missing" if data.get("empty") else "new"  # not called: it may take long
            self.verdicts[name] = judge(self.questions[name], data, self.parameters(name))
            return "missing" if self.verdicts[name].status == "unanswered" else "new"
        verdict = self.verdicts.get(name)
        return "missing" if verdict is None or verdict.status == "unanswered" else "checked"
