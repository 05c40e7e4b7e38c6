"""Coded work: the answers of some of the workers give the whole gradient."""

from dataclasses import dataclass

from ..laws.check import lower_end
from ..laws.scaled import affine, scaled
from .synchronous import Synchronous


class Coded(Synchronous):
    """Work coded so that the answers of any `k` of the m workers give the whole gradient.

    `work` is the law of the time that the whole job takes on one worker; each is given a share,
    `load`. With straggle="scales" its whole time shrinks with the share; with "adds" only the least
    time of the law does, as computing, and what comes on top stays as it is. What pays depends on
    which of the two is true.
    """

    @property
    def gradients_per_update(self):
        """One: the gradient of the whole job."""
        return 1

    def _law(self, work):
        work = super()._law(work)
        if self.straggle == "scales":
            return scaled(work, self.load)
        if not isinstance(work, list):
            return affine(work, 1.0, -(1 - self.load) * lower_end(work))
        return [affine(law, 1.0, -(1 - self.load) * lower_end(law)) for law in work]


@dataclass(frozen=True)
class MDSCoded(Coded):
    """Split the job into k shares and code them into m, any k of which are enough.

    Its best k maximises k / E X_{k:m}, as `optimal_k` does. Derived in the chapter "Redundancy"
    (the model: Lee et al. 2018).

    >>> from scipy import stats
    >>> round(MDSCoded(m=10, k=10, straggle="scales").time_per_update(stats.expon(loc=1)), 6)
    0.392897
    """

    m: int
    k: int
    straggle: str
    communication: float = 0.0

    @property
    def load(self):
        """The share of the job that each worker is given: 1 / k."""
        return 1 / self.k


@dataclass(frozen=True)
class GradientCoded(Coded):
    """Give each worker (tolerates + 1) / m of the data, so that `tolerates` of them may be late.

    The load is the least with which that can be done. Derived in the chapter "Redundancy" (gradient
    coding: Tandon et al. 2017).

    >>> from scipy import stats
    >>> code = GradientCoded(m=10, tolerates=2, straggle="scales")
    >>> round(code.time_per_update(stats.expon(loc=1)), 6)
    0.72869
    """

    m: int
    tolerates: int
    straggle: str
    communication: float = 0.0

    def _most(self, name):
        return self.m - 1 if name == "tolerates" else None

    @property
    def k(self):
        """The number of workers waited for: m - tolerates."""
        return self.m - self.tolerates

    @property
    def load(self):
        """The share of the data that each worker is given: (tolerates + 1) / m."""
        return (self.tolerates + 1) / self.m
