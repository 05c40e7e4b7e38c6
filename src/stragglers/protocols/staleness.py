"""How stale a gradient is: the law of the number of updates between reading and writing."""

import math

import numpy as np
from numpy.polynomial import legendre
from scipy import special, stats

from ..laws.methods import known
from ..numerics.quadrature import NODES, WEIGHTS

# -------------------------------------------------------------------------------------------------
# Laws of staleness


class _Geometrics(stats.rv_discrete):
    """The law with P(tau >= n) = sum of weight * ratio^(n - 1) over its parts, for n >= 1."""

    def __new__(cls, *parts, **rest):
        return object.__new__(cls)  # scipy's own __new__ knows no further parameters

    def __init__(self, weights=(0.0,), ratios=(0.0,), **rest):
        self.weights, self.ratios = np.array(weights), np.array(ratios)
        super().__init__(**rest)

    def _updated_ctor_param(self):  # scipy copies a law when it freezes it
        parts = {"weights": tuple(self.weights), "ratios": tuple(self.ratios)}
        return super()._updated_ctor_param() | parts

    def _sf(self, n):
        return self.ratios ** np.floor(n)[..., None] @ self.weights

    def _cdf(self, n):
        return 1 - self._sf(n)

    def _pmf(self, n):
        return np.where(n == 0, 1.0, self._sf(np.maximum(n - 1.0, 0))) - self._sf(n)

    def _stats(self):
        rest = 1 / (1 - self.ratios)
        mean = self.weights @ rest
        return mean, self.weights @ (2 * rest**2 - rest) - mean**2, None, None


def memoryless_staleness(shares, k):
    """Return the law for exponential workers that never wait and an update at every k-th gradient.

    `shares` holds each worker's share of the gradients. Between two gradients of a worker of share
    p there are n others with probability p (1 - p)^n, wherever in a batch of k the first one fell.
    """
    p, number = np.unique(shares, return_counts=True)
    miss = np.where(p < 1, k * np.log1p(-np.minimum(p, 1 - 1e-16)), -np.inf)
    return _geometrics(number * p, (1 - p) * -np.expm1(miss) / (k * p), np.exp(miss))


def renewed_staleness(shares, k):
    """Return the law for exponential workers of whom each update takes the first k.

    A worker of share p takes part in an update with probability k p, whatever was before.
    """
    p, number = np.unique(shares, return_counts=True)
    return _geometrics(number * p, 1 - k * p, 1 - k * p)


def _geometrics(shares, stale, again):
    """Return the law with P(tau >= n) = sum of share * stale * again^(n - 1) for n >= 1."""
    if len(shares) == 1 and stale[0] == again[0] > 0:
        return stats.geom(1 - again[0], loc=-1)
    return _Geometrics(tuple(shares * stale), tuple(again), name="staleness")()


