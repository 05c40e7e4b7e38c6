"""What may be trained on: any object with start, gradient(x, rng) and loss(x)."""

import numpy as np

NEEDED = ("start", "gradient", "loss")


def as_problem(problem):
    """Return the problem with gradients of many points at once; TypeError names what it lacks."""
    missing = [name for name in NEEDED if not hasattr(problem, name)]
    if missing:
        raise TypeError(f"problem must have {', '.join(NEEDED)}; {problem!r} lacks {missing}")
    start = np.atleast_1d(np.array(problem.start, dtype=float))
    if start.ndim != 1 or not np.all(np.isfinite(start)):
        raise ValueError(f"problem.start must be a list of finite numbers, got {problem.start!r}")
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
        found = np.array([self.problem.gradient(point.copy(), rng) for point in points], float)
        return _of_shape(found, points.shape, "gradient")

    def losses(self, points):
        """Return the loss at each row of points."""
        if hasattr(self.problem, "losses"):
            return np.asarray(self.problem.losses(points), dtype=float)
        return np.array([float(self.problem.loss(point)) for point in points])


class Together(OneByOne):
    """A problem that takes the gradients of many points at once."""

    def draw(self, rng, shape):
        """Return what the gradients need that is random, shape (updates, gradients, ...)."""
        drawn = self.problem.draw(rng, shape[0] * shape[1])
        return drawn.reshape(*shape, *drawn.shape[1:])

    def gradients(self, points, drawn):
        found = self.problem.gradients(points, drawn)
        return found if found.shape == points.shape else _of_shape(found, points.shape, "gradients")


def _of_shape(found, shape, name):
    if found.shape != shape:
        raise ValueError(f"problem.{name} must return shape {shape}, got {found.shape}")
    return found
