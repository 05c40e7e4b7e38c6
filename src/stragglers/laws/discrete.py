"""Discrete scipy.stats laws, such as Poisson counts of steps, as finite laws."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from ..numerics import beta
from .check import is_discrete
from .finite import FiniteLaw

NEGLIGIBLE = 1e-25
MOST = 2**22


@dataclass(frozen=True, eq=False)
class Atoms(FiniteLaw):
    """A finite law given by its atoms and both its tails."""

    atoms: np.ndarray
    below: np.ndarray
    above: np.ndarray


def as_finite(work, k, m):
    """Return a discrete scipy law cut down to the values that X_{k:m} takes but negligibly.

    Other laws come back as they are. NotImplementedError if more than four million values matter.
    """
    if not is_discrete(work):
        return work
    atoms = _values(work, k, m - k + 1)
    return Atoms(atoms, work.cdf(atoms), work.sf(atoms))


def _values(work, k, n):
    if hasattr(work.dist, "xk"):
        _, loc, _ = work.dist._parse_args(*work.args, **work.kwds)
        return np.sort(work.dist.xk) + loc
    high = float(work.support()[1])
    early, middle = work.ppf(beta.quantiles(k, n, [NEGLIGIBLE, 0.5])[0])
    low = float(early)
    steps = 1.0 + max(middle - low, 0.0)
    while special.betainc(n, k, work.sf(low + steps)) > NEGLIGIBLE and low + steps < high:
        steps *= 2
        if steps > MOST:
            raise NotImplementedError(
                f"more than {MOST} values of work={work.dist.name} matter: draw from it with rvs, "
                "or give a continuous law"
            )
    return np.arange(low, min(low + steps, high) + 1)
