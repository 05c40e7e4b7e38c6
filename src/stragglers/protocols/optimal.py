"""How many to wait for, and how many to hire: the optima of the protocols' throughput."""

import math

import numpy as np

from ..checks import check_positive, check_time
from ..laws.check import check_work
from ..laws.families import exponential_parameters
from .coding import GradientCoded
from .synchronous import mean_of_kth

SAME = 1e-10  # throughputs this close are a tie: the means are good to some 1e-12


def optimal_k(work, m, communication=0.0):
    """Return the k that maximises the throughput of `KSync`, k / (E X_{k:m} + communication).

    The least such k, found exactly. For exponential times, shifted or not, by bisection: E X_{k:m}
    grows by 1 / (rate (m - k)) from k to k + 1, more and more, so that the throughput has one peak.
    For every other law by all m means, a millisecond or so each. It is also the best k of
    `MDSCoded` with straggle="scales". Derived in a chapter to come, "Leave some out".

    >>> from scipy import stats
    >>> optimal_k(stats.expon(loc=1), m=20)
    14
    """
    workers = check_work(work, m)
    m = workers.m
    communication = check_time("communication", communication)

    def time(k):
        return mean_of_kth(workers, k) + communication

    parameters = exponential_parameters(workers.laws[0]) if workers.equal else None
    if parameters is None:
        times = np.array([time(k) for k in range(1, m + 1)])
        throughput = np.arange(1, m + 1) / np.maximum(times, np.finfo(float).tiny)
        return 1 + int(np.argmax(throughput >= throughput.max() * (1 - SAME)))
    low, high = 1, m
    while low < high:
        k = (low + high) // 2
        if time(k) > k / (parameters[1] * (m - k)) * (1 + 1e-14):
            low = k + 1
        else:
            high = k
    return low


def optimal_tolerance(work, m, straggle):
    """Return the number of late workers that `GradientCoded` had best tolerate, from 0 to m - 1.

    The least one, by exact search. Derived in a chapter to come, "Copies and codes".

    >>> from scipy import stats
    >>> whole_job = stats.expon(loc=2)
    >>> [optimal_tolerance(whole_job, 10, straggle) for straggle in ("scales", "adds")]
    [0, 4]
    """
    workers = check_work(work, m)
    codes = [GradientCoded(workers.m, tolerates, straggle) for tolerates in range(workers.m)]
    times = np.array([code._time(code._adapted(workers)) for code in codes])
    return int(np.argmax(times <= times.min() * (1 + SAME)))


def optimal_fraction(shift_rate):
    """Return the limit of optimal_k / m for shift + Exp(rate) times: 1 + 1 / W_{-1}(-e^(-1-x)).

    x = shift_rate is shift times rate, a number of at least 0. -W_{-1} is the solution y > 1 of y -
    ln y = 1 + x, found by Newton's method in y - 1, which keeps its digits for every x. The same
    fraction is the best rate k / m of an MDS code (Lee et al. 2018). Derived in a chapter to come,
    "Leave some out".

    >>> round(optimal_fraction(1.0), 6)
    0.682156
    """
    x = check_time("shift_rate", shift_rate)
    if x == 0:
        return 0.0
    excess = x + math.sqrt(2 * x)  # y - 1, from above: the function is convex
    for _ in range(60):
        step = (excess - math.log1p(excess) - x) * (1 + excess) / excess
        excess -= step
        if abs(step) <= 1e-16 * excess:
            break
    return excess / (1 + excess)


def optimal_workers(compute, rate):
    """Return the m that minimises compute / m + H_m / rate: a fixed batch spread over m workers.

    It is ceil(compute * rate), at least 1: each worker adds an exponential straggle, and more
    workers than that slow synchronous SGD down. (When compute * rate is whole, one more does as
    well.) ValueError unless both are positive. Derived in a chapter to come, "The
    bill for talking".

    >>> optimal_workers(compute=100, rate=1)
    100
    """
    product = check_positive("compute", compute) * check_positive("rate", rate)
    return max(1, math.ceil(product * (1 - 4e-16)))
