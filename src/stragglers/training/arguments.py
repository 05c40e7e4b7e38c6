"""Refuse bad arguments of the training shelf by name."""

import numpy as np

from ..checks import check_number, check_positive, check_time

CHECKS = {"number": check_number, "positive": check_positive, "time": check_time}


def check_array(name, values, kind, length=None):
    """Return a number or a list of numbers as a float array of at most one axis, or raise.

    `kind` says what every number must be: "number", "positive" or "time" (at least 0). A list must
    have `length` numbers, if that is given; one number stands for as many.
    """
    if isinstance(values, (str, bytes)) or values is None:
        raise TypeError(f"{name} must be a number or a list of numbers, got {values!r}")
    try:
        axes = np.ndim(values)
    except ValueError:  # rows of different lengths
        raise ValueError(f"{name} must be a number or a list of numbers, got {values!r}") from None
    if axes == 0:
        number = CHECKS[kind](name, values)
        return np.array(number) if length is None else np.full(length, number)
    if axes > 1 or not len(values):
        shape = np.shape(values)
        raise ValueError(f"{name} must be a number or a list of numbers, got shape {shape}")
    array = np.array([CHECKS[kind](f"{name}[{i}]", value) for i, value in enumerate(values)])
    if length is not None and len(array) != length:
        raise ValueError(f"{name} must be a number or {length} numbers, got {len(array)}")
    return array
