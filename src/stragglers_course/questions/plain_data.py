"""Answers as plain data: what leaves the student's process, and what the judges read.

A live answer becomes None, a bool, a number, a string, a list or a dict with string keys. What has
no such form becomes {"unsupported": "its type"}; a function {"function": "its name", "empty":
whether it does nothing}; axes of matplotlib {"axes": {...}}. The limits keep one answer below about
a megabyte of JSON.
"""

import copy
import math
import numbers

from .verdicts import Unreadable

NUMBERS, TEXT, FIELDS, DEPTH = 20_000, 20_000, 40, 4
LINES, POINTS = 40, 500  # of one picture
EMPTY = (lambda: None).__code__.co_code[::2]  # what a function does that only has a docstring


class TooLong(BaseException):
    """A cell or a call took longer than it may; no `except Exception` of a student stops it."""


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
    except BaseException:
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
        code = getattr(getattr(value, "__code__", None), "co_code", b"")
        name = str(getattr(value, "__name__", "function"))[:100]
        return {"function": name, "empty": code[::2] == EMPTY}
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
    figure = ax.figure
    legends = [legend for legend in (ax.get_legend(), *figure.legends) if legend is not None]
    named = [
        (handle.get_color(), text.get_text())
        for legend in legends
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=False)
        if hasattr(handle, "get_color")
    ]
    return {
        "lines": [_line(line, named) for line in ax.get_lines()[:LINES]],
        "data": bool(ax.has_data()),
        "xlabel": str(ax.get_xlabel() or figure.get_supxlabel())[:200],
        "ylabel": str(ax.get_ylabel() or figure.get_supylabel())[:200],
        "legend": [str(text)[:200] for _, text in named],
        "texts": [str(text.get_text())[:200] for text in ax.texts[:LINES]],
    }


def _line(line, named):
    """Return a curve as plain data: evenly thinned points, and its name in the legend, if any."""
    x, y = list(line.get_xdata()), list(line.get_ydata())
    steps = max(1, len(x) - 1)
    kept = sorted({round(i * steps / (POINTS - 1)) for i in range(POINTS)} & set(range(len(x))))
    label = next((text for color, text in named if color == line.get_color()), line.get_label())
    return {
        "label": str(label)[:200],
        "x": _plain([x[i] for i in kept], 1),
        "y": _plain([y[i] for i in kept], 1),
    }


def call(function, arguments):
    """Return what `function(*arguments)` gives as plain data, or how it failed.

    The result is {"value": ...} or {"error": "ValueError: ..."}. The function gets a copy of the
    arguments, which it may change.
    """
    try:
        return {"value": plain(function(*copy.deepcopy(arguments)))}
    except (KeyboardInterrupt, TooLong):
        raise
    except BaseException as error:
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


def name_in(written):
    """Return the name of a question as it may have been written, "" if it is no text.

    >>> name_in(" Q1 ")
    'q1'
    """
    text = plain(written)
    return text.strip().lower() if isinstance(text, str) else ""


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
