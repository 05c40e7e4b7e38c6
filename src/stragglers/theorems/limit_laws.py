"""The theorems of the chapter "Three limits"."""

import math

import numpy as np

from ..laws.named import exponential, pareto, uniform
from .theorem import DRAWS, Equal, Tends, Theorem

SIZES = (2, 10, 100, 1000)


def done(work, moment):
    """Return P(slowest of m is done by moment(m)) for each of SIZES."""
    return {m: work.cdf(moment(m)) ** m for m in SIZES}


THEOREMS = {
    "thm-three-limits": Theorem(
        source="{cite:t}`fisher1928limiting`, {cite:t}`gnedenko1943distribution`; these three "
        "proved here",
        checks=[
            Tends(
                instance="exponential, rate 1: the slowest of $m$ is done by $\\ln m + 1$",
                limit=lambda: math.exp(-math.exp(-1)),
                values=lambda: done(exponential(rate=1), lambda m: math.log(m) + 1),
                within=1e-4,
            ),
            Tends(
                instance="Pareto, $\\alpha = 2$: the slowest of $m$ is done by $1.5\\sqrt m$",
                limit=lambda: math.exp(-(1.5**-2)),
                values=lambda: done(pareto(alpha=2, minimum=1), lambda m: 1.5 * math.sqrt(m)),
                within=1e-4,
            ),
            Tends(
                instance="uniform: the slowest of $m$ is done by $1 - 1/m$",
                limit=lambda: math.exp(-1),
                values=lambda: done(uniform(0, 1), lambda m: 1 - 1 / m),
                within=2e-4,
            ),
            Equal(
                instance="the slowest of 100 Pareto times with $\\alpha = 2$ is done by "
                "$\\sqrt{100}$ with probability $0.99^{100}$",
                exact=lambda: 0.99**100,
                simulate=lambda rng: np.all(
                    pareto(alpha=2, minimum=1).rvs(size=(DRAWS, 100), random_state=rng) <= 10,
                    axis=1,
                ),
            ),
        ],
    ),
}
