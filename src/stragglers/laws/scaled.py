"""Laws of c + b X from the law of X: a share of the work, a fixed time on top."""

from dataclasses import dataclass
from typing import Any

from scipy.stats import rv_continuous
from scipy.stats.distributions import rv_frozen

from ..checks import check_positive, check_time
from .check import check_work, lower_end, upper_end
from .finite import Deterministic, Hyperexponential, Trace, TwoPoint
from .quantiles import upper_quantile


def scaled(work, factor):
    """Return the law of factor * X, X of law `work`: the whole time shrinks with the load.

    A list of laws gives a list. Raises ValueError unless factor is positive and finite. Derived in
    the chapter "Redundancy".

    >>> from scipy import stats
    >>> float(scaled(stats.expon(loc=1), 1 / 4).mean())
    0.5
    """
    return affine(work, check_positive("factor", factor), 0.0)


def shifted(work, by):
    """Return the law of by + X, X of law `work`: every gradient costs a fixed time more.

    A list of laws gives a list. Raises ValueError unless `by` is finite and at least 0. Derived in
    the chapter "Communication".

    >>> from scipy import stats
    >>> float(shifted(stats.expon(), 1 / 4).mean())
    1.25
    """
    return affine(work, 1.0, check_time("by", by))


def affine(work, factor, shift):
    """Return the law of shift + factor * X, of the same family where that is possible."""
    work = check_work(work)
    if factor == 1 and shift == 0:
        return work
    if isinstance(work, list):
        once = {id(law): law for law in work}  # a law that many workers share stays one object
        once = {key: affine(law, factor, shift) for key, law in once.items()}
        return [once[id(law)] for law in work]
    if isinstance(work, rv_frozen) and isinstance(work.dist, rv_continuous):
        shapes, loc, scale = work.dist._parse_args(*work.args, **work.kwds)
        return work.dist(*shapes, loc=shift + factor * loc, scale=factor * scale)
    if isinstance(work, Deterministic):
        return Deterministic(shift + factor * work.c)
    if isinstance(work, TwoPoint):
        usual, slow = shift + factor * work.usual, shift + factor * work.slow
        return TwoPoint(usual, slow, work.probability)
    if isinstance(work, Trace):
        return Trace(tuple(shift + factor * time for time in work.times))
    if isinstance(work, Hyperexponential) and shift == 0:
        return Hyperexponential(work.probabilities, tuple(rate / factor for rate in work.rates))
    return Affine(work, factor, shift)


@dataclass(frozen=True)
class Affine:
    """The law of shift + factor * X, with the methods of a frozen scipy.stats law."""

    work: Any
    factor: float
    shift: float

    def _up(self, time):
        return self.shift + self.factor * time

    def _down(self, time):
        return (time - self.shift) / self.factor

    def mean(self):
        return self._up(self.work.mean())

    def var(self):
        return self.factor**2 * self.work.var()

    def std(self):
        return self.var() ** 0.5

    def cdf(self, x):
        return self.work.cdf(self._down(x))

    def sf(self, x):
        down = self._down(x)
        return self.work.sf(down) if hasattr(self.work, "sf") else 1 - self.work.cdf(down)

    def pdf(self, x):
        return self.work.pdf(self._down(x)) / self.factor

    def ppf(self, q):
        return self._up(self.work.ppf(q))

    def isf(self, q):
        return self._up(upper_quantile(self.work, q))

    def median(self):
        return float(self.ppf(0.5))

    def support(self):
        return self._up(lower_end(self.work)), self._up(upper_end(self.work))

    def rvs(self, size=None, random_state=None):
        return self._up(self.work.rvs(size=size, random_state=random_state))
