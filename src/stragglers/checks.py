"""Refuse bad arguments with a message that names the argument, the value and what is allowed."""

import math
import operator
import reprlib
import sys
from collections.abc import Hashable
from numbers import Real

import numpy as np

NUMBERS = "fiuO"  # numpy's kinds of numbers: no bool, complex, time, text
LARGEST = sys.float_info.max  # beyond, neither a count nor a number has a float


def check_count(name, value, minimum=1, maximum=None):
    """Return `value` as an int from `minimum` to `maximum`, or raise.

    Where there is no maximum, the count must be one that a float can hold.

    >>> check_count("m", 0)
    Traceback (most recent call last):
    ValueError: m must be an integer of at least 1, got 0
    """
    allowed = f"of at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        kind = ValueError if is_number else TypeError
        raise kind(f"{name} must be an integer {allowed}, got {value!r}")
    try:
        count = operator.index(value)
    except TypeError:  # an array of several has __index__ too
        raise TypeError(f"{name} must be an integer {allowed}, got {value!r}") from None
    if count < minimum or (maximum is not None and count > maximum):
        raise ValueError(f"{name} must be an integer {allowed}, got {_shown(value)}")
    if count > LARGEST:
        raise ValueError(
            f"{name} must be an integer {allowed} and at most {LARGEST:.1e}, got {_shown(value)}"
        )
    return count


def _shown(value):
    """Return how a message shows a value: an int of hundreds of digits by its size."""
    if not isinstance(value, int) or abs(value) <= LARGEST:
        return repr(value)
    return f"{'-' if value < 0 else ''}10^{math.log10(abs(value)):.0f} or so"


def _is_no_number(value):
    """Tell whether float() would take what is no number: text, a truth value, a numpy duration."""
    kind = getattr(getattr(value, "dtype", None), "kind", "f")
    return isinstance(value, (bool, str, bytes)) or kind not in NUMBERS


def check_number(name, value, allowed="a finite number"):
    """Return `value` as a finite float, or raise."""
    try:
        number = math.nan if _is_no_number(value) else float(value)
    except OverflowError:
        raise ValueError(
            f"{name} must be {allowed}, at most {LARGEST:.1e} in size, got {_shown(value)}"
        ) from None
    except (TypeError, ValueError):
        number = math.nan
    if math.isfinite(number):
        return number
    kind = ValueError if isinstance(value, float) else TypeError
    raise kind(f"{name} must be {allowed}, got {value!r}")


def check_positive(name, value):
    """Return `value` as a finite float above 0, or raise."""
    number = check_number(name, value, "a positive finite number")
    if number <= 0:
        raise ValueError(f"{name} must be a positive finite number, got {value!r}")
    return number


def check_time(name, value):
    """Return `value` as a finite float of at least 0, or raise."""
    number = check_number(name, value, "a finite number of at least 0")
    if number < 0:
        raise ValueError(f"{name} must be a finite number of at least 0, got {value!r}")
    return number


def check_probability(name, value):
    """Return `value` as a float in [0, 1], or raise."""
    number = check_number(name, value, "a number from 0 to 1")
    if not 0 <= number <= 1:
        raise ValueError(f"{name} must be a number from 0 to 1, got {value!r}")
    return number


def check_list(name, values, check):
    """Return `values` as a non-empty tuple, each entry passed through `check(name, entry)`."""
    try:
        entries = None if isinstance(values, (str, bytes, dict, set)) else tuple(values)
    except TypeError:
        entries = None
    if entries is None:
        raise TypeError(f"{name} must be a list of numbers, got {values!r}")
    if not entries:
        raise ValueError(f"{name} must not be empty, got {values!r}")
    return tuple(check(f"{name}[{i}]", entry) for i, entry in enumerate(entries))


def check_times(name, values):
    """Return `values` as a non-empty tuple of times: 10^6 numbers are not checked one by one."""
    plain = isinstance(values, (list, tuple)) and set(map(type, values)) <= {int, float}
    array = isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in "fiu"
    if (plain or array) and len(values):
        try:
            times = np.asarray(values, dtype=float)
        except OverflowError:  # an int beyond the range: found by its place, below
            times = np.array([np.inf])
        if np.all((times >= 0) & (times < np.inf)):
            return tuple(times.tolist())
    return check_list(name, values, check_time)


def check_table(name, values, allowed, kinds=NUMBERS):
    """Return `values` as an array of floats, of any shape and not all finite, or raise.

    TypeError where an entry is no number, ValueError where rows differ in length or an int has no
    float; both say that `name` must be `allowed`.
    """
    try:
        table = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} must be {allowed}, got rows of different lengths") from None
    if table.dtype.kind not in kinds:
        raise TypeError(f"{name} must be {allowed}, got {reprlib.repr(values)}")
    try:
        return table.astype(float)
    except (TypeError, ValueError, OverflowError) as failure:
        kind = ValueError if isinstance(failure, OverflowError) else TypeError
        raise kind(f"{name} must be {allowed}, got {reprlib.repr(values)}") from None


def is_one_of(value, allowed):
    """Tell whether `value` is one of the values allowed, for an array or a list too: it is not."""
    return isinstance(value, Hashable) and value in allowed


def check_rng(rng):
    """Return `rng`, a numpy.random.Generator, or raise."""
    if isinstance(rng, np.random.Generator):
        return rng
    raise TypeError(f"rng must be a numpy.random.Generator, got {rng!r}")
