"""Synchronous protocols: every update starts all workers anew from the same model."""

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..laws.affine import affine
from ..laws.families import erlang
from ..laws.workers import Workers
from ..order_statistics.equal_workers import kth_of
from ..simulation import engines
from ..simulation.estimates import PILOT, Independent, least_number
from ..simulation.worker_times import BLOCK, GivenRows, times_of
from .fields import count, time
from .gradient_counts import EXPLICIT, mean_kth_arrival
from .protocol import Protocol, chances_to_be_early
from .staleness import constant_staleness


class Synchronous(Protocol):
    """All workers start together from the newest model; an update cancels what is not finished.

    Every gradient is of the model that it changes: its staleness is 0. A protocol of this kind
    gives `_wait`, how long the updates wait and for whom, and what it knows of `_time`, `_useful`,
    `_wasted` and `_shares`.
    """

    _round_length = 1  # updates that hang together

    def _first(self, workers):
        return self._time(workers)

    def _mean_staleness(self, workers):
        return 0.0

    def _worker_staleness(self, workers):
        return np.zeros(self.m)

    def _staleness(self, workers):
        return constant_staleness(1, 1)

    def _wait(self, times, services, who):
        """Return how long each row of times, shape (rows, m), waits, and (if asked) for whom.

        `services.further(rows, workers)` gives a worker's further times in the same update,
        `services.tie_break(shape)` keys that put those who finish together in a fair order.
        """
        raise NotImplementedError(f"{self!r} must say in _wait how long an update takes")

    def _rows(self, services, updates):
        return min(services.rows(max(self.m, self.k)), updates)

    def _blocks(self, services, start, updates, who):
        rows = self._rows(services, updates)
        tables = (services.table(rows) for _ in itertools.count())
        return engines.renewals(self._wait(times, services, who) for times in tables)

    def _replayed(self, times):
        given = GivenRows(times)
        return engines.renewals([self._wait(given.first, given, True)])

    def _estimates(self, updates, start, workers=None):
        """Estimate from independent rounds; how many a short run needs is found by a pilot."""
        if workers is None or updates >= PILOT * self._round_length:
            return Independent(self._round_length)
        which = None if workers.which is None else tuple(workers.which.tolist())
        return Independent(self._round_length, *_pilot(self, workers.laws, workers.counts, which))


