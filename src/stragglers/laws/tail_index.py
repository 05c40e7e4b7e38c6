"""How heavy a law's tail is, and how far out its quantile function can be trusted."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats.distributions import rv_frozen

from .check import check_law, family, is_discrete, sides, upper_end
from .density_law import DensityLaw
from .finite import FiniteLaw, Hyperexponential
from .quantiles import has_tail_digits, upper_quantile

DEEPEST = 1e-300
SHALLOW = 1e-10  # where 1 - s still has six digits of s
ROUNDING = 1e-15  # where it has one
SOUNDINGS = 10.0 ** -np.concatenate([np.arange(2, 16), np.arange(20, 301, 10)])
WORST = 1e-7  # errors of a moment beyond this are an error
STAGES = np.array([0.4, 0.6, 0.8, 1.0])  # powers of the depth at which slopes are compared


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
    if name or isinstance(work, (FiniteLaw, Hyperexponential)):
        return Tail(DEEPEST, 0.0, np.inf)
    if is_discrete(work):  # scipy searches for deep quantiles of these one value after the other
        return Tail(SHALLOW, 0.0, _declared_index(work))
    measured = _measure(work)
    if isinstance(work, DensityLaw) or (measured.index == np.inf and isinstance(work, rv_frozen)):
        return measured
    return replace(measured, index=min(measured.index, _declared_index(work)))


def _declared_index(work):
    """Return the greatest index that the law's own mean and variance allow; scipy's can be slow."""
    with np.errstate(all="ignore"):
        return 1.0 if work.mean() == np.inf else 2.0 if work.var() == np.inf else np.inf


def _measure(work):
    """Compare the slope of log Q against log 1/s far out and farther out: a power keeps its slope.

    Laws of scipy may answer isf with nan or nonsense far out, which sf tells. Where sf itself ends
    early, or 1 - s stands for isf, a power is followed no deeper than its slope can be measured.
    """
    exact, rough = _sound(work)
    depth = min(exact, SHALLOW)
    s = depth**STAGES
    with np.errstate(all="ignore"):
        slopes = np.diff(np.log(_quantiles(work, s))) / -np.diff(np.log(s))
    near, middle, far = np.nan_to_num(slopes, posinf=0, neginf=0)
    if far > 0.9 * near and far > 0 and not np.isfinite(upper_end(work)):
        return Tail(depth, far, 1 / far, abs(far - middle))
    if rough > SHALLOW:  # a law of atoms, or so near its end that no more digits are left
        return Tail(ROUNDING, 0.0, np.inf)
    return Tail(min(exact, max(rough, ROUNDING)), max(far, 0.0), np.inf)


def _sound(work):
    """Return the depths down to which sf(isf(s)) is s, exactly and roughly."""
    depths = SOUNDINGS if has_tail_digits(work) else SOUNDINGS[SOUNDINGS >= ROUNDING]
    with np.errstate(all="ignore"):
        found = sides(work, _quantiles(work, depths))[1]
        error = np.nan_to_num(np.abs(np.log(found / depths)), nan=np.inf)
    first_wrong = [np.argmax(np.append(error, np.inf) > allowed) for allowed in (1e-7, 0.3)]
    return [float(depths[max(first - 1, 0)]) for first in first_wrong]


def _quantiles(work, s):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy's own, where it cannot go that deep
        return np.asarray(upper_quantile(work, s), float)


def check_digits(order, shares):
    """Refuse moments of which the given shares come from beyond the reach of an uncertain power."""
    tail = order._tail()
    if not tail.doubt:
        return
    powers = np.arange(1, len(shares) + 1)
    error = np.max(shares * tail.doubt / tail.slope / (1 - powers * tail.slope))
    if not error < WORST:
        raise ArithmeticError(
            f"work has too few digits of P(X > t) far out: {order!r} would be good to {error:.0e} "
            "only; simulate, or give a law with methods sf and isf that keep them"
        )
