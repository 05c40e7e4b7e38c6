"""Averages of a quantile function over the law of the k-th smallest of m uniforms, Beta(k, m-k+1).

In the variable z = log(u / (1 - u)) the Beta weight is a single smooth bump, however large m is.
Measured from the mode z0 and in units of the bump's width it looks alike for every k and m, and
both u and s = 1 - u keep all their digits.
"""

import math

import numpy as np

from .quadrature import integrate
from .tails import upper_quantile

LIGHT = -46.0  # weights below exp(LIGHT) of the peak add nothing on the side where times shrink
DEAD = -690.0  # and below exp(DEAD) nothing on the side where they may grow


def both_quantiles(work, u, s):
    """Return the quantiles at u = 1 - s, each from the side where it has its digits."""
    u, s = np.asarray(u), np.asarray(s)
    low = u <= 0.5
    t = np.full(u.shape, np.nan)
    t[low] = work.ppf(u[low])
    t[u > 0.5] = upper_quantile(work, s[u > 0.5])
    return t[()]


def moments(work, tail, k, m, powers):
    """Return c and E[(Q(U) - c)^p] for p in 1 .. powers, U the k-th of m uniforms, c = Q(mode).

    The moments must exist. What lies beyond tail.reach is added as the integral of a pure power.
    """
    n = m - k + 1
    u0, s0 = k / (m + 1), n / (m + 1)
    width = math.sqrt((m + 1) / (k * n))
    centre = float(both_quantiles(work, u0, s0))

    def rows(t):
        d = width * np.sinh(t)
        left, right = s0 * np.expm1(-d), u0 * np.expm1(d)  # u = u0/(1+left), s = s0/(1+right)
        weight = np.exp(-k * np.log1p(left) - n * np.log1p(right))
        excess = both_quantiles(work, u0 / (1 + left), s0 / (1 + right)) - centre
        values = [weight]
        for _ in range(powers):
            values.append(values[-1] * excess)
        return np.array(values)

    edges, reached = _panels(tail.reach, width, u0, s0, k, n)
    total = integrate(lambda t: rows(t) * (width * np.cosh(t)), edges)
    if reached:
        total = total + rows(edges[-1:])[:, 0] / (n - tail.slope * np.arange(powers + 1))
    return centre, total[1:] / total[0]


def _panels(reach, width, u0, s0, k, n):
    """Return the panels' edges, and whether the last one ends at the law's reach."""
    t = np.linspace(-math.asinh(800 / width), math.asinh(800 / width), 512)
    d = np.clip(width * np.sinh(t), -700, 700)
    left, right = np.log1p(s0 * np.expm1(-d)), np.log1p(u0 * np.expm1(d))
    log_weight = -k * left - n * right
    first = t[np.argmax((log_weight > LIGHT) & (t < 0))]
    alive = (log_weight > DEAD) & (math.log(s0) - right > math.log(reach))
    last = t[len(t) - 1 - np.argmax(alive[::-1])]
    edges = np.linspace(first, last, math.ceil((last - first) / 0.75) + 1)
    return edges, log_weight[len(t) - 1 - np.argmax(alive[::-1])] > DEAD / 2
