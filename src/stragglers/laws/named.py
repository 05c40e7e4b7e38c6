"""The time one worker takes for one gradient: named constructors, and the laws scipy.stats lacks.

Constructors say whether they take a rate or a scale. What scipy.stats has comes back as a frozen
scipy.stats distribution whose repr is its constructor; the others are small frozen objects with
the same methods. Parameters outside their range raise ValueError, what is not a number TypeError;
either names the parameter. What each law does to the slowest of m workers is derived in the
chapter "Any distribution", for exponential times in "Order statistics of the exponential".
"""

import math
from collections.abc import Sequence

from numpy.typing import ArrayLike
from scipy import stats

from ..checks import (
    check_list,
    check_number,
    check_positive,
    check_probability,
    check_time,
    check_times,
    is_one_of,
)
from .finite import Deterministic, Trace, TwoPoint
from .hyperexponential import Hyperexponential


class NamedLaw(type(stats.expon())):
    """A frozen scipy.stats distribution whose repr is the constructor that made it."""

    behind_the_door = None  # what the door makes of it, once it has been there

    def __init__(self, name, parameters, dist, *shapes, **location):
        super().__init__(dist, *shapes, **location)
        self._repr = f"{name}({', '.join(f'{key}={value}' for key, value in parameters.items())})"

    def __repr__(self):
        return self._repr


def exponential(rate: float):
    """Return the exponential law of the given rate: mean 1 / rate, no memory.

    The law of the chapter "The race". Any time unit; rate is per that unit.

    >>> float(exponential(rate=2).mean())
    0.5
    """
    rate = check_positive("rate", rate)
    return NamedLaw("exponential", {"rate": rate}, stats.expon, scale=1 / rate)


def shifted_exponential(shift: float, rate: float):
    """Return the law of shift + an exponential time: a job no machine can do faster than shift.

    >>> float(shifted_exponential(shift=1, rate=2).mean())
    1.5
    """
    shift, rate = check_time("shift", shift), check_positive("rate", rate)
    parameters = {"shift": shift, "rate": rate}
    return NamedLaw("shifted_exponential", parameters, stats.expon, loc=shift, scale=1 / rate)


def pareto(alpha: float, minimum: float):
    """Return the Pareto law, P(X > t) = (minimum / t)^alpha; its mean is inf unless alpha > 1.

    >>> float(pareto(alpha=2, minimum=1).mean())
    2.0
    """
    alpha, minimum = check_positive("alpha", alpha), check_positive("minimum", minimum)
    parameters = {"alpha": alpha, "minimum": minimum}
    return NamedLaw("pareto", parameters, stats.pareto, alpha, scale=minimum)


def weibull(shape: float, scale: float):
    """Return the Weibull law, P(X > t) = exp(-(t / scale)^shape); shape < 1 has a heavy tail.

    >>> float(weibull(shape=0.5, scale=1).mean())
    2.0
    """
    shape, scale = check_positive("shape", shape), check_positive("scale", scale)
    return NamedLaw(
        "weibull", {"shape": shape, "scale": scale}, stats.weibull_min, shape, scale=scale
    )


def gamma(shape: float, rate: float):
    """Return the gamma law: for a whole shape, the sum of that many exponentials of the rate.

    >>> float(gamma(shape=2, rate=4).mean())
    0.5
    """
    shape, rate = check_positive("shape", shape), check_positive("rate", rate)
    return NamedLaw("gamma", {"shape": shape, "rate": rate}, stats.gamma, shape, scale=1 / rate)


def uniform(low: float, high: float):
    """Return the law spread evenly from low to high.

    >>> float(uniform(1, 3).mean())
    2.0
    """
    low, high = check_time("low", low), check_number("high", high)
    if not low < high:
        raise ValueError(f"high must be a number above low={low:g}, got {high!r}")
    return NamedLaw("uniform", {"low": low, "high": high}, stats.uniform, loc=low, scale=high - low)


def lognormal(mu: float, sigma: float):
    """Return the law of exp(mu + sigma Z), Z standard normal; mu is at most 700 either way.

    >>> float(lognormal(mu=0, sigma=1).median())
    1.0
    """
    mu, sigma = check_number("mu", mu), check_positive("sigma", sigma)
    if abs(mu) > 700:
        raise ValueError(f"mu must be a number from -700 to 700, got {mu}")
    median = math.exp(mu)
    return NamedLaw("lognormal", {"mu": mu, "sigma": sigma}, stats.lognorm, sigma, scale=median)


def hyperexponential(probabilities: Sequence[float], rates: Sequence[float]):
    """Return the law that is exponential of rate rates[i] with probability probabilities[i].

    >>> hyperexponential(probabilities=[0.5, 0.5], rates=[2, 0.25]).mean()
    2.25
    """
    probabilities = check_list("probabilities", probabilities, check_probability)
    rates = check_list("rates", rates, check_positive)
    if len(probabilities) != len(rates):
        raise ValueError(
            f"probabilities and rates must be lists of one length, got {len(probabilities)} "
            f"and {len(rates)} entries"
        )
    if abs(sum(probabilities) - 1) > 1e-9:
        raise ValueError(f"probabilities must sum to 1, got {sum(probabilities)} in all")
    return Hyperexponential(probabilities, rates)


def two_point(usual: float, slow: float, probability: float):
    """Return the law of a straggler: the time slow with the given probability, else usual.

    >>> two_point(usual=1, slow=10, probability=0.01).mean()
    1.09
    """
    usual, slow = check_time("usual", usual), check_number("slow", slow)
    if slow < usual:
        raise ValueError(f"slow must be a number of at least usual={usual}, got {slow}")
    return TwoPoint(usual, slow, check_probability("probability", probability))


def deterministic(c: float):
    """Return the law of a time that is always c.

    >>> deterministic(1.0).std()
    0.0
    """
    return Deterministic(check_time("c", c))


def trace(times: ArrayLike, replace: bool = True):
    """Return the law of measured times, each as likely as the others.

    It is the empirical law itself, not a histogram: all its moments are finite, and no quantile
    lies above the slowest time measured. An array of 10^6 times takes about a tenth of a second.
    Workers draw from it independently, with replacement; with replace=False no two of m workers
    get the same one: then only what m workers make of one time each is known, order statistics and
    the protocols that wait for the first k of them.

    >>> trace([10, 11, 13, 90]).mean()
    31.0
    """
    if not is_one_of(replace, (True, False)):
        raise ValueError(f"replace must be True or False, got {replace!r}")
    return Trace(check_times("times", times), bool(replace))
