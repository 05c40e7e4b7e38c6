"""How long distributed SGD takes, and why: exact and simulated, through order statistics.

Symbols, as in the book: `m` workers, `k` the number of gradients waited for, `rate` and `scale`
the parameters of a worker's time. Times are in the unit of the distribution given.
"""

from .asynchronous import Async, KAsync, KBatchAsync
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
from .order_statistics import order_statistic
from .race import Race, race
from .runs import Run
from .synchronous import KBatchSync, KSync, LocalSGD, Sync

__version__ = "0.1.0"
__all__ = [
    "Async",
    "KAsync",
    "KBatchAsync",
    "KBatchSync",
    "KSync",
    "LocalSGD",
    "Race",
    "Run",
    "Sync",
    "deterministic",
    "exponential",
    "gamma",
    "hyperexponential",
    "lognormal",
    "order_statistic",
    "pareto",
    "race",
    "shifted_exponential",
    "trace",
    "two_point",
    "uniform",
    "weibull",
]
