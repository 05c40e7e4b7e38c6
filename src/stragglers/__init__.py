"""How long distributed SGD takes, and why: exact and simulated, through order statistics.

Symbols, as in the book: `m` workers, `k` the number of gradients waited for, `rate` and `scale`
the parameters of a worker's time. Times are in the unit of the distribution given.
"""

from .asymptotics import distribution_free_bound, extreme_value_limit
from .distributions import (
    deterministic,
    exponential,
    gamma,
    hyperexponential,
    lognormal,
    pareto,
    shifted_exponential,
    trace,
    two_point,
    uniform,
    weibull,
)
from .harmonics import exponential_covariance, harmonic, log_approximation
from .order_statistics import order_statistic
from .reliability import ageing
from .tails import tail_index

__version__ = "0.1.0"
__all__ = [
    "ageing",
    "deterministic",
    "distribution_free_bound",
    "exponential",
    "exponential_covariance",
    "extreme_value_limit",
    "gamma",
    "harmonic",
    "hyperexponential",
    "log_approximation",
    "lognormal",
    "order_statistic",
    "pareto",
    "shifted_exponential",
    "tail_index",
    "trace",
    "two_point",
    "uniform",
    "weibull",
]
