"""Beta(k, n): the law of u = F(X_{k:m}), the k-th smallest of m uniforms, where n = m - k + 1.

Both u and s = 1 - u are carried, and whichever is the smaller is the one computed, so that neither
end loses digits. Polishing makes up for scipy's inverses, which fail far out (a nan for
betaincinv(2, 499, 1e-200)) and have 1e-7 of the probability wrong at betainccinv(1000, 10**6, q).
"""

import numpy as np
from scipy import special


def tails(k, n, u, s):
    """Return P(U <= u) and P(U > u) for s = 1 - u."""
    done = np.where(u < 0.5, special.betainc(k, n, u), special.betaincc(n, k, s))
    late = np.where(s < 0.5, special.betainc(n, k, s), special.betaincc(k, n, u))
    return done[()], late[()]


def quantiles(k, n, q):
    """Return u with P(U <= u) = q, and s = 1 - u."""
    q = np.asarray(q, float)
    u, s = special.betaincinv(k, n, q), special.betainccinv(n, k, q)
    with np.errstate(all="ignore"):
        leading = np.exp((np.log(q) + special.betaln(k, n) + np.log(k)) / k)  # u^k / (k B) = q
        u = _polish(np.where(np.isnan(u), leading, u), k, n, q, special.betainc, 1)
        s = _polish(s, n, k, q, special.betaincc, -1)
    low = u <= 0.5
    return np.where(low, u, 1 - s), np.where(low, 1 - u, s)


def _polish(x, a, b, q, tail, sign):
    """Improve tail(a, b, x) = q by Newton's method for log tail as a function of log x."""
    for _ in range(3):
        reached = tail(a, b, x)
        log_density = a * np.log(x) + b * np.log1p(-x) - special.betaln(a, b)
        slope = sign * np.exp(log_density) / ((1 - x) * reached)
        step = (np.log(reached) - np.log(q)) / slope
        x = np.where(np.abs(step) < 1, x * np.exp(-step), x)
    return x
