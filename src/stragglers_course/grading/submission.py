"""Grading one submission: read it, run it apart, judge what came out."""

import json
import re
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
from ..student.handin import version

CELLS, CODE = 500, 20_000  # as much of a submission's code as is kept for comparison
RECORDED = 8_000_000  # characters of recorded answers
FOREIGN = (
    "the notebook was handed out with another salt, with other numbers (--same-for-all), or to"
    " practise: its numbers are not those of this course."
)
PASTED = (
    "{}: the cells of the hand-in do not give the answers that stand in it; ask how they came about"
    " (an answer from elsewhere, or a cell that fails here)."
)
SALT_READ = "it has read the salt: it is taken out here; give the next set another one."


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
        asked = self.questions[question]
        return personal_numbers.parameters(asked, self.handout, self.set, student)

    def numbers(self, student, recorded=()):
        """Return the Parameters of all questions, by name.

        `recorded` are those that the notebook had, by name: they hold where the question has such
        a case, for another version of the package may have drawn another one.
        """
        found = {name: self.parameters(name, student) for name in self.questions}
        for name in differing(found, recorded):
            for case in self.questions[name].cases:
                if _plainly(case) == recorded[name]:
                    found[name] = personal_numbers.Parameters(case)
        return found

    def calls(self, name, student, p=None):
        """Return the argument lists for one question: open, hidden by salt, hidden by master."""
        seed = personal_numbers.hidden_seed(self.salt, self.set, name, student)
        rng = np.random.default_rng(seed)
        p = self.parameters(name, student) if p is None else p
        found = self.questions[name].requests(p, rng)
        return found + (self.hidden.calls.get(name, []) if found else [])

    def brief(self, student, recorded=()):
        """Return what the student's process is told: parameters and argument lists, no key."""
        numbers = self.numbers(student, recorded)
        calls = {name: self.calls(name, student, p) for name, p in numbers.items()}
        return {"parameters": numbers, "calls": calls}


def differing(numbers, recorded):
    """Return the names of questions for which a notebook had other numbers than these."""
    if not isinstance(recorded, dict):
        return []
    return [n for n, p in numbers.items() if n in recorded and _plainly(p) != recorded[n]]


def _plainly(case):
    return json.loads(json.dumps(case))


def grade(submission, course):
    """Return the result for a files.Submission as plain data; the salt is taken out of it."""
    result = _grade(submission, course)
    text = json.dumps(result, ensure_ascii=False)
    if course.salt in text:
        result = json.loads(text.replace(course.salt, "(the salt)"))
        result["doubts"].append(SALT_READ)
    return result


def _grade(submission, course):
    """Return the result as a dict of plain data; never raises for the submission."""
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
    return _marked({**result, "usable": False, "notes": [problem]}, verdicts, course)


def unreadable(submission, problem, course):
    """Return the result of a submission of which nothing counts, with the reason."""
    result = {"file": submission.name, "time": submission.time, "student": "", "doubts": []}
    verdicts = {n: Verdict("unreadable", message=problem) for n in course.questions}
    return _marked({**result, "usable": False, "notes": [problem]}, verdicts, course)


def _graded(result, notebook, course):
    cells, order = reading.code_cells(notebook), reading.order(notebook)
    work = reading.handed_in(notebook)
    named = str(work.get("student") or "")[:200]
    is_own = work.get("handout") == course.handout
    recorded = work.get("parameters") if is_own and isinstance(work.get("parameters"), dict) else {}
    run = sandbox.run(
        [cells[number] for number in order],
        lambda name: course.brief(named or name, recorded),
        course.limits,
        course.stop,
    )
    result["student"] = student = named or run.student
    name = work["set"] if isinstance(work.get("set"), str) else run.set
    if name and name != course.set:
        result["notes"].append(f"this is the set {name!r:.40}; {course.set!r} was to be handed in.")
        verdicts = dict.fromkeys(course.questions, UNANSWERED)
        return _marked(result, verdicts, course, cells)
    result["usable"], result["recorded"] = True, bool(work)
    handout = str(work.get("handout") or run.handout)
    if handout and handout != course.handout:
        result["doubts"].append(FOREIGN)
    errors = {order[n] if n < len(order) else n: error for n, error in run.errors.items()}
    result["notes"] += [f"{_cell(cells, n)}: {error}" for n, error in sorted(errors.items())]
    numbers = course.numbers(student, recorded)
    result["doubts"] += _of_another_version(course.numbers(student), numbers, recorded, work)
    answers = _merge(work.get("answers"), run.answers, course)
    verdicts = {n: _judge(n, answers.get(n), student, course, numbers[n]) for n in numbers}
    made = {
        n: _judge(n, run.answers.get(n), student, course, numbers[n])
        for n in (answers if work else ())
        if n in numbers and answers[n] is not run.answers.get(n)
    }
    if pasted := [n for n, verdict in made.items() if verdict.share < verdicts[n].share]:
        result["doubts"].append(PASTED.format(", ".join(pasted)))
    return _marked(result, verdicts, course, cells, answers)


def _of_another_version(own, numbers, recorded, work):
    """Yield what is to be said of a hand-in that another version of the package has made."""
    if "version" in work and work["version"] != version():
        yield f"made with version {work['version']!s:.20} of the package; {version()} grades it."
    groups = {"those of the notebook": [], "those of this version": []}
    for name in differing(own, recorded):
        kept = _plainly(numbers[name]) == recorded[name]
        groups["those of the notebook" if kept else "those of this version"].append(name)
    for whose, names in groups.items():
        if names:
            yield (
                f"{', '.join(names)}: the notebook had other numbers than this version of the"
                f" package gives; graded with {whose}."
            )


def _cell(cells, number):
    """Return how a note names a cell: by its number and how it begins."""
    source = cells[number].strip() if number < len(cells) else ""
    first = source.split("\n")[0]
    conflict = " with a merge conflict (<<<<<<<)" if re.search("^<{7} ", source, re.M) else ""
    return f"code cell {number + 1} ({first[:40]}{'…' if first[:40] != source else ''}){conflict}"


def _merge(recorded, computed, course):
    """Return the answers: as they were checked where that was recorded, else as they came out.

    Functions always come from the run, since only there were they called.
    """
    kept = recorded if isinstance(recorded, dict) else {}
    if len(json.dumps(kept)) > RECORDED:
        kept = {}  # `submit` writes less; what the cells give counts
    fixed = {n: a for n, a in kept.items() if not isinstance(course.questions.get(n), Function)}
    return {**computed, **{name: answer for name, answer in fixed.items() if answer is not None}}


def _judge(name, answer, student, course, p):
    question = course.questions[name]
    if isinstance(question, Function) and isinstance(answer, dict):
        calls = course.calls(name, student, p)
        outcomes = answer.get("outcomes")
        outcomes = outcomes if isinstance(outcomes, list) else []
        outcomes = [o if isinstance(o, dict) else {} for o in outcomes[: len(calls)]]
        missing = [{"error": "not called"}] * (len(calls) - len(outcomes))
        function = {k: v for k, v in answer.items() if k in ("function", "empty", "unsupported")}
        pairs = (
            list(zip(calls, outcomes + missing, strict=True)) if function.get("function") else []
        )
        answer = {**function, "calls": pairs} if pairs else function
    return judge(question, answer, p)


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
