"""Refuse bad arguments of the training shelf by name, and ask what the workers' laws are."""

import numpy as np
from scipy import stats
from scipy.stats.distributions import rv_frozen

from ..checks import check_number, check_positive, check_time
from ..order_statistics.equal_workers import order_statistic

CHECKS = {"number": check_number, "positive": check_positive, "time": check_time}


def check_array(name, values, kind, length=None):
    """Return a number or a list of numbers as a float array of at most one axis, or raise.

    `kind` says what every number must be: "number", "positive" or "time" (at least 0). A list must
    have `length` numbers, if that is given; one number stands for as many.
    """
    if isinstance(values, (str, bytes)) or values is None:
        raise TypeError(f"{name} must be a number or a list of numbers, got {values!r}")
    if np.ndim(values) == 0:
        number = CHECKS[kind](name, values)
        return np.array(number) if length is None else np.full(length, number)
    if np.ndim(values) > 1 or not len(values):
        shape = np.shape(values)
        raise ValueError(f"{name} must be a number or a list of numbers, got shape {shape}")
    array = np.array([CHECKS[kind](f"{name}[{i}]", value) for i, value in enumerate(values)])
    if length is not None and len(array) != length:
        raise ValueError(f"{name} must be a number or {length} numbers, got {len(array)}")
    return array


def laws_of(work, m):
    """Return the laws of the m workers, a tuple: one law if they are equal; raises for bad work."""
    laws = order_statistic(work, 1, m).work
    laws = laws if isinstance(laws, tuple) else (laws,)
    if any(np.max(getattr(law, "atoms", 1)) <= 0 for law in laws):
        raise ValueError(
            f"work must have a positive mean, got {work!r}: updates would take no time"
        )
    return laws


def equal_law(work, m):
    """Return the law of m equal workers, None for unequal ones; raises for bad work."""
    laws = laws_of(work, m)
    return laws[0] if len(laws) == 1 else None


def exponential_parameters(law):
    """Return (shift, rate) of a frozen shift + Exp(rate) law, None for any other law."""
    if isinstance(law, rv_frozen) and isinstance(law.dist, type(stats.expon)):
        return float(law.support()[0]), 1 / float(law.std())
    return None