@lru_cache(maxsize=256)
def _pilot(protocol, laws, counts, which):
    """Return how many rounds an error needs, and whether all are alike; always on the same dice."""
    workers = Workers(laws, counts, None if which is None else np.array(which))
    services, length = times_of(workers, np.random.default_rng(0)), protocol._round_length
    rows = length * max(1, min(PILOT, BLOCK // (protocol.m * length)))
    durations, _ = protocol._wait(services.table(rows), services, False)
    rounds = durations.reshape(-1, length).mean(axis=1)
    return least_number(rounds), bool(np.ptp(rounds) == 0)


class FirstK(Synchronous):
    """Synchronous protocols that wait for the first k of m workers and cancel the rest.

    The collective that combines the gradients starts when the last one awaited has arrived, and
    adds a constant time, `communication`, to every update. Its time is E X_{k:m} + communication:
    exact for every law, and for unequal workers. Shares are not known for unequal workers whose
    laws have atoms: there are ties.
    """

    _one_time_each = True

    def _time(self, workers):
        return mean_of_kth(workers, self.k) + self.communication

    def _update_time(self, workers):
        return affine(kth_of(workers, self.k), 1.0, self.communication)

    def _useful(self, workers):
        return time_of_first(workers, self.k)

    def _wasted(self, workers):
        late = self.m - self.k
        return late * mean_of_kth(workers, self.k) if late else 0.0

    def _shares(self, workers):
        if self.k < self.m and not workers.equal:
            return chances_to_be_early(workers, self.k) / self.k
        return np.full(self.m, 1 / self.m)

    def _wait(self, times, services, who):
        if not who:
            return engines.kth_smallest(times, self.k) + self.communication, None
        workers = engines.first_k(times, self.k, services.tie_break)
        last = np.take_along_axis(times, workers[:, -1:], axis=1)[:, 0]
        return last + self.communication, workers


def mean_of_kth(workers, k):
    """Return E X_{k:m} of checked workers."""
    return float(kth_of(workers, k).mean())


def time_of_first(workers, k):
    """Return the mean time of the first k of the workers, summed over them."""
    if k == workers.m:
        return sum(number * float(law.mean()) for law, number in workers.groups)
    return sum(mean_of_kth(workers, i) for i in range(1, k + 1))


@dataclass(frozen=True)
class Sync(FirstK):
    """Synchronous SGD: wait for all m workers.

    Derived in the chapter "The race" (Dutta et al. 2018, Lemma 3).

    >>> from scipy import stats
    >>> round(Sync(m=20).time_per_update(stats.expon(scale=1 / 2)), 6)
    1.79887
    """

    m: int = count()
    communication: float = time(0.0)

    @property
    def k(self):
        """The number of gradients waited for: all of them."""
        return self.m


@dataclass(frozen=True)
class KSync(FirstK):
    """K-sync SGD: wait for the first k of m workers and cancel the rest.

    The same as k workers with m - k backup workers. Derived in the chapter "Leave some out"
    (Dutta et al. 2018, Lemma 3; backup workers: Chen et al. 2016).

    >>> from scipy import stats
    >>> round(KSync(m=20, k=15).time_per_update(stats.expon()), 6)
    1.314406
    """

    m: int = count()
    k: int = count(most="m")
    communication: float = time(0.0)


@dataclass(frozen=True)
class KBatchSync(Synchronous):
    """K-batch-sync SGD: workers go on from the same model until k gradients are in, then cancel.

    A worker may send several of the k, and k may exceed m. The time per update is the integral of
    P(N_1(t) + ... + N_m(t) < k) dt, plus communication, where N_i(t) counts the gradients of worker
    i by t: exact for k = 1, and for exponential, shifted exponential, gamma, uniform,
    hyperexponential, two-point and constant times, and for traces whose sums of times coincide
    often, as whole numbers do; NotImplementedError with a bound for the others. Useful and
    cancelled times are known for equal exponential workers, shares for exponential ones. Derived in
    the chapter "Leave some out" (the protocol: Dutta et al. 2018, section 4.1).

    >>> from scipy import stats
    >>> KBatchSync(m=4, k=8).time_per_update(stats.expon())
    2.0
    """

    m: int = count()
    k: int = count()
    communication: float = time(0.0)

    def _time(self, workers):
        return self._kth_arrival(workers) + self.communication

    def _update_time(self, workers):
        if self.k == 1:
            return affine(kth_of(workers, 1), 1.0, self.communication)
        if workers.rate is None:
            raise self._unknown(
                "The law of an update's time", "it is for k = 1 and equal exponential workers"
            )
        law = erlang(self.k, self.m * workers.rate)
        return affine(law, 1.0, self.communication)

    def _kth_arrival(self, workers):
        if self.k == 1:
            return mean_of_kth(workers, 1)
        if workers.rate is not None:
            return self.k / (self.m * workers.rate)
        mean = mean_kth_arrival(workers.groups, self.k)
        if mean is None:
            most = math.ceil(self.k / self.m) * mean_of_kth(workers, min(self.k, self.m))
            raise self._unknown(
                "The time per update",
                f"it is for {EXPLICIT}, and at most {most + self.communication:.6g}; use simulate",
            )
        return mean

    def _useful(self, workers):
        return self.m * self._kth_arrival(workers) - self._wasted(workers)

    def _wasted(self, workers):
        """For exponentials (m-1)(1 - (1-1/m)^k) / rate."""
        if workers.rate is None:
            raise self._unknown("The cancelled time", "it is for equal exponential workers")
        return (self.m - 1) * (1 - (1 - 1 / self.m) ** self.k) / workers.rate

    def _shares(self, workers):
        if not workers.equal and not workers.memoryless:
            raise self._unknown("Each worker's share", "they are for exponential workers")
        rates = np.ones(self.m) if workers.equal else workers.rates
        return rates / np.sum(rates)

    def _wait(self, times, services, who):
        last, workers = engines.first_k_gradients(times, self.k, services)
        return last + self.communication, workers
