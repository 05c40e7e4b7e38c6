"""Closed forms of the mean and variance of X_{k:m}, each in a form that does not cancel.

`n` is the rank counted from the slowest, m - k + 1: X_{k:m} has n - 1 workers above it.
"""

import math

from scipy import special

from .work import exponential_parameters, family

# H_m = ln(m + 1/2) + gamma + sum_j c_j / (m + 1/2)^(2j), DLMF 5.11 shifted to the midpoint.
MIDPOINT = (1 / 24, -7 / 960, 31 / 8064, -127 / 30720, 511 / 67584)


def harmonic_gap(k, m):
    """Return H_m - H_{m-k} = 1/m + ... + 1/(m-k+1), to rounding even where k is far below m."""
    a, b = m + 0.5, m - k + 0.5
    if b < 20:
        return float(special.digamma(m + 1) - special.digamma(m - k + 1))
    x, y = b**-2, a**-2
    series = sum(c * (x**j - y**j) for j, c in enumerate(MIDPOINT, 1))
    return math.log1p(k / b) - series


def square_gap(k, m):
    """Return 1/m² + ... + 1/(m-k+1)², to rounding even where k is far below m."""
    a, b = m + 0.5, m - k + 0.5
    if b < 20:
        return float(special.zeta(2, m - k + 1) - special.zeta(2, m + 1))
    x, y = b**-2, a**-2
    series = sum(2 * j * c * (x**j / b - y**j / a) for j, c in enumerate(MIDPOINT, 1))
    return k / (a * b) - series


def log_gamma_step(x, step):
    """Return log(Γ(x + step) / Γ(x)), without the cancellation of two large logarithms."""
    if x < 20 or x + step < 20:
        return math.lgamma(x + step) - math.lgamma(x)
    y = x + step
    stirling = sum(
        c * (y**-j - x**-j) for j, c in ((1, 1 / 12), (3, -1 / 360), (5, 1 / 1260), (7, -1 / 1680))
    )
    return (x - 0.5) * math.log1p(step / x) + step * math.log(y) - step + stirling


def log_power_mean(k, m, power):
    """Return log E[(1 - U_{k:m})^-power], of the k-th smallest of m uniforms; power < m-k+1.

    It is the sum of log(j / (j - power)) over j = m-k+1 .. m, small where k is far below m.
    """
    n = m - k + 1
    if k <= 64:
        return -sum(math.log1p(-power / j) for j in range(n, m + 1))
    return log_gamma_step(m + 1 - power, power) - log_gamma_step(n - power, power)


def closed_mean(work, k, m):
    """Return E[X_{k:m}] where a stable closed form is known, else None."""
    parameters = exponential_parameters(work)
    if parameters is not None:
        shift, rate = parameters
        return shift + harmonic_gap(k, m) / rate
    name, shapes, loc, scale = family(work) or (None, (), 0.0, 1.0)
    if name == "uniform":
        return loc + scale * k / (m + 1)
    if name == "weibull" and k == 1:
        return loc + scale * math.exp(math.lgamma(1 + 1 / shapes[0]) - math.log(m) / shapes[0])
    if name in ("pareto", "lomax"):
        least = loc + scale if name == "pareto" else loc
        edge = (m - k + 1) * shapes[0] - 1
        return (
            least + scale * math.expm1(log_power_mean(k, m, 1 / shapes[0]))
            if edge > 0
            else math.inf
        )
    return None


def closed_variance(work, k, m):
    """Return Var[X_{k:m}] where a stable closed form is known, else None."""
    parameters = exponential_parameters(work)
    if parameters is not None:
        return square_gap(k, m) / parameters[1] ** 2
    name, _, _, scale = family(work) or (None, (), 0.0, 1.0)
    if name == "uniform":
        return scale**2 * k * (m - k + 1) / ((m + 1) ** 2 * (m + 2))
    return None
