"""The theorems of the chapter "The race"."""

import math

from ..laws.named import exponential
from .theorem import DRAWS, Equal, Theorem


def iterations(m, rate, rng):
    """Return the times of m exponential workers in independent iterations, an iteration a row."""
    return exponential(rate=rate).rvs(size=(DRAWS, m), random_state=rng)


THEOREMS = {
    "thm-fastest": Theorem(
        source="classical; in {cite:t}`david2003order`",
        checks=[
            Equal(
                instance="the fastest of 20 workers at rate 2 takes $1/(20 \\cdot 2)$ on average",
                exact=lambda: 1 / (20 * 2),
                simulate=lambda rng: iterations(20, 2, rng).min(axis=1),
            ),
            Equal(
                instance="it has the exponential law of rate 40: it takes more than $\\frac1{20}$ "
                "with probability $e^{-2}$",
                exact=lambda: math.exp(-2),
                simulate=lambda rng: iterations(20, 2, rng).min(axis=1) > 1 / 20,
            ),
        ],
    ),
    "thm-slowest": Theorem(
        source="{cite:t}`renyi1953theory`",
        checks=[
            Equal(
                instance="the slowest of 20 workers at rate 2 takes $H_{20}/2$ on average",
                exact=lambda: sum(1 / j for j in range(1, 21)) / 2,
                simulate=lambda rng: iterations(20, 2, rng).max(axis=1),
            )
        ],
    ),
}
