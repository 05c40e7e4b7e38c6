"""Fields of a protocol that carry their domain: what is not in it is refused by name.

    m: int = count()
    k: int = count(most="m")
    share: float = number(above=0, most=1)
    communication: float = time(0.0)

A bound is a number, the name of another attribute of the protocol, or a function of the protocol.
Fields are checked in their order when a protocol is made; plain fields are left alone.
"""

import math
from dataclasses import MISSING, field, fields

from ..checks import check_count, check_number, check_time, is_one_of


def count(default=MISSING, *, least=1, most=None):
    """Return a field for a whole number from `least` to `most`."""

    def check(name, value, protocol):
        return check_count(name, value, _bound(least, protocol), _bound(most, protocol))

    return _field(default, check)


def time(default=MISSING):
    """Return a field for a finite time of at least 0."""
    return _field(default, lambda name, value, protocol: check_time(name, value))


def number(default=MISSING, *, least=-math.inf, above=-math.inf, most=math.inf):
    """Return a field for a finite number of at least `least`, above `above`, at most `most`."""

    def check(name, value, protocol):
        low, over, high = (_bound(bound, protocol) for bound in (least, above, most))
        bounds = [(low, "of at least"), (over, "above"), (high, "of at most")]
        limits = [f"{words} {bound:g}" for bound, words in bounds if math.isfinite(bound)]
        allowed = " ".join(["a finite number", " and ".join(limits)]).strip()
        found = check_number(name, value, allowed)
        if not (found >= low and over < found <= high):
            raise ValueError(f"{name} must be {allowed}, got {value!r}")
        return found

    return _field(default, check)


def choice(*allowed, default=MISSING):
    """Return a field for one of the values allowed."""

    def check(name, value, protocol):
        if not is_one_of(value, allowed):
            raise ValueError(f"{name} must be {' or '.join(map(repr, allowed))}, got {value!r}")
        return value

    return _field(default, check)


def check_fields(protocol):
    """Put every field of a frozen protocol through its check."""
    for one in fields(protocol):
        check = one.metadata.get("check")
        if check:
            value = check(one.name, getattr(protocol, one.name), protocol)
            object.__setattr__(protocol, one.name, value)


def _field(default, check):
    return field(default=default, metadata={"check": check})


def _bound(bound, protocol):
    if isinstance(bound, str):
        return getattr(protocol, bound)
    return bound(protocol) if callable(bound) else bound
