"""How long distributed SGD takes, and why: exact and simulated, through order statistics.

Symbols, as in the book: `m` workers, `k` the number of gradients waited for, `rate` and `scale`
the parameters of a worker's time. Times are in the unit of the distribution given.
"""

from .laws.ageing import ageing
from .laws.named import (
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
from .laws.restarted import restarted
from .laws.scaled import scaled, shifted
from .laws.tail_index import tail_index
from .order_statistics.equal_workers import order_statistic
from .order_statistics.harmonic import exponential_covariance, harmonic, log_approximation
from .order_statistics.limits import distribution_free_bound, extreme_value_limit
from .protocols.asynchronous import Async, KBatchAsync
from .protocols.coding import GradientCoded, MDSCoded
from .protocols.communication import (
    halving_doubling,
    hierarchical_all_reduce,
    overlapped,
    parameter_server,
    ring_all_reduce,
    ring_beats_tree_above,
    tree_all_reduce,
)
from .protocols.gradient_code import coding_matrix, decoding_weights
from .protocols.hedging import Hedge
from .protocols.k_async import KAsync
from .protocols.local_sgd import LocalSGD
from .protocols.optimal import optimal_fraction, optimal_k, optimal_tolerance, optimal_workers
from .protocols.protocol import Protocol
from .protocols.replication import Replication, SingleFork
from .protocols.synchronous import KBatchSync, KSync, Sync
from .simulation.race import Race, race
from .simulation.run import Run
from .simulation.sweep import sweep
from .theorems import verify

__version__ = "0.1.0"
__all__ = [
    "Async",
    "GradientCoded",
    "Hedge",
    "KAsync",
    "KBatchAsync",
    "KBatchSync",
    "KSync",
    "LocalSGD",
    "MDSCoded",
    "Protocol",
    "Race",
    "Replication",
    "Run",
    "SingleFork",
    "Sync",
    "ageing",
    "coding_matrix",
    "decoding_weights",
    "deterministic",
    "distribution_free_bound",
    "explore",
    "exponential",
    "exponential_covariance",
    "extreme_value_limit",
    "gamma",
    "halving_doubling",
    "harmonic",
    "hierarchical_all_reduce",
    "hyperexponential",
    "log_approximation",
    "lognormal",
    "optimal_fraction",
    "optimal_k",
    "optimal_tolerance",
    "optimal_workers",
    "order_statistic",
    "overlapped",
    "parameter_server",
    "pareto",
    "picture",
    "predict",
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


def __dir__():
    return sorted(__all__)


def __getattr__(name):
    """Load what `import stragglers` leaves out only when it is asked for: it stays light."""
    from importlib import import_module

    if name in ("explore", "picture"):
        return getattr(import_module(".explorer", __name__), name)
    if name == "predict":
        return import_module(".explorer.prediction", __name__).predict
    if name in ("explorer", "figures", "jobs", "training"):
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
