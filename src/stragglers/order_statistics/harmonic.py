"""Sums over the workers still running: the waits of exponential workers and of Pareto ones.

While j workers run, the next one finishes after 1 / (j rate) on average if times are exponential;
if they are Pareto, the time so far is stretched by j / (j - 1/alpha). X_{k:m} collects the ranks
j = n .. m, n = m - k + 1. Ranks below FIRST are added one by one; from there on the sum is a
logarithm and a series in 1 / w², where w is the middle between ranks, and every difference is
taken before it can cancel. The cost does not depend on m.
"""

import math

import numpy as np
from scipy import special

from ..checks import check_count, check_positive

FIRST = 20
MIDPOINT = (1 / 24, -7 / 960, 31 / 8064, -127 / 30720)  # H_m - ln w - gamma at w = m + 1/2


def harmonic(m: int, power: int = 1) -> float:
    """Return H_m = 1 + 1/2^power + ... + 1/m^power for whole m >= 0, entry by entry.

    H_m / rate is the mean time of the slowest of m exponential workers, and harmonic(m, 2) / rate²
    its variance. Exact to rounding, at a cost that does not depend on m. Derived in the chapter
    "The slowest decides"; Rényi (1953), David and Nagaraja, Order Statistics (2003).

    >>> float(harmonic(2))
    1.5
    """
    power = check_count("power", power)
    m = np.asarray(m)
    if m.dtype.kind not in "iu" or np.any(m < 0):
        raise ValueError(f"m must be whole numbers of at least 0, got {m!r}")
    if power == 1:
        return special.digamma(m + 1.0) - special.digamma(1.0)
    return special.zeta(power) - special.zeta(power, m + 1.0)


def log_approximation(k: int, m: int) -> float:
    """Return ln((m + 1/2) / (m - k + 1/2)), which is near H_m - H_{m-k} for every k up to m.

    The textbook ln(m / (m - k)) is infinite at k = m. Derived in the chapter "Order statistics of
    the exponential".

    >>> round(log_approximation(k=19, m=20), 4), round(float(harmonic(20) - harmonic(1)), 4)
    (2.615, 2.5977)
    """
    m = check_count("m", m)
    return math.log1p(check_count("k", k, maximum=m) / (m - k + 0.5))


def exponential_covariance(i: int, j: int, m: int, rate: float) -> float:
    """Return Cov(X_{i:m}, X_{j:m}) for m exponential times: the variance of the earlier of the two.

    The later one is the earlier plus waits that do not depend on it. Derived in the chapter "Order
    statistics of the exponential"; Rényi (1953).

    >>> round(exponential_covariance(3, 7, m=10, rate=1), 8)
    0.03797068
    """
    m = check_count("m", m)
    earlier = min(check_count("i", i, maximum=m), check_count("j", j, maximum=m))
    return over_square(square_gap(earlier, m), check_positive("rate", rate))


def harmonic_gap(k, m):
    """Return 1/m + 1/(m-1) + ... + 1/(m-k+1) = H_m - H_{m-k}."""
    n = m - k + 1
    first = max(n, FIRST)
    total = math.fsum(1 / j for j in range(n, min(first, m + 1)))
    if first > m:
        return total
    w, end = first - 0.5, m + 0.5
    return total + math.log1p((m + 1 - first) / w) + _series(MIDPOINT, w, end)


def square_gap(k, m):
    """Return 1/m² + 1/(m-1)² + ... + 1/(m-k+1)²."""
    n = m - k + 1
    first = max(n, FIRST)
    total = math.fsum(1 / j**2 for j in range(n, min(first, m + 1)))
    if first > m:
        return total
    w, end = first - 0.5, m + 0.5
    odd = sum(
        2 * j * c * (end ** (-2 * j - 1) - w ** (-2 * j - 1)) for j, c in enumerate(MIDPOINT, 1)
    )
    return total + (m + 1 - first) / (w * end) + odd


def over_square(value, rate):
    """Return value / rate², inf or 0 where that is out of range."""
    square = rate * rate
    return value / square if 0 < square < math.inf else value / rate / rate


def log_power_mean(k, m, alpha):
    """Return log E[s^(-1/alpha)] where s = 1 - u and u is the k-th smallest of m uniforms.

    It is the sum of log(j / (j - 1/alpha)); inf where the mean does not exist.
    """
    n, a = m - k + 1, 1 / alpha
    if n * alpha <= 1:
        return math.inf
    first = max(n, math.ceil(FIRST * max(1, a)))
    total = math.fsum(math.log1p(1 / (j * alpha - 1)) for j in range(n, min(first, m + 1)))
    if first > m:
        return total
    w = first - (a + 1) / 2
    steps = m + 1 - first
    return total + a * math.log1p(steps / w) + _series(_coefficients(a), w, w + steps)


def log_power_spread(k, m, alpha):
    """Return log(E[s^-2a] / E[s^-a]²), a = 1/alpha: the sum of log((j - a)² / (j (j - 2a)))."""
    n, a = m - k + 1, 1 / alpha
    if n * alpha <= 2:
        return math.inf
    first = max(n, math.ceil(FIRST * max(1, 2 * a)))
    ranks = range(n, min(first, m + 1))
    total = math.fsum(math.log1p(1 / (j * alpha * (j * alpha - 2))) for j in ranks)
    if first > m:
        return total
    w, steps = first - (a + 1) / 2, m + 1 - first
    twice = w - a / 2
    total += 2 * a * math.log1p(steps * a / 2 / (twice * (w + steps)))
    total += _series(_coefficients(2 * a), twice, twice + steps)
    return total - 2 * _series(_coefficients(a), w, w + steps)


def _coefficients(a):
    """Return those of log(Γ(w + (1+a)/2) / Γ(w + (1-a)/2)) - a log w in powers of 1 / w²."""
    c, b = a * (1 - a) * (1 + a), a * a
    return (
        c / 24,
        c * (3 * b - 7) / 960,
        c * (3 * b**2 - 18 * b + 31) / 8064,
        c * (5 * b**3 - 55 * b**2 + 239 * b - 381) / 92160,
    )


def _series(coefficients, w, end):
    """Return the series at end less the series at w."""
    c1, c2, c3, c4 = coefficients
    x, y = w**-2, end**-2
    return y * (c1 + y * (c2 + y * (c3 + y * c4))) - x * (c1 + x * (c2 + x * (c3 + x * c4)))
