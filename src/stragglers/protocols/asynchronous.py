"""Asynchronous protocols: nobody is cancelled, and gradients may be stale."""

import math
from dataclasses import dataclass

import numpy as np

from ..laws.scaled import shifted
from ..simulation import engines
from ..simulation.run import batches_of
from ..simulation.steady_state import stationary_start
from ..simulation.worker_times import GivenRows
from . import staleness
from .protocol import Protocol
from .synchronous import KBatchSync


class Asynchronous(Protocol):
    """Workers never wait: each hands in its gradient, reads the newest model, and goes on.

    The model changes at every k-th gradient. Handing in and reading take a constant time,
    `communication`, of every gradient, on a link of the worker's own; a link that workers share
    would be a queue, which is not modelled.
    """

    several = True

    def time_per_update(self, work):
        """Return k / sum of 1 / E X_i (equal workers: k E X / m): the long run, for every law."""
        rate = self._rates(work).sum()
        return float(self.k / rate) if rate else math.inf

    def first_update(self, work):
        """Return the mean time to the first update from a common start: not the long run.

        NotImplementedError where it is not known, for k > 1 and some laws (see `KBatchSync`).
        """
        return KBatchSync(self.m, self.k).time_per_update(self._law(work))

    def shares(self, work):
        """Return the share of the gradients that each worker supplies in the long run, shape (m,).

        Raises ValueError where a mean is infinite: there is no long run.
        """
        self._check_long_run(work)
        rates = self._rates(work)
        return rates / rates.sum()

    def useful_time(self, work):
        """Return the mean worker-time per update, over all workers, that computes gradients."""
        means = self._means(work)
        return self.k * float(np.sum(self.shares(work) * means) - self.communication)

    def wasted_time(self, work):
        """Return 0: nothing is cancelled."""
        self._law(work)
        return 0.0

    def mean_staleness(self, work):
        """Return (m - 1) / k: the same for every law and any mix of workers with finite means."""
        self._check_long_run(work)
        return (self.m - 1) / self.k

    def worker_staleness(self, work):
        """Return the mean staleness of each worker's gradients, (1 / share - 1) / k, shape (m,)."""
        return (1 / self.shares(work) - 1) / self.k

    def staleness(self, work):
        """Return the law of a gradient's staleness in the long run, a frozen scipy.stats law.

        Known for exponential workers, equal or not, and for equal constant times out of phase;
        NotImplementedError for others.
        """
        law = self._staleness(work)
        if law is None:
            raise self._unknown("The law of staleness", self._known_of_staleness(work))
        return law

    def probability_fresh(self, work):
        """Return P(staleness = 0) in the long run; for k = 1 and equal workers, E[S_e(X)^(m-1)].

        S_e is the survival function of what another worker still needs when met at random.
        NotImplementedError where the probability is not known.
        """
        law, value = self._staleness(work), None
        if law is not None:
            return float(law.pmf(0))
        if self._like_async(work):
            value = staleness.fresh_probability(self._law(work), self.m)
        if value is None:
            raise self._unknown("P(staleness = 0)", self._known_of_staleness(work))
        return value

    def staleness_variance(self, work):
        """Return Var(staleness) in the long run.

        Known where `staleness` is, and for k = 1 and equal gamma, shifted exponential,
        hyperexponential or uniform workers; else NotImplementedError.
        """
        law, value = self._staleness(work), None
        if law is not None:
            return float(law.var())
        if self._like_async(work):
            value = staleness.staleness_variance(self._law(work), self.m)
        if value is None:
            raise self._unknown("Var(staleness)", self._known_of_staleness(work))
        return value

    def _law(self, work):
        return shifted(super()._law(work), self.communication)

    def _rates(self, work):
        return 1 / self._means(work)

    def _means(self, work):
        work = self._law(work)
        laws = work if isinstance(work, list) else [work]
        once = {id(law): law for law in laws}
        once = {key: float(law.mean()) for key, law in once.items()}
        means = np.array([once[id(law)] for law in laws])
        if not np.all(means > 0):
            raise ValueError(f"work must have a positive mean, got {means.min()}")
        return np.broadcast_to(means, self.m)

    def _check_long_run(self, work):
        if not self._rates(work).all():
            raise ValueError("work must have a finite mean for a long run to exist, got mean inf")

    def _staleness(self, work):
        laws = [law for law, _ in self._groups(work)]
        if self.m == 1 or (len(laws) == 1 and laws[0].var() == 0):
            return staleness.constant_staleness(self.m, self.k)
        if self._memoryless(work):
            return staleness.memoryless_staleness(self.shares(work), self.k)
        return None

    def _known_of_staleness(self, work):
        return f"its mean is {self.mean_staleness(work):.6g}; use simulate"

    def _like_async(self, work):
        self._check_long_run(work)
        return self.k == 1 and len(self._groups(work)) == 1

    def _blocks(self, services, start, updates, who):
        if start == "stationary":
            next_finish, last = stationary_start(services)
        else:
            next_finish, last = services.take(np.arange(self.m)), np.full(self.m, -1)
        gradients = engines.arrivals(services, next_finish, updates * self.k)
        return engines.every_kth(gradients, self.k, last)

    def _replayed(self, times):
        gradients = engines.given_arrivals(GivenRows(times).first)
        return engines.every_kth([gradients], self.k, np.full(self.m, -1))

    def _batches(self, updates, start):
        return batches_of(updates, transient=start == "common")


@dataclass(frozen=True)
class Async(Asynchronous):
    """Asynchronous SGD: the model changes at every gradient.

    Its time per update is E X / m, not the E of the fastest of m, which is its `first_update`; the
    two agree for every m only if X is exponential. Derived in the chapter "Asynchronous" (Dutta et
    al. 2018, Theorem 1).

    >>> from scipy import stats
    >>> protocol, work = Async(m=10), stats.expon(loc=1)
    >>> protocol.time_per_update(work), round(protocol.first_update(work), 6)
    (0.2, 1.1)
    """

    m: int
    communication: float = 0.0

    @property
    def k(self):
        """The number of gradients in an update: one."""
        return 1


@dataclass(frozen=True)
class KBatchAsync(Asynchronous):
    """K-batch-async SGD: the model changes at every k-th gradient, whoever sent it.

    Derived in the chapter "K-sync and its relatives" (Dutta et al. 2018, Lemma 4).

    >>> from scipy import stats
    >>> KBatchAsync(m=10, k=4).mean_staleness(stats.expon())
    2.25
    """

    m: int
    k: int
    communication: float = 0.0
