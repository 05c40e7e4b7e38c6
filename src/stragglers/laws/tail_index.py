"""How heavy a law's tail is."""

from ..laws.methods import Work
from .check import check_law


def tail_index(work: Work) -> float:
    """Return alpha where P(X > t) falls as t^(-alpha), inf where it falls faster.

    E[X_{k:m}^p] exists if and only if alpha > p / (m - k + 1). The index is exact for the named
    constructors and what is scaled, shifted or ordered of them; for other laws it is read off the
    quantile function, as far out as that can be evaluated: down to s = 1e-300 with a method isf of
    its own, else to s = 1e-10, where an infinite mean() or var() of the law decides on the edge.

    >>> from scipy import stats
    >>> float(round(tail_index(stats.halfcauchy()), 9))
    1.0
    """
    return check_law(work).tail().index
