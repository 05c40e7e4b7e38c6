"""X_{k:m} of independent workers with different laws: moments are integrals of the exact tail."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..laws.families import exponential_parameters
from ..laws.finite import finite_mean, finite_variance
from ..laws.methods import Law, Tail
from ..laws.workers import Workers
from ..numerics import beta
from .finished_count import FinishedCount
from .harmonic import over_square
from .tail_integral import tail_moments

CHUNK = 2**22  # worker times drawn at once


@dataclass(frozen=True, repr=False)
class UnequalOrderStatistic(Law):
    """The law of X_{k:m} for unequal workers, with the methods of a frozen scipy.stats law."""

    workers: Workers
    k: int

    def __repr__(self):
        laws = [self.workers.laws[place] for place in self.workers.which]
        return f"order_statistic({laws!r}, k={self.k})"

    @property
    def m(self):
        return self.workers.m

    @property
    def _rank(self):
        """The rank counted from the slowest, m - k + 1."""
        return self.m - self.k + 1

    @cached_property
    def _count(self):
        return FinishedCount(self.workers)

    @cached_property
    def _minimum(self):
        """The exponential (shift, rate) of the first of workers that all are, from one shift."""
        parameters = [exponential_parameters(law) for law in self.workers.laws if self.k == 1]
        if not parameters or None in parameters or len({shift for shift, _ in parameters}) > 1:
            return None
        rates = np.repeat([rate for _, rate in parameters], self.workers.counts)
        return parameters[0][0], math.fsum(rates)

    def mean(self):
        return self._minimum[0] + 1 / self._minimum[1] if self._minimum else self._moments(1)[0]

    def var(self):
        return over_square(1.0, self._minimum[1]) if self._minimum else self._moments(2)[1]

    def _moments(self, powers):
        index = self.tail().index
        if not index > powers * (1 + 1e-9):
            return (math.inf,) * powers
        finite = [law.finite(self.k, self.m) for law in self.workers.laws]
        if None not in finite:
            atoms = np.unique(np.concatenate([law.atoms for law in finite]))
            below, above = self.sides(atoms)
            return finite_mean(atoms, above), finite_variance(atoms, below, above)
        laws = [law or other for law, other in zip(finite, self.workers.laws, strict=True)]
        return tail_moments(self, laws, self._tails, powers)

    def sides(self, x):
        return self._count.finished(self.k, x)

    def cdf(self, x):
        return self.sides(x)[0]

    def sf(self, x):
        return self.sides(x)[1]

    def pdf(self, x):
        """Return the density: one worker finishes now, k - 1 of the others have finished."""
        times = np.ravel(np.asarray(x, float))
        total = np.zeros(times.shape)
        for place, (law, count) in enumerate(self.workers.groups):
            one = np.argmax(self.workers.which == place)
            others = self.workers.some(np.delete(np.arange(self.m), one))
            others = FinishedCount(others).exactly(self.k - 1, times)
            total += count * law.density(times) * others
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
        bounds = [law.quantiles(u, s) for law in self.workers.laws]
        low, high = np.min(bounds, axis=0), np.minimum(np.max(bounds, axis=0), self.support()[1])
        for _ in range(200):  # doubles between two of one magnitude are used up after 52 halvings
            middle = np.where(np.isfinite(high), (low + high) / 2, high)
            if np.all((middle <= low) | ~(middle < high)):
                break
            reached = is_reached(middle)
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        return high[()]

    def support(self):
        ends = zip(*(law.support() for law in self.workers.laws), strict=True)
        return tuple(float(np.sort(self.workers.spread(end))[self.k - 1]) for end in ends)

    def rvs(self, size=None, random_state=None):
        """Draw the times of all m workers and keep the k-th smallest."""
        rng = np.random.default_rng(random_state)
        shape = () if size is None else size
        wanted = int(np.prod(shape))
        step = max(1, CHUNK // self.m)
        parts = [self._draw(min(step, wanted - done), rng) for done in range(0, wanted, step)]
        return np.concatenate(parts or [np.empty(0)]).reshape(shape)[()]

    def _draw(self, size, rng):
        laws = [self.workers.laws[place] for place in self.workers.which]
        times = [law.rvs(size=size, random_state=rng) for law in laws]
        return np.partition(times, self.k - 1, axis=0)[self.k - 1]

    @cached_property
    def _tails(self):
        return [law.tail() for law in self.workers.laws]

    def tail(self):
        """The k-th is late when the n slowest are late together: their tail indices add up."""
        indices = np.repeat([tail.index for tail in self._tails], self.workers.counts)
        index = sum(sorted(indices)[: self._rank])
        doubt = max(tail.doubt for tail in self._tails)
        return Tail(min(tail.reach for tail in self._tails), 1 / index, index, doubt)
