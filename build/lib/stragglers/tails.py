"""How heavy a law's tail is, and how far out its quantile function can be trusted."""

from dataclasses import dataclass

import numpy as np
from scipy.stats.distributions import rv_frozen

from .laws import FiniteLaw, Hyperexponential
from .work import check_work, family, upper_end

DEEP = np.array([1e-140, 1e-150, 1e-290, 1e-300])
SHALLOW = np.array([1e-6, 1e-7, 1e-12, 1e-13])  # where 1 - s still has some digits of s


@dataclass(frozen=True)
class Tail:
    """Quantiles are good down to P(X > t) = reach, where they grow as s^(-slope)."""

    reach: float
    slope: float
    index: float


def tail_index(work):
    """Return alpha where P(X > t) falls as t^(-alpha), inf where it falls faster.

    E[X_{k:m}^p] exists if and only if alpha > p / (m - k + 1). The index is exact for the named
    constructors; for other laws it is read off the quantile function, which tells a power from a
    faster fall only where it can be evaluated: down to s = 1e-300 with a method isf, else 1e-13.

    >>> from scipy import stats
    >>> float(round(tail_index(stats.halfcauchy()), 9))
    1.0
    """
    return tail(check_work(work)).index


def tail(work):
    """Return the Tail of a checked law."""
    if hasattr(work, "_tail"):
        return work._tail()
    name, shapes, *_ = family(work) or (None, ())
    if name in ("pareto", "lomax"):
        return Tail(DEEP[-1], 1 / shapes[0], shapes[0])
    if name or isinstance(work, (FiniteLaw, Hyperexponential)) or np.isfinite(upper_end(work)):
        return Tail(DEEP[-1], 0.0, np.inf)
    measured = _measure(work)
    if isinstance(work, rv_frozen):
        return measured
    known = 1.0 if work.mean() == np.inf else 2.0 if work.var() == np.inf else np.inf
    return Tail(measured.reach, measured.slope, min(measured.index, known))


def _measure(work):
    """Compare the slope of log Q against log 1/s far out and farther out: a power keeps it."""
    for s in (DEEP, SHALLOW):
        with np.errstate(all="ignore"):
            q = np.asarray(upper_quantile(work, s), float)
            near, far = np.log(q[1::2] / q[::2]) / np.log(s[::2] / s[1::2])
        if np.isfinite(far) and far >= 0:
            return Tail(s[-1], far, 1 / far if far > 0.9 * near > 0 else np.inf)
    raise ValueError(f"work must have increasing quantiles, got {work!r} with ppf(1 - {s}) = {q}")


def upper_quantile(work, s):
    """Return the time exceeded with probability s, with all the digits the law offers."""
    return work.isf(s) if hasattr(work, "isf") else work.ppf(1 - s)
