"""What counts as the time of a worker: any law with the methods of a frozen scipy.stats law."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats
from scipy.stats.distributions import rv_frozen

from .density_law import DensityLaw, is_known_by_density
from .finite import FiniteLaw, Hyperexponential

METHODS = ("mean", "var", "cdf", "ppf", "rvs")
FAMILIES = {
    type(stats.expon): "exponential",
    type(stats.uniform): "uniform",
    type(stats.pareto): "pareto",
    type(stats.lomax): "lomax",
    type(stats.weibull_min): "weibull",
    type(stats.gamma): "gamma",
    type(stats.erlang): "gamma",
    type(stats.lognorm): "lognormal",
}
NO_QUANTILES = (type(stats.invgauss), type(stats.ncf))


def check_work(work, m=None):
    """Return the law of a worker's time, or the list of laws of unequal workers, ready for use.

    Laws are passed through `check_law`; ValueError if a list is empty or its length is not m.

    >>> len(check_work([stats.expon(), stats.uniform(1, 2)], m=2))
    2
    """
    if not isinstance(work, (list, tuple)):
        return check_law(work)
    if not work:
        raise ValueError(f"work must be one law or a non-empty list of laws, got {work!r}")
    if m is not None and m != len(work):
        raise ValueError(f"m must be the number of laws in work, {len(work)}, got {m!r}")
    checked = {id(law): check_law(law) for law in work}
    return [checked[id(law)] for law in work]


def check_law(work):
    """Return one law of a worker's time, ready for use.

    A frozen scipy.stats law comes back as it is, an unfrozen one frozen, a law of scipy's new
    kind (`make_distribution`) wrapped. TypeError names the methods that are missing; ValueError
    refuses times below 0 and parameters outside their range.

    >>> check_law(7)
    Traceback (most recent call last):
    TypeError: work must be a frozen scipy.stats law or have its methods mean, var, cdf, ppf, rvs;
    7 lacks mean, var, cdf, ppf, rvs
    """
    if isinstance(work, rv_frozen):
        return _check_frozen(work)
    if isinstance(work, (FiniteLaw, Hyperexponential, DensityLaw)):
        return work
    if isinstance(work, (stats.rv_continuous, stats.rv_discrete)):
        if work.numargs:
            raise TypeError(f"work must be frozen: give {work.name} its parameters {work.shapes}")
        return _check_frozen(work())
    new_style = all(hasattr(work, name) for name in ("icdf", "iccdf", "ccdf", "sample"))
    if new_style and not isinstance(work, type):
        work = NewStyleLaw(work)
    return _check_methods(work)


def _check_frozen(work):
    parameters = (*work.args, *work.kwds.values())
    if not all(isinstance(value, (float, int)) or np.ndim(value) == 0 for value in parameters):
        raise TypeError(f"work must be one law; for unequal workers give a list, got {parameters}")
    shapes, loc, scale = work.dist._parse_args(*work.args, **work.kwds)
    if not (0 < scale < np.inf and abs(loc) < np.inf and work.dist._argcheck(*shapes)):
        raise ValueError(f"work must have parameters in their range, got {_describe(work)}")
    if not loc + scale * work.a >= 0:
        raise ValueError(f"work must not take negative times, got {_describe(work)}")
    if isinstance(work.dist, type(stats.studentized_range)):
        raise ValueError(f"work must have a cdf that scipy finds in time, got {_describe(work)}")
    return DensityLaw(work) if is_known_by_density(work) else work


def _describe(work):
    named = [f"{key}={value}" for key, value in work.kwds.items()]
    return f"{work.dist.name}({', '.join([*map(str, work.args), *named])})"


def _check_methods(work):
    missing = [name for name in METHODS if not callable(getattr(work, name, None))]
    if missing or isinstance(work, type):
        raise TypeError(
            f"work must be a frozen scipy.stats law or have its methods {', '.join(METHODS)}; "
            f"{work!r} lacks {', '.join(missing) or 'its parameters'}"
        )
    if not lower_end(work) >= 0:
        raise ValueError(f"work must not take negative times, got {work!r} from {lower_end(work)}")
    return work


def lower_end(work):
    """Return the least time that the law can take.

    scipy's discrete laws have ppf(0) one below it, so a law without support() is asked nearby.
    """
    return float(work.support()[0] if hasattr(work, "support") else work.ppf(1e-300))


def upper_end(work):
    """Return the greatest time that the law can take, inf if there is none."""
    return float(work.support()[1] if hasattr(work, "support") else work.ppf(1.0))


@dataclass(frozen=True)
class NewStyleLaw:
    """A law of scipy's new kind, under the names of the old kind."""

    law: Any

    def __post_init__(self):
        renamed = {"ppf": "icdf", "isf": "iccdf", "sf": "ccdf", "var": "variance"}
        renamed |= {name: name for name in ("mean", "cdf", "pdf", "median", "support")}
        for ours, theirs in renamed.items():
            object.__setattr__(self, ours, getattr(self.law, theirs))

    def std(self):
        return self.law.standard_deviation()

    def rvs(self, size=None, random_state=None):
        return self.law.sample(() if size is None else size, rng=random_state)


def family(work):
    """Return (name, shape parameters, loc, scale) of a scipy law named in FAMILIES, else None."""
    name = FAMILIES.get(type(getattr(work, "dist", None)))
    if name is None or not isinstance(work, rv_frozen):
        return None
    return (name, *work.dist._parse_args(*work.args, **work.kwds))


def exponential_parameters(work):
    """Return (shift, rate) if work is an exponential time after a fixed shift, else None.

    >>> exponential_parameters(stats.expon(loc=1, scale=0.5))
    (1.0, 2.0)
    """
    if isinstance(work, Hyperexponential):
        rates = {r for p, r in zip(work.probabilities, work.rates, strict=True) if p}
        return (0.0, rates.pop()) if len(rates) == 1 else None
    name, shapes, loc, scale = family(work) or (None, (), 0, 1)
    memoryless = name == "exponential" or (name in ("gamma", "weibull") and shapes[0] == 1)
    return (float(loc), float(1 / scale)) if memoryless else None


def sides(work, x):
    """Return P(X <= x) and P(X > x), the smaller of the two with its own digits if work has sf."""
    with np.errstate(all="ignore"):
        below = work.cdf(x)
        above = 1 - below
        if hasattr(work, "sf"):
            above = np.where(below < 0.5, above, work.sf(x))[()]
    return below, above


def density(work, x):
    """Return the density at x, or say that there is none."""
    if not hasattr(work, "pdf"):
        raise NotImplementedError(f"work must have a density for pdf, {work!r} has none: use cdf")
    return work.pdf(x)


def is_discrete(work):
    """Tell whether work is a discrete law of scipy.stats."""
    return isinstance(work, rv_frozen) and isinstance(work.dist, stats.rv_discrete)


def has_poor_quantiles(work):
    """Tell whether scipy finds the law's quantiles one by one, with a root finder, or not at all.

    It misses those in NO_QUANTILES: stats.invgauss(0.45).isf(1e-11) is nan, and ncf's overflow.
    """
    if not isinstance(work, rv_frozen) or is_discrete(work):
        return False
    return isinstance(work.dist, NO_QUANTILES) or (type(work.dist)._ppf is stats.rv_continuous._ppf)
