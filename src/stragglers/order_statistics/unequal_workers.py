"""X_{k:m} of independent workers with different laws: moments are integrals of the exact tail."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..laws.check import density, exponential_parameters, lower_end, upper_end
from ..laws.discrete import as_finite
from ..laws.finite import FiniteLaw, finite_mean, finite_variance
from ..laws.quantiles import both_quantiles
from ..laws.tail_index import Tail, tail
from ..laws.workers import Crew
from ..numerics import beta
from .tail_integral import tail_moments

CHUNK = 2**22  # worker times drawn at once


@dataclass(frozen=True, repr=False)
class UnequalOrderStatistic:
    """The law of X_{k:m} for unequal workers, with the methods of a frozen scipy.stats law."""

    work: tuple
    k: int

    def __repr__(self):
        return f"order_statistic({list(self.work)!r}, k={self.k})"

    @property
    def m(self):
        return len(self.work)

    @property
    def _rank(self):
        """The rank counted from the slowest, m - k + 1."""
        return self.m - self.k + 1

    @cached_property
    def _crew(self):
        return Crew(self.work)

    @cached_property
    def _minimum(self):
        """The exponential (shift, rate) of the first of workers that all are, from one shift."""
        parameters = [exponential_parameters(law) for law in self.work if self.k == 1]
        if not parameters or None in parameters or len({shift for shift, _ in parameters}) > 1:
            return None
        return parameters[0][0], math.fsum(rate for _, rate in parameters)

    def mean(self):
        return self._minimum[0] + 1 / self._minimum[1] if self._minimum else self._moments(1)[0]

    def var(self):
        return self._minimum[1] ** -2 if self._minimum else self._moments(2)[1]

    def std(self):
        return math.sqrt(self.var())

    def _moments(self, powers):
        index = self._tail().index
        if not index > powers * (1 + 1e-9):
            return (math.inf,) * powers
        laws = [as_finite(law, self.k, self.m) for law in self._crew.laws]
        if all(isinstance(law, FiniteLaw) for law in laws):
            atoms = np.unique(np.concatenate([law.atoms for law in laws]))
            below, above = self._crew.finished(self.k, atoms)
            return finite_mean(atoms, above), finite_variance(atoms, below, above)
        return tail_moments(self, laws, powers)

    def cdf(self, x):
        return self._crew.finished(self.k, x)[0]

    def sf(self, x):
        return self._crew.finished(self.k, x)[1]

    def pdf(self, x):
        """Return the density: one worker finishes now, k - 1 of the others have finished."""
        times = np.ravel(np.asarray(x, float))
        total = np.zeros(times.shape)
        for law, count in zip(self._crew.laws, self._crew.counts, strict=True):
            others = list(self.work)
            others.pop(next(i for i, other in enumerate(others) if other is law))
            total += count * density(law, times) * Crew(others).exactly(self.k - 1, times)
        return total.reshape(np.shape(x))[()]

    def ppf(self, q):
        q = np.asarray(q, float)
        return self._search(
            lambda t: np.where(q <= 0.5, self.cdf(t) >= q, self.sf(t) <= 1 - q),
            *beta.quantiles(self.k, self._rank, q),
        )

    def isf(self, q):
        q = np.asarray(q, float)
        s, u = beta.quantiles(self._rank, self.k, q)
        return self._search(lambda t: self.sf(t) <= q, u, s)

    def _search(self, is_reached, u, s):
        """Return the first time at which is_reached, by bisection.

        If all workers had one law, the answer would be its quantile at u = 1 - s. So it lies
        between the least and the greatest of the workers' own quantiles there.
        """
        bounds = [both_quantiles(law, u, s) for law in self._crew.laws]
        low, high = np.min(bounds, axis=0), np.minimum(np.max(bounds, axis=0), self.support()[1])
        for _ in range(200):  # doubles between two of one magnitude are used up after 52 halvings
            middle = np.where(np.isfinite(high), (low + high) / 2, high)
            if np.all((middle <= low) | ~(middle < high)):
                break
            reached = is_reached(middle)
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        return high[()]

    def median(self):
        return float(self.ppf(0.5))

    def support(self):
        lows, highs = zip(*((lower_end(law), upper_end(law)) for law in self.work), strict=True)
        return sorted(lows)[self.k - 1], sorted(highs)[self.k - 1]

    def rvs(self, size=None, random_state=None):
        """Draw the times of all m workers and keep the k-th smallest."""
        rng = np.random.default_rng(random_state)
        shape = () if size is None else size
        wanted = int(np.prod(shape))
        step = max(1, CHUNK // self.m)
        parts = [self._draw(min(step, wanted - done), rng) for done in range(0, wanted, step)]
        return np.concatenate(parts or [np.empty(0)]).reshape(shape)[()]

    def _draw(self, size, rng):
        times = [law.rvs(size=size, random_state=rng) for law in self.work]
        return np.partition(times, self.k - 1, axis=0)[self.k - 1]

    @cached_property
    def _tails(self):
        return [tail(law) for law in self._crew.laws]

    def _tail(self):
        """The k-th is late when the n slowest are late together: their tail indices add up."""
        indices = np.repeat([t.index for t in self._tails], self._crew.counts)
        index = sum(sorted(indices)[: self._rank])
        return Tail(min(t.reach for t in self._tails), 1 / index, index)
