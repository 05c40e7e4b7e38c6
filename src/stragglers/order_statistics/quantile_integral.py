"""Averages of a quantile function over the law of the k-th smallest of m uniforms, Beta(k, m-k+1).

In the variable z = log(u / (1 - u)) the Beta weight is a single smooth bump, however large m is.
Measured from the mode z0 and in units of the bump's width it looks alike for every k and m, and
both u and s = 1 - u keep all their digits.
"""

import math

import numpy as np

from ..numerics.quadrature import integrate

LIGHT = -46.0  # weights below exp(LIGHT) of the peak add nothing on the side where times shrink
DEAD = -690.0  # and below exp(DEAD) nothing on the side where they may grow


def moments(work, tail, k, m, powers):
    """Return c and E[(Q(U) - c)^p] for p in 1 .. powers, U the k-th of m uniforms, c = Q(mode).

    The moments must exist. Beyond tail.reach the quantiles are taken for a pure power, whose
    integral is an incomplete Beta function; the shares of E Q and E (Q - c)^2 that come from there
    are returned last.
    """
    n = m - k + 1
    u0, s0 = k / (m + 1), n / (m + 1)
    width = math.sqrt((m + 1) / (k * n))
    centre = float(work.quantiles(u0, s0))

    def rows(t):
        d = width * np.sinh(t)
        left, right = s0 * np.expm1(-d), u0 * np.expm1(d)  # u = u0/(1+left), s = s0/(1+right)
        weight = np.exp(-k * np.log1p(left) - n * np.log1p(right))
        excess = work.quantiles(u0 / (1 + left), s0 / (1 + right)) - centre
        values = [weight]
        for _ in range(powers):
            values.append(values[-1] * excess)
        return np.array(values)

    edges, end = _panels(tail.reach, width, u0, s0, k, n)
    later = u0 * np.exp(width), s0 * np.exp(-width)
    spread = abs(float(work.quantiles(*later / np.add(*later))) - centre)
    least = 1e-5 * abs(centre) * np.array([0, 1, spread])[: powers + 1]  # times have 16 digits
    total = integrate(lambda t: rows(t) * (width * np.cosh(t)), edges, least)
    beyond = np.zeros(powers + 1)
    if end is not None:
        weight, excess = rows(edges[-1:])[:2, 0]
        quantile = centre + excess / weight
        beyond = weight * _beyond(quantile, centre, tail.slope, k, n, end, powers)
        total = total + beyond
    mean = (beyond[1] + centre * beyond[0]) / (total[1] + centre * total[0])
    shares = np.append(mean, beyond[2:] / total[2:])
    return centre, total[1:] / total[0], shares


def _beyond(quantile, centre, slope, k, n, end, powers):
    """Return the integrals of (Q - centre)^p, p = 0 .. powers, over s < end, where Q = C s^-slope.

    Q^p has an incomplete Beta integral in the weight s^n u^k; its series is DLMF 8.17.8.
    """
    left = n - slope * np.arange(powers + 1)
    j = np.arange(20)[:, None]
    series = 1 + np.cumprod((left + k + j) / (left + 1 + j) * end, axis=0).sum(axis=0)
    raw = quantile ** np.arange(powers + 1) * series / left
    first = raw[1] - centre * raw[0]
    if powers == 1:
        return np.array([raw[0], first])
    return np.array([raw[0], first, raw[2] - centre * (raw[1] + first)])


def _panels(reach, width, u0, s0, k, n):
    """Return the panels' edges, and s at the last one if the weight is still alive there."""
    t = np.linspace(-math.asinh(800 / width), math.asinh(800 / width), 512)
    d = np.clip(width * np.sinh(t), -700, 700)
    left, right = np.log1p(s0 * np.expm1(-d)), np.log1p(u0 * np.expm1(d))
    log_weight = -k * left - n * right
    log_s = math.log(s0) - right
    first = np.argmax((log_weight > LIGHT) & (t < 0))
    last = np.flatnonzero((log_weight > DEAD) & (log_s > math.log(reach)))[-1]
    edges = np.linspace(t[first], t[last], math.ceil((t[last] - t[first]) / 0.75) + 1)
    return edges, math.exp(log_s[last]) if log_weight[last] > DEAD / 2 else None
