"""X_{k:m}, the k-th smallest of m worker times: closed forms first, quadrature behind them."""

import math
import warnings
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ..checks import check_count
from ..laws.affine import affine
from ..laws.check import check_law, check_work
from ..laws.finite import finite_mean, finite_variance
from ..laws.methods import Law, Tail, Work
from ..laws.workers import Workers
from ..numerics import beta
from .closed_forms import closed_mean, closed_variance
from .quantile_integral import moments
from .several import OrderStatistics
from .tail_integral import tail_moments
from .unequal_workers import UnequalOrderStatistic

LONGEST = 1e300
FAR = 1e100  # times whose squares may be out of range
ARRAYS = (np.ndarray, list, tuple, range)
SAMPLES = np.array([1e-9, 1e-6, 1e-3, 0.1, 0.5, 0.9, 0.999, 1 - 1e-6])


def order_statistic(work: Work, k: ArrayLike, m: ArrayLike | None = None):
    """Return the law of X_{k:m}: the time at which the k-th of m independent workers finishes.

    `work` is the law of one worker's time, or a list of m laws for unequal workers, in which case
    m may be left out. The result has the methods of a frozen scipy.stats law, in the same unit of
    time, and can itself be somebody's work. Arrays of k or m give `OrderStatistics`, whose answers
    are arrays. Means are good to a relative 1e-9 or better for every
    k and m up to 10**6, and cost the same for every m if workers are equal; moments that do not
    exist are inf. TypeError or ValueError names the argument that is wrong. Derived in the chapters
    "Order statistics of the exponential" and "Any distribution"; David and Nagaraja, Order
    Statistics (2003).

    >>> from stragglers import exponential
    >>> order_statistic(exponential(rate=2), k=20, m=20).mean()
    1.798869828571841
    """
    if isinstance(k, ARRAYS) or isinstance(m, ARRAYS):
        return _several(work, k, m)
    workers = check_work(work, m, independent=False)
    return kth_of(workers, check_count("k", k, maximum=workers.m))


def _several(work, k, m):
    """Return the `OrderStatistics` of every k beside every m, broadcast against each other."""
    if isinstance(work, (list, tuple)):
        workers = check_work(work, None if m is None else _array("m", m).ravel()[0])
        of = np.full(np.shape(m if m is not None else 0), workers.m)
        crews = {workers.m: workers}
    else:
        law, of = check_law(work, independent=False), _array("m", m)
        crews = {
            size: Workers((law,), (check_count("m", size),)) for size in set(of.ravel().tolist())
        }
    ranks, of = np.broadcast_arrays(_array("k", k), of)
    laws = np.empty(ranks.shape, dtype=object)
    for place in np.ndindex(ranks.shape):
        size, rank = int(of[place]), int(ranks[place])
        laws[place] = kth_of(crews[size], check_count("k", rank, maximum=size))
    return OrderStatistics(laws)


def _array(name, values):
    """Return whole numbers as an array, or raise TypeError."""
    try:
        found = np.asarray(values)
    except ValueError:  # rows of different lengths
        found = None
    if found is None or found.dtype.kind not in "iu":
        raise TypeError(f"{name} must be an integer, or an array of integers, got {values!r}")
    return found


def kth_of(workers, k):
    """Return the law of the time at which the k-th of checked `Workers` finishes."""
    if workers.equal and not workers.laws[0].independent:
        return workers.laws[0].kth_of(k, workers.m)
    if workers.equal:
        return OrderStatistic(workers.laws[0], k, workers.m)
    return UnequalOrderStatistic(workers, k)


@dataclass(frozen=True, repr=False)
class OrderStatistic(Law):
    """The law of X_{k:m} for equal workers, with the methods of a frozen scipy.stats law."""

    work: Law
    k: int
    m: int

    def __repr__(self):
        return f"order_statistic({self.work!r}, k={self.k}, m={self.m})"

    @property
    def _rank(self):
        """The rank counted from the slowest, n = m - k + 1."""
        return self.m - self.k + 1

    def mean(self):
        mean = closed_mean(self.work, self.k, self.m)
        return self._moments(1)[0] if mean is None else mean

    def var(self):
        variance = closed_variance(self.work, self.k, self.m)
        return self._moments(2)[1] if variance is None else variance

    def _moments(self, powers):
        try:
            return self._moments_in_range(powers)
        except ArithmeticError:
            unit = float(self.work.upper_quantile(0.5))
            if not unit > FAR:
                raise
        found = replace(self, work=affine(self.work, 1 / unit, 0.0))._moments_in_range(powers)
        return [value * unit * (unit if power else 1.0) for power, value in enumerate(found)]

    def _moments_in_range(self, powers):
        index = self.tail().index
        if not index > powers * (1 + 1e-9):
            return (math.inf,) * powers
        law = self.work.finite(self.k, self.m)
        if law is not None:
            below, above = beta.tails(self.k, self._rank, law.below, law.above)
            return finite_mean(law.atoms, above), finite_variance(law.atoms, below, above)
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # scipy's own; what matters is checked
            if self.work.searched:
                return tail_moments(self, [self.work], [self._one], powers)
            self.work.check_quantiles(*beta.quantiles(self.k, self._rank, SAMPLES))
            centre, about, shares = moments(self.work, self._one, self.k, self.m, powers)
            self.tail().check(shares, self)
            return float(centre + about[0]), max(float(about[-1] - about[0] ** 2), 0.0)

    def cdf(self, x):
        return beta.tails(self.k, self._rank, *self.work.sides(x))[0]

    def sf(self, x):
        return beta.tails(self.k, self._rank, *self.work.sides(x))[1]

    def pdf(self, x):
        below, above = self.work.sides(x)
        left = stats.beta.pdf(below, self.k, self._rank)
        right = stats.beta.pdf(above, self._rank, self.k)
        weight = np.where(below < 0.5, left, right)
        return (weight * np.where(weight > 0, self.work.density(x), 0.0))[()]

    def ppf(self, q):
        return self._quantiles(*beta.quantiles(self.k, self._rank, q))

    def isf(self, q):
        s, u = beta.quantiles(self._rank, self.k, q)
        return self._quantiles(u, s)

    def _quantiles(self, u, s):
        with np.errstate(all="ignore"):
            t = self.work.quantiles(u, s)
            far = np.isinf(t) & (s > 0)
            lost = np.any(far) and np.any(far & ~(self.work.sides(LONGEST)[1] >= s))
        if lost:
            raise ArithmeticError(f"work has no digits of P(X > t) as far out as {np.min(s):.0e}")
        return t

    def support(self):
        return self.work.support()

    def rvs(self, size=None, random_state=None):
        """Draw X_{k:m} as a quantile at a Beta variate: the cost does not depend on m."""
        rng = np.random.default_rng(random_state)
        if self.k <= self._rank:
            u = rng.beta(self.k, self._rank, size)
            return self.work.quantiles(u, 1 - u)
        s = rng.beta(self._rank, self.k, size)
        return self.work.quantiles(1 - s, s)

    @cached_property
    def _one(self):
        """The tail of a single worker."""
        return self.work.tail()

    def tail(self):
        """The k-th is late when the n slowest are late together."""
        one, n = self._one, self._rank
        return Tail(one.reach, one.slope / n, one.index * n, one.doubt / n)
