"""What may be asked of any law of a worker's time: the interface, written down once.

- mean(), var(), cdf(x), sf(x), ppf(q), isf(q), support(), rvs(size, random_state): as in
  scipy.stats; each law gives these itself, and pdf(x) where it has a density.
- std(), median(), interval(p), moment(n), stats("mvsk"), expect(f), logsf(x), logcdf(x),
  density(x): follow from these.
- sides(x), quantiles(u, s): both tails, each with its own digits.
- tail(): how heavy it is, and how far out it can be trusted.
- finite(k, m): the law as one of finitely many times, None for a continuous law.
- family: the name by which tables of formulas know the law, and its parameters.

Every law behind the door, `check_work`, answers them, whatever was given at the door.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from ..checks import check_count
from ..numerics.quadrature import integrate

Work = Any  # a frozen scipy.stats law, an object with its methods, or a list of laws
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

        shares: an array, the share of E X, E X^2, ... that comes from there. Where P(X > t) falls
        faster than any power, slope 0, there is no power to go on with: all of the share is lost.
        """
        if not self.doubt:
            return
        powers = np.arange(1, len(shares) + 1)
        lost = self.doubt / self.slope / (1 - powers * self.slope) if self.slope else 1.0
        error = np.max(shares * lost)
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
    independent = True  # is what m workers take independent?
    deep = True  # has isf digits of its own where P(X > t) is tiny?

    @property
    def given(self):
        """The law as its user knows it."""
        return self

    def std(self):
        return math.sqrt(self.var())

    def median(self):
        return float(self.ppf(0.5))

    def interval(self, confidence):
        """Return the ends of the range around the median that holds this probability."""
        outside = (1 - np.asarray(confidence, float)) / 2
        return self.ppf(outside), self.isf(outside)

    def logcdf(self, x):
        with np.errstate(divide="ignore"):
            return np.log(self.sides(x)[0])

    def logsf(self, x):
        with np.errstate(divide="ignore"):
            return np.log(self.sides(x)[1])

    def moment(self, order):
        """Return E X^order, for a whole order of at least 0; inf where it does not exist."""
        order = check_count("order", order, minimum=0)
        if not self.tail().index > order:
            return math.inf
        if order < 3:
            return (1.0, self.mean(), self.var() + self.mean() ** 2)[order]
        return self.expect(lambda t: t**order)

    def stats(self, moments="mv"):
        """Return what the letters ask for: mean, variance, skewness, excess kurtosis, in a tuple.

        inf where a moment does not exist.
        """
        if not isinstance(moments, str) or not moments or set(moments) - set("mvsk"):
            raise ValueError(f"moments must be letters of 'mvsk', got {moments!r}")
        found = tuple(self._asked(letter) for letter in "mvsk" if letter in moments)
        return found if len(found) > 1 else found[0]

    def _asked(self, letter):
        if letter in "mv":
            return self.mean() if letter == "m" else self.var()
        power, normal = (3, 0) if letter == "s" else (4, 3)
        if not self.tail().index > power:
            return math.inf
        mean, std = self.mean(), self.std()
        return self.expect(lambda t: ((t - mean) / std) ** power) - normal

    def expect(self, func):
        """Return E func(X) for a function of an array of times, by integrating over quantiles.

        Good to about 1e-9 where func is smooth and P(X > t) matters no deeper than it is known.
        """
        finite = self.finite(1, 1)
        if finite is not None:
            return float(np.diff(finite.below, prepend=0.0) @ func(finite.atoms))
        deepest = max(self.tail().reach, 1e-290)

        def rows(z):  # u = 1 / (1 + exp(-z)) and s = 1 - u keep their digits
            u, s = special.expit(z), special.expit(-z)
            return (func(self.quantiles(u, s)) * u * s)[None]

        return float(integrate(rows, np.linspace(-60, -math.log(deepest), 81), 1e-9)[0])

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
