"""The theorems of the chapter "Error against the clock"."""

import numpy as np
from scipy import linalg, stats

from ..laws.named import exponential, shifted_exponential, two_point
from .theorem import AtMost, Equal, Tends, Theorem

M, K, STEP, START, UNTIL = 10, 5, 0.1, 10.0, 10.0
ONE = exponential(rate=1)
REPLICAS = 4000

# -------------------------------------------------------------------------------------------------
# K-sync: simulated, and exactly for two speeds and for exponential times


def squares_of_k_sync(work, m, k, step, until, rng, start=START):
    """Return x^2 at time `until` of K-sync on x^2/2 with noise of variance 1, an entry a replica"""
    x, now = np.full(REPLICAS, start), np.zeros(REPLICAS)
    while True:
        times = work.rvs(size=(REPLICAS, m), random_state=rng)
        now += np.partition(times, k - 1, axis=1)[:, k - 1]
        going = now <= until
        if not going.any():
            return x**2
        noise = rng.standard_normal(REPLICAS) / np.sqrt(k)
        x = np.where(going, x - step * (x + noise), x)


def settled(step, k):
    """Return the stationary E x^2 of K-sync."""
    return step**2 / k / (1 - (1 - step) ** 2)


TWO = two_point(usual=1, slow=4, probability=0.3)


def left_of_two_speeds(m, k, step, until):
    """Return E (1 - step)^{2N}, N the updates of K-sync by `until`, for times 1 or 4."""
    late = stats.binom.sf(m - k, m, 0.3)  # more than m - k are slow
    n = np.arange(1, int(until) + 1)
    made = np.append(1, stats.binom.cdf(np.floor((until - n) / 3), n, late))  # P(N >= n)
    return float((made - np.append(made[1:], 0)) @ (1 - step) ** (2 * np.arange(len(made))))


def left_of_exponential(m, k, step, until):
    """Return the same for exponential times of mean 1: a matrix exponential, legs as phases."""
    rates = np.arange(m, m - k, -1.0)
    generator = np.diag(-rates) + np.diag(rates[:-1], 1)
    generator[-1, 0] += rates[-1] * (1 - step) ** 2
    return float(linalg.expm(until * generator)[0].sum())


def square(left, step, k, start=START):
    return left * start**2 + settled(step, k) * (1 - left)


# -------------------------------------------------------------------------------------------------
# Async with exponential times


def moment_map(m, step, noise=1.0):
    """Return the map of (E x^2, E xw, E w^2, E ww', 1) of one asynchronous update."""
    x, xw, w, ww, one = np.eye(5)
    after = x - 2 * step * xw + step**2 * w + (step * noise) ** 2 * one
    other = xw - step * ww
    rows = [after, (after + (m - 1) * other) / m, (after + (m - 1) * w) / m]
    return np.array([*rows, 2 / m * other + (1 - 2 / m) * ww, one])


def square_of_async(m, step, until, start=START, noise=1.0):
    matrix = linalg.expm(m * until * (moment_map(m, step, noise) - np.eye(5)))
    return float(matrix[0] @ [*[start**2] * 4, 1])


def squares_of_async(m, step, until, rng, start=START):
    """Return x^2 at time `until` of async, exponential times of mean 1, event by event."""
    rows = np.arange(REPLICAS)
    x, held = np.full(REPLICAS, start), np.full((REPLICAS, m), start)
    finish = rng.standard_exponential((REPLICAS, m))
    while True:
        who = finish.argmin(axis=1)
        now = finish[rows, who]
        going = rows[now <= until]
        if not len(going):
            return x**2
        who = who[going]
        x[going] -= step * (held[going, who] + rng.standard_normal(len(going)))
        held[going, who] = x[going]
        finish[going, who] += rng.standard_exponential(len(going))


