"""How many gradients to wait for as the error falls."""

import numpy as np

from ..checks import check_count, check_number, check_positive
from ..laws.methods import Work
from ..order_statistics.equal_workers import order_statistic
from .quadratic import Quadratic


def adaptive_k(problem, work: Work, m: int, step, start=None):
    """Return pairs (moment, k): from then on K-sync had best wait for k, at a constant step.

    For a `Quadratic` of one coordinate, from A = start^2. With h = step curvature and q the squared
    noise of a step, an update takes h(2-h) A - q/k from A = E x^2 and E X_{k:m} of time; the k that
    takes most per unit of time is used at once, and A is moved along as if it fell smoothly. So k
    grows as A falls, up to m, or up to the last k with a finite E X_{k:m}. The pairs are the
    `switches` of `train`. Derived in the chapter "Error against the clock"; the idea is that of
    AdaSync (Dutta et al. 2021).

    >>> from stragglers import exponential
    >>> schedule = adaptive_k(Quadratic(start=10), exponential(rate=1), m=10, step=0.1)
    >>> [(round(moment, 2), k) for moment, k in schedule[:3]]
    [(0.0, 1), (4.39, 2), (5.75, 3)]
    """
    if not isinstance(problem, Quadratic) or len(problem.start) > 1:
        raise TypeError(f"problem must be a Quadratic of one coordinate, got {problem!r}")
    m, step = check_count("m", m), check_positive("step", step)
    scaled = step * problem.largest_curvature
    if scaled >= 2:
        raise ValueError(f"step must be below {2 / problem.largest_curvature:.6g}, got {step!r}")
    fall, noise = scaled * (2 - scaled), step**2 * problem.variance
    square = check_number("start", problem.start[0] if start is None else start) ** 2
    times = np.array([float(order_statistic(work, k, m).mean()) for k in range(1, m + 1)])
    if not times[0] > 0:
        raise ValueError(f"work must have a positive mean of the fastest, got {work!r}")
    if np.isinf(times[0]):
        raise ValueError(f"work must have a finite mean of the fastest of m = {m}, got mean inf")
    times = times[np.isfinite(times)]
    waits = np.arange(1, len(times) + 1)
    now, pairs = 0.0, []
    best = int(np.argmax((fall * square - noise / waits) / times))
    while True:
        pairs.append((float(now), best + 1))
        later = np.arange(best + 1, len(times))
        steeper = 1 / times[best] - 1 / times[later]
        cost = noise / (waits[best] * times[best]) - noise / (waits[later] * times[later])
        level = np.where(steeper > 0, cost / np.where(steeper > 0, steeper, 1), 0) / fall
        if not len(later) or level.max() <= 0:
            return pairs
        following = level.max()  # of A, at which another k does as well as this one
        floor = noise / (waits[best] * fall)
        if following < square:
            now += times[best] / fall * np.log((square - floor) / (following - floor))
            square = following
        best = int(later[np.flatnonzero(level >= following * (1 - 1e-12))[-1]])
