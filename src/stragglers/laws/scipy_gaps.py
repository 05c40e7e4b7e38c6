"""What scipy.stats gets wrong or leaves out, and what a law of one's own may lack: mended here.

Only this module asks whether quantiles can be relied on; behind the door every law has them.
"""

import math
import warnings
from functools import cached_property

import numpy as np
from scipy import special, stats
from scipy.stats.distributions import rv_frozen

from ..numerics import beta
from .finite import Atoms
from .methods import DEEPEST, Law, Tail

CONTINUOUS = stats.rv_continuous
NO_QUANTILES = (type(stats.invgauss), type(stats.ncf))
BY_DENSITY = (type(stats.geninvgauss),)
TAILS = {type(stats.invweibull): lambda alpha: Tail(DEEPEST, 1 / alpha, alpha)}
DIGITS = 1e-4  # where 1 - s still has twelve digits of s
FARTHEST = 700.0  # the log of the greatest time
SHALLOW = 1e-10  # where 1 - s still has six digits of s
ROUNDING = 1e-15  # where it has one
SOUNDINGS = 10.0 ** -np.concatenate([np.arange(2, 16), np.arange(20, 301, 10)])
STAGES = np.array([0.4, 0.6, 0.8, 1.0])  # powers of the depth at which slopes are compared
NEGLIGIBLE = 1e-25
MOST = 2**22


def mended(work):
    """Return the `Law` of a frozen scipy.stats law whose parameters are in their range."""
    if isinstance(work.dist, stats.rv_discrete):
        return Counted(work)
    kind = type(work.dist)
    if isinstance(work.dist, NO_QUANTILES) or kind._ppf is CONTINUOUS._ppf:
        return Searched(work)
    return HalfSearched(work) if _lacks_isf(kind) else Foreign(work)


def foreign(work):
    """Return the `Law` of an object with the five methods, or more, of a frozen scipy.stats law."""
    return Foreign(work)


def refuse_by_density(work, name):
    """Refuse the laws of which scipy integrates the density anew at every time, to eight digits."""
    kind = type(work.dist)
    if isinstance(work.dist, type(stats.studentized_range)):
        raise ValueError(f"work must have a cdf that scipy finds in time, got {name}")
    numeric = isinstance(work.dist, CONTINUOUS) and kind._pdf is not CONTINUOUS._pdf
    numeric = numeric and kind._cdf is CONTINUOUS._cdf and kind._logcdf is CONTINUOUS._logcdf
    if numeric or isinstance(work.dist, BY_DENSITY):
        raise ValueError(
            f"work must have a cdf of its own, got {name}: scipy has its density only, and would "
            "integrate that anew at every time"
        )


def _has_tail_digits(work):
    """Tell whether P(X > t) has digits of its own, and is not 1 - P(X <= t)."""
    if isinstance(work, rv_frozen) and isinstance(work.dist, CONTINUOUS):
        kind = type(work.dist)
        return kind._sf is not CONTINUOUS._sf or kind._logsf is not CONTINUOUS._logsf
    return hasattr(work, "sf")


def _lacks_isf(kind):
    """Tell whether scipy has the digits of P(X > t), but takes ppf(1 - s) for the isf(s)."""
    plain = kind._sf is CONTINUOUS._sf and kind._logsf is CONTINUOUS._logsf
    return kind._isf is CONTINUOUS._isf and not plain


class NewStyleLaw:
    """A law of scipy's new kind (`make_distribution`), under the names of the old kind."""

    def __init__(self, law):
        renamed = {"ppf": "icdf", "isf": "iccdf", "sf": "ccdf", "var": "variance"}
        renamed |= {name: name for name in ("mean", "cdf", "pdf", "median", "support")}
        self.law = law
        for ours, theirs in (renamed | {"std": "standard_deviation"}).items():
            setattr(self, ours, getattr(law, theirs))

    def __repr__(self):
        return repr(self.law)

    def rvs(self, size=None, random_state=None):
        return self.law.sample(() if size is None else size, rng=random_state)


