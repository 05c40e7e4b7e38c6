"""The race of the first 1, 2, ..., m workers to finish one gradient each, simulated."""

from dataclasses import dataclass

import numpy as np

from ._checks import check_count, check_rng
from .service_times import BLOCK, keep_pages


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


def race(work, m, iterations, rng):
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
    check_rng(rng)
    keep_pages()
    slowest, fastest = _RunningMoments(np.maximum), _RunningMoments(np.minimum)
    rows = max(1, BLOCK // m)
    for start in range(0, iterations, rows):
        times = work.rvs(size=(min(rows, iterations - start), m), random_state=rng)
        slowest.add(times)
        fastest.add(times)
    (slow, slow_error), (fast, fast_error) = slowest.means(), fastest.means()
    return Race(np.arange(1, m + 1), slow, fast, slow_error, fast_error)


class _RunningMoments:
    """Mean and standard error, over the rows of many tables, of the running extreme along a row."""

    def __init__(self, extreme):
        self.extreme, self.rows, self.origin, self.sum, self.squares = extreme, 0, None, 0.0, 0.0

    def add(self, times):
        best = times.T.copy()  # a worker a row: numpy is slow along short rows
        if len(best) > best.shape[1]:
            self.extreme.accumulate(best, axis=0, out=best)
        else:  # the same; accumulate does not use the processor's vector instructions
            for i in range(1, len(best)):
                self.extreme(best[i - 1], best[i], out=best[i])
        if self.origin is None:  # squares about a value in their midst do not cancel
            self.origin = best[:, :1].copy()
        best -= self.origin
        self.rows += best.shape[1]
        self.sum += best.sum(axis=1)
        self.squares += np.einsum("ij,ij->i", best, best)

    def means(self):
        mean = self.sum / self.rows
        variance = np.maximum(self.squares - self.rows * mean**2, 0) / (self.rows - 1)
        return self.origin[:, 0] + mean, np.sqrt(variance / self.rows)
