"""How fast anyone can be when worker i needs a fixed time for a gradient."""

import numpy as np
from numpy.typing import ArrayLike

from ..checks import check_count, check_list, check_positive, check_time


def time_of_gradients(times: ArrayLike, n: int) -> float:
    """Return when n gradients are in: the first t at which the floors of t / times sum to n.

    times: a positive number for each worker, who all start at 0 and never wait. A float.

    >>> time_of_gradients([1, 2, 3], 4)
    3.0
    """
    times, n = _check(times), check_count("n", n)
    low = n / np.sum(1 / times)  # no floor lost
    finished = np.floor(low / times * (1 + 1e-12)).astype(int)
    finished = np.maximum(finished - 1, 0)
    upcoming = []
    while finished.sum() < n:
        following = (finished + 1) * times
        first = following.min()
        upcoming = first
        finished[following <= first * (1 + 1e-12)] += 1
    return float(upcoming)


def fixed_time_bound(times: ArrayLike, ratio: float) -> float:
    """Return the least over j of (1 + ratio / j) / (mean rate of the j fastest), and that j.

    In units of L Delta / epsilon, ratio = sigma^2 / epsilon: the time below which, up to a
    constant, no method brings an L-smooth function's mean squared gradient to epsilon from Delta
    above its minimum, with gradient noise of variance sigma^2 (Tyurin and Richtarik 2023).

    >>> fixed_time_bound([1] + [50] * 29, ratio=10)
    (11.0, 1)
    """
    times, ratio = np.sort(_check(times)), check_time("ratio", ratio)
    j = np.arange(1, len(times) + 1)
    bounds = (j + ratio) / np.cumsum(1 / times)
    best = int(np.argmin(bounds * (1 - 1e-14 * j / len(j))))
    return float(bounds[best]), best + 1


def minibatch_time(times: ArrayLike, ratio: float) -> float:
    """Return the time of synchronous SGD with all workers, slowest (1 + ratio / n), same units."""
    times, ratio = _check(times), check_time("ratio", ratio)
    return float(times.max() * (1 + ratio / len(times)))


def asynchronous_time(times: ArrayLike, ratio: float) -> float:
    """Return the proved time of asynchronous SGD, (1 + ratio / n) / mean rate, same units."""
    times, ratio = _check(times), check_time("ratio", ratio)
    return float((1 + ratio / len(times)) / np.mean(1 / times))


def _check(times):
    return np.array(check_list("times", times, check_positive))
