"""A worker that gives up at an age and begins anew, until an attempt is done in time."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..checks import check_positive
from ..laws.methods import Work
from ..numerics.quadrature import integrate
from .check import check_law
from .finite import FiniteLaw
from .methods import Law

NEGLIGIBLE = 1e-30
MOST = 2**22


def restarted(work: Work, after: float):
    """Return the law of a task that is restarted at the age `after` until it is done within it.

    `work` is the law of one attempt; all attempts are independent and fresh, and a restart costs
    nothing by itself. The mean is the integral of P(X > t) over t from 0 to `after`, divided by
    P(X <= after). ValueError if no attempt can be done by then. A law that never takes longer comes
    back as it is. Derived in the chapter "Leave some out"; van Moorsel and Wolter (2006) treat more
    of it.

    >>> from stragglers import two_point
    >>> round(restarted(two_point(usual=1, slow=100, probability=0.1), after=1).mean(), 6)
    1.111111
    """
    law, after = check_law(work), check_positive("after", after)
    done, busy = law.sides(after)
    if not done > 0:
        raise ValueError(
            f"after must be an age by which an attempt can be done, got {after:g}: "
            f"{law!r} takes longer"
        )
    if busy == 0:
        return work
    finite = law.finite(1, 1)
    return Restarted(law, after) if finite is None else RestartedFinite(finite, after)


@dataclass(frozen=True, repr=False)
class Restarted(Law):
    """The law of n failed attempts of length `after` and one that is done, n geometric."""

    work: Law
    after: float

    def __repr__(self):
        return f"restarted({self.work!r}, after={self.after:g})"

    @property
    def searched(self):
        return self.work.searched

    @cached_property
    def _chances(self):
        """The chances that an attempt is done by `after`, and that it is not."""
        return tuple(map(float, self.work.sides(self.after)))

    @cached_property
    def _moments(self):
        """E min(X, after) and E min(X, after)^2."""
        u = self._chances[0] * np.array([0.1, 0.5, 0.9])
        inner = [self.work.support()[0], *self.work.quantiles(u, 1 - u)]
        edges = np.unique(np.clip([0, *inner, self.after], 0, self.after))

        def terms(t):
            busy = self.work.sides(t)[1]
            return np.array([busy, 2 * t * busy])

        return integrate(terms, edges)

    def mean(self):
        return float(self._moments[0] / self._chances[0])

    def var(self):
        done, busy = self._chances
        square = (self._moments[1] + 2 * self.after * busy * self.mean()) / done
        return float(square - self.mean() ** 2)

    def _attempt(self, x):
        """Return the chance that all attempts before the one in progress at x fail, and its age."""
        x = np.asarray(x, float)
        failed = np.maximum(np.floor(x / self.after), 0)
        return self._chances[1] ** failed, x - failed * self.after

    def cdf(self, x):
        all_failed, age = self._attempt(x)
        return (1 - all_failed + all_failed * self.work.sides(age)[0])[()]

    def sf(self, x):
        all_failed, age = self._attempt(x)
        return (all_failed * self.work.sides(age)[1])[()]

    def pdf(self, x):
        all_failed, age = self._attempt(x)
        return (all_failed * self.work.density(age))[()]

    def ppf(self, q):
        return self.quantiles(q, 1 - np.asarray(q, float))

    def isf(self, q):
        return self.quantiles(1 - np.asarray(q, float), q)

    def quantiles(self, u, s):
        u, s = np.asarray(u, float), np.asarray(s, float)
        done, busy = self._chances
        with np.errstate(divide="ignore", invalid="ignore"):
            failed = np.maximum(np.ceil(np.log(s) / math.log(busy)) - 1, 0)
            inside = (s > 0) & (u >= 0)
            left = np.where(inside, np.clip(s / busy**failed, busy, 1), 1)
            gone = np.where(inside, np.minimum(np.where(failed > 0, 1 - left, u), done), 0)
            time = failed * self.after + np.minimum(self.work.quantiles(gone, left), self.after)
        return np.where(inside, time, np.where(s == 0, np.inf, np.nan))[()]

    def support(self):
        return self.work.support()[0], math.inf

    def rvs(self, size=None, random_state=None):
        rng = np.random.default_rng(random_state)
        done, _ = self._chances
        failed = rng.geometric(done, size) - 1
        u = done * rng.random(size)
        return failed * self.after + np.minimum(self.work.quantiles(u, 1 - u), self.after)


@dataclass(frozen=True, repr=False)
class RestartedFinite(FiniteLaw):
    """The same for a law on finitely many times, up to an attempt that is never reached."""

    work: FiniteLaw
    after: float

    def __repr__(self):
        return f"restarted({self.work!r}, after={self.after:g})"

    @cached_property
    def _parts(self):
        early = self.work.atoms <= self.after
        busy = self.work.above[early][-1]
        attempts = 1 + math.ceil(math.log(NEGLIGIBLE) / math.log(busy))
        if attempts * early.sum() > MOST:
            raise NotImplementedError(
                f"{self!r} fails too often: {attempts} attempts matter, use simulate"
            )
        n = np.arange(attempts)[:, None]
        above = (busy**n * self.work.above[early]).ravel()
        atoms = (n * self.after + self.work.atoms[early]).ravel()
        keep = np.append(np.diff(atoms) > 0, True)  # 0 and `after` may both be atoms
        above = np.append(above[keep][:-1], 0.0)
        below = np.append((1 - busy**n + busy**n * self.work.below[early]).ravel()[keep][:-1], 1.0)
        return atoms[keep], below, above

    @property
    def atoms(self):
        return self._parts[0]

    @property
    def below(self):
        return self._parts[1]

    @property
    def above(self):
        return self._parts[2]
