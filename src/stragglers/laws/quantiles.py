"""Quantiles of any law: its own where they can be relied on, else found on its cdf."""

import numpy as np
from scipy import stats
from scipy.stats.distributions import rv_frozen

from .check import has_poor_quantiles, lower_end, upper_end

DIGITS = 1e-4  # where 1 - s still has twelve digits of s
FARTHEST = 700.0  # the log of the greatest time


def both_quantiles(work, u, s):
    """Return the quantiles at u = 1 - s, each from the side where it has its digits."""
    u, s = np.asarray(u, float), np.asarray(s, float)
    if has_poor_quantiles(work):
        return search(work, u, s)
    low, high = u <= 0.5, u > 0.5
    t = np.full(u.shape, np.nan)
    t[low] = work.ppf(u[low])
    if not lacks_isf(work):
        t[high] = work.isf(s[high]) if hasattr(work, "isf") else work.ppf(1 - s[high])
        return t[()]
    deep = high & (s < DIGITS)
    t[high & ~deep] = work.ppf(u[high & ~deep])
    t[deep] = search(work, u[deep], s[deep])
    return t[()]


def upper_quantile(work, s):
    """Return the time exceeded with probability s, with all the digits the law offers."""
    return both_quantiles(work, 1 - np.asarray(s), s)


def has_tail_digits(work):
    """Tell whether P(X > t) has digits of its own, and is not 1 - P(X <= t)."""
    if isinstance(work, rv_frozen) and isinstance(work.dist, stats.rv_continuous):
        kind, plain = type(work.dist), stats.rv_continuous
        return kind._sf is not plain._sf or kind._logsf is not plain._logsf
    return hasattr(work, "sf")


def lacks_isf(work):
    """Tell whether scipy has the digits of P(X > t), but takes ppf(1 - s) for the isf(s)."""
    if not isinstance(work, rv_frozen) or not isinstance(work.dist, stats.rv_continuous):
        return False
    return type(work.dist)._isf is stats.rv_continuous._isf and has_tail_digits(work)


def search(work, u, s):
    """Return the times t with P(X <= t) = u = 1 - s, found on the cdf and sf, all at once."""
    answer = np.where(u == 0, lower_end(work), np.where(s == 0, upper_end(work), np.nan))
    inside = (u > 0) & (s > 0)
    if inside.any():
        with np.errstate(all="ignore"):
            answer[inside] = _search(work, u[inside], s[inside])
    return answer[()]


def _search(work, u, s):
    """Bisect in y, the log of the time since the earliest, and take a secant every other turn."""
    start, end = lower_end(work), upper_end(work)

    def excess(i, y):
        """Return the log by which u is passed at the times y, or P(X > t) has fallen below s."""
        t, early = np.minimum(start + np.exp(y), end), u[i] <= 0.5
        gap = np.empty(len(i))
        gap[early] = np.log(work.cdf(t[early]) / u[i][early])
        gap[~early] = np.log(s[i][~early] / np.maximum(_above(work, t[~early]), 0))
        return np.where(t >= end, np.inf, gap)

    unit = end - start if np.isfinite(end) else _scale(work)
    low, high, below, above = _bracket(excess, len(u), unit)
    good = 4e-16 / np.maximum(np.minimum(u, s), DIGITS if has_tail_digits(work) else u / 2)
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


def _scale(work):
    return work.dist._parse_args(*work.args, **work.kwds)[2] if isinstance(work, rv_frozen) else 1.0


def _above(work, t):
    return work.sf(t) if hasattr(work, "sf") else 1 - work.cdf(t)
