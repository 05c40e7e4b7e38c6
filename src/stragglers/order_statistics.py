"""X_{k:m}, the k-th smallest of m worker times: closed forms first, quadrature behind them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special, stats

from ._checks import check_count
from .beta_average import both_quantiles, moments
from .closed_forms import closed_mean, closed_variance
from .laws import FiniteLaw, finite_mean, finite_variance
from .tails import Tail, tail
from .work import check_work, lower_end, upper_end


def order_statistic(work, k, m=None):
    """Return the law of the k-th smallest of m independent worker times."""
    work = check_work(work, m)
    if isinstance(work, list):
        raise NotImplementedError("unequal workers")
    if m is None:
        raise TypeError("m must be given unless work is a list of laws")
    m = check_count("m", m)
    return OrderStatistic(work, check_count("k", k, maximum=m), m)


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
        if isinstance(self.work, FiniteLaw):
            atoms = self.work.atoms
            below, above = self.cdf(atoms), self.sf(atoms)
            return finite_mean(atoms, above), finite_variance(atoms, below, above)
        tail_of_work = tail(self.work)
        if not self._rank * tail_of_work.index > powers * (1 + 1e-9):
            return (math.inf,) * powers
        centre, about = moments(self.work, tail_of_work, self.k, self.m, powers)
        variance = max(about[-1] - about[0] ** 2, 0.0)
        return float(centre + about[0]), float(variance)

    def cdf(self, x):
        below, above = self._sides(x)
        left = special.betainc(self.k, self._rank, below)
        return np.where(below < 0.5, left, special.betaincc(self._rank, self.k, above))[()]

    def sf(self, x):
        below, above = self._sides(x)
        right = special.betainc(self._rank, self.k, above)
        return np.where(above < 0.5, right, special.betaincc(self.k, self._rank, below))[()]

    def _sides(self, x):
        below = self.work.cdf(x)
        return below, self.work.sf(x) if hasattr(self.work, "sf") else 1 - below

    def pdf(self, x):
        below, above = self._sides(x)
        left = stats.beta.pdf(below, self.k, self._rank)
        right = stats.beta.pdf(above, self._rank, self.k)
        return np.where(below < 0.5, left, right)[()] * self.work.pdf(x)

    def ppf(self, q):
        u = special.betaincinv(self.k, self._rank, q)
        return self._quantile(u, special.betainccinv(self._rank, self.k, q))

    def isf(self, q):
        u = special.betainccinv(self.k, self._rank, q)
        return self._quantile(u, special.betaincinv(self._rank, self.k, q))

    def _quantile(self, u, s):
        return both_quantiles(self.work, np.asarray(u), np.asarray(s))[()]

    def median(self):
        return float(self.ppf(0.5))

    def support(self):
        return lower_end(self.work), upper_end(self.work)

    def rvs(self, size=None, random_state=None):
        """Draw X_{k:m} as a quantile at a Beta variate: the cost does not depend on m."""
        rng = np.random.default_rng(random_state)
        if self.k <= self._rank:
            u = rng.beta(self.k, self._rank, size)
            return self._quantile(u, 1 - u)
        s = rng.beta(self._rank, self.k, size)
        return self._quantile(1 - s, s)

    def _tail(self):
        reach, slope, index = vars(tail(self.work)).values()
        return Tail(reach, slope / self._rank, index * self._rank)
