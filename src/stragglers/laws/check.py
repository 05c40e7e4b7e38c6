"""The one door for the law of a worker's time: what comes in any form leaves it as `Workers`."""

import numpy as np
from scipy import stats
from scipy.stats.distributions import rv_frozen

from ..checks import check_count
from .families import FAMILIES, Family
from .methods import Law
from .named import NamedLaw
from .scipy_gaps import NewStyleLaw, foreign, mended, refuse_by_density
from .workers import Workers, crew

METHODS = ("mean", "var", "cdf", "ppf", "rvs")


def check_work(work, m=None, independent=True):
    """Return the `Workers` that the law of one, or a list of laws of unequal workers, describes.

    Each law passes `check_law`, with this `independent`; the m of a list may be left out. `Workers`
    come back at once: they have been here. ValueError if a list is empty or its length is not m.

    >>> check_work([stats.expon(), stats.uniform(1, 2)]).m
    2
    """
    if isinstance(work, Workers):
        return work
    if not isinstance(work, (list, tuple)):
        law = check_law(work, independent)
        return Workers((law,), (check_count("m", m),))
    if not work:
        raise ValueError(f"work must be one law or a non-empty list of laws, got {work!r}")
    if m is not None and m != len(work):
        raise ValueError(f"m must be the number of laws in work, {len(work)}, got {m!r}")
    once = {id(law): law for law in work}
    once = {key: check_law(law) for key, law in once.items()}
    return crew([once[id(law)] for law in work])


def check_law(work, independent=True):
    """Return one law of a worker's time, ready for use: a `Law`.

    TypeError names the methods that are missing; ValueError refuses times below 0 and parameters
    outside their range, and, if workers have to be independent, a trace without replacement.

    >>> check_law(7)
    Traceback (most recent call last):
    TypeError: work must be a frozen scipy.stats law or have its methods mean, var, cdf, ppf, rvs;
    7 lacks mean, var, cdf, ppf, rvs
    """
    if isinstance(work, Law):
        if independent and not work.independent:
            raise ValueError(f"work must be drawn independently here, got {work!r}")
        return work
    if isinstance(work, NamedLaw):
        if work.behind_the_door is None:
            work.behind_the_door = _check_frozen(work)
        return work.behind_the_door
    if isinstance(work, rv_frozen):
        return _check_frozen(work)
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
    if type(work.dist) in FAMILIES:
        return Family(work, shapes, loc, scale)
    refuse_by_density(work, _describe(work))
    return mended(work)


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
    law = foreign(work)
    if not law.support()[0] >= 0:
        raise ValueError(f"work must not take negative times, got {work!r} from {law.support()[0]}")
    return law
