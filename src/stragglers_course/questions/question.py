"""What all questions share.

Every question has `name`, `points`, `cases` (the parameters it may have, one dict each), and
`key(p)`, the right answer for Parameters p. `judge(answer, p)` takes the answer as plain data;
`wrong_answers(p)` are the wrong ones it knows by name.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from .verdicts import NOTED, UNANSWERED


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
    names = ["", *(mistake.name for mistake in mistakes)]
    values = [key, *(mistake.value(p) for mistake in mistakes)]
    if all(np.ndim(value) == 0 for value in values):
        one, two = np.triu_indices(len(values), 1)
        x, y = np.array(values, dtype=float)[[one, two]]  # all pairs at once
        with np.errstate(invalid="ignore"):
            close = np.isfinite(y) & (np.abs(x - y) <= 2.5 * rtol * np.abs(y))
        pairs = zip(one, two, (x == y) | close, strict=True)
        return not any(names[i] != names[j] for i, j, alike in pairs if alike)
    pairs = itertools.combinations(zip(names, values, strict=True), 2)
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
        """All cases are: `hidden_cells.ask` has seen to it."""
        return True
