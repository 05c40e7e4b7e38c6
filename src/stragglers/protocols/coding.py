"""Coded work: the answers of some of the workers give the whole gradient."""

from dataclasses import dataclass

from ..laws.affine import affine
from .fields import choice, count, time
from .synchronous import FirstK

STRAGGLE = ("scales", "adds")


class Coded(FirstK):
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

    def _adapted(self, workers):
        if self.straggle == "scales":
            return workers.affine(self.load, 0.0)
        spared = 1 - self.load
        return workers.each(lambda law: affine(law, 1.0, -spared * law.support()[0]))


@dataclass(frozen=True)
class MDSCoded(Coded):
    """Split the job into k shares and code them into m, any k of which are enough.

    Its best k maximises k / E X_{k:m}, as `optimal_k` does. Derived in the chapter "Copies and
    codes" (the model: Lee et al. 2018).

    >>> from scipy import stats
    >>> round(MDSCoded(m=10, k=10, straggle="scales").time_per_update(stats.expon(loc=1)), 6)
    0.392897
    """

    m: int = count()
    k: int = count(most="m")
    straggle: str = choice(*STRAGGLE)
    communication: float = time(0.0)

    @property
    def load(self):
        """The share of the job that each worker is given: 1 / k."""
        return 1 / self.k


@dataclass(frozen=True)
class GradientCoded(Coded):
    """Give each worker (tolerates + 1) / m of the data, so that `tolerates` of them may be late.

    The load is the least with which that can be done. Derived in the chapter "Copies and
    codes" (gradient coding: Tandon et al. 2017).

    >>> from scipy import stats
    >>> code = GradientCoded(m=10, tolerates=2, straggle="scales")
    >>> round(code.time_per_update(stats.expon(loc=1)), 6)
    0.72869
    """

    m: int = count()
    tolerates: int = count(least=0, most=lambda code: code.m - 1)
    straggle: str = choice(*STRAGGLE)
    communication: float = time(0.0)

    @property
    def k(self):
        """The number of workers waited for: m - tolerates."""
        return self.m - self.tolerates

    @property
    def load(self):
        """The share of the data that each worker is given: (tolerates + 1) / m."""
        return (self.tolerates + 1) / self.m
