"""A delay that is always the same: every gradient is `staleness` updates old."""

import math
from dataclasses import dataclass

import numpy as np

from ..checks import check_count


@dataclass(frozen=True)
class ConstantDelay:
    """Updates of one gradient that is always `staleness` updates old; all have read the start.

    What m clockwork workers out of phase do, with staleness = m - 1. It has no clock of its own.
    Stable below 2 sin(pi / (2 (2 staleness + 1))) (Levin and May 1976).
    """

    staleness: int

    def __post_init__(self):
        object.__setattr__(self, "staleness", check_count("staleness", self.staleness, 0))

    @property
    def limit(self):
        """The largest step on the curvature 1 for which the model settles."""
        return 2 * math.sin(math.pi / (2 * (2 * self.staleness + 1)))

    @property
    def calm_limit(self):
        """The largest step on the curvature 1 whose path does not oscillate: t^t/(t+1)^(t+1)."""
        t = self.staleness
        return math.exp(t * (math.log(t) - math.log1p(t)) - math.log1p(t)) if t else 1.0

    def floor(self, scaled):
        """Return the stationary E x^2 for noise of variance 1 in each update, shape as `scaled`.

        `scaled` is step times curvature, below the limit. The covariances of x_n and x_{n+j} for
        0 <= j <= staleness are a cosine in j, of frequency theta with 2 sin(theta / 2) = scaled;
        the equation of the variance gives its height.
        """
        half = np.arcsin(scaled / 2)  # theta / 2
        phase = (2 * self.staleness + 1) * half
        return (1 + np.sin(phase)) / (2 * scaled * np.cos(half) * np.cos(phase))

    def means(self, scaled, updates):
        """Return the path of the mean from 1, shape (updates + 1, coordinates)."""
        return self._solve(scaled, 1.0, updates)

    def squares(self, scaled, noise, updates, start):
        """Return E x^2 after 0, 1, ..., updates updates, shape (updates + 1, coordinates)."""
        jumps = self._solve(scaled, 0.0, updates) ** 2  # what is left of an update's noise
        with np.errstate(over="ignore", invalid="ignore"):
            spread = np.cumsum(jumps, axis=0) - jumps
            values = (start * self.means(scaled, updates)) ** 2 + noise * spread
        return np.where(np.isnan(values), np.inf, values)

    def _solve(self, scaled, before, updates):
        """Return the noiseless path that is 1 at 0 and `before` until then."""
        t = self.staleness
        path = np.full((t + updates + 1, len(scaled)), before)
        path[t] = 1.0
        with np.errstate(over="ignore", invalid="ignore"):
            for n in range(t, t + updates):
                path[n + 1] = path[n] - scaled * path[n - t]
        return path[t:]
