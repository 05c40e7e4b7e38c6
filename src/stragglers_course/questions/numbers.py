"""Questions whose answer is one number, or a list of numbers."""

from dataclasses import dataclass

import numpy as np

from . import plain_data
from .question import Question, closest, near
from .verdicts import UNANSWERED, Unreadable, right, wrong

CLOSE, WHOLE = 0.03, 1e-8  # tolerances: of what is nearly right, of what must be a whole number
NEARLY = (
    "close, but not close enough: a rounded number, too few rounds, or an approximation in the"
    " place of the exact sum?"
)


@dataclass(frozen=True)
class Number(Question):
    """A question whose answer is one number."""

    form = "one number"

    def judge(self, answer, p):
        """Return the Verdict on plain data."""
        if answer is None:
            return UNANSWERED
        try:
            value = plain_data.number(answer)
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
            raise Unreadable(f"a list of numbers is asked for, not {plain_data.describe(answer)}.")
        return np.array([plain_data.number(x, f"entry {i}") for i, x in enumerate(answer)])
