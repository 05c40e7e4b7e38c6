"""Problem sets for a course: what a student's notebook calls, and the grader behind it.

In a notebook that was handed out, `start` gives the four functions that a student needs::

    check, parameters, progress, submit = start("protocols", student, handout="...")

`stragglers-course --help` is the instructor's side.
"""

__all__ = ["start"]


def start(name, student="", handout="", more=None):
    """Return check, parameters, progress and submit for one student's work on the set `name`.

    `student` is the id by which the course knows the student; the personal parameters depend on
    it. `handout` stands in the notebook, and so does `more`, the points and the cases of questions
    that are judged later: {"q9": (2, [{"m": 4}, {"m": 5}])}. Raises ValueError if there is no
    such set.
    """
    from .student.desk import start  # not above: the keys must stay out of the process that grades

    return start(name, student, handout, more)
