"""The formulas behind the keys, written without the book's module.

Students answer with the module; keys that came from it would agree with it even where it is wrong.
"""

import numpy as np
from scipy.special import betainc, digamma, zeta


def harmonic(m):
    """Return 1 + 1/2 + ... + 1/m.

    >>> round(float(harmonic(2)), 12)
    1.5
    """
    return digamma(np.asarray(m, dtype=float) + 1) + np.euler_gamma


def harmonic_squares(m):
    """Return 1 + 1/4 + ... + 1/m^2.

    >>> round(float(harmonic_squares(2)), 12)
    1.25
    """
    return zeta(2) - zeta(2, np.asarray(m, dtype=float) + 1)


def exponential_mean(k, m, rate):
    """Return the mean of the k-th of m exponential times."""
    return (harmonic(m) - harmonic(np.subtract(m, k))) / rate


def trace_weights(n, k, m):
    """Return the probability of each of n sorted recorded times to be the k-th of m drawn."""
    return np.diff(betainc(k, m - k + 1, np.arange(n + 1) / n))


def trace_mean(trace, k, m):
    """Return the mean of the k-th of m times drawn from a trace with replacement."""
    return float(np.sort(np.asarray(trace, dtype=float)) @ trace_weights(len(trace), k, m))


def exact(times, grid=1024):
    """Return times to the next 1/grid, a power of two, as lists.

    Their sums are exact in binary, in whatever order they are added: what is compared with such a
    sum is equal to it or not, on every way to it.

    >>> exact([0.1, 0.2])
    [0.1005859375, 0.2001953125]
    """
    return (np.ceil(np.asarray(times) * grid) / grid).tolist()


def pareto_mean(k, m, alpha, minimum):
    """Return the mean of the k-th of m Pareto times, inf where it does not exist."""
    j = np.arange(m - k + 1, m + 1)
    return float(minimum * np.prod(j / (j - 1 / alpha))) if alpha * (m - k + 1) > 1 else np.inf