def floor_of_async(m, step):
    """Return the stationary E x^2 / 2 as the fixed point of the map."""
    matrix = moment_map(m, step)[:4]
    return float(np.linalg.solve(np.eye(4) - matrix[:, :4], matrix[:, 4])[0] / 2)


# -------------------------------------------------------------------------------------------------
# The best K now, and the best number of workers


def means(work, m):
    """Return E X_{K:m}, K = 1, ..., m, by the integral of the quantile function."""
    u = (np.arange(20_000) + 0.5) / 20_000
    quantiles = work.ppf(u)
    return np.array([np.mean(quantiles * stats.beta.pdf(u, k, m - k + 1)) for k in range(1, m + 1)])


def best_now(squares, waits, step):
    """Return the K that takes most of E x^2 per unit of time at each E x^2."""
    k = np.arange(1, len(waits) + 1)
    rates = (step * (2 - step) * squares[:, None] - step**2 / k) / waits
    return rates.argmax(axis=1) + 1


def falls(work, m, step):
    """Return by how much the best K falls at most as E x^2 falls: 0 if it never does."""
    squares = np.geomspace(1e4, step / (2 - step) / m, 400)
    return -int(np.diff(best_now(squares, means(work, m), step)).min())


def steps_of_an_update(rng, square_now=0.5, k=4, step=0.2):
    """Return x'^2 - x^2 of one update from a random x, an entry a draw."""
    x = np.sqrt(square_now) * rng.standard_normal(20_000)
    after = x - step * (x + rng.standard_normal((k, 20_000)).mean(axis=0))
    return after**2 - x**2


def harmonic(m):
    return sum(1 / j for j in range(1, m + 1))


def fastest_crowd(scale, most=2000):
    """Return the m with the least H_m (1 + scale / m), all tried."""
    m = np.arange(1, most + 1)
    return int(m[np.argmin(np.cumsum(1 / m) * (1 + scale / m))])


def last_that_pays(scale):
    """Return the last m that pays by the criterion."""
    m = 1
    while scale * (harmonic(m) / m - 1 / (m + 1)) > 1:
        m += 1
    return m


