"""The figures of the book: a module a chapter, a draw function a figure, named by its story.

A draw function takes an `ax` and numbers. It draws on the axes it is given (one, or a list where
the figure has several panels), neither shows nor saves, and returns one sentence that says in
words what the picture shows. Simulated points are hollow markers, exact values are lines.
"""

from . import exponential, fan_out, race
from .style import COLOURS, MARKERS, STYLE

__all__ = ["COLOURS", "MARKERS", "STYLE", "exponential", "fan_out", "race"]
