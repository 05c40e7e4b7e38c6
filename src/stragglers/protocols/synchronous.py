"""Synchronous protocols: every update starts all workers anew from the same model."""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from ..order_statistics.equal_workers import order_statistic
from ..simulation import engines
from ..simulation.worker_times import GivenRows
from .gradient_counts import EXPLICIT, mean_kth_arrival
from .protocol import Protocol, chances_to_be_early
from .staleness import constant_staleness


class Synchronous(Protocol):
    """All workers start together from the newest model; an update cancels what is not finished.

    The collective that combines the gradients starts when the last one awaited has arrived, and
    adds a constant time, `communication`, to every update.
    """

    def time_per_update(self, work):
        """Return E X_{k:m} + communication: exact for every law, and for unequal workers."""
        return self._mean(work, self.k) + self.communication

    def useful_time(self, work):
        """Return the mean worker-time per update, over all workers, of the gradients used."""
        if self.k == self.m:
            return sum(number * float(law.mean()) for law, number in self._groups(work))
        return sum(self._mean(work, i) for i in range(1, self.k + 1))

    def wasted_time(self, work):
        """Return the mean worker-time per update that is cancelled: (m - k) E X_{k:m}."""
        late = self.m - self.k
        return late * self._mean(work, self.k) if late else 0.0

    def shares(self, work):
        """Return the share of the gradients used that each worker supplies, shape (m,).

        NotImplementedError for unequal workers whose laws have atoms: there are ties.
        """
        work = self._law(work)
        if self.k < self.m and isinstance(work, list):
            return chances_to_be_early(work, self.k) / self.k
        return np.full(self.m, 1 / self.m)

    def mean_staleness(self, work):
        """Return 0: every gradient is of the model that it changes."""
        self._law(work)
        return 0.0

    def staleness(self, work):
        """Return the law of staleness, a frozen scipy.stats law: always 0."""
        self._law(work)
        return constant_staleness(1, 1)

    def probability_fresh(self, work):
        """Return P(staleness = 0) = 1."""
        return 1.0 - self.mean_staleness(work)

    def staleness_variance(self, work):
        """Return 0."""
        return self.mean_staleness(work)

    def _mean(self, work, k):
        return float(order_statistic(self._law(work), k, self.m).mean())

    def _wait(self, times, services, who):
        """Return how long each row of times, shape (rows, m), waits, and (if asked) for whom."""
        if not who:
            return engines.kth_smallest(times, self.k) + self.communication, None
        workers = engines.first_k(times, self.k, services.tie_break)
        last = np.take_along_axis(times, workers[:, -1:], axis=1)[:, 0]
        return last + self.communication, workers

    def _rows(self, services, updates):
        return min(services.rows(max(self.m, self.k)), updates)

    def _blocks(self, services, start, updates, who):
        rows = self._rows(services, updates)
        tables = (services.table(rows) for _ in itertools.count())
        return engines.renewals(self._wait(times, services, who) for times in tables)

    def _replayed(self, times):
        given = GivenRows(times)
        return engines.renewals([self._wait(given.first, given, True)])

    def _batches(self, updates, start):
        return {"length": 1}


@dataclass(frozen=True)
class Sync(Synchronous):
    """Synchronous SGD: wait for all m workers.

    Derived in the chapter "Synchronous" (Dutta et al. 2018, Lemma 3).

    >>> from scipy import stats
    >>> round(Sync(m=20).time_per_update(stats.expon(scale=1 / 2)), 6)
    1.79887
    """

    m: int
    communication: float = 0.0

    @property
    def k(self):
        """The number of gradients waited for: all of them."""
        return self.m


@dataclass(frozen=True)
class KSync(Synchronous):
    """K-sync SGD: wait for the first k of m workers and cancel the rest.

    The same as k workers with m - k backup workers. Derived in the chapter "K-sync and its
    relatives" (Dutta et al. 2018, Lemma 3; backup workers: Chen et al. 2016).

    >>> from scipy import stats
    >>> round(KSync(m=20, k=15).time_per_update(stats.expon()), 6)
    1.314406
    """

    m: int
    k: int
    communication: float = 0.0


@dataclass(frozen=True)
class KBatchSync(Synchronous):
    """K-batch-sync SGD: workers go on from the same model until k gradients are in, then cancel.

    A worker may send several of the k, and k may exceed m. Derived in the chapter "K-sync and its
    relatives" (the protocol: Dutta et al. 2018, section 4.1).

    >>> from scipy import stats
    >>> KBatchSync(m=4, k=8).time_per_update(stats.expon())
    2.0
    """

    m: int
    k: int
    communication: float = 0.0
    several = True

    def time_per_update(self, work):
        """Return the integral of P(N_1(t) + ... + N_m(t) < k) dt, plus communication.

        N_i(t) counts the gradients of worker i by t. Exact for k = 1, and for exponential, shifted
        exponential, gamma, hyperexponential, two-point and constant times; NotImplementedError
        with a bound for the others.
        """
        return self._kth_arrival(work) + self.communication

    def _kth_arrival(self, work):
        if self.k == 1:
            return self._mean(work, 1)
        rate = self._rate(work)
        if rate is not None:
            return self.k / (self.m * rate)
        mean = mean_kth_arrival(self._groups(work), self.k)
        if mean is None:
            most = math.ceil(self.k / self.m) * self._mean(work, min(self.k, self.m))
            raise self._unknown(
                "The time per update",
                f"it is for {EXPLICIT}, and at most {most + self.communication:.6g}; use simulate",
            )
        return mean

    def useful_time(self, work):
        """Return the mean worker-time of the gradients used, for equal exponential workers."""
        return self.m * self._kth_arrival(work) - self.wasted_time(work)

    def wasted_time(self, work):
        """Return the mean worker-time cancelled: for exponentials (m-1)(1 - (1-1/m)^k) / rate."""
        rate = self._rate(work)
        if rate is None:
            raise self._unknown("The cancelled time", "it is for equal exponential workers")
        return (self.m - 1) * (1 - (1 - 1 / self.m) ** self.k) / rate

    def shares(self, work):
        """Return the share of the gradients used that each worker supplies, shape (m,).

        NotImplementedError for unequal workers that are not exponential.
        """
        work = self._law(work)
        if isinstance(work, list) and not self._memoryless(work):
            raise self._unknown("Each worker's share", "they are for exponential workers")
        rates = [1 / law.mean() for law in work] if isinstance(work, list) else np.ones(self.m)
        return np.array(rates) / np.sum(rates)

    def _wait(self, times, services, who):
        last, workers = engines.first_k_gradients(times, self.k, services)
        return last + self.communication, workers
