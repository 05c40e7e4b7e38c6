"""What may be asked of any law of a worker's time: the interface, written down once.

- mean(), var(), cdf(x), sf(x), ppf(q), isf(q), support(), rvs(size, random_state): as in
  scipy.stats; each law gives these itself, and pdf(x) where it has a density.
- std(), median(), density(x): follow from these.
- sides(x), quantiles(u, s): both tails, each with its own digits.
- tail(): how heavy it is, and how far out it can be trusted.
- finite(k, m): the law as one of finitely many times, None for a continuous law.
- family: the name by which tables of formulas know the law, and its parameters.

Every law behind the door, `check_work`, answers them, whatever was given at the door.
"""

import math
from dataclasses import dataclass

import numpy as np

DEEPEST = 1e-300
WORST = 1e-7  # errors of a moment beyond this are an error


@dataclass(frozen=True)
class Tail:
    """Quantiles are good down to P(X > t) = reach, where they grow as s^(-slope).

    `index` is alpha where P(X > t) falls as t^(-alpha), else inf. `doubt` is how far off the slope
    may be, 0 where it is known.
    """

    reach: float
    slope: float
    index: float
    doubt: float = 0.0

    def check(self, shares, order):
        """Refuse moments, of `order`, whose given shares lie beyond the reach of a doubtful power.

        shares: an array, the share of E X, E X^2, ... that comes from there.
        """
        if not self.doubt:
            return
        powers = np.arange(1, len(shares) + 1)
        error = np.max(shares * self.doubt / self.slope / (1 - powers * self.slope))
        if not error < WORST:
            raise ArithmeticError(
                f"work has too few digits of P(X > t) far out: {order!r} would be good to "
                f"{error:.0e} only; simulate, or give a law with methods sf and isf that keep them"
            )


LIGHT = Tail(DEEPEST, 0.0, math.inf)


class Law:
    """A law of a worker's time, ready for use."""

    family = (None, ())
    has_atoms = False
    searched = False  # are quantiles found on the cdf, so that integrals over time cost less?
    deep = True  # has isf digits of its own where P(X > t) is tiny?

    @property
    def given(self):
        """The law as its user knows it."""
        return self

    def std(self):
        return math.sqrt(self.var())

    def median(self):
        return float(self.ppf(0.5))

    def density(self, x):
        """Return the density at x, or say that there is none."""
        if not hasattr(self, "pdf"):
            raise NotImplementedError(
                f"work must have a density for pdf, {self!r} has none: use cdf"
            )
        return self.pdf(x)

    def sides(self, x):
        """Return P(X <= x) and P(X > x), the smaller of the two with its own digits."""
        with np.errstate(all="ignore"):
            below = self.cdf(x)
            return below, np.where(below < 0.5, 1 - below, self.sf(x))[()]

    def quantiles(self, u, s):
        """Return the quantiles at u = 1 - s, each from the side where it has its digits."""
        u, s = np.asarray(u, float), np.asarray(s, float)
        low, high = u <= 0.5, u > 0.5
        t = np.full(u.shape, np.nan)
        t[low] = self.ppf(u[low])
        t[high] = self.isf(s[high])
        return t[()]

    def upper_quantile(self, s):
        """Return the time exceeded with probability s, with all the digits the law offers."""
        return self.quantiles(1 - np.asarray(s), s)

    def check_quantiles(self, u, s):
        """Refuse quantiles that contradict the cdf: one's own do not."""

    def tail(self):
        """Return the `Tail`: of a law that falls faster than any power, unless it says so."""
        return LIGHT

    def finite(self, k, m):
        """Return the finite law of which X_{k:m} is the order statistic, None if there is none."""
        return None

    def rescaled(self, factor, shift):
        """Return the law of shift + factor * X where it is of the same kind, else None."""
        return None


def known(table, law, *more):
    """Return what the table's formula for the law's family gives, None where there is none.

    A formula takes the parameters of the family (see `families`), then `more`.
    """
    name, parameters = law.family
    formula = table.get(name)
    return None if formula is None else formula(*parameters, *more)
