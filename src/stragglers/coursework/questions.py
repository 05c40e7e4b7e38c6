"""Questions whose answer is data: one number, a list of numbers, a decision with its numbers.

Every question has `name`, `points`, `cases` (the parameters it may have, one dict each), and
`key(p)`, the right answer for Parameters p. `judge(answer, p)` takes the answer as plain data;
`wrong_answers(p)` are the wrong ones it knows by name.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from . import plain
from .verdicts import NOTED, UNANSWERED, Mistake, Unreadable, right, wrong

CLOSE, WHOLE = 0.03, 1e-8  # tolerances: of what is nearly right, of what must be a whole number
NEARLY = (
    "close, but not close enough: a rounded number, too few rounds, or an approximation in the"
    " place of the exact sum?"
)


def near(value, target, rtol):
    """Whether value is target, or all entries are, to the relative tolerance; inf equals inf."""
    value, target = np.asarray(value, dtype=float), np.asarray(target, dtype=float)
    if value.shape != target.shape:
        return False
    with np.errstate(invalid="ignore"):
        close = np.isfinite(target) & (np.abs(value - target) <= rtol * np.abs(target))
    return bool(np.all((value == target) | close))


def separate(key, mistakes, p, rtol):
    """Whether the key and all mistakes with other names are further apart than two tolerances."""
    values = [("", key), *((mistake.name, mistake.value(p)) for mistake in mistakes)]
    pairs = itertools.combinations(values, 2)
    return not any(a != b and near(x, y, 2.5 * rtol) for (a, x), (b, y) in pairs)


def closest(value, mistakes, p, rtol):
    """Return the known mistake whose value this is, the closest one if there are several, or None.

    Mistakes are tried in order; the first within the tolerance wins among equals.
    """
    found = [m for m in mistakes if near(value, m.value(p), rtol)]
    if len(found) < 2 or np.ndim(value):
        return found[0] if found else None
    return min(found, key=lambda mistake: abs(value - mistake.value(p)))


@dataclass(frozen=True)
class Question:
    """What all questions share."""

    name: str
    points: int
    cases: tuple
    key: object
    mistakes: tuple
    rtol: float = 0.002
    noise: object = None  # p -> standard deviation of one simulated draw, relative to the key
    draws: int = 1_000_000  # as many as the text asks of a student who simulates

    calls_functions = False

    def requests(self, p, rng=None):
        """Return the argument lists that a function is to be called on; none for data."""
        return []

    def well_posed(self, p):
        """Whether the key stands clear of every known mistake, and these of each other."""
        return separate(self.key(p), self.mistakes, p, self.rtol)

    def wrong_answers(self, p):
        """Yield (name of the mistake, wrong answer) for all mistakes known by name."""
        for mistake in self.mistakes:
            yield mistake.name, mistake.value(p)


@dataclass(frozen=True)
class Number(Question):
    """A question whose answer is one number."""

    form = "one number"

    def judge(self, answer, p):
        """Return the Verdict on plain data."""
        if answer is None:
            return UNANSWERED
        try:
            value = plain.number(answer)
        except Unreadable as error:
            return wrong(str(error), "form")
        key = float(self.key(p))
        if near(value, key, self.rtol):
            return right()
        if mistake := closest(value, self.mistakes, p, self.rtol):
            return wrong(mistake.feedback, mistake.name)
        if near(-value, key, self.rtol):
            return wrong("the sign is the wrong way round.", "sign")
        if near(value, key, CLOSE) and self.rtol > WHOLE:
            return wrong(NEARLY, "close")
        return wrong("not yet right; no known mistake gives this number.")


@dataclass(frozen=True)
class Numbers(Question):
    """A question whose answer is a list (or one-dimensional array) of numbers."""

    form = "a list of numbers"

    def judge(self, answer, p):
        """Return the Verdict on plain data."""
        if answer is None:
            return UNANSWERED
        key = np.asarray(self.key(p), dtype=float)
        try:
            value = self._read(answer)
        except Unreadable as error:
            return wrong(str(error), "form")
        if near(value, key, self.rtol):
            return right()
        if mistake := closest(value, self.mistakes, p, self.rtol):
            return wrong(mistake.feedback, mistake.name)
        if len(value) != len(key):
            return wrong(f"there are {len(value)} numbers; {len(key)} are asked for.", "length")
        if near(value[::-1], key, self.rtol):
            return wrong("the numbers are right, their order is reversed.", "reversed")
        if near(value, key, CLOSE):
            return wrong(NEARLY, "close")
        good = sum(near(a, b, self.rtol) for a, b in zip(value, key, strict=True))
        return wrong(f"not yet right: {good} of {len(key)} entries are.")

    @staticmethod
    def _read(answer):
        if not isinstance(answer, list):
            raise Unreadable(f"a list of numbers is asked for, not {plain.describe(answer)}.")
        return np.array([plain.number(x, f"entry {i}") for i, x in enumerate(answer)])


@dataclass(frozen=True)
class Choice:
    """A field of a decision that is one word out of a few, with hyphens if with anything."""

    options: tuple
    mistakes: tuple = ()

    form = "one word"

    def judge(self, answer, key):
        """Return the Verdict on a word; case, and how its parts are joined, do not matter."""
        if answer is None:
            return UNANSWERED
        word = "-".join(str(answer).casefold().replace("_", " ").replace("-", " ").split())
        if word not in self.options:
            return wrong(f"write one of: {', '.join(self.options)}.", "form")
        return right() if word == key else wrong("the numbers say otherwise.", "choice")


@dataclass(frozen=True)
class Decision(Question):
    """An open question: a dict with numbers, a choice and the reason in words.

    `fields` maps a field's name to its mistakes (a tuple: the field is a number) or to a Choice;
    `key(p)` is a dict of these fields. The text in "why" is read by a person, by the rubric; only
    that it is there, and long enough, is checked.
    """

    fields: dict = None
    words: int = 25

    form = "a dict"

    def judge(self, answer, p):
        """Return the Verdict: each field, and the presence of the text, earns an equal share."""
        if answer is None:
            return UNANSWERED
        wanted = [*self.fields, "why"]
        if not isinstance(answer, dict) or not any(name in answer for name in wanted):
            return wrong(f"a dict with the fields {', '.join(wanted)} is asked for.", "form")
        verdicts = {name: self._field(name, answer.get(name), p) for name in self.fields}
        verdicts["why"] = self._why(answer.get("why"))
        if all(v.status == "unanswered" for v in verdicts.values()):
            return UNANSWERED
        share = sum(v.share for v in verdicts.values()) / len(verdicts)
        if share == 1:
            return right("the fields are right; the text is read by a person.")
        said = [f"{name}: {v.message}" for name, v in verdicts.items() if v.status != "right"]
        if unknown := [name for name in answer if name not in wanted]:
            said.append(f"There is no field {', '.join(unknown)}.")
        first = next((v.mistake for v in verdicts.values() if v.mistake), "")
        return wrong(" ".join(said), first, share)

    def with_rubric(self, share, text, marks):
        """Return the share of the points once a person has read the text.

        `marks` are the three of the rubric, 0 or 1 each; they replace what the machine gave for a
        text that is there and long enough.
        """
        judged = sum(marks) / len(marks) - self._why(text).share
        return min(1.0, max(0.0, share + judged / (len(self.fields) + 1)))

    def _field(self, name, answer, p):
        field, key = self.fields[name], self.key(p)[name]
        if isinstance(field, Choice):
            return field.judge(answer, key)
        return Number(name, 1, (), lambda p: key, field, self.rtol).judge(answer, p)

    def _why(self, text):
        words = len(str(text or "").split())
        if not words:
            return UNANSWERED
        if words < self.words:
            return wrong(f"{words} words; write at least {self.words}, with the trade-off.", "why")
        return right()

    def well_posed(self, p):
        """Whether this holds for each field that is a number."""
        key = self.key(p)
        numbers = {name: f for name, f in self.fields.items() if not isinstance(f, Choice)}
        return all(separate(key[name], f, p, self.rtol) for name, f in numbers.items())

    def wrong_answers(self, p):
        """Yield each known mistake as the right answer with one field wrong."""
        good = dict(self.key(p), why="because " * self.words)
        for name, field in self.fields.items():
            if isinstance(field, Choice):
                for word in field.options:
                    if word != good[name]:
                        yield "choice", dict(good, **{name: word})
                continue
            for mistake in field:
                yield mistake.name, dict(good, **{name: mistake.value(p)})
        yield "why", dict(good, why="It is faster.")


@dataclass(frozen=True)
class Later:
    """A question that only the grader judges, as a student's notebook knows it: without a key."""

    name: str
    points: int
    cases: tuple

    calls_functions = False

    def judge(self, answer, p):
        """Return the Verdict that the answer is noted, if there is one."""
        return UNANSWERED if answer is None else NOTED

    def well_posed(self, p):
        """All cases are: `hidden.ask` has seen to it."""
        return True


def mistakes(*rows):
    """Return rows of (name, value, feedback) as Mistakes."""
    return tuple(Mistake(*row) for row in rows)
