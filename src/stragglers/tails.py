"""How heavy a law's tail is, and how far out its quantile function can be trusted."""

import warnings
from dataclasses import dataclass

import numpy as np

from .laws import FiniteLaw, Hyperexponential
from .work import check_law, family, is_discrete, upper_end

DEEPEST = 1e-300
SHALLOW = 1e-10  # where 1 - s still has six digits of s
STAGES = np.array([0.4, 0.6, 0.8, 1.0])  # powers of the depth at which quantiles are compared


@dataclass(frozen=True)
class Tail:
    """Quantiles are good down to P(X > t) = reach, where they grow as s^(-slope)."""

    reach: float
    slope: float
    index: float


def tail_index(work):
    """Return alpha where P(X > t) falls as t^(-alpha), inf where it falls faster.

    E[X_{k:m}^p] exists if and only if alpha > p / (m - k + 1). The index is exact for the named
    constructors; for other laws it is read off the quantile function, as far out as that can be
    evaluated: down to s = 1e-300 with a method isf of its own, else to s = 1e-10, where
    an infinite mean() or var() of the law decides on the edge.

    >>> from scipy import stats
    >>> float(round(tail_index(stats.halfcauchy()), 9))
    1.0
    """
    return tail(check_law(work)).index


def tail(work):
    """Return the Tail of a checked law."""
    if hasattr(work, "_tail"):
        return work._tail()
    name, shapes, *_ = family(work) or (None, ())
    if name in ("pareto", "lomax"):
        return Tail(DEEPEST, 1 / shapes[0], shapes[0])
    if name or isinstance(work, (FiniteLaw, Hyperexponential)) or np.isfinite(upper_end(work)):
        return Tail(DEEPEST, 0.0, np.inf)
    with np.errstate(all="ignore"):
        declared = 1.0 if work.mean() == np.inf else 2.0 if work.var() == np.inf else np.inf
    if is_discrete(work):  # scipy searches for deep quantiles of these one value after the other
        return Tail(SHALLOW, 0.0, declared)
    measured = _measure(work)
    return Tail(measured.reach, measured.slope, min(measured.index, declared))


def _measure(work):
    """Compare the slope of log Q against log 1/s at four depths: only a power keeps its slope."""
    near, far = _slopes(work, SHALLOW)
    index = 1 / far if far > 0.9 * near else np.inf
    for depth in (DEEPEST, 1e-100, 1e-30):
        deep_near, deep = _slopes(work, depth)
        if 0 < deep < 1.1 * far and deep_near < 1.1 * near:
            return Tail(depth, deep, 1 / deep if deep > 0.9 * deep_near else np.inf)
    return Tail(SHALLOW if index < np.inf else 1e-15, far, index)


def _slopes(work, depth):
    s = depth**STAGES
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy's own, where it cannot go that deep
        steps = np.diff(np.log(np.asarray(upper_quantile(work, s), float))) / -np.diff(np.log(s))
    return steps[0], steps[-1]


def upper_quantile(work, s):
    """Return the time exceeded with probability s, with all the digits the law offers."""
    return work.isf(s) if hasattr(work, "isf") else work.ppf(1 - s)