def constant_staleness(m, k):
    """Return the law for m equal constant times: m - 1 others between two of a worker's own."""
    values, number = np.unique((np.arange(k) + m - 1) // k, return_counts=True)
    return stats.rv_discrete(name="staleness", values=(values, number / k))()


# -------------------------------------------------------------------------------------------------
# What is known beyond: async with m equal workers of any law


def staleness_variance(law, m):
    """Return Var(tau) = (m-1) (2 c - CV^2) + (m-1)^2 CV^2, c = integral of P(X > t) M(t) dt / E X.

    M is the renewal function, so c E X is the sum over n of E[(X - S_n)^+], S_n a sum of n further
    times. Returns None where that sum is not explicit.
    """
    variance, mean = float(law.var()), float(law.mean())
    if not math.isfinite(variance):
        return math.inf
    overlap = known(OVERLAP, law)
    if overlap is None:
        return None
    spread = variance / mean**2
    return (m - 1) * (2 * overlap / mean - spread) + (m - 1) ** 2 * spread


# The sum over n >= 1 of E[(X - S_n)^+], by family


def _exponential_overlap(start, scale):
    return 1 / (1 / scale * (2 - math.exp(-start / scale)))


def _hyperexponential_overlap(probabilities, rates):
    p, rates = np.array(probabilities), np.array(rates)
    transform = (p * rates / (rates + rates[:, None])).sum(axis=1)  # E exp(-rate_i X)
    return float((p / rates * transform / (1 - transform)).sum())


def _uniform_overlap(low, width):
    n = np.arange(1, 200 if low == 0 else min(200, math.ceil((low + width) / low)))
    left = low + width - n * low
    return float((width * np.exp((n + 2) * np.log(left / width) - special.gammaln(n + 3))).sum())


def _gamma_overlap(shape, start, scale):
    if start:
        return None
    n = np.arange(1, 2 + math.ceil(300 / shape))
    later = special.betainc(n * shape, shape + 1, 0.5), special.betainc(n * shape, shape, 0.5)
    return float(scale * shape * (2 * later[0] - (n + 1) * later[1]).sum())


OVERLAP = {
    "exponential": _exponential_overlap,
    "gamma": _gamma_overlap,
    "hyperexponential": _hyperexponential_overlap,
    "uniform": _uniform_overlap,
}


def fresh_probability(law, m):
    """Return P(tau = 0) = E[S_e(X)^(m-1)], S_e(t) = integral of P(X > s) over s > t, over E X.

    No other worker, each met at a random moment of its work, finishes while this one computes.
    Returns None where the quadrature does not settle.
    """
    mean, finite = float(law.mean()), law.finite(1, 1)
    if finite is not None:
        later = np.diff(finite.atoms) * finite.above[:-1]
        later = np.append(np.cumsum(later[::-1])[::-1], 0.0)
        return float(np.diff(finite.below, prepend=0.0) @ (later / mean) ** (m - 1))
    value, pieces = math.nan, 1
    while pieces <= 64:
        before, value = value, _fresh(law, m, mean, pieces)
        if abs(value - before) <= (1e-11 + 1e-15 * m) * value:
            return value
        pieces *= 2
    return None


def _fresh(law, m, mean, pieces):
    """Integrate S_e(Q)^(m-1) over the probability s above Q, from s = 0 to 1.

    mu S_e(Q(s)) = integral of Q from 0 to s, minus s Q(s): from one quantile function, in panels
    that halve towards both ends of (0, 1).
    """
    grid = 0.5 ** np.arange(1000 if law.deep else 50, 0, -1)
    cut = np.linspace(0, 1, pieces, endpoint=False)
    upper = (grid[:-1, None] + np.diff(grid)[:, None] * cut).ravel()  # s from tiny to 1/2
    upper = np.append(upper, 0.5)
    lower = np.append(upper[upper > 1e-60][::-1], 0.0)  # 1 - s from 1/2 to 0
    s, wide = _nodes(upper)
    u, narrow = _nodes(lower)
    half = np.abs(np.append(wide, narrow))
    quantile = np.concatenate([law.upper_quantile(s), law.ppf(u)])
    panels = quantile @ WEIGHTS * half
    beyond = mean - panels.sum()  # where the quantile function cannot be evaluated
    before = np.cumsum(panels) - panels + (beyond if beyond > 1e-11 * mean else 0.0)
    area = before[:, None] + quantile @ FROM_THE_START.T * half[:, None]
    later = np.maximum(area - np.concatenate([s, 1 - u]) * quantile, 0) / mean
    return float((later ** (m - 1) @ WEIGHTS) @ half)


def _nodes(edges):
    half = np.diff(edges) / 2
    return edges[:-1, None] + half[:, None] * (1 + NODES), half


def _from_the_start():
    """Return the matrix that maps values at the nodes to the integrals from -1 to each node."""
    coefficients = np.linalg.inv(legendre.legvander(NODES, len(NODES) - 1))
    antiderivatives = legendre.legint(coefficients, lbnd=-1, axis=0)
    return legendre.legval(NODES, antiderivatives).T


FROM_THE_START = _from_the_start()
