"""The laws of worker times that scipy.stats lacks, with the methods of a frozen scipy.stats law.

A finite law keeps both P(X <= atom) and P(X > atom), so that neither tail is found by subtraction.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


def finite_mean(atoms, above):
    """Return the mean of the law on sorted atoms with P(X > atom) = above."""
    return float(atoms[0] + np.diff(atoms) @ above[:-1])


def finite_variance(atoms, below, above):
    """Return the variance by Hoeffding's identity, Var X = 2 ∫∫_{s<t} P(X<=s) P(X>t) ds dt.

    Every term is positive: no cancellation, never below 0.
    """
    gaps = np.diff(atoms)
    lower, upper = gaps * below[:-1], gaps * above[:-1]
    return float(upper @ (2 * np.cumsum(lower) - lower))


class FiniteLaw:
    """A law on finitely many times: `atoms` increase, P(X <= atom) = `below` = 1 - `above`."""

    def mean(self):
        return finite_mean(self.atoms, self.above)

    def var(self):
        return finite_variance(self.atoms, self.below, self.above)

    def std(self):
        return float(np.sqrt(self.var()))

    def cdf(self, x):
        return self._step(0.0, self.below, x)

    def sf(self, x):
        return self._step(1.0, self.above, x)

    def _step(self, before, values, x):
        last = np.searchsorted(self.atoms, x, side="right")
        return np.where(np.isnan(x), np.nan, np.append(before, values)[last])[()]

    def ppf(self, q):
        return self._pick(np.searchsorted(self.below, q), q)

    def isf(self, q):
        return self._pick(np.searchsorted(-self.above, np.negative(q)), q)

    def _pick(self, index, q):
        atom = self.atoms[np.minimum(index, len(self.atoms) - 1)]
        return np.where((np.asarray(q) >= 0) & (np.asarray(q) <= 1), atom, np.nan)[()]

    def median(self):
        return float(self.ppf(0.5))

    def support(self):
        return float(self.atoms[0]), float(self.atoms[-1])

    def rvs(self, size=None, random_state=None):
        u = np.random.default_rng(random_state).random(size)
        return self.atoms[np.searchsorted(self.below[:-1], u, side="right")]


@dataclass(frozen=True, repr=False)
class Deterministic(FiniteLaw):
    """Always the time c."""

    c: float
    below, above = np.array([1.0]), np.array([0.0])

    @cached_property
    def atoms(self):
        return np.array([self.c])

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

    def __repr__(self):
        return f"two_point(usual={self.usual}, slow={self.slow}, probability={self.probability})"


@dataclass(frozen=True, repr=False)
class Trace(FiniteLaw):
    """Measured times, each as likely as the others, drawn with replacement."""

    times: tuple

    @cached_property
    def atoms(self):
        return np.unique(self.times)

    @cached_property
    def _counts(self):
        return np.cumsum(np.unique(self.times, return_counts=True)[1])

    @cached_property
    def below(self):
        return self._counts / len(self.times)

    @cached_property
    def above(self):
        return (len(self.times) - self._counts) / len(self.times)

    @cached_property
    def _array(self):
        return np.array(self.times)

    def rvs(self, size=None, random_state=None):
        rng = np.random.default_rng(random_state)
        return self._array[rng.integers(len(self.times), size=size)]

    def __repr__(self):
        if len(self.times) <= 8:
            return f"trace({list(self.times)})"
        return f"trace(<{len(self.times)} times from {self.atoms[0]} to {self.atoms[-1]}>)"


@dataclass(frozen=True, repr=False)
class Hyperexponential:
    """With probability p_i an exponential time of rate r_i: a fast mode and slow ones."""

    probabilities: tuple
    rates: tuple

    @cached_property
    def _phases(self):
        p = np.array(self.probabilities)
        return p[p > 0] / p.sum(), np.array(self.rates)[p > 0]

    def mean(self):
        p, rates = self._phases
        return float(p @ (1 / rates))

    def var(self):
        p, rates = self._phases
        return float(p @ (1 / rates**2 + (1 / rates - self.mean()) ** 2))

    def std(self):
        return float(np.sqrt(self.var()))

    def _mix(self, terms, x, outside):
        x = np.asarray(x, float)
        p, rates = self._phases
        values = terms(p, rates, np.maximum(x, 0)[..., None])
        return np.where(x < 0, outside, values.sum(-1))[()]

    def pdf(self, x):
        return self._mix(lambda p, r, t: p * r * np.exp(-r * t), x, 0.0)

    def cdf(self, x):
        return self._mix(lambda p, r, t: -p * np.expm1(-r * t), x, 0.0)

    def sf(self, x):
        return self._mix(lambda p, r, t: p * np.exp(-r * t), x, 1.0)

    def ppf(self, q):
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._solve(np.log1p(-np.asarray(q, float)))

    def isf(self, q):
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._solve(np.log(np.asarray(q, float)))

    def _solve(self, log_sf):
        """Return t with log P(X > t) = log_sf, by Newton's method in all entries at once.

        log P(X > t) is convex and falls, so Newton's steps from the left never overshoot. The
        start is left of the root: S(t) >= p_i exp(-r_i t) for each phase, and S >= its tangent.
        """
        p, rates = self._phases
        starts = (np.log(p) - log_sf[..., None]) / rates
        t = np.maximum(starts.max(-1), -log_sf / (p @ rates))
        inside = np.isfinite(t) & (log_sf <= 0)
        t = np.where(inside, t, 0.0)
        for _ in range(100):
            step = np.where(inside, self._newton_step(t, log_sf), 0.0)
            t = t + step
            if np.all(np.abs(step) <= 1e-8 * t):  # the error left is of the order of its square
                break
        return np.where(inside, t, np.where(log_sf == -np.inf, np.inf, np.nan))[()]

    def _newton_step(self, t, log_sf):
        p, rates = self._phases
        t, slowest = t[..., None], rates.min()
        left = p * np.exp((slowest - rates) * t)  # scaled so that it cannot underflow
        done = -(p * np.expm1(-rates * t)).sum(-1)
        far = np.log(left.sum(-1)) - slowest * t[..., 0]
        log_survival = np.where(done < 0.5, np.log1p(-np.minimum(done, 0.5)), far)
        return (log_survival - log_sf) * left.sum(-1) / (left @ rates)

    def median(self):
        return float(self.ppf(0.5))

    def support(self):
        return 0.0, np.inf

    def rvs(self, size=None, random_state=None):
        rng = np.random.default_rng(random_state)
        p, rates = self._phases
        phase = np.searchsorted(np.cumsum(p)[:-1], rng.random(size), side="right")
        return rng.standard_exponential(size) / rates[phase]

    def __repr__(self):
        p, rates = list(self.probabilities), list(self.rates)
        return f"hyperexponential(probabilities={p}, rates={rates})"
