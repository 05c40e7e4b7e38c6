"""A share of the work, a fixed time on top: laws scaled and shifted."""

from ..checks import check_positive, check_time
from ..laws.methods import Work
from .affine import affine
from .check import check_law, check_work


def scaled(work: Work, factor: float):
    """Return the law of factor * X, X of law `work`: the whole time shrinks with the load.

    A list of laws gives a list. Raises ValueError unless factor is positive and finite. Derived in
    the chapter "Copies and codes".

    >>> from scipy import stats
    >>> float(scaled(stats.expon(loc=1), 1 / 4).mean())
    0.5
    """
    return _given(work, check_positive("factor", factor), 0.0)


def shifted(work: Work, by: float):
    """Return the law of by + X, X of law `work`: every gradient costs a fixed time more.

    A list of laws gives a list. Raises ValueError unless `by` is finite and at least 0. Derived in
    the chapter "The bill for talking".

    >>> from scipy import stats
    >>> float(shifted(stats.expon(), 1 / 4).mean())
    1.25
    """
    return _given(work, 1.0, check_time("by", by))


def _given(work, factor, shift):
    if not isinstance(work, (list, tuple)):
        return affine(check_law(work), factor, shift).given
    workers = check_work(work)
    given = [affine(law, factor, shift).given for law in workers.laws]
    return [given[place] for place in workers.which]
