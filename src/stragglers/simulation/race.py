"""The race of the first 1, 2, ..., m workers to finish one gradient each, simulated."""

from dataclasses import dataclass

import numpy as np

from ..checks import check_count, check_rng
from ..laws.check import check_law
from ..laws.methods import Work
from .worker_times import keep_pages

BLOCK = 1 << 17  # times at once: more and they leave the cache, fewer and the calls cost more


@dataclass(frozen=True, eq=False)
class Race:
    """Mean slowest and fastest time of the first 1, 2, ..., m workers, with standard errors.

    All five are arrays of length m; entry i is about the first `workers[i]` = i + 1 workers. The
    means are over the iterations, and the entries share their dice: they are not independent.

    >>> from stragglers import exponential
    >>> race(exponential(rate=2), m=3, iterations=10, rng=np.random.default_rng(0)).workers
    array([1, 2, 3])
    """

    workers: np.ndarray
    slowest: np.ndarray
    fastest: np.ndarray
    slowest_error: np.ndarray
    fastest_error: np.ndarray


def race(work: Work, m: int, iterations: int, rng: np.random.Generator) -> Race:
    """Return the `Race` of the first 1, ..., m workers in `iterations` rounds of independent times.

    One table of draws, iterations x m, serves every number of workers: worker i runs in all races
    of i or more. `work` is the law of one worker's time. Raises ValueError for fewer than one
    worker or two iterations (one has no standard error). Derived in the chapter "The race".

    >>> from scipy import stats
    >>> rng = np.random.default_rng(0)
    >>> simulated = race(stats.expon(scale=1 / 2), m=20, iterations=5000, rng=rng)
    >>> print(f"{simulated.slowest[-1]:.2f} +- {simulated.slowest_error[-1]:.2f}")
    1.80 +- 0.01
    """
    m, iterations = check_count("m", m), check_count("iterations", iterations, minimum=2)
    law = check_law(work)
    check_rng(rng)
    keep_pages()
    slowest, fastest = _RunningMoments(np.maximum, m), _RunningMoments(np.minimum, m)
    rows, origin = max(1, BLOCK // m), None
    for start in range(0, iterations, rows):
        times = law.rvs(size=(min(rows, iterations - start), m), random_state=rng)
        origin = times[0, 0] if origin is None else origin
        # A worker a row, since numpy is slow along short rows; about a value in their midst, since
        # sums of squares cancel.
        times = np.subtract(times.T, origin, out=np.empty(times.shape[::-1]))
        slowest.add(times)
        fastest.add(times)
    (slow, slow_error), (fast, fast_error) = slowest.means(), fastest.means()
    return Race(np.arange(1, m + 1), origin + slow, origin + fast, slow_error, fast_error)


class _RunningMoments:
    """Mean and standard error, over all columns, of the running extreme down each column."""

    def __init__(self, extreme, m):
        self.extreme, self.count, self.sum, self.squares = extreme, 0, np.zeros(m), np.zeros(m)

    def add(self, times):
        if len(times) > times.shape[1]:
            best = self.extreme.accumulate(times, axis=0)
        else:  # the same; accumulate does not use the processor's vector instructions
            best = np.empty_like(times)
            best[0] = times[0]
            for i in range(1, len(times)):
                self.extreme(best[i - 1], times[i], out=best[i])
        self.count += times.shape[1]
        self.sum += best.sum(axis=1)
        self.squares += np.einsum("ij,ij->i", best, best)

    def means(self):
        mean = self.sum / self.count
        variance = np.maximum(self.squares - self.count * mean**2, 0) / (self.count - 1)
        return mean, np.sqrt(variance / self.count)
