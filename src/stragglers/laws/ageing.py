"""Does a worker that has been busy for a while have less left to do than a fresh one, or more?"""

import numpy as np

from ..laws.methods import Work
from .check import check_law
from .finite import FiniteLaw
from .methods import known


def ageing(work: Work) -> str | None:
    """Return "exponential", "NBUE", "NWUE", "neither", or None where it is not known.

    Let e(t) be the mean time a worker still needs after being busy for t. A law is new better than
    used in expectation (NBUE) if e(t) <= e(0) for every t, new worse (NWUE) if e(t) >= e(0), and
    only the exponential law is both. NBUE times make E[X] / m, the long-run time per asynchronous
    update, at most E[X_{1:m}]; NWUE times reverse that. Finite laws are decided by computing e,
    named families by their parameters; shifts and scales are seen through. Derived in the chapter
    "Any distribution"; Barlow and Proschan, Statistical Theory of Reliability (1975).

    >>> from scipy import stats
    >>> [ageing(law) for law in (stats.gamma(2), stats.gamma(0.5), stats.pareto(2))]
    ['NBUE', 'NWUE', 'neither']
    """
    law = check_law(work)
    return _finite(law) if isinstance(law, FiniteLaw) else known(AGEING, law)


def _pareto(alpha, earliest, pole, scale):
    return "neither" if earliest > 0 else "NWUE"


def _one_shape(name):
    """Classify a gamma or Weibull law.

    For shapes below 1, e rises: without end for Weibull times, to 1 for gamma times. A start above
    0 adds to the mean, so that e falls below it at first, and for gamma times perhaps for good.
    """

    def classify(shape, loc, scale):
        start = loc / scale
        if shape > 1:
            return "NBUE"
        if start == 0:
            return "NWUE"
        return "NBUE" if name == "gamma" and start + shape >= 1 else "neither"

    return classify


def _finite(work):
    """Compare e with the mean right after each atom, where it is greatest; at the end it is 0."""
    still_to_come = np.cumsum((np.diff(work.atoms) * work.above[:-1])[::-1])[::-1]
    running = work.above[:-1] > 0
    left = still_to_come[running] / work.above[:-1][running]
    return "NBUE" if np.all(left <= work.mean() * (1 + 1e-12)) else "neither"


AGEING = {
    "exponential": lambda start, scale: "NBUE" if start > 0 else "exponential",
    "hyperexponential": lambda probabilities, rates: "NWUE",
    "gamma": _one_shape("gamma"),
    "weibull": _one_shape("weibull"),
    "pareto": _pareto,
    "uniform": lambda low, width: "NBUE",
    "lognormal": lambda sigma, start, scale: "neither",
}
