"""The form of a theorem in the register: where it is from, and the checks of what it claims.

A check tests the claim itself, and says of which kind it is: two things are equal, one is at most
or at least another, or a sequence tends to a limit. What is compared is got in two ways that share
nothing: a formula and a simulation, or two computations.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 20_000
LIMIT = 5  # standard errors between a simulation and the truth that chance does not explain
ROUNDING = 1e-9  # what two exact computations of one number may differ by, relatively


@dataclass(frozen=True)
class Theorem:
    """A theorem: `source` says where readers find it, `checks` test what it claims."""

    source: str
    checks: Sequence


@dataclass(frozen=True)
class Finding:
    """What one check found: the kind of claim, its instance, the numbers in words, the verdict."""

    kind: str
    instance: str
    numbers: str
    holds: bool

    def __str__(self):
        return f"{self.instance[0].upper()}{self.instance[1:]}. *{self.kind}* {self.numbers}."


@dataclass(frozen=True)
class Comparison(Finding):
    """The finding of an `Equal`: an exact value beside a second one, with its standard error."""

    exact: float
    simulated: float
    standard_error: float

    @property
    def distance(self):
        """The distance of the second value from the exact one, in standard errors."""
        gap = self.simulated - self.exact
        return gap / self.standard_error if self.standard_error else 0.0


@dataclass(frozen=True)
class Equal:
    """Two numbers are equal: `exact()`, and the mean of the draws of `simulate(rng)`.

    The draws are independent and have a finite variance. Where no simulation is needed, `again()`
    is the same number by another way.
    """

    instance: str
    exact: Callable
    simulate: Callable | None = None
    again: Callable | None = None

    def test(self, rng):
        exact = float(self.exact())
        seen, error = measured(self.simulate, self.again, rng)
        if error:
            distance = (seen - exact) / error
            away = f"{round(distance, 1) + 0:+.1f} standard errors away".replace("-", "−")
            found = f"exact {exact:.6g}, {said(seen, error)}, {away}"
            holds = abs(distance) < LIMIT
        else:
            found = f"{exact:.9g} in one way, {seen:.9g} in another"
            holds = bool(np.isclose(seen, exact, rtol=ROUNDING, atol=1e-12))
        return Comparison("Equal:", self.instance, found, holds, exact, seen, error)


@dataclass(frozen=True)
class AtMost:
    """A number is at most `bound()`: `exact()`, or the mean of the draws of `simulate(rng)`."""

    instance: str
    bound: Callable
    simulate: Callable | None = None
    exact: Callable | None = None

    def test(self, rng):
        bound = float(self.bound())
        seen, error = measured(self.simulate, self.exact, rng)
        holds = bool(seen <= bound + LIMIT * error + ROUNDING * abs(bound))
        return Finding("At most:", self.instance, f"{said(seen, error)} ≤ {bound:.6g}", holds)


@dataclass(frozen=True)
class AtLeast:
    """A number is at least `bound()`: `exact()`, or the mean of the draws of `simulate(rng)`."""

    instance: str
    bound: Callable
    simulate: Callable | None = None
    exact: Callable | None = None

    def test(self, rng):
        bound = float(self.bound())
        seen, error = measured(self.simulate, self.exact, rng)
        holds = bool(seen >= bound - LIMIT * error - ROUNDING * abs(bound))
        return Finding("At least:", self.instance, f"{said(seen, error)} ≥ {bound:.6g}", holds)


@dataclass(frozen=True)
class Tends:
    """A sequence tends to `limit()`: `values()` is a dict of its values by size, which grows.

    The distances from the limit must shrink, and the last be at most `within`. A limit may be
    infinite: then the distance of a value v is 1/v.
    """

    instance: str
    limit: Callable
    values: Callable
    within: float

    def test(self, rng):
        limit, values = float(self.limit()), self.values()
        seen = np.array(list(values.values()), dtype=float)
        away = abs(seen - limit) if np.isfinite(limit) else 1 / seen
        shrinks = len(seen) > 2 and (np.diff(list(values)) > 0).all() and (np.diff(away) < 0).all()
        steps = ", ".join(f"{value:.6g} ({grouped(size)})" for size, value in values.items())
        end = f"{limit:.6g}" if np.isfinite(limit) else "infinity"
        holds = bool(shrinks and away[-1] <= self.within)
        return Finding("Tends to a limit:", self.instance, f"{steps} → {end}", holds)


def measured(simulate, compute, rng):
    """Return a number and its standard error: from draws, or computed, and then 0."""
    if (simulate is None) == (compute is None):
        raise TypeError("a check needs a simulation or a second exact value, and not both")
    if simulate is None:
        return float(compute()), 0.0
    draws = np.asarray(simulate(rng), dtype=float)
    return float(draws.mean()), float(draws.std(ddof=1) / np.sqrt(len(draws)))


def said(value, error):
    return f"simulated {value:.6g} ± {error:.2g}" if error else f"exact {value:.6g}"


def grouped(size):
    """Return a whole number as text, from five digits on in groups of three."""
    return f"{size:,}".replace(",", "\u202f") if size >= 10_000 else str(size)
