"""Local SGD: workers average their models only now and then."""

import math
from dataclasses import dataclass

import numpy as np

from ..laws.affine import affine
from ..laws.methods import Work
from ..order_statistics.equal_workers import kth_of
from .fields import count, time
from .gradient_counts import EXPLICIT, mean_slowest_sum
from .synchronous import FirstK, mean_of_kth


@dataclass(frozen=True)
class LocalSGD(FirstK):
    """Local SGD: each worker takes `steps` steps on its own copy, then the m copies are averaged.

    An update is one local step of all m workers, so that its time and its m gradients compare with
    those of `Sync`: time_per_update = time_per_round / steps. In a run, the s-th update of a round
    is when every worker has taken s steps; the last one waits for `delay` too, the time that
    averaging takes. Staleness is 0: a gradient is of the worker's own copy. Derived in the chapter
    "The bill for talking" (Wang and Joshi 2018, periodic averaging).

    >>> from scipy import stats
    >>> round(LocalSGD(m=16, steps=10, delay=1).time_per_update(stats.expon()), 6)
    1.733735
    """

    m: int = count()
    steps: int = count()
    delay: float = time(0.0)

    @property
    def k(self):
        """The number of gradients in an update: one of each worker."""
        return self.m

    @property
    def _one_time_each(self):
        return self.steps == 1

    def time_per_round(self, work: Work) -> float:
        """Return E of the slowest worker's time for all its steps, plus the delay.

        Exact for steps = 1, and for exponential, shifted exponential, gamma, uniform,
        hyperexponential, two-point and constant times, and for traces whose sums of times coincide
        often, as whole numbers do; NotImplementedError with bounds for the others.
        """
        _, workers = self._enter(work)
        return self._round(workers)

    def _round(self, workers):
        if self.steps == 1:
            return mean_of_kth(workers, self.m) + self.delay
        mean = mean_slowest_sum(workers.groups, self.steps)
        if mean is None:
            least = self.steps * max(float(law.mean()) for law in workers.laws)
            most = self.steps * mean_of_kth(workers, self.m)
            raise self._unknown(
                "The time per round",
                f"it is for {EXPLICIT}, and between {least + self.delay:.6g} and "
                f"{most + self.delay:.6g}; use simulate",
            )
        return mean + self.delay

    def _time(self, workers):
        """The time per local step, its share of the delay included."""
        return self._round(workers) / self.steps

    def _update_time(self, workers):
        if self.steps > 1:
            raise self._unknown("The law of an update's time", "it is for steps = 1; use simulate")
        return affine(kth_of(workers, self.m), 1.0, self.delay)

    def _first(self, workers):
        return mean_of_kth(workers, self.m) + (self.delay if self.steps == 1 else 0.0)

    def _wait(self, times, services, who):
        whole = len(times) // self.steps * self.steps
        rounds = times[:whole].reshape(-1, self.steps, self.m)
        waits = np.diff(np.cumsum(rounds, axis=1).max(axis=2), axis=1, prepend=0.0)
        waits[:, -1] += self.delay
        workers = np.broadcast_to(np.arange(self.m), (whole, self.m))
        return waits.ravel(), workers if who else None

    def _rows(self, services, updates):
        rounds = max(1, services.rows(self.m) // self.steps)
        return self.steps * min(rounds, math.ceil(updates / self.steps))

    @property
    def _round_length(self):
        return self.steps
