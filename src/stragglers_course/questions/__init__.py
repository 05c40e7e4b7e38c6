"""The kinds of questions: what an answer looks like, how it is judged, who gets which numbers.

A set is made of `Number`, `Numbers`, `Decision` with `Choice`, `OwnTable` (about a table that the
student has recorded), `Function`, `Simulation` and `Figure`, with the `mistakes` that they know by
name. Hidden cells of a master call `ask` and `inputs`.
"""

from .decisions import Choice, Decision
from .figures import Figure
from .functions import Function, Simulation
from .hidden_cells import ask, inputs
from .numbers import Number, Numbers
from .own_tables import OwnTable
from .personal_numbers import Parameters
from .verdicts import mistakes

__all__ = [
    "Choice",
    "Decision",
    "Figure",
    "Function",
    "Number",
    "Numbers",
    "OwnTable",
    "Parameters",
    "Simulation",
    "ask",
    "inputs",
    "mistakes",
]
