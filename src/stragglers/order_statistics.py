"""X_{k:m}, the k-th smallest of m worker times: closed forms first, quadrature behind them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from . import beta
from ._checks import check_count
from .beta_average import both_quantiles, moments
from .closed_forms import closed_mean, closed_variance
from .crew import Crew
from .discrete import as_finite
from .laws import FiniteLaw, finite_mean, finite_variance
from .tail_integral import tail_moments
from .tails import Tail, tail
from .unequal import UnequalOrderStatistic
from .work import check_work, density, has_slow_quantiles, lower_end, sides, upper_end


def order_statistic(work, k, m=None):
    """Return the law of the k-th smallest of m independent worker times.

    >>> from stragglers import exponential
    >>> order_statistic(exponential(rate=2), k=20, m=20).mean()
    1.798869828571841
    """
    work = check_work(work, m)
    m = len(work) if isinstance(work, list) else check_count("m", m)
    k = check_count("k", k, maximum=m)
    if isinstance(work, list):
        laws = Crew(work).laws
        return (
            OrderStatistic(laws[0], k, m)
            if len(laws) == 1
            else UnequalOrderStatistic(tuple(work), k)
        )
    return OrderStatistic(work, k, m)


@dataclass(frozen=True, repr=False)
class OrderStatistic:
    """The law of X_{k:m} for equal workers, with the methods of a frozen scipy.stats law."""

    work: Any
    k: int
    m: int

    def __repr__(self):
        return f"order_statistic({self.work!r}, k={self.k}, m={self.m})"

    @property
    def _rank(self):
        """The same rank counted from the slowest: X_{k:m} has n - 1 workers above it."""
        return self.m - self.k + 1

    def mean(self):
        mean = closed_mean(self.work, self.k, self.m)
        return self._moments(1)[0] if mean is None else mean

    def var(self):
        variance = closed_variance(self.work, self.k, self.m)
        return self._moments(2)[1] if variance is None else variance

    def std(self):
        return math.sqrt(self.var())

    def _moments(self, powers):
        law = as_finite(self.work, self.k, self.m)
        if isinstance(law, FiniteLaw):
            below, above = beta.tails(self.k, self._rank, law.below, law.above)
            return finite_mean(law.atoms, above), finite_variance(law.atoms, below, above)
        tail_of_work = tail(self.work)
        if not self._rank * tail_of_work.index > powers * (1 + 1e-9):
            return (math.inf,) * powers
        if has_slow_quantiles(self.work):
            return tail_moments(self, [self.work], self._tail().index, powers)
        centre, about = moments(self.work, tail_of_work, self.k, self.m, powers)
        return float(centre + about[0]), max(float(about[-1] - about[0] ** 2), 0.0)

    def cdf(self, x):
        return beta.tails(self.k, self._rank, *sides(self.work, x))[0]

    def sf(self, x):
        return beta.tails(self.k, self._rank, *sides(self.work, x))[1]

    def pdf(self, x):
        below, above = sides(self.work, x)
        left = stats.beta.pdf(below, self.k, self._rank)
        right = stats.beta.pdf(above, self._rank, self.k)
        weight = np.where(below < 0.5, left, right)
        return (weight * np.where(weight > 0, density(self.work, x), 0.0))[()]

    def ppf(self, q):
        return both_quantiles(self.work, *beta.quantiles(self.k, self._rank, q))

    def isf(self, q):
        s, u = beta.quantiles(self._rank, self.k, q)
        return both_quantiles(self.work, u, s)

    def median(self):
        return float(self.ppf(0.5))

    def support(self):
        return lower_end(self.work), upper_end(self.work)

    def rvs(self, size=None, random_state=None):
        """Draw X_{k:m} as a quantile at a Beta variate: the cost does not depend on m."""
        rng = np.random.default_rng(random_state)
        if self.k <= self._rank:
            u = rng.beta(self.k, self._rank, size)
            return both_quantiles(self.work, u, 1 - u)
        s = rng.beta(self._rank, self.k, size)
        return both_quantiles(self.work, 1 - s, s)

    def _tail(self):
        reach, slope, index = vars(tail(self.work)).values()
        return Tail(reach, slope / self._rank, index * self._rank)
