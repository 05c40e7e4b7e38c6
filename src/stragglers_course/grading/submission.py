"""Grading one submission: read it, run it apart, judge what came out."""

import json
import threading
from dataclasses import asdict, dataclass, field
from functools import cached_property

import numpy as np

from ..notebooks import reading
from ..questions import hidden_cells, personal_numbers
from ..questions.decisions import Decision
from ..questions.functions import Function
from ..questions.plain_data import told
from ..questions.verdicts import UNANSWERED, Verdict, judge
from ..sandbox import run as sandbox
from ..sets import problem_set

CELLS, CODE = 500, 20_000  # as much of a submission's code as is kept for comparison
RECORDED = 8_000_000  # characters of recorded answers
FOREIGN = (
    "the notebook was handed out with another salt, with other numbers (--same-for-all), or to"
    " practise: its numbers are not those of this course."
)


@dataclass(frozen=True)
class Course:
    """What the grader knows: the set, the salt, the master notebook, whether all get the same.

    Submissions that run are ended without a result when `stop` is set.
    """

    set: str
    salt: str
    master: dict = field(repr=False, default_factory=dict)
    same: bool = False
    limits: dict = field(default_factory=lambda: dict(sandbox.LIMITS))
    stop: threading.Event = field(repr=False, default_factory=threading.Event)

    @cached_property
    def hidden(self):
        """What the hidden cells of the master give."""
        return hidden_cells.collect(self.master)

    @cached_property
    def questions(self):
        """All questions by name, the hidden ones last."""
        return {**problem_set(self.set).QUESTIONS, **self.hidden.questions}

    @property
    def handout(self):
        """The handout key of the notebooks that this course has released."""
        return personal_numbers.handout_key(self.salt, self.set, self.same)

    def parameters(self, question, student):
        """Return the Parameters of one question for a student."""
        return personal_numbers.parameters(
            self.questions[question], self.handout, self.set, student
        )

    def calls(self, name, student):
        """Return the argument lists for one question: open, hidden by salt, hidden by master."""
        rng = np.random.default_rng(
            personal_numbers.hidden_seed(self.salt, self.set, name, student)
        )
        found = self.questions[name].requests(self.parameters(name, student), rng)
        return found + (self.hidden.calls.get(name, []) if found else [])

    def brief(self, student):
        """Return what the student's process is told: parameters and argument lists, no key."""
        return {
            "parameters": {name: self.parameters(name, student) for name in self.questions},
            "calls": {name: self.calls(name, student) for name in self.questions},
        }


def grade(submission, course):
    """Return the result for a reading.Submission as a dict of plain data; never raises for it."""
    result = {"file": submission.name, "time": submission.time, "student": "", "notes": []}
    result |= {"usable": False, "doubts": []}  # until the file turns out to be of this set
    try:
        if submission.problem:
            raise reading.UnreadableSubmission(submission.problem)
        return _graded(result, reading.notebook(submission.data), course)
    except sandbox.Stopped:
        raise
    except reading.UnreadableSubmission as error:
        problem = str(error)
    except Exception as error:  # a way to be bad that nobody thought of must not stop the others
        problem = f"the grader could not read it ({told(error)}); show this to your instructor."
    verdicts = {n: Verdict("unreadable", message=problem) for n in course.questions}
    return _marked({**result, "notes": [problem]}, verdicts, course)


def _graded(result, notebook, course):
    cells = reading.code_cells(notebook)
    work = reading.handed_in(notebook)
    named = str(work.get("student") or "")[:200]
    run = sandbox.run(cells, lambda name: course.brief(named or name), course.limits, course.stop)
    student = named or run.student
    name = work["set"] if isinstance(work.get("set"), str) else run.set
    if name and name != course.set:
        result["notes"].append(f"this is the set {name!r:.40}; {course.set!r} was to be handed in.")
        verdicts = dict.fromkeys(course.questions, UNANSWERED)
        return _marked({**result, "student": student}, verdicts, course, cells)
    result["usable"] = True
    handout = str(work.get("handout") or run.handout)
    if handout and handout != course.handout:
        result["doubts"].append(FOREIGN)
    result["notes"] += [f"{_cell(cells, n)}: {error}" for n, error in sorted(run.errors.items())]
    answers = _merge(work.get("answers"), run.answers, course)
    verdicts = {n: _judge(n, answers.get(n), student, course) for n in course.questions}
    return _marked({**result, "student": student}, verdicts, course, cells, answers)


def _cell(cells, number):
    """Return how a note names a cell: by its number and how it begins."""
    source = cells[number].strip() if number < len(cells) else ""
    first = source.split("\n")[0]
    return f"code cell {number + 1} ({first[:40]}{'…' if first[:40] != source else ''})"


def _merge(recorded, computed, course):
    """Return the answers: as they were checked where that was recorded, else as they came out.

    Functions always come from the run, since only there were they called.
    """
    kept = recorded if isinstance(recorded, dict) else {}
    if len(json.dumps(kept)) > RECORDED:
        kept = {}  # `submit` writes less; what the cells give counts
    fixed = {n: a for n, a in kept.items() if not isinstance(course.questions.get(n), Function)}
    return {**computed, **{name: answer for name, answer in fixed.items() if answer is not None}}


def _judge(name, answer, student, course):
    question = course.questions[name]
    if isinstance(question, Function) and isinstance(answer, dict):
        calls = course.calls(name, student)
        outcomes = answer.get("outcomes")
        outcomes = outcomes if isinstance(outcomes, list) else []
        outcomes = [o if isinstance(o, dict) else {} for o in outcomes[: len(calls)]]
        missing = [{"error": "not called"}] * (len(calls) - len(outcomes))
        function = {k: v for k, v in answer.items() if k in ("function", "empty", "unsupported")}
        pairs = (
            list(zip(calls, outcomes + missing, strict=True)) if function.get("function") else []
        )
        answer = {**function, "calls": pairs} if pairs else function
    return judge(question, answer, course.parameters(name, student))


def _marked(result, verdicts, course, cells=(), answers=None):
    """Return the result with its marks: one dict a question, the points, code and answers."""
    marks, answers = {}, answers or {}
    for name, verdict in verdicts.items():
        question, answer = course.questions[name], answers.get(name)
        points = round(verdict.share * question.points, 2)
        marks[name] = {**asdict(verdict), "points": points, "of": question.points}
        if isinstance(question, Decision) and isinstance(answer, dict):
            marks[name]["text"] = str(answer.get("why") or "")
    return {
        **result,
        "questions": marks,
        "points": round(sum(m["points"] for m in marks.values()), 2),
        "of": sum(m["of"] for m in marks.values()),
        "answers": {name: answers[name] for name in marks if name in answers},
        "code": [cell[:CODE] for cell in cells[:CELLS]],
    }
