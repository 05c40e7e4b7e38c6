"""E X_{k:m} for every k at once: the count of finished workers is made once for all of them."""

import math

import numpy as np

from ..laws.finite import FiniteLaw
from ..numerics.quadrature import integrate
from .equal_workers import kth_of
from .finished_count import FinishedCount
from .tail_integral import panels

SOME = 20  # workers up to which one rank after the other is as quick
MOST = 2000  # workers beyond which the arrays would be too large


def mean_of_every(workers):
    """Return E X_{k:m} of checked workers for k = 1, ..., m, shape (m,), inf if it does not exist.

    One rank after the other where workers are equal, few or very many, or a tail is in doubt.
    """
    orders = [kth_of(workers, k) for k in range(1, workers.m + 1)]
    tails = [law.tail() for law in workers.laws]
    usual = not any(tail.doubt for tail in tails) and not any(
        isinstance(law, FiniteLaw) or law.finite(1, workers.m) for law in workers.laws
    )
    if workers.equal or not usual or not SOME < workers.m <= MOST:
        return np.array([float(order.mean()) for order in orders])
    finite = sum(order.tail().index > 1 + 1e-9 for order in orders)  # the earlier ranks
    means = np.full(workers.m, math.inf)
    if finite:
        means[:finite] = _together(workers, orders[:finite], tails)
    return means


def _together(workers, orders, tails):
    some = [orders[place] for place in sorted({0, *np.linspace(0, len(orders) - 1, 5, dtype=int)})]
    start, unit, edges = panels(some, workers.laws, tails)
    count = FinishedCount(workers)

    def rows(y):
        past = unit * np.expm1(y)
        return count.late(start + past)[: len(orders)] * (past + unit)

    with np.errstate(all="ignore"):
        total = integrate(rows, edges)
        last = rows(edges[-1:])[:, 0]
        slope = np.array([order.tail().slope for order in orders])
        beyond = np.where(slope > 0, last / (1 / slope - 1), 0.0)
    return start + total + beyond
