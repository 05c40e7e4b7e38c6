"""Laws on finitely many times, which scipy.stats lacks.

A finite law keeps both P(X <= atom) and P(X > atom), so that neither tail is found by subtraction.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from .methods import Law


def finite_mean(atoms, above):
    """Return the mean of the law on sorted atoms with P(X > atom) = above."""
    return float(atoms[0] + np.diff(atoms) @ above[:-1])


def finite_variance(atoms, below, above):
    """Return the variance by Hoeffding's identity, Var X = 2 ∫∫_{s<t} P(X<=s) P(X>t) ds dt.

    Every term is positive: no cancellation, never below 0.
    """
    gaps, unit = np.diff(atoms), 1.0
    if len(gaps) and gaps.max() > 1e150:  # whose squares are out of range
        unit = float(gaps.max())
        gaps = gaps / unit
    lower, upper = gaps * below[:-1], gaps * above[:-1]
    return float(upper @ (2 * np.cumsum(lower) - lower)) * unit * unit


class FiniteLaw(Law):
    """A law on finitely many times: `atoms` increase, P(X <= atom) = `below` = 1 - `above`."""

    has_atoms = True

    def mean(self):
        return finite_mean(self.atoms, self.above)

    def var(self):
        return finite_variance(self.atoms, self.below, self.above)

    def cdf(self, x):
        return self._step(0.0, self.below, x)

    def sf(self, x):
        return self._step(1.0, self.above, x)

    def _step(self, before, values, x):
        last = np.searchsorted(self.atoms, x, side="right")
        return np.where(np.isnan(x), np.nan, np.append(before, values)[last])[()]

    def pmf(self, x):
        """Return P(X = x)."""
        here = np.searchsorted(self.atoms, x, side="right")
        before = np.append(0.0, self.below)
        each = np.append(0.0, np.diff(before))
        return np.where(np.isin(x, self.atoms), each[here], 0.0)[()]

    def ppf(self, q):
        return self._pick(np.searchsorted(self.below, q), q)

    def isf(self, q):
        return self._pick(np.searchsorted(-self.above, np.negative(q)), q)

    def _pick(self, index, q):
        atom = self.atoms[np.minimum(index, len(self.atoms) - 1)]
        return np.where((np.asarray(q) >= 0) & (np.asarray(q) <= 1), atom, np.nan)[()]

    def support(self):
        return float(self.atoms[0]), float(self.atoms[-1])

    def finite(self, k, m):
        return self

    def rvs(self, size=None, random_state=None):
        u = np.random.default_rng(random_state).random(size)
        return self.atoms[np.searchsorted(self.below[:-1], u, side="right")]


@dataclass(frozen=True, eq=False)
class Atoms(FiniteLaw):
    """A finite law given by its atoms and both its tails."""

    atoms: np.ndarray
    below: np.ndarray
    above: np.ndarray

    def rescaled(self, factor, shift):
        return Atoms(shift + factor * self.atoms, self.below, self.above)


@dataclass(frozen=True, repr=False)
class Deterministic(FiniteLaw):
    """Always the time c."""

    c: float
    below, above = np.array([1.0]), np.array([0.0])

    @cached_property
    def atoms(self):
        return np.array([self.c])

    @property
    def family(self):
        return "deterministic", (self.c,)

    def rescaled(self, factor, shift):
        return Deterministic(shift + factor * self.c)

    def __repr__(self):
        return f"deterministic({self.c})"


@dataclass(frozen=True, repr=False)
class TwoPoint(FiniteLaw):
    """The time `slow` with the given probability, else `usual`."""

    usual: float
    slow: float
    probability: float

    @cached_property
    def atoms(self):
        return np.array([self.usual, self.slow])

    @cached_property
    def below(self):
        return np.array([1 - self.probability, 1.0])

    @cached_property
    def above(self):
        return np.array([self.probability, 0.0])

    @property
    def family(self):
        return "two_point", (self.usual, self.slow, self.probability)

    def rescaled(self, factor, shift):
        usual, slow = shift + factor * self.usual, shift + factor * self.slow
        return TwoPoint(usual, slow, self.probability)

    def __repr__(self):
        return f"two_point(usual={self.usual}, slow={self.slow}, probability={self.probability})"


@dataclass(frozen=True, repr=False)
class Trace(FiniteLaw):
    """Measured times, each as likely as the others, drawn with replacement or without.

    Without, what m workers take together are m different ones of the times.
    """

    times: tuple
    replace: bool = True

    @cached_property
    def _unique(self):
        return np.unique(self._array, return_counts=True)

    @property
    def atoms(self):
        return self._unique[0]

    @cached_property
    def _counts(self):
        return np.cumsum(self._unique[1])

    @cached_property
    def below(self):
        return self._counts / len(self.times)

    @cached_property
    def above(self):
        return (len(self.times) - self._counts) / len(self.times)

    @cached_property
    def _array(self):
        return np.array(self.times)

    @property
    def independent(self):
        return self.replace

    def rvs(self, size=None, random_state=None):
        """Draw times; without replacement the last axis holds different ones."""
        rng = np.random.default_rng(random_state)
        if self.replace or np.ndim(size) == 0:
            return self._array[rng.integers(len(self.times), size=size)]
        self.check_enough(size[-1])
        picked = np.argpartition(rng.random((*size[:-1], len(self.times))), size[-1] - 1)
        return self._array[picked[..., : size[-1]]]

    def check_enough(self, m):
        """Refuse to draw more different times than there are."""
        if m > len(self.times):
            raise ValueError(
                f"m must be at most the number of times in a trace without replacement, "
                f"{len(self.times)}, got {m}"
            )

    def kth_of(self, k, m):
        """Return the law of the k-th smallest of m different times: a hypergeometric count."""
        self.check_enough(m)
        count = stats.hypergeom(len(self.times), self._counts, m)
        return DrawnOrderStatistic(self.atoms, count.sf(k - 1), count.cdf(k - 1), self, k, m)

    def rescaled(self, factor, shift):
        return Trace(tuple(shift + factor * time for time in self.times), self.replace)

    def __repr__(self):
        how = "" if self.replace else ", replace=False"
        if len(self.times) <= 8:
            return f"trace({list(self.times)}{how})"
        return f"trace(<{len(self.times)} times from {self.atoms[0]} to {self.atoms[-1]}>{how})"


@dataclass(frozen=True, eq=False, repr=False)
class DrawnOrderStatistic(Atoms):
    """The k-th smallest of m times drawn from a trace without replacement."""

    work: Law
    k: int
    m: int

    def __repr__(self):
        return f"order_statistic({self.work!r}, k={self.k}, m={self.m})"
