"""Asynchronous protocols: nobody is cancelled, and gradients may be stale."""

import math
from dataclasses import dataclass

import numpy as np

from ..laws.affine import affine
from ..laws.families import erlang
from ..simulation import engines
from ..simulation.estimates import Dependent
from ..simulation.steady_state import stationary_start
from ..simulation.worker_times import GivenRows
from . import staleness
from .fields import count, time
from .gradient_counts import EXPLICIT, mean_updates
from .protocol import Protocol
from .synchronous import KBatchSync


class NeverCancelled(Protocol):
    """Protocols that finish every gradient: gradients may be stale.

    Handing in and reading take a constant time, `communication`, of every gradient, on a link of
    the worker's own; a link that workers share would be a queue, which is not modelled. The long
    run exists where all means are finite; else ValueError says so.
    """

    def _adapted(self, workers):
        return workers.affine(1.0, self.communication)

    def _useful(self, workers):
        return self.k * float(np.sum(self._shares(workers) * workers.means) - self.communication)

    def _wasted(self, workers):
        """Return 0: nothing is cancelled."""
        return 0.0

    def _estimates(self, updates, start, workers=None):
        return Dependent(self.m, updates, transient=start == "common")


class Asynchronous(NeverCancelled):
    """Workers never wait: each hands in its gradient, reads the newest model, and goes on.

    The model changes at every k-th gradient. In the long run, for every law:

    - the time per update is k / sum of 1 / E X_i (equal workers: k E X / m);
    - the mean staleness is (m - 1) / k, that of a worker (1 / share - 1) / k.

    The time to the first update is known where that of `KBatchSync` is. The law of staleness is
    known for exponential workers, equal or not, and for equal constant times out of phase. For
    k = 1 and equal workers P(staleness = 0) is E[S_e(X)^(m-1)], where S_e is the survival function
    of what another worker still needs when met at random; the variance is known for gamma, shifted
    exponential, hyperexponential and uniform times. NotImplementedError for the rest.
    """

    def _time(self, workers):
        rate = workers.rates.sum()
        return float(self.k / rate) if rate else math.inf

    def _update_time(self, workers):
        if not workers.memoryless:
            raise self._unknown(
                "The law of an update's time", "it is for exponential workers; use simulate"
            )
        return erlang(self.k, float(workers.rates.sum()))

    def _first(self, workers):
        return KBatchSync(self.m, self.k)._time(workers)

    def _expected_updates(self, workers, by):
        mean = mean_updates(workers.groups, self.k, by)
        if mean is None:
            raise self._unknown("The mean number of updates by a moment", f"it is for {EXPLICIT}")
        return mean

    def _shares(self, workers):
        workers.check_long_run()
        return workers.rates / workers.rates.sum()

    def _mean_staleness(self, workers):
        workers.check_long_run()
        return (self.m - 1) / self.k

    def _worker_staleness(self, workers):
        return (1 / self._shares(workers) - 1) / self.k

    def _staleness(self, workers):
        if self.m == 1 or (workers.equal and _is_constant(workers.laws[0])):
            return staleness.constant_staleness(self.m, self.k)
        if workers.memoryless:
            return staleness.memoryless_staleness(self._shares(workers), self.k)
        return None

    def _fresh(self, workers):
        workers.check_long_run()
        if self.k > 1 or not workers.equal:
            return None
        return staleness.fresh_probability(_of_mean_one(workers), self.m)

    def _staleness_variance(self, workers):
        workers.check_long_run()
        if self.k > 1 or not workers.equal:
            return None
        return staleness.staleness_variance(_of_mean_one(workers), self.m)

    def _blocks(self, services, start, updates, who):
        if start == "stationary":
            next_finish, last = stationary_start(services)
        else:
            next_finish, last = services.take(np.arange(self.m)), np.full(self.m, -1)
        gradients = engines.arrivals(services, next_finish, updates * self.k)
        return engines.every_kth(gradients, self.k, last)

    def _replayed(self, times):
        gradients = engines.given_arrivals(GivenRows(times).first + self.communication)
        return engines.every_kth([gradients], self.k, np.full(self.m, -1))


def _is_constant(law):
    return law.has_atoms and float(law.ppf(1e-300)) == float(law.isf(1e-300))


def _of_mean_one(workers):
    """Return the law of equal workers; where its square would be out of range, in another unit."""
    law, mean = workers.laws[0], workers.means[0]
    return law if 1e-100 < mean < 1e100 else affine(law, 1 / mean, 0.0)


@dataclass(frozen=True)
class Async(Asynchronous):
    """Asynchronous SGD: the model changes at every gradient.

    Its time per update is E X / m, not the E of the fastest of m, which is its `first_update`; the
    two agree for every m only if X is exponential. Derived in the chapter "Nobody waits"
    (Dutta et al. 2018, Theorem 1).

    >>> from scipy import stats
    >>> protocol, work = Async(m=10), stats.expon(loc=1)
    >>> protocol.time_per_update(work), round(protocol.first_update(work), 6)
    (0.2, 1.1)
    """

    m: int = count()
    communication: float = time(0.0)

    @property
    def k(self):
        """The number of gradients in an update: one."""
        return 1


@dataclass(frozen=True)
class KBatchAsync(Asynchronous):
    """K-batch-async SGD: the model changes at every k-th gradient, whoever sent it.

    Derived in the chapter "The family" (Dutta et al. 2018, Lemma 4).

    >>> from scipy import stats
    >>> KBatchAsync(m=10, k=4).mean_staleness(stats.expon())
    2.25
    """

    m: int = count()
    k: int = count()
    communication: float = time(0.0)
