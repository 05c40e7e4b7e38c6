"""How the slowest of many workers grows: limits of the maximum, and a bound for every law."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from ..checks import check_count
from ..laws.check import check_law
from ..laws.methods import Work, known


@dataclass(frozen=True)
class ExtremeValueLimit:
    """(X_{m:m} - b) / a is near `law` for large m; domain names the type of the limit."""

    domain: str
    a: float
    b: float
    law: Any

    def mean(self):
        """Return the approximation b + a E[law] of E[X_{m:m}], inf where the limit has no mean."""
        if self.domain == "Frechet" and self.law.args[0] <= 1:  # scipy's mean is negative there
            return math.inf
        return float(self.b + self.a * self.law.mean())


def extreme_value_limit(work: Work, m: int) -> ExtremeValueLimit:
    """Return the limit law of the slowest of m workers, with its constants a and b for this m.

    Gumbel for exponential, gamma, Weibull, log-normal and hyperexponential times (b is the time
    that one worker in m exceeds, 1 / a the hazard there), Frechet for Pareto and Lomax times,
    reversed Weibull for uniform times. m from 2. ValueError for finite and discrete laws, whose
    maximum has no limit but the constant it ends at; NotImplementedError for laws not named.
    Derived in the chapter "Any distribution"; Embrechts, Klüppelberg and Mikosch, Modelling
    Extremal Events (1997).

    >>> from scipy import stats
    >>> round(extreme_value_limit(stats.expon(scale=0.5), 1000).mean(), 6)  # (ln m + gamma) / 2
    3.742485
    """
    law, m = check_law(work), check_count("m", m, minimum=2)
    if law.has_atoms:
        raise ValueError(f"work must be continuous for its maximum to have a limit, got {work!r}")
    limit = known(LIMITS, law, law, m)
    if limit is None:
        raise NotImplementedError(f"the limit of the maximum is not known for work={work!r}")
    return limit


def _gumbel(*parameters_law_m):
    *_, law, m = parameters_law_m
    b = float(law.isf(1 / m))
    return ExtremeValueLimit("Gumbel", float(1 / (m * law.pdf(b))), b, stats.gumbel_r())


def _frechet(alpha, earliest, pole, scale, law, m):
    a = scale * m ** (1 / alpha)
    return ExtremeValueLimit("Frechet", float(a), float(pole), stats.invweibull(alpha))


def _reversed_weibull(low, width, law, m):
    return ExtremeValueLimit("reversed Weibull", width / m, low + width, stats.weibull_max(1))


LIMITS = {
    "exponential": _gumbel,
    "gamma": _gumbel,
    "hyperexponential": _gumbel,
    "lognormal": _gumbel,
    "pareto": _frechet,
    "uniform": _reversed_weibull,
    "weibull": _gumbel,
}


def distribution_free_bound(mean: float, std: float, m: int) -> float:
    """Return the greatest E[X_{m:m}] that a law of this mean and standard deviation can have.

    It is mean + std (m - 1) / sqrt(2m - 1), in the unit of mean and std, and sharp for each m; a
    fixed law grows more slowly. inf if mean or std is. Derived in the chapter "Any distribution";
    Gumbel (1954), Hartley and David (1954).

    >>> distribution_free_bound(mean=1, std=1, m=13)
    3.4
    """
    for name, value in (("mean", mean), ("std", std)):
        if isinstance(value, (bool, str)) or not np.ndim(value) == 0 or not value >= 0:
            raise ValueError(f"{name} must be a number of at least 0, got {value!r}")
    m = check_count("m", m)
    return float(mean + std * (m - 1) / math.sqrt(2 * m - 1)) if m > 1 else float(mean)
