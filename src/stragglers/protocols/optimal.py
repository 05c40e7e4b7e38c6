"""How many to wait for, and how many to hire: the optima of the protocols' throughput."""

import math
from numbers import Real

import numpy as np
from scipy import optimize

from ..checks import check_positive, check_time
from ..laws.check import check_law, check_work
from ..laws.families import exponential_parameters
from ..laws.methods import Work, known
from ..order_statistics.every_rank import mean_of_every
from .coding import GradientCoded
from .synchronous import mean_of_kth

SERIES = (1 / 3, 1 / 36, -1 / 270, 1 / 4320, 1 / 17010, -139 / 5443200, 1 / 204120)  # Temme 1979
SAME = 1e-10  # throughputs this close are a tie: the means are good to some 1e-12


def optimal_k(work: Work, m: int, communication: float = 0.0) -> int:
    """Return the k that maximises the throughput of `KSync`, k / (E X_{k:m} + communication).

    The least such k, found exactly. For exponential times, shifted or not, by bisection: E X_{k:m}
    grows by 1 / (rate (m - k)) from k to k + 1, more and more, so that the throughput has one peak.
    For every other law by all m means: a millisecond or so each, or, for unequal workers, all at
    once. It is also the best k of `MDSCoded` with straggle="scales". Derived in the chapter "Leave
    some out".

    >>> from scipy import stats
    >>> optimal_k(stats.expon(loc=1), m=20)
    14
    """
    workers = check_work(work, m, independent=False)
    m = workers.m
    communication = check_time("communication", communication)

    def time(k):
        return mean_of_kth(workers, k) + communication

    parameters = exponential_parameters(workers.laws[0]) if workers.equal else None
    if parameters is None:
        times = mean_of_every(workers) + communication
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


def optimal_tolerance(work: Work, m: int, straggle: str) -> int:
    """Return the number of late workers that `GradientCoded` had best tolerate, from 0 to m - 1.

    The least one, by exact search. Derived in the chapter "Copies and codes".

    >>> from scipy import stats
    >>> whole_job = stats.expon(loc=2)
    >>> [optimal_tolerance(whole_job, 10, straggle) for straggle in ("scales", "adds")]
    [0, 4]
    """
    workers = check_work(work, m, independent=False)
    codes = [GradientCoded(workers.m, tolerates, straggle) for tolerates in range(workers.m)]
    times = np.array([code._time(code._adapted(workers)) for code in codes])
    return int(np.argmax(times <= times.min() * (1 + SAME)))


def optimal_fraction(work: Work) -> float:
    """Return the share K / m to wait for that many workers make best: where the ray touches.

    For m -> infinity the throughput of `KSync` per worker tends to u / Q(u), u = K / m and Q the
    quantile function; the best u is where a ray from the origin touches the curve of Q from below.
    It is the limit of `optimal_k` / m, the least of several that are equally good, and 0 where no
    ray is best but waiting for the first alone. A law with a finite mean, or the number
    shift * rate, which stands for shift + Exp(rate) times: then it is 1 + 1 / W_{-1}(-e^(-1-x)),
    also the best rate k / m of an MDS code (Lee et al. 2018). Derived in the chapter "Leave some
    out".

    >>> from stragglers import pareto
    >>> round(optimal_fraction(1.0), 6), round(optimal_fraction(pareto(alpha=2, minimum=1)), 6)
    (0.682156, 0.666667)
    """
    if isinstance(work, Real):
        return _shifted_fraction(check_time("shift_rate", work))
    law = check_law(work)
    touch = known(TOUCHING, law)
    if touch is not None:
        return touch
    finite = law.finite(1, 1)
    if finite is None:
        return _touching_fraction(law)
    rays = finite.atoms / finite.below
    best = np.argmax(rays <= rays.min() * (1 + SAME))
    return float(finite.below[best]) if finite.atoms[0] > 0 else 0.0


def _shifted_fraction(x):
    """Return 1 + 1 / W_{-1}(-e^(-1-x)).

    -W_{-1} is the solution y > 1 of y - ln y = 1 + x, found by Newton's method in y - 1, or by its
    series in sqrt(2x) where y is near 1, so that it keeps its digits for every x.
    """
    if x == 0:
        return 0.0
    excess = _excess(x)
    return 1 / (1 + 1 / excess)


def _excess(x):
    """Return y - 1 where y - ln y = 1 + x."""
    root = math.sqrt(2 * x) if x < 1e300 else math.sqrt(2) * math.sqrt(x)
    if root < 0.1:
        return root * (1 + sum(c * root**n for n, c in enumerate(SERIES, 1)))
    excess = x + root  # from above: the function is convex
    for _ in range(60):
        step = (excess - math.log1p(excess) - x) * (1 + 1 / excess)
        excess -= step
        if abs(step) <= 1e-16 * excess:
            break
    return excess


TOUCHING = {
    "exponential": lambda start, scale: _shifted_fraction(start / scale),
    "uniform": lambda low, width: float(low > 0),
    "pareto": lambda alpha, earliest, pole, scale: None if pole else alpha / (alpha + 1),
}


def _touching_fraction(law):
    """Return F(t) where F(t) / t is largest: on a grid of quantiles, then between its points."""
    s = np.concatenate([1 - np.geomspace(1e-9, 0.5, 200), np.geomspace(0.5, 1e-12, 400)[1:]])
    t = np.asarray(law.upper_quantile(s), float)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.nan_to_num(law.sides(t)[0] / t, nan=0.0, posinf=np.inf)
    best = int(np.argmax(slope >= slope.max() * (1 - SAME)))
    if best in (0, len(t) - 1):
        return float(best > 0)
    low, high = t[best - 1], t[best + 1]

    def rising(x):
        return x * law.density(x) - law.cdf(x)

    if hasattr(law, "pdf") and rising(low) > 0 > rising(high):
        return float(law.cdf(optimize.brentq(rising, low, high, xtol=1e-15 * high, rtol=1e-14)))
    found = optimize.minimize_scalar(
        lambda x: -law.cdf(x) / x, bounds=(low, high), method="bounded", options={"xatol": 1e-10}
    )
    return float(law.cdf(max([found.x, t[best]], key=lambda x: law.cdf(x) / x)))


def optimal_workers(compute: float, rate: float) -> int:
    """Return the m that minimises compute / m + H_m / rate: a fixed batch spread over m workers.

    It is ceil(compute * rate), at least 1: each worker adds an exponential straggle, and more
    workers than that slow synchronous SGD down. (When compute * rate is whole, one more does as
    well.) ValueError unless both are positive. Derived in the chapter "The
    bill for talking".

    >>> optimal_workers(compute=100, rate=1)
    100
    """
    product = check_positive("compute", compute) * check_positive("rate", rate)
    return max(1, math.ceil(product * (1 - 4e-16)))
