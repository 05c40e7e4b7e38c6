"""The theorems of the chapter "How large a step"."""

import math

import numpy as np
from scipy import optimize

from .theorem import AtLeast, AtMost, Equal, Tends, Theorem

REPLICAS = 4000

# -------------------------------------------------------------------------------------------------
# A constant delay


def radius(delay, theta):
    """Return the greatest modulus of a root of z^(delay + 1) - z^delay + theta."""
    companion = np.eye(delay + 1, k=-1)
    companion[0, 0] += 1.0
    companion[0, -1] -= theta
    return np.abs(np.linalg.eigvals(companion)).max()


def constant_limit(delay):
    return 2 * math.sin(math.pi / (2 * (2 * delay + 1)))


def path_of(delay, theta, updates=2000):
    """Return x_0, x_1, ... of x_(n+1) = x_n - theta x_(n-delay), where all have read x_0 = 1."""
    path = [1.0] * (delay + 1)
    for n in range(updates):
        path.append(path[-1] - theta * path[n])
    return np.array(path[delay:])


def changes_of_sign(path):
    return int((np.diff(np.sign(path)) != 0).sum())


CALM = 4**4 / 5**5  # the largest calm step of a delay of 4


# -------------------------------------------------------------------------------------------------
# Workers with a clock: half the square of the model after some updates, a draw a replica


def final_model(m, k, theta, noise, updates, rng):
    """Return x after so many updates of K-async from 1, event by event, shape (REPLICAS,)."""
    finish, x = rng.exponential(size=(REPLICAS, m)), np.ones(REPLICAS)
    held = np.ones((REPLICAS, m))
    for _ in range(updates):
        first = finish.argsort(axis=1)[:, :k]
        now = np.take_along_axis(finish, first[:, -1:], axis=1)
        gradients = np.take_along_axis(held, first, axis=1)
        gradients = gradients + noise * rng.standard_normal((REPLICAS, k))
        x = x - theta * gradients.mean(axis=1)
        np.put_along_axis(held, first, x[:, None], axis=1)
        np.put_along_axis(finish, first, now + rng.exponential(size=(REPLICAS, k)), axis=1)
    return x


def floor(m, k, theta):
    """Return the chapter's formula for E F - F* in the long run, a = sigma = 1 and eta = theta."""
    s, stale = 2 * m * (m - k) / (k * (2 * m - k - 1)), m / k - 1
    below = 2 + (2 * s - 2 * stale - 1) * theta - s * theta**2 / k
    return theta / (2 * k) * (1 + s * theta) / below


def step_of_formula(m, k):
    """Return the positive root of 2 + (2 s - 2 stale - 1) theta - s theta^2 / k."""
    s, stale = 2 * m * (m - k) / (k * (2 * m - k - 1)), m / k - 1
    slope = 2 * s - 2 * stale - 1
    return (slope + math.sqrt(slope**2 + 8 * s / k)) / (2 * s / k)


def moments(m, k, theta):
    """Return the noiseless map of (E xx, E xw, E ww, E ww') by summing over pairs of workers."""
    both, one = k * (k - 1) / (m * (m - 1)), 2 * k * (m - k) / (m * (m - 1))
    q = k / m
    new = np.array([1, -2 * theta, theta**2 / k, theta**2 * (1 - 1 / k)])
    moved = np.array([0, 1, 0, -theta])
    return np.array(
        [
            new,
            q * new + (1 - q) * moved,
            q * new + [0, 0, 1 - q, 0],
            both * new + one * moved + [0, 0, 0, 1 - both - one],
        ]
    )


def square_limit(m, k):
    """Return the step at which the greatest eigenvalue of the map is 1."""

    def excess(theta):
        return np.abs(np.linalg.eigvals(moments(m, k, theta))).max() - 1

    return optimize.brentq(excess, 0.05, 6, xtol=1e-14, rtol=1e-14)


def heavy_ball(m, theta, updates):
    """Return x after so many updates with momentum 1 - 1/m and step theta/m, x_1 = 1 - theta."""
    before, x = 1.0, 1 - theta
    for _ in range(updates - 1):
        before, x = x, x + (1 - 1 / m) * (x - before) - theta / m * x
    return x


def mean_radius(m, theta):
    """Return the greatest eigenvalue of the map of the means of x and w."""
    return np.abs(np.linalg.eigvals([[1, -theta], [1 / m, 1 - 1 / m - theta / m]])).max()


def harmonic(m):
    return math.fsum(1 / j for j in range(1, m + 1))


def exponential_limit(m):
    return (1 + math.sqrt(1 + 8 * m)) / (2 * m)


def fresh_model(m, theta, updates, rng):
    """Return x after so many synchronous updates of m gradients from 1, shape (REPLICAS,)."""
    x = np.ones(REPLICAS)
    for _ in range(updates):
        x = x - theta * (x + rng.standard_normal((REPLICAS, m)).mean(axis=1))
    return x