class Foreign(Law):
    """Somebody else's law, with sf, isf, support and tail where it lacks them.

    The tail is measured, and quantiles are held against the cdf before they are used.
    """

    def __init__(self, given):
        self._given = given
        self.deep = hasattr(given, "isf")
        self.has_tail_digits = _has_tail_digits(given)

    def __repr__(self):
        return repr(self._given)

    def __getattr__(self, name):
        """Take mean, var, cdf, rvs and the rest from the law itself."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._given, name)

    @property
    def given(self):
        return self._given

    @cached_property
    def scale(self):
        """The scale of a law of scipy, else 1."""
        if not isinstance(self._given, rv_frozen):
            return 1.0
        return self._given.dist._parse_args(*self._given.args, **self._given.kwds)[2]

    def std(self):
        return self._given.std() if hasattr(self._given, "std") else math.sqrt(self.var())

    def sf(self, x):
        return self._given.sf(x) if hasattr(self._given, "sf") else 1 - self.cdf(x)

    def sides(self, x):
        """As any law's; where P(X > t) has lost its digits, a power goes on as it was measured."""
        below, above = self.own_sides(x)
        if np.all(above > SHALLOW) or not self.tail().doubt:
            return below, above
        tail, x = self.tail(), np.asarray(x, float)
        with np.errstate(all="ignore"):
            power = tail.reach * (x / self._last_digit) ** (-1 / tail.slope)
        return below, np.where(x > self._last_digit, power, above)[()]

    def own_sides(self, x):
        """Return P(X <= x) and P(X > x) as the law itself gives them."""
        if hasattr(self._given, "sf"):
            return super().sides(x)
        with np.errstate(all="ignore"):
            below = self.cdf(x)
        return below, 1 - below

    @cached_property
    def _last_digit(self):
        return float(self.upper_quantile(self.tail().reach))

    def ppf(self, q):
        return self._given.ppf(q)

    def isf(self, q):
        return self._given.isf(q) if self.deep else self.ppf(1 - np.asarray(q))

    @cached_property
    def _support(self):
        """scipy's discrete laws have ppf(0) one below the least, so others are asked nearby."""
        if hasattr(self._given, "support"):
            return tuple(map(float, self._given.support()))
        return float(self.ppf(1e-300)), float(self.ppf(1.0))

    def support(self):
        return self._support

    def check_quantiles(self, u, s):
        """Refuse a law whose quantiles contradict its cdf."""
        u, s = u[s > ROUNDING], s[s > ROUNDING]
        t = self.quantiles(u, s)
        early, late = (self.own_sides(t + way * (1e-9 * t + 1e-300))[0] for way in (-1, 1))
        slack = 1e-4 * np.minimum(u, s) + 100 * ROUNDING
        if not np.all((early <= u + slack) & (late >= u - slack)):
            raise ArithmeticError(f"work has quantiles that contradict its cdf, near {t[-1]}")

    @cached_property
    def _tail(self):
        formula = TAILS.get(type(getattr(self._given, "dist", None)))
        if formula is not None:
            return formula(*self._given.dist._parse_args(*self._given.args, **self._given.kwds)[0])
        return _measure(self)

    def tail(self):
        return self._tail

    def rvs(self, size=None, random_state=None):
        draws = self._given.rvs(size=size, random_state=random_state)
        if np.size(draws) and not (np.min(draws) >= 0 and np.max(draws) < math.inf):
            raise ValueError(f"work must draw finite times of at least 0, got others from {self!r}")
        return draws

    def rescaled(self, factor, shift):
        work = self._given
        if not isinstance(work, rv_frozen) or not isinstance(work.dist, CONTINUOUS):
            return None
        shapes, loc, scale = work.dist._parse_args(*work.args, **work.kwds)
        return mended(work.dist(*shapes, loc=shift + factor * loc, scale=factor * scale))


class HalfSearched(Foreign):
    """A law whose isf(s) scipy takes for ppf(1 - s): deep quantiles are found on its sf."""

    searched = True

    def isf(self, q):
        q = np.asarray(q, float)
        return self.quantiles(1 - q, q)

    def quantiles(self, u, s):
        u, s = np.asarray(u, float), np.asarray(s, float)
        deep = (u > 0.5) & (s < DIGITS)
        t = np.full(u.shape, np.nan)
        t[~deep] = self.ppf(u[~deep])
        t[deep] = _search(self, u[deep], s[deep])
        return t[()]


