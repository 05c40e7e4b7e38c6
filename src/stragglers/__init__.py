"""How long distributed SGD takes, and why: exact and simulated, through order statistics.

Symbols, as in the book: `m` workers, `k` the number of gradients waited for, `rate` and `scale`
the parameters of a worker's time. Times are in the unit of the distribution given.
"""

from .asymptotics import distribution_free_bound, extreme_value_limit
from .asynchronous import Async, KAsync, KBatchAsync
from .communication import (
    halving_doubling,
    parameter_server,
    ring_all_reduce,
    ring_beats_tree_above,
    tree_all_reduce,
)
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
from .race import Race, race
from .redundancy import GradientCoded, MDSCoded, Replication, SingleFork
from .reliability import ageing
from .restarted import restarted
from .runs import Run
from .scaling import scaled, shifted
from .sweeps import sweep
from .synchronous import KBatchSync, KSync, LocalSGD, Sync
from .tails import tail_index
from .theorems import verify
from .tuning import optimal_fraction, optimal_k, optimal_tolerance, optimal_workers

__version__ = "0.1.0"
__all__ = [
    "Async",
    "GradientCoded",
    "KAsync",
    "KBatchAsync",
    "KBatchSync",
    "KSync",
    "LocalSGD",
    "MDSCoded",
    "Race",
    "Replication",
    "Run",
    "SingleFork",
    "Sync",
    "ageing",
    "deterministic",
    "distribution_free_bound",
    "explore",
    "exponential",
    "exponential_covariance",
    "extreme_value_limit",
    "gamma",
    "halving_doubling",
    "harmonic",
    "hyperexponential",
    "log_approximation",
    "lognormal",
    "optimal_fraction",
    "optimal_k",
    "optimal_tolerance",
    "optimal_workers",
    "order_statistic",
    "parameter_server",
    "pareto",
    "picture",
    "race",
    "restarted",
    "ring_all_reduce",
    "ring_beats_tree_above",
    "scaled",
    "shifted",
    "shifted_exponential",
    "sweep",
    "tail_index",
    "trace",
    "tree_all_reduce",
    "two_point",
    "uniform",
    "verify",
    "weibull",
]


def __getattr__(name):
    """Load what needs matplotlib or ipywidgets only when it is asked for."""
    from importlib import import_module

    if name in ("explore", "picture"):
        return getattr(import_module(".explorer", __name__), name)
    if name in ("explorer", "figures"):
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
