"""What may be trained on: any object with start, gradient(x, rng) and loss(x)."""

import numpy as np

from .arguments import check_array

NEEDED = ("start", "gradient", "loss")


def as_problem(problem):
    """Return the problem with gradients of many points at once; TypeError names what it lacks."""
    missing = [name for name in NEEDED if not hasattr(problem, name)]
    if missing:
        raise TypeError(f"problem must have {', '.join(NEEDED)}; {problem!r} lacks {missing}")
    start = np.atleast_1d(check_array("problem.start", problem.start, "number"))
    together = hasattr(problem, "draw") and hasattr(problem, "gradients")
    return Together(problem, start) if together else OneByOne(problem, start)


class OneByOne:
    """A problem that knows one gradient at a time."""

    def __init__(self, problem, start):
        self.problem, self.start = problem, start
        self.cost = len(start)

    def draw(self, rng, shape):
        """Return the rng itself, an entry for each update: gradients draw as they go."""
        return [rng] * shape[0]

    def gradients(self, points, rng):
        """Return the gradients at the rows of points, of the shape of points."""
        found = [self.problem.gradient(point.copy(), rng) for point in points]
        for one in found:
            if _shape(one) != points.shape[1:]:
                _refuse("gradient", one, points.shape[1:])
        return np.array(found, float)

    def losses(self, points):
        """Return the loss at each row of points."""
        points = points.copy()  # not even a loss that works in place may move a model
        if hasattr(self.problem, "losses"):
            found = np.array(self.problem.losses(points), dtype=float)
            if found.shape != (len(points),):
                _refuse("losses", found, (len(points),))
            return found
        return np.array([_number(self.problem.loss(point)) for point in points])


class Together(OneByOne):
    """A problem that takes the gradients of many points at once."""

    def draw(self, rng, shape):
        """Return what the gradients need that is random, shape (updates, gradients, ...)."""
        count = shape[0] * shape[1]
        drawn = np.asarray(self.problem.draw(rng, count))
        if drawn.shape[:1] != (count,):
            _refuse("draw", drawn, f"({count}, ...)")
        return drawn.reshape(*shape, *drawn.shape[1:])

    def gradients(self, points, drawn):
        found = self.problem.gradients(points, drawn)
        if getattr(found, "shape", None) != points.shape:
            _refuse("gradients", found, points.shape)
        return found


def _number(loss):
    try:
        return float(loss)
    except (TypeError, ValueError):
        raise TypeError(f"problem.loss must return a number, got {loss!r}") from None


def _shape(found):
    """Return the shape of an array of numbers, or of what can be one; None for all else."""
    try:
        return np.asarray(found, dtype=float).shape
    except (TypeError, ValueError):
        return None


def _refuse(name, found, shape):
    what = f"shape {found.shape}" if isinstance(found, np.ndarray) else repr(found)
    raise ValueError(f"problem.{name} must return an array of shape {shape}, got {what}")
