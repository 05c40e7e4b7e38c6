"""Answers as plain data: what leaves the student's process, and what the judges read.

A live answer becomes None, a bool, a number, a string, a list or a dict with string keys. What has
no such form becomes {"unsupported": "its type"}; a function {"function": "its name"}; axes of
matplotlib {"axes": {...}}. The limits keep one answer below about a megabyte of JSON.
"""

import math
import numbers

from .verdicts import Unreadable

NUMBERS, TEXT, FIELDS, DEPTH, LINES = 20_000, 20_000, 40, 4, 12


def plain(value, depth=DEPTH):
    """Return `value` as plain data. Never raises, whatever the object does."""
    try:
        return _plain(value, depth)
    except Exception as error:
        return {"unsupported": f"{type(value).__name__} that cannot be read ({told(error):.100})"}


def told(error):
    """Return an error as one line. Never raises, whatever the error does.

    >>> told(ValueError("no"))
    'ValueError: no'
    """
    try:
        return f"{type(error).__name__}: {error!s:.300}"
    except Exception:
        return type(error).__name__


def _plain(value, depth):
    if value is None or value is Ellipsis:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value[:TEXT])
    if isinstance(value, numbers.Integral):
        return int(value) if abs(int(value)) < 10**300 else math.inf
    if isinstance(value, numbers.Real):
        return float(value)
    if hasattr(value, "get_lines") and hasattr(value, "get_xlabel"):
        return {"axes": _axes(value)}
    if hasattr(value, "get_axes") and hasattr(value, "savefig"):
        return _one(value.get_axes(), "a figure", depth)
    if callable(value):
        return {"function": str(getattr(value, "__name__", "function"))[:100]}
    return _container(value, depth)


def _container(value, depth):
    if getattr(value, "size", 0) and not isinstance(value, dict) and value.size > NUMBERS:
        return {"unsupported": f"array of more than {NUMBERS} numbers"}
    if hasattr(value, "tolist"):
        listed = value.tolist()
        return _plain(listed, depth) if not hasattr(listed, "tolist") else None
    if not isinstance(value, (list, tuple, range, dict)) and hasattr(type(value), "__float__"):
        return float(value)  # Decimal, and numbers of packages that we do not know
    if not isinstance(value, (list, tuple, range, dict)):
        return {"unsupported": type(value).__name__[:100]}
    if depth == 0:
        return {"unsupported": "list within list within list"}
    if isinstance(value, dict):
        if len(value) > FIELDS:
            return {"unsupported": f"dict of more than {FIELDS} fields"}
        return {str(name)[:100]: plain(field, depth - 1) for name, field in value.items()}
    if len(value) > NUMBERS:
        return {"unsupported": f"list of more than {NUMBERS} entries"}
    return [plain(item, depth - 1) for item in value]


def _one(axes, what, depth):
    if len(axes) != 1:
        return {"unsupported": f"{what} with {len(axes)} axes; hand in the axes, ax"}
    return _plain(axes[0], depth)


def _axes(ax):
    lines = [
        {
            "label": str(line.get_label())[:200],
            "x": _plain(list(line.get_xdata()), 1),
            "y": _plain(list(line.get_ydata()), 1),
        }
        for line in ax.get_lines()[:LINES]
    ]
    return {
        "lines": lines,
        "xlabel": str(ax.get_xlabel())[:200],
        "ylabel": str(ax.get_ylabel())[:200],
        "legend": ax.get_legend() is not None,
    }


def call(function, arguments):
    """Return what `function(*arguments)` gives as plain data, or how it failed.

    The result is {"value": ...} or {"error": "ValueError: ..."}.
    """
    try:
        return {"value": plain(function(*arguments))}
    except (Exception, SystemExit) as error:
        return {"error": told(error)}


def number(value, what="the answer"):
    """Return plain data as a float; raise Unreadable, with what is wanted, if it is no number."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unreadable(f"{what} must be one number, not {describe(value)}.")
    if math.isnan(value):
        raise Unreadable(f"{what} is nan, which is not a number; look where it first appears.")
    return float(value)


def describe(value):
    """Return, in a few words, what plain data is."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        for kind, text in (("unsupported", "{}"), ("function", "the function {}; call it")):
            if kind in value:
                return text.format(value[kind])
        return "axes" if "axes" in value else "a dict"
    names = {bool: "True or False", str: "text", int: "a number", float: "a number"}
    return names.get(type(value), "nothing")
