"""Problem sets for a course: what a student's notebook calls, and the grader behind it.

In a notebook that was handed out, `start` gives the four functions that a student needs::

    check, parameters, progress, submit = start("protocols", student, handout="...")

`python -m stragglers.coursework --help` is the instructor's side.
"""

from .desk import start

__all__ = ["start"]
