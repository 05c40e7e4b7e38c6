"""Which statement of a cell failed: what ran before it counts, and what stands after it may run."""

import ast
import traceback


def failed_lines(python, error):
    """Return (first, last) line of the statement of a cell that raised `error`, None if unknown.

    `python` is the cell's source with IPython's own commands turned into Python, line by line.
    """
    frames = traceback.walk_tb(error.__traceback__)
    failed = next((line for frame, line in frames if _is_cell(frame.f_code.co_name)), 0)
    for statement in ast.parse(python).body:
        first = min(node.lineno for node in [statement, *getattr(statement, "decorator_list", [])])
        if first <= failed <= statement.end_lineno:
            return first, statement.end_lineno
    return None


def _is_cell(name):
    return name == "<module>" or name.startswith("<cell line")  # the latter in Colab's IPython


def before_error(source, python, error):
    """Return the lines of a cell before the statement that raised `error`, "" if none ran."""
    if source.startswith("%%"):
        return source  # its lines are those of another program; run again, it fails in the same way
    lines = failed_lines(python, error)
    return "\n".join(source.split("\n")[: lines[0] - 1]) if lines else ""


def after_elsewhere(source, python, error, before=None):
    """Return the lines after a statement that failed only because it ran in another place.

    That is an import of a package that is not here, a command of IPython, or, after an error
    `before` of this kind, the use of what was not imported; "" for others.
    """
    lines = None if source.startswith("%%") else failed_lines(python, error)
    if not lines:
        return ""
    own = source.split("\n")
    is_elsewhere = (
        isinstance(error, ImportError)
        or (before is not None and isinstance(error, NameError))
        or own[lines[0] - 1].lstrip().startswith(("%", "!"))
    )
    return "\n".join(own[lines[1] :]) if is_elsewhere else ""
