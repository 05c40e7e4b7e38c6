"""Wait until a share of the workers is done or a deadline has passed, whichever comes first."""

import math
from dataclasses import dataclass

import numpy as np

from stragglers import two_point
from stragglers.explorer.style import COLOURS
from stragglers.numerics.quadrature import integrate
from stragglers.order_statistics.equal_workers import kth_of
from stragglers.protocols.fields import count, number, time
from stragglers.protocols.synchronous import Synchronous


@dataclass(frozen=True)
class ShareOrDeadline(Synchronous):
    """Take the gradients that are there when enough are, or when the time is up, maybe none.

    The update comes at min(X_{k:m}, deadline), k being `share` of the m workers, rounded up.
    """

    m: int = count()
    share: float = number(above=0, most=1)
    deadline: float = time()

    @property
    def k(self):
        """The number of gradients that are enough."""
        return math.ceil(self.share * self.m - 1e-9)

    def _time(self, workers):
        """E min(X_{k:m}, d) is the integral of P(X_{k:m} > t) over t from 0 to d."""
        return self._until_deadline(kth_of(workers, self.k))

    def _gradients(self, workers):
        """The j-th gradient, j <= k, is taken if it comes by the deadline."""
        return sum(kth_of(workers, j).cdf(self.deadline) for j in range(1, self.k + 1))

    def _useful(self, workers):
        """E[X; X <= d] = E min(X, d) - d P(X > d), summed over the first k."""
        ranked = [kth_of(workers, j) for j in range(1, self.k + 1)]
        return sum(self._until_deadline(x) - self.deadline * x.sf(self.deadline) for x in ranked)

    def _until_deadline(self, x):
        if self.deadline == 0:
            return 0.0
        parts = np.clip(x.ppf([0, 0.1, 0.5, 0.9]), 0, self.deadline)
        edges = np.unique([*np.linspace(0, self.deadline, 9), *parts])
        return float(integrate(lambda t: x.sf(t)[None], edges)[0])

    def _wait(self, times, services, who):
        """Rows of times, one row an update: how long it waits, and for whom (-1: for nobody)."""
        first = np.lexsort((services.tie_break(times.shape), times))[:, : self.k]
        arrivals = np.take_along_axis(times, first, axis=1)
        workers = np.where(arrivals <= self.deadline, first, -1)
        return np.minimum(arrivals[:, -1], self.deadline), workers if who else None


WORK = two_point(usual=1, slow=10, probability=0.1)


def throughput(ax, share, deadline):
    """Draw the gradients per unit of time against the deadline, for a share of 20 workers."""
    protocol = ShareOrDeadline(20, share, deadline)
    deadlines = np.linspace(0.25, 12, 48)
    rates = [ShareOrDeadline(20, share, d).throughput(WORK) for d in deadlines]
    ax.plot(deadlines, rates, color=COLOURS["kth"])
    ax.plot(deadline, protocol.throughput(WORK), "o", color=COLOURS["kth"])
    ax.set(xlabel="deadline", ylabel="gradients per unit of time", ylim=(0, 21))
    return (
        f"{protocol.k} of 20 workers are enough, and an update comes after {deadline:g} at the "
        f"latest: {protocol.throughput(WORK):.3g} gradients per unit of time."
    )
