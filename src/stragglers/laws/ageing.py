"""Does a worker that has been busy for a while have less left to do than a fresh one, or more?"""

import numpy as np

from .check import check_law, exponential_parameters, family
from .finite import FiniteLaw, Hyperexponential


def ageing(work):
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
    work = check_law(work)
    if isinstance(work, FiniteLaw):
        return _finite(work)
    parameters = exponential_parameters(work)
    if parameters is not None:
        return "NBUE" if parameters[0] > 0 else "exponential"
    if isinstance(work, Hyperexponential):
        return "NWUE"
    name, shapes, loc, scale = family(work) or (None, (), 0.0, 1.0)
    if name in ("gamma", "weibull"):
        return _one_shape(name, shapes[0], loc / scale)
    if name in ("pareto", "lomax"):
        earliest = loc + scale if name == "pareto" else loc
        return "neither" if earliest > 0 else "NWUE"
    return {"uniform": "NBUE", "lognormal": "neither"}.get(name)


def _one_shape(name, shape, start):
    """Classify a gamma or Weibull law of scale 1 that starts at `start`.

    For shapes below 1, e rises: without end for Weibull times, to 1 for gamma times. A start above
    0 adds to the mean, so that e falls below it at first, and for gamma times perhaps for good.
    """
    if shape > 1:
        return "NBUE"
    if start == 0:
        return "NWUE"
    return "NBUE" if name == "gamma" and start + shape >= 1 else "neither"


def _finite(work):
    """Compare e with the mean right after each atom, where it is greatest; at the end it is 0."""
    still_to_come = np.cumsum((np.diff(work.atoms) * work.above[:-1])[::-1])[::-1]
    running = work.above[:-1] > 0
    left = still_to_come[running] / work.above[:-1][running]
    return "NBUE" if np.all(left <= work.mean() * (1 + 1e-12)) else "neither"
