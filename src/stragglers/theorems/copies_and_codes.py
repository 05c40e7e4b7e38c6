"""The theorems of the chapter "Copies and codes"."""

from itertools import combinations

import numpy as np
from scipy import integrate, special, stats

from ..laws.named import exponential, pareto, uniform
from .theorem import AtLeast, AtMost, Equal, Tends, Theorem

DRAWS = 20_000
EXP, EVEN, HEAVY, AGELESS = exponential(rate=1), uniform(0, 1), pareto(2, 1), stats.lomax(2)


def spent(work, r, rng):
    """Return draws of the worker-time of a gradient that r workers compute."""
    return r * work.rvs(size=(DRAWS, r), random_state=rng).min(axis=1)


def hedged(work, delay, rng, tasks=1):
    """Return draws of the time of tasks each of which gets a copy after the delay."""
    first, copy = (work.rvs(size=(DRAWS, tasks), random_state=rng) for _ in range(2))
    return np.where(first > delay, np.minimum(first, delay + copy), first).max(axis=1)


def forked(m, late, extra, rng, draws=4000):
    """Return draws of the time of m Exp(1) tasks, the last `late` of which get extra copies.

    The originals go on; those that are late when the fork comes are raced by fresh copies.
    """
    times = np.sort(EXP.rvs(size=(draws, m), random_state=rng), axis=1)
    fork = times[:, m - late - 1]
    left = times[:, m - late :] - fork[:, None]
    copies = EXP.rvs(size=(draws, late, extra), random_state=rng).min(axis=2)
    return fork + np.minimum(left, copies).max(axis=1)


def harmonic(m):
    return float(special.digamma(m + 1) + np.euler_gamma)


def mds(m, k, rate, shift=1.0):
    """Return E T of an MDS code by harmonic numbers."""
    return (shift + (harmonic(m) - harmonic(m - k)) / rate) / k


def fewest(m, rate):
    """Return the best k of an MDS code, over m."""
    k = np.arange(1, m + 1)
    time = (1 + (harmonic(m) - special.digamma(m - k + 1) - np.euler_gamma) / rate) / k
    return int(k[np.argmin(time)]) / m


def cyclic(m, s, rng):
    """Return a coding matrix: rows on s + 1 neighbours, in a random space that holds (1, ..., 1).

    That space is spanned by m - s random vectors, the first of them (1, ..., 1); row i is the
    vector in it that is 0 on the m - s - 1 parts that worker i has not.
    """
    space = np.vstack([np.ones(m), rng.standard_normal((m - s - 1, m))])
    rows = []
    for i in range(m):
        without = (i + s + 1 + np.arange(m - s - 1)) % m
        weights = np.linalg.svd(space[:, without].T)[2][-1]
        rows.append(weights @ space)
    return np.array(rows)


def distance(rows):
    """Return how far (1, ..., 1) is from the combinations of the rows."""
    found = np.linalg.lstsq(rows.T, np.ones(rows.shape[1]), rcond=None)[0]
    return float(np.linalg.norm(found @ rows - 1))


def farthest(m, s, late):
    """Return the greatest distance, whichever workers are late."""
    matrix = cyclic(m, s, np.random.default_rng(7))
    return max(distance(matrix[list(here)]) for here in combinations(range(m), m - late))


def nearest(m, s, late):
    """Return the least distance, whichever workers are late."""
    matrix = cyclic(m, s, np.random.default_rng(7))
    return min(distance(matrix[list(here)]) for here in combinations(range(m), m - late))


def part_on_s_workers():
    """Return the distance when part 0 is on two workers only, and these two are late."""
    matrix = np.random.default_rng(3).standard_normal((6, 6))
    matrix[2:, 0] = 0
    return distance(matrix[2:])


def coded(m, s, shift, scales):
    """Return E T of a gradient code by the integral of its tail, Exp(1) beyond the shift."""
    t = np.linspace(0, 40, 40_001)
    late = special.betainc(s + 1, m - s, np.exp(-t))
    straggle = integrate.trapezoid(late, t)
    load = (s + 1) / m
    return load * (shift + straggle) if scales else load * shift + straggle


def coded_draws(m, s, shift, scales, rng):
    """Return draws of the time of an update with a gradient code."""
    load = (s + 1) / m
    straggle = np.sort(EXP.rvs(size=(DRAWS, m), random_state=rng), axis=1)[:, m - s - 1]
    return load * (shift + straggle) if scales else load * shift + straggle


def best_tolerance(m, shift, scales):
    times = [coded(m, s, shift, scales) for s in range(m)]
    return int(np.argmin(np.round(times, 6)))