THEOREMS = {
    "thm-error-k-sync": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="$E[x_t^2]$ of 3-sync with 5 workers whose times are 1 or 4 (slow with "
                "probability 0.3), at $t = 12.5$, $\\eta = 0.1$, $x_0 = 10$",
                exact=lambda: square(left_of_two_speeds(5, 3, 0.1, 12.5), 0.1, 3),
                simulate=lambda rng: squares_of_k_sync(TWO, 5, 3, 0.1, 12.5, rng),
            ),
        ],
    ),
    "thm-phases": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="$E[x_t^2]$ of 5-sync with 10 exponential workers, at $t = 10$, "
                "$\\eta = 0.1$, $x_0 = 10$",
                exact=lambda: square(left_of_exponential(M, K, STEP, UNTIL), STEP, K),
                simulate=lambda rng: squares_of_k_sync(ONE, M, K, STEP, UNTIL, rng),
            ),
            Equal(
                instance="$K = 1$, $m = 10$: the matrix has one entry, and "
                "$\\varphi = e^{-10 t (1 - (1-\\theta)^2)}$, at $t = 1$",
                exact=lambda: left_of_exponential(M, 1, STEP, 1.0),
                again=lambda: np.exp(-M * (1 - (1 - STEP) ** 2)),
            ),
        ],
    ),
    "thm-error-async": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="$E[x_t^2]$ of async with 10 exponential workers, at $t = 5$, "
                "$\\eta = 0.1$, $x_0 = 10$",
                exact=lambda: square_of_async(M, STEP, 5.0),
                simulate=lambda rng: squares_of_async(M, STEP, 5.0, rng),
            ),
        ],
    ),
    "thm-throughput": Theorem(
        source="proved here",
        checks=[
            Tends(
                instance="what is left of $x_0^2 = 1$ at $ht = 0.1$ in 5-sync of 10 exponential "
                "workers, by the number $1/h$",
                limit=lambda: np.exp(-0.2 * K / (harmonic(10) - harmonic(5))),
                values=lambda: {
                    n: left_of_exponential(M, K, K / n, 0.1 * n) for n in (20, 200, 2000, 20_000)
                },
                within=1e-3,
            ),
            Tends(
                instance="the same in async of 10 exponential workers",
                limit=lambda: np.exp(-0.2 * M),
                values=lambda: {
                    n: square_of_async(M, 1 / n, 0.1 * n, 1.0, 0.0) for n in (20, 200, 2000, 20_000)
                },
                within=1e-3,
            ),
            Tends(
                instance="the same in 3-sync of 5 workers with times 1 or 4",
                limit=lambda: np.exp(-0.6 / (1 + 3 * stats.binom.sf(2, 5, 0.3))),
                values=lambda: {
                    n: left_of_two_speeds(5, 3, 3 / n, 0.1 * n) for n in (50, 500, 5000, 50_000)
                },
                within=1e-3,
            ),
            Tends(
                instance="the noise divided by $h$, in async of 10 exponential workers at "
                "$ht = 0.1$",
                limit=lambda: (1 - np.exp(-0.2 * M)) / 2,
                values=lambda: {
                    n: n * square_of_async(M, 1 / n, 0.1 * n, 0.0) for n in (20, 200, 2000, 20_000)
                },
                within=1e-3,
            ),
        ],
    ),
    "thm-flattered": Theorem(
        source="proved here",
        checks=[
            AtMost(
                instance="the floor of 1-sync against that of async, 10 exponential workers, "
                "$\\eta = 0.1$",
                bound=lambda: floor_of_async(M, STEP),
                exact=lambda: settled(STEP, 1) / 2,
            ),
            AtMost(
                instance="the same at $\\eta = 0.001$, where they nearly agree",
                bound=lambda: floor_of_async(M, 0.001),
                exact=lambda: settled(0.001, 1) / 2,
            ),
            Equal(
                instance="the floor of async by its closed form, and as a fixed point",
                exact=lambda: STEP * (1 + M * STEP) / (2 * (2 + STEP - M * STEP**2)),
                again=lambda: floor_of_async(M, STEP),
            ),
        ],
    ),
    "thm-growing-k": Theorem(
        source="proved here; the idea is that of AdaSync, {cite:t}`dutta2021slow`",
        checks=[
            Equal(
                instance="change of $E[x^2] = 0.5$ in an update of $K = 4$ gradients, "
                "$\\eta = 0.2$",
                exact=lambda: -0.2 * 1.8 * 0.5 + 0.04 / 4,
                simulate=steps_of_an_update,
            ),
            AtMost(
                instance="by how much the best $K$ of 10 falls at most as $E[x^2]$ falls from "
                "$10^4$ to the floor, exponential times",
                bound=lambda: 0,
                exact=lambda: falls(ONE, M, STEP),
            ),
            AtMost(
                instance="the same for $1 +$ exponential times, 20 workers",
                bound=lambda: 0,
                exact=lambda: falls(shifted_exponential(shift=1, rate=1), 20, STEP),
            ),
            Equal(
                instance="the best $K$ of 10 at the floor of sync, exponential times",
                exact=lambda: M,
                again=lambda: best_now(np.array([settled(STEP, M)]), means(ONE, M), STEP)[0],
            ),
        ],
    ),
    "thm-crowd": Theorem(
        source="proved here, for the model of {cite:t}`mccandlish2018empirical`",
        checks=[
            Equal(
                instance="the fastest number of workers at $B = 100$: by the criterion, and by "
                "trying all",
                exact=lambda: last_that_pays(100),
                again=lambda: fastest_crowd(100),
            ),
            Equal(
                instance="the same at $B = 10$",
                exact=lambda: last_that_pays(10),
                again=lambda: fastest_crowd(10),
            ),
        ],
    ),
}
