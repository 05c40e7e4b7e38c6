"""The mixture of exponential times, which scipy.stats lacks."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .methods import Law


@dataclass(frozen=True, repr=False)
class Hyperexponential(Law):
    """With probability p_i an exponential time of rate r_i: a fast mode and slow ones."""

    probabilities: tuple
    rates: tuple

    @property
    def family(self):
        """Exponential if there is one rate only."""
        rates = {r for p, r in zip(self.probabilities, self.rates, strict=True) if p}
        if len(rates) == 1:
            return "exponential", (0.0, 1 / rates.pop())
        return "hyperexponential", (self.probabilities, self.rates)

    @cached_property
    def _phases(self):
        p = np.array(self.probabilities)
        return p[p > 0] / p.sum(), np.array(self.rates)[p > 0]

    def mean(self):
        p, rates = self._phases
        return float(p @ (1 / rates))

    def var(self):
        p, rates = self._phases
        with np.errstate(all="ignore"):  # out of range it is 0 or inf
            return float(p @ (1 / rates**2 + (1 / rates - self.mean()) ** 2))

    def _mix(self, terms, x, outside):
        x = np.asarray(x, float)
        p, rates = self._phases
        values = terms(p, rates, np.maximum(x, 0)[..., None])
        return np.where(x < 0, outside, values.sum(-1))[()]

    def pdf(self, x):
        return self._mix(lambda p, r, t: p * r * np.exp(-r * t), x, 0.0)

    def cdf(self, x):
        return self._mix(lambda p, r, t: -p * np.expm1(-r * t), x, 0.0)

    def sf(self, x):
        return self._mix(lambda p, r, t: p * np.exp(-r * t), x, 1.0)

    def ppf(self, q):
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._solve(np.log1p(-np.asarray(q, float)))

    def isf(self, q):
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._solve(np.log(np.asarray(q, float)))

    def _solve(self, log_sf):
        """Return t with log P(X > t) = log_sf, by Newton's method in all entries at once.

        log P(X > t) is convex and falls, so Newton's steps from the left never overshoot. The
        start is left of the root: S(t) >= p_i exp(-r_i t) for each phase, and S >= its tangent.
        """
        p, rates = self._phases
        shape, log_sf = np.shape(log_sf), np.ravel(log_sf)
        starts = (np.log(p)[:, None] - log_sf) / rates[:, None]
        t = np.maximum(starts.max(0), -log_sf / (p @ rates))
        inside = np.isfinite(t) & (log_sf <= 0)
        t = np.where(inside, t, 0.0)
        for _ in range(100):
            step = np.where(inside, self._newton_step(t, log_sf), 0.0)
            t = t + step
            if np.all(np.abs(step) <= 1e-8 * t):  # the error left is of the order of its square
                break
        t = np.where(inside, t, np.where(log_sf == -np.inf, np.inf, np.nan))
        return t.reshape(shape)[()]

    def _newton_step(self, t, log_sf):
        p, rates = self._phases
        slowest = rates.min()
        left = np.exp((slowest - rates)[:, None] * t)  # scaled so that it cannot underflow
        weight, slope = p @ left, (p * rates) @ left
        done = -(p @ np.expm1(-rates[:, None] * t))
        far = np.log(weight) - slowest * t
        log_survival = np.where(done < 0.5, np.log1p(-np.minimum(done, 0.5)), far)
        return (log_survival - log_sf) * weight / slope

    def support(self):
        return 0.0, np.inf

    def rvs(self, size=None, random_state=None):
        rng = np.random.default_rng(random_state)
        p, rates = self._phases
        phase = np.searchsorted(np.cumsum(p)[:-1], rng.random(size), side="right")
        return rng.standard_exponential(size) / rates[phase]

    def rescaled(self, factor, shift):
        if shift:
            return None
        return Hyperexponential(self.probabilities, tuple(rate / factor for rate in self.rates))

    def __repr__(self):
        p, rates = list(self.probabilities), list(self.rates)
        return f"hyperexponential(probabilities={p}, rates={rates})"