class Searched(Foreign):
    """A law whose quantiles scipy finds one by one, with a root finder, or not at all.

    It misses those in NO_QUANTILES: stats.invgauss(0.45).isf(1e-11) is nan, and ncf's overflow.
    """

    searched = True

    def cdf(self, x):
        return _known(self._given.cdf(x), x, 1.0)

    def sf(self, x):
        return _known(self._given.sf(x), x, 0.0)

    def ppf(self, q):
        q = np.asarray(q, float)
        return _search(self, q, 1 - q)

    def isf(self, q):
        q = np.asarray(q, float)
        return _search(self, 1 - q, q)

    def quantiles(self, u, s):
        return _search(self, np.asarray(u, float), np.asarray(s, float))


def _known(found, x, far):
    """Return what scipy found, and `far` where it found nan: stats.invgauss(1).sf(1e16) is nan."""
    return np.where(np.isnan(found) & ~np.isnan(x), far, found)[()]


class Counted(Foreign):
    """A discrete law of scipy.stats, such as Poisson counts of steps."""

    has_atoms = True

    def check_quantiles(self, u, s):
        """They are whole numbers, and `finite` does without them."""

    def isf(self, q):
        """scipy takes ppf(1 - q) for it, one count off or inf where 1 - q has lost q's digits.

        Raises ArithmeticError where P(X > t) is 1 - P(X <= t), and has no digits so far out.
        """
        q = np.asarray(q, float)
        deep = (q > 0) & (q < DIGITS)
        if type(self._given.dist)._sf is stats.rv_discrete._sf:
            if np.any(deep & (q < ROUNDING)):
                raise ArithmeticError(f"work has no digits of P(X > t) as far out as {q.min():.0e}")
            return self._given.isf(q)
        t = np.full(q.shape, np.nan)
        t[~deep] = self._given.isf(q[~deep])
        t[deep] = self._least_count(q[deep])
        return t[()]

    def _least_count(self, s):
        """Return the least counts t with P(X > t) at most s."""
        start, end = self.support()
        low, high = np.full(s.shape, start - 1), np.full(s.shape, start)
        while np.any(late := (self._given.sf(high) > s) & (high < end)):
            doubled = np.minimum(start + 2 * (high - start + 1), end)
            low, high = np.where(late, high, low), np.where(late, doubled, high)
        while np.any(high - low > np.maximum(1, 4e-16 * high)):
            middle = np.floor((low + high - 2 * start) / 2) + start
            late = self._given.sf(middle) > s
            low, high = np.where(late, middle, low), np.where(late, high, middle)
        return high

    @cached_property
    def _tail(self):
        """scipy searches for deep quantiles of these one value after the other."""
        return Tail(SHALLOW, 0.0, _declared_index(self))

    def rescaled(self, factor, shift):
        return None

    def finite(self, k, m):
        """Return the law cut down to the values that X_{k:m} takes but negligibly.

        NotImplementedError if more than four million values matter.
        """
        atoms = self._values(k, m - k + 1)
        return Atoms(atoms, self.cdf(atoms), self.sf(atoms))

    def _values(self, k, n):
        dist = self._given.dist
        if hasattr(dist, "xk"):
            return np.sort(dist.xk) + dist._parse_args(*self._given.args, **self._given.kwds)[1]
        high = self.support()[1]
        early, middle = self.ppf(beta.quantiles(k, n, [NEGLIGIBLE, 0.5])[0])
        low = float(early)
        steps = 1.0 + max(middle - low, 0.0)
        while special.betainc(n, k, self.sf(low + steps)) > NEGLIGIBLE and low + steps < high:
            steps *= 2
            if steps > MOST:
                raise NotImplementedError(
                    f"more than {MOST} values of work={dist.name} matter: draw from it with rvs, "
                    "or give a continuous law"
                )
        return np.arange(low, min(low + steps, high) + 1)


# -------------------------------------------------------------------------------------------------
# Quantiles, found on the cdf and sf


def _search(work, u, s):
    """Return the times t with P(X <= t) = u = 1 - s, all at once."""
    low, high = work.support()
    answer = np.where(u == 0, low, np.where(s == 0, high, np.nan))
    inside = (u > 0) & (s > 0)
    if inside.any():
        with np.errstate(all="ignore"):
            answer[inside] = _bisect(work, u[inside], s[inside])
    return answer[()]