THEOREMS = {
    "thm-step-sync": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="four synchronous workers, $\\theta = 0.5$, unit noise: the floor",
                exact=lambda: 0.5 / (2 * 4 * (2 - 0.5)),
                simulate=lambda rng: fresh_model(4, 0.5, 40, rng) ** 2 / 2,
            ),
            Equal(
                instance="the same at the limit $\\theta = 2$, from 1: $E[x^2]$ after 40 updates, "
                "each of which adds $2^2/4$",
                exact=lambda: 1 + 40,
                simulate=lambda rng: fresh_model(4, 2.0, 40, rng) ** 2,
            ),
        ],
    ),
    "thm-step-constant-delay": Theorem(
        source="{cite:t}`levin1976note`; proved here",
        checks=[
            *(
                Equal(
                    instance=f"$\\tau = {delay}$: the step at which a root reaches the unit circle",
                    exact=lambda delay=delay: constant_limit(delay),
                    again=lambda delay=delay: optimize.brentq(
                        lambda theta: radius(delay, theta) - 1, 0.5 / (delay + 1), 1.9, xtol=1e-15
                    ),
                )
                for delay in (2, 9)
            ),
            AtMost(
                instance="$\\tau = 9$, at 99 % of the limit: the greatest root",
                bound=lambda: 1,
                exact=lambda: radius(9, 0.99 * constant_limit(9)),
            ),
            AtLeast(
                instance="$\\tau = 9$, at six times the limit, where further roots have crossed",
                bound=lambda: 1,
                exact=lambda: radius(9, 6 * constant_limit(9)),
            ),
        ],
    ),
    "thm-step-calm": Theorem(
        source="proved here",
        checks=[
            Equal(
                instance="$\\tau = 4$, $\\theta = 4^4/5^5$: changes of sign in 2000 updates",
                exact=lambda: 0,
                again=lambda: changes_of_sign(path_of(4, CALM)),
            ),
            Equal(
                instance="the same: how many of the 2000 updates fall",
                exact=lambda: 2000,
                again=lambda: (np.diff(path_of(4, CALM)) < 0).sum(),
            ),
            Tends(
                instance="a step one in a hundred larger: changes of sign by the number of updates",
                limit=lambda: math.inf,
                values=lambda: {
                    n: changes_of_sign(path_of(4, 1.01 * CALM, n)) for n in (500, 1000, 2000)
                },
                within=0.06,
            ),
        ],
    ),
    "thm-step-k-async": Theorem(
        source="proved here",
        checks=[
            *(
                Equal(
                    instance=f"$m = {m}$, $K = {k}$, $\\theta = {theta}$, unit noise: the floor",
                    exact=lambda m=m, k=k, theta=theta: floor(m, k, theta),
                    simulate=lambda rng, m=m, k=k, theta=theta, updates=updates: (
                        final_model(m, k, theta, 1, updates, rng) ** 2 / 2
                    ),
                )
                for m, k, theta, updates in ((10, 1, 0.2, 150), (10, 2, 0.3, 80), (5, 3, 1.0, 40))
            ),
            Equal(
                instance="$m = 10$, $K = 1$, $\\theta = 0.6$, no noise: $E[x_{20}^2]$ has grown",
                exact=lambda: np.linalg.matrix_power(moments(10, 1, 0.6), 20)[0].sum(),
                simulate=lambda rng: final_model(10, 1, 0.6, 0, 20, rng) ** 2,
            ),
            Equal(
                instance="$m = 7$, $K = 1$: $(1 + \\sqrt{1 + 8m})/(2m)$, and where the greatest "
                "eigenvalue of the recursion is 1",
                exact=lambda: exponential_limit(7),
                again=lambda: square_limit(7, 1),
            ),
            *(
                Equal(
                    instance=f"$m = 10$, $K = {k}$: where the quadratic of the theorem is 0, and "
                    "where that eigenvalue is 1",
                    exact=lambda k=k: step_of_formula(10, k),
                    again=lambda k=k: square_limit(10, k),
                )
                for k in (2, 5, 9)
            ),
            AtLeast(
                instance="$m = 10$, $K = 5$, one in a hundred beyond: the greatest eigenvalue",
                bound=lambda: 1,
                exact=lambda: abs(
                    np.linalg.eigvals(moments(10, 5, 1.01 * step_of_formula(10, 5)))
                ).max(),
            ),
        ],
    ),
    "thm-step-momentum": Theorem(
        source="{cite:t}`mitliagkas2016asynchrony`; exact here, and proved here",
        checks=[
            Equal(
                instance="ten workers, $\\theta = 0.3$: the mean after 20 updates, heavy ball "
                "against workers with a clock",
                exact=lambda: heavy_ball(10, 0.3, 20),
                simulate=lambda rng: final_model(10, 1, 0.3, 0, 20, rng),
            ),
            Equal(
                instance="ten workers: $4m - 2$, and where the mean's greatest root is 1",
                exact=lambda: 38,
                again=lambda: optimize.brentq(
                    lambda theta: mean_radius(10, theta) - 1, 1, 60, xtol=1e-14, rtol=1e-14
                ),
            ),
        ],
    ),
    "thm-step-speed": Theorem(
        source="proved here",
        checks=[
            Tends(
                instance="clockwork async against $\\pi/2$, by $m$",
                limit=lambda: math.pi / 2,
                values=lambda: {m: m * constant_limit(m - 1) for m in (10, 100, 1000)},
                within=0.001,
            ),
            Tends(
                instance="async of exponential workers, divided by $\\sqrt{2m}$, by $m$",
                limit=lambda: 1,
                values=lambda: {
                    m: m * exponential_limit(m) / math.sqrt(2 * m) for m in (10, 1000, 100_000)
                },
                within=0.002,
            ),
            Tends(
                instance="sync of exponential workers, $2/H_m$, by $m$",
                limit=lambda: 0,
                values=lambda: {m: 2 / harmonic(m) for m in (10, 1000, 100_000)},
                within=0.2,
            ),
            AtLeast(
                instance="ten workers: async of exponential workers against clockwork async",
                bound=lambda: 10 * constant_limit(9),
                exact=lambda: 10 * square_limit(10, 1),
            ),
        ],
    ),
}
