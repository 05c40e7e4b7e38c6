"""Beta(k, n): the law of u = F(X_{k:m}), the k-th smallest of m uniforms, where n = m - k + 1.

Both u and s = 1 - u are carried, and the smaller one is computed, so that neither end loses digits.
"""

import numpy as np
from scipy import special


def tails(k, n, u, s):
    """Return P(U <= u) and P(U > u) for s = 1 - u: the smaller one computed, the other its rest."""
    early = np.less(np.multiply(u, n), np.multiply(s, k))  # u below the mean of U
    tail = special.betainc(np.where(early, k, n), np.where(early, n, k), np.where(early, u, s))
    return np.where(early, tail, 1 - tail)[()], np.where(early, 1 - tail, tail)[()]


def quantiles(k, n, q):
    """Return u with P(U <= u) = q, and s = 1 - u; nan unless q is a probability."""
    q = np.asarray(q, float)
    q = np.where((q >= 0) & (q <= 1), q, np.nan)
    with np.errstate(all="ignore"):
        u, s = special.betaincinv(k, n, q), special.betainccinv(n, k, q)
        leading = np.exp((np.log(q) + special.betaln(k, n) + np.log(k)) / k)  # u^k / (k B) = q
        return _polish(np.where(np.isnan(u), leading, u), s, k, n, q)


def _polish(u, s, k, n, q):
    """Improve u and s by Newton's method for log P(U <= u), in log u or log s.

    scipy's inverses need it: betaincinv(2, 499, 1e-200) is nan, and betainccinv(1000, 10**6, q) is
    off by 1e-7 of the probability. In log u the far tail is a straight line, solved in one step.
    """
    low = ~(u > 0.5)
    for _ in range(4):
        done = tails(k, n, u, s)[0]
        density = np.exp(k * np.log(u) + n * np.log(s) - special.betaln(k, n))  # of log(u / s)
        step = np.log(done / q) * done / density * np.where(low, -s, u)
        factor = np.where(np.abs(step) < 1, np.exp(step), 1.0)
        u, s = np.where(low, u * factor, 1 - s * factor), np.where(low, 1 - u * factor, s * factor)
        if not np.any(np.abs(step) > 1e-8):
            break
    return u, s