def _bisect(work, u, s):
    """Bisect in y, the log of the time since the earliest, and take a secant every other turn."""
    start, end = work.support()

    def excess(i, y):
        """Return the log by which u is passed at the times y, or P(X > t) has fallen below s."""
        t, early = np.minimum(start + np.exp(y), end), u[i] <= 0.5
        gap = np.empty(len(i))
        gap[early] = np.log(work.cdf(t[early]) / u[i][early])
        gap[~early] = np.log(s[i][~early] / np.maximum(work.sf(t[~early]), 0))
        return np.where(t >= end, np.inf, gap)

    unit = end - start if np.isfinite(end) else work.scale
    low, high, below, above = _bracket(excess, len(u), unit)
    good = 4e-16 / np.maximum(np.minimum(u, s), DIGITS if work.has_tail_digits else u / 2)
    i = np.arange(len(u))
    for turn in range(200):
        middle = (low[i] + high[i]) / 2
        if turn % 2:
            secant = low[i] - below[i] * (high[i] - low[i]) / (above[i] - below[i])
            middle = np.where((secant > low[i]) & (secant < high[i]), secant, middle)
        gap = excess(i, middle)
        late = ~(gap < 0)
        high[i[late]], above[i[late]] = middle[late], gap[late]
        low[i[~late]], below[i[~late]] = middle[~late], gap[~late]
        exact = np.abs(gap) <= good[i]
        high[i[exact]] = middle[exact]
        i = i[~exact & (high[i] - low[i] > 3e-16 * np.maximum(1, np.abs(high[i])))]
        if not len(i):
            break
    return np.minimum(start + np.exp(high), end)


def _bracket(excess, size, unit):
    """Return logs of times on either side of each quantile, by ever longer steps, and excesses."""
    everywhere, step = np.arange(size), 1.0
    low = high = np.full(size, np.log(unit))
    below = above = excess(everywhere, low)
    while step < 4 * FARTHEST:
        early, late = ~(below < 0), above < 0
        if not np.any(early | late):
            break
        low = np.maximum(np.where(early, low - step, low), -FARTHEST)
        high = np.minimum(np.where(late, high + step, high), FARTHEST)
        below, above = excess(everywhere, low), excess(everywhere, high)
        step *= 2
    return low, high, below, above


# -------------------------------------------------------------------------------------------------
# How heavy the tail is, and how far out the quantiles can be trusted


def _declared_index(work):
    """Return the greatest index that the law's own mean and variance allow; scipy's can be slow."""
    with np.errstate(all="ignore"):
        return 1.0 if work.mean() == np.inf else 2.0 if work.var() == np.inf else np.inf


def _measure(work):
    """Compare the slope of log Q against log 1/s far out and farther out: a power keeps its slope.

    Laws of scipy may answer isf with nan or nonsense far out, which sf tells. Where sf itself ends
    early, or 1 - s stands for isf, a power is followed no deeper than its slope can be measured.
    An infinite mean() or var() that a law of one's own declares decides on the edge.
    """
    exact, rough = _sound(work)
    depth = min(exact, SHALLOW)
    s = depth**STAGES
    with np.errstate(all="ignore"):
        slopes = np.diff(np.log(_quantiles(work, s))) / -np.diff(np.log(s))
    near, middle, far = np.nan_to_num(slopes, posinf=0, neginf=0)
    is_power = far > 0.9 * near and far > 0 and not np.isfinite(work.support()[1])
    index = 1 / far if is_power else np.inf
    if is_power or not isinstance(work.given, rv_frozen):
        index = min(index, _declared_index(work))
    if is_power:
        return Tail(depth, far, index, abs(far - middle))
    if rough > SHALLOW:  # a law of atoms, or so near its end that no more digits are left
        return Tail(ROUNDING, 0.0, index)
    return Tail(min(exact, max(rough, ROUNDING)), max(far, 0.0), index)


def _sound(work):
    """Return the depths down to which sf(isf(s)) is s, exactly and roughly."""
    depths = SOUNDINGS if work.has_tail_digits else SOUNDINGS[SOUNDINGS >= ROUNDING]
    with np.errstate(all="ignore"):
        found = work.own_sides(_quantiles(work, depths))[1]
        error = np.nan_to_num(np.abs(np.log(found / depths)), nan=np.inf)
    first_wrong = [np.argmax(np.append(error, np.inf) > allowed) for allowed in (1e-7, 0.3)]
    return [float(depths[max(first - 1, 0)]) for first in first_wrong]


def _quantiles(work, s):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy's own, where it cannot go that deep
        return np.asarray(work.upper_quantile(s), float)