THEOREMS = {
    "thm-price-of-a-copy": Theorem(
        source="proved here",
        checks=[
            AtLeast(
                instance="two copies, times spread evenly from 0 to 1 (NBUE), against the mean",
                bound=lambda: 1 / 2,
                simulate=lambda rng: spent(EVEN, 2, rng),
            ),
            AtMost(
                instance="two copies, $S(t) = (1+t)^{-2}$ (NWUE), against the mean",
                bound=lambda: 1,
                simulate=lambda rng: spent(AGELESS, 2, rng),
            ),
            Equal(
                instance="five copies, exponential times of mean 1: free",
                exact=lambda: 1,
                simulate=lambda rng: spent(EXP, 5, rng),
            ),
        ],
    ),
    "thm-copies-and-tails": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="10 tasks with two copies each, Pareto times with $\\alpha = 2$",
                exact=lambda: np.exp(
                    special.gammaln(11) + special.gammaln(3 / 4) - special.gammaln(11 - 1 / 4)
                ),
                simulate=lambda rng: (
                    HEAVY.rvs(size=(DRAWS, 10, 2), random_state=rng).min(axis=2).max(axis=1)
                ),
            ),
            Equal(
                instance="$P(\\text{task} > 5)$ with two copies, $\\alpha = 2$: $5^{-4}$",
                exact=lambda: 5.0**-4,
                simulate=lambda rng: (
                    HEAVY.rvs(size=(10 * DRAWS, 2), random_state=rng).min(axis=1) > 5
                ).astype(float),
            ),
        ],
    ),
    "thm-hedge-delay": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="exponential times of mean 1, a copy after 1",
                exact=lambda: 1 - np.exp(-1) / 2,
                simulate=lambda rng: hedged(EXP, 1, rng),
            ),
            Equal(
                instance="Pareto times with $\\alpha = 2$, a copy after 2",
                exact=lambda: 2 - np.log(3) / 4,
                simulate=lambda rng: hedged(HEAVY, 2, rng),
            ),
            Tends(
                instance="$t^4\\,P(\\text{task} > t)$ for the same as $t \\to \\infty$",
                limit=lambda: 1,
                values=lambda: {
                    t: t**4 * HEAVY.sf(t) * HEAVY.sf(t - 2) for t in (10, 100, 1000, 10_000)
                },
                within=1e-3,
            ),
        ],
    ),
    "thm-single-fork": Theorem(
        source="the policy: {cite:t}`wang2015using`; proved here",
        checks=[
            Equal(
                instance="100 exponential tasks of mean 1, one more copy of each of the last 10",
                exact=lambda: harmonic(100) - harmonic(10) + harmonic(10) / 2,
                simulate=lambda rng: forked(100, 10, 1, rng),
            ),
        ],
    ),
    "thm-mds": Theorem(
        source="the model and the limit for $\\Delta + \\mathrm{Exp}$: {cite:t}`lee2018speeding`; "
        "proved here",
        checks=[
            Equal(
                instance="any 3 of 7 answers give the job back: 35 choices",
                exact=lambda: 35,
                again=lambda: sum(
                    np.allclose(
                        np.linalg.solve(
                            np.vander(np.array(who, float), 3),
                            np.vander(np.array(who, float), 3) @ np.array([2.0, -1.0, 5.0]),
                        ),
                        [2, -1, 5],
                    )
                    for who in combinations(range(1, 8), 3)
                ),
            ),
            Equal(
                instance="$1 + \\mathrm{Exp}$ of rate 2, $m = 50$, $K = 39$",
                exact=lambda: mds(50, 39, 2),
                simulate=lambda rng: (
                    np.sort(1 + EXP.rvs(size=(DRAWS // 4, 50), random_state=rng) / 2)[:, 38] / 39
                ),
            ),
            Tends(
                instance="the best $K/m$ for $1 + \\mathrm{Exp}$ of rate 1 as $m \\to \\infty$",
                limit=lambda: 1 + 1 / special.lambertw(-np.exp(-2), -1).real,
                values=lambda: {m: fewest(m, 1) for m in (10, 100, 1000, 10_000)},
                within=1e-3,
            ),
        ],
    ),
    "thm-load": Theorem(
        source="{cite:t}`tandon2017gradient`; proved here",
        checks=[
            AtLeast(
                instance="6 workers, a part on 2 of them only, and these late: how far the others "
                "stay from the sum",
                bound=lambda: 1,
                exact=part_on_s_workers,
            ),
            Equal(
                instance="7 workers with 3 parts each, any 2 late: the greatest distance from the "
                "sum in 21 choices",
                exact=lambda: 0,
                again=lambda: round(farthest(7, 2, 2), 9),
            ),
            AtLeast(
                instance="the same with any 3 late: the least distance from the sum in 35 choices",
                bound=lambda: 0.05,
                exact=lambda: nearest(7, 2, 3),
            ),
        ],
    ),
    "thm-who-grows": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="$m = 10$, $\\Delta\\lambda = 1$, $s = 2$, and the straggle scales",
                exact=lambda: 3 / 10 * (1 + harmonic(10) - harmonic(2)),
                simulate=lambda rng: coded_draws(10, 2, 1, True, rng),
            ),
            Equal(
                instance="$m = 20$, $\\Delta\\lambda = 4$, $s = 4$, and the straggle adds",
                exact=lambda: 1 + harmonic(20) - harmonic(4),
                simulate=lambda rng: coded_draws(20, 4, 4, False, rng),
            ),
            Equal(
                instance="the best $s$ there, by search",
                exact=lambda: np.ceil(20 / 4) - 1,
                again=lambda: best_tolerance(20, 4, False),
            ),
            Equal(
                instance="the best $s$ if the straggle scales, $m = 10$: all, for $\\Delta\\lambda "
                "= 0.2 < 0.2143$",
                exact=lambda: 9,
                again=lambda: best_tolerance(10, 0.2, True),
            ),
            Equal(
                instance="the same for $\\Delta\\lambda = 0.23 > 0.2143$: none",
                exact=lambda: 0,
                again=lambda: best_tolerance(10, 0.23, True),
            ),
        ],
    ),
}
