"""Moments of X_{k:m} as integrals of P(X_{k:m} > t) over time, for laws known by their cdf."""

import math
from itertools import repeat

import numpy as np

from ..laws.finite import FiniteLaw
from ..numerics import beta
from ..numerics.quadrature import integrate

PARTS = 60  # quantiles, at most, that part the panels
LEVELS = np.array([1e-20, 1e-6, 0.01, 0.3, 0.7, 0.99])  # quantiles of X_{k:m} that part the panels


def tail_moments(order, laws, tails, powers):
    """Return the mean, and for powers = 2 the variance, of the order statistic of these laws.

    The variable is y = log(1 + (t - start) / unit): even near the start, logarithmic far out, so
    that workers of very different speeds each get their panels.
    """
    start, unit, edges = panels([order], laws, tails)
    if unit == 0:
        return start, 0.0

    def rows(y):
        past = unit * np.expm1(y)
        late = order.sf(start + past) * (past + unit)
        return np.array([late, 2 * past * late][:powers])

    with np.errstate(over="ignore"):
        trusted = np.log1p((_trusted(laws, tails) - start) / unit)
    parts = edges[edges < trusted], edges[edges > trusted]
    tail = order.tail()
    with np.errstate(all="ignore"):
        total = integrate(rows, np.append(parts[0], min(trusted, edges[-1])))
        last = rows(edges[-1:])[:, 0]
        beyond = _beyond(last, tail)
        if len(parts[1]):
            further = np.append(trusted, parts[1])
            beyond = beyond + integrate(rows, further, total)
        unsure = beyond
        if tail.doubt and not tail.slope:  # nothing goes on beyond the last edge
            unsure = last
            if len(parts[1]):
                drift = integrate(lambda y: rows(y) * (y - trusted), further, total)
                unsure = last + _index_doubt(tails, order) * drift
    with np.errstate(invalid="ignore"):  # all of nothing, where the time is 0
        tail.check(unsure / (total + beyond), order)
    total = total + beyond
    return float(start + total[0]), max(float(total[-1] - total[0] ** 2), 0.0)


def _trusted(laws, tails):
    """Return the time beyond which the tail of some law is a power as it was measured."""
    ends = [
        law.upper_quantile(tail.reach) for law, tail in zip(laws, tails, strict=True) if tail.doubt
    ]
    return float(min(ends, default=np.inf))


def _index_doubt(tails, order):
    """Return how fast P(X_{k:m} > t) may go wrong, as a factor exp(doubt y), beyond `trusted`."""
    doubts = [tail.doubt / tail.slope**2 for tail in tails if tail.doubt and tail.slope]
    return (order.m - order.k + 1) * max(doubts, default=0.0)


def _beyond(last, tail):
    """Return the integrals beyond the last edge, where rows fall as exp((p - 1 / slope) y)."""
    return last / (1 / tail.slope - np.arange(1, len(last) + 1)) if tail.slope else 0 * last


def panels(orders, laws, tails):
    """Return where these X_{k:m} start, the unit of time, and panel edges that part laws' kinks."""
    levels = [beta.quantiles(order.k, order.m - order.k + 1, LEVELS) for order in orders]
    quantiles = np.array([law.quantiles(*level) for level in levels for law in laws])
    start = quantiles[:, 0].min()
    deepest = beta.quantiles(orders[-1].m - orders[-1].k + 1, orders[-1].k, 1e-300)[0]
    stop = min(max(map(_last, laws, tails, repeat(deepest))), 1e300)
    unit = np.min(quantiles[:, 2:] - start, where=quantiles[:, 2:] > start, initial=stop - start)
    kinks = [law.atoms if isinstance(law, FiniteLaw) else _ends(law) for law in laws]
    times = np.concatenate([*kinks, np.sort(quantiles.ravel())[:: 1 + quantiles.size // PARTS]])
    if unit == 0:  # all the quantiles are one number
        return float(start), 0.0, times
    stop = min(stop, start + 1e300 * min(unit, 1.0))
    length = np.log1p((stop - start) / unit)
    with np.errstate(over="ignore"):
        edges = np.log1p((times[times > start] - start) / unit)
    even = np.linspace(0, length, math.ceil(length / 0.75) + 1)
    return start, unit, np.union1d(even, edges[edges < length])


def _last(law, tail, deepest):
    """Return the law's quantile at the greatest depth where its tail P(X > t) can be trusted."""
    s = deepest if isinstance(law, FiniteLaw) else max(deepest, tail.reach)
    last = float(law.quantiles(1 - s, s))
    return last * (s / deepest) ** tail.slope if tail.doubt else last


def _ends(law):
    return np.array([end for end in law.support() if math.isfinite(end)])
