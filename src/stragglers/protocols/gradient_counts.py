"""Workers that go on without pause: how many gradients by time t, and when the k-th arrives."""

import math

import numpy as np
from scipy import special

from ..laws.finite import FiniteLaw
from ..laws.methods import known
from ..numerics.quadrature import integrate

EXPLICIT = (
    "exponential, shifted exponential, gamma, uniform, hyperexponential (of rates less than some "
    "thousand times apart), two-point and constant times, and traces with few different sums"
)
NEGLIGIBLE = 1e-14
MOST = 50_000  # ticks of a clock that are stepped through one by one


def mean_kth_arrival(works, k):
    """Return E of the time of the k-th gradient from workers that start together and do not stop.

    It is the integral of P(N_1(t) + ... + N_m(t) < k), N_i the ordinary renewal count of worker i.
    `works` gives pairs (law, number of workers of that law). Returns None where the law of a sum of
    the worker's times is not explicit: see EXPLICIT.
    """
    counters = [(counter(law), number) for law, number in works]
    if any(count is None for count, _ in counters):
        return None

    for count, _ in counters:
        count.longest = k

    def too_few(t):
        total = np.ones((len(t), 1))
        for count, number in counters:
            total = _truncated_product(total, _truncated_power(count(t, k), number), k)
        return total.sum(axis=1)

    end = (k + 10) / sum(number / count.mean for count, number in counters)
    return _integral(too_few, counters, k, end)


def mean_updates(works, k, t):
    """Return the mean number of whole batches of k gradients by t, from a common start.

    None where the law of a sum of the worker's times is not explicit.
    """
    counters = [(counter(law), number) for law, number in works]
    if any(count is None or count.ticks(t) > MOST for count, _ in counters):
        return None
    terms = k + math.ceil(2 * sum(number * (1 + t / count.mean) for count, number in counters))
    while True:
        total = np.ones((1, 1))
        for count, number in counters:
            total = _truncated_product(
                total, _truncated_power(count(np.array([t]), terms), number), terms
            )
        if 1 - total.sum() < 1e-12:
            return max(float(total[0] @ (np.arange(total.shape[1]) // k)), 0.0)
        terms *= 2


def mean_slowest_sum(works, n):
    """Return E of the time when every worker has done n gradients, None where not explicit."""
    counters = [(counter(law), number) for law, number in works]
    if any(count is None for count, _ in counters):
        return None

    for count, _ in counters:
        count.longest = n

    def too_few(t):
        with np.errstate(divide="ignore"):  # at first nobody can be done
            done = sum(number * np.log1p(-count.fewer(t, n)) for count, number in counters)
        return -np.expm1(done)

    end = (n + 10) * max(count.mean for count, _ in counters)
    return _integral(too_few, counters, n, end)


def _integral(survival, counters, k, end):
    """Integrate the survival function of a time up to where it is negligible, kink by kink.

    None where that takes too many steps, as for phases of very different rates.
    """
    while not any(count.ticks(end) > MOST for count, _ in counters):
        if survival(np.array([end]))[0] <= NEGLIGIBLE:
            break
        end *= 1.5
    else:
        return None
    edges = np.concatenate([count.kinks(k, end) for count, _ in counters] + [[0.0, end]])
    edges = np.unique(edges[edges <= end])
    edges = edges[np.append(True, np.diff(edges) > 1e-12 * end)]
    if all(count.steps for count, _ in counters):
        return float(survival((edges[1:] + edges[:-1]) / 2) @ np.diff(edges))
    return float(integrate(lambda t: survival(t)[None], edges)[0])


def _truncated_power(series, number):
    """Return the first terms of series^number, a generating function a row, by squaring."""
    power = np.ones((len(series), 1))
    while number:
        if number & 1:
            power = _truncated_product(power, series, series.shape[1])
        number >>= 1
        if number:
            series = _truncated_product(series, series, series.shape[1])
    return power


def _truncated_product(a, b, k):
    if min(a.shape[1], b.shape[1]) == 1:
        return a * b
    size = a.shape[1] + b.shape[1]
    return np.fft.irfft(np.fft.rfft(a, size) * np.fft.rfft(b, size), size)[:, :k]


# -------------------------------------------------------------------------------------------------
# P(N(t) = 0), ..., P(N(t) = k - 1) for one worker


def counter(law):
    """Return the counter of a law, or None where its sums are not explicit."""
    found = known(COUNTERS, law)
    if found is None and isinstance(law, FiniteLaw) and law.mean() > 0:
        return FiniteCounter(law.atoms, np.diff(law.below, prepend=0.0))
    return found


def _counts(reached):
    """Return P(N = 0), P(N = 1), ... from P(S_1 <= t), P(S_2 <= t), ..., a row for each t."""
    return -np.diff(reached, axis=1, prepend=1.0)


class _Counter:
    longest = math.inf  # no sum of more times will be asked for

    def ticks(self, end):
        """Return the number of steps that the counts by `end` take."""
        return 0

    def fewer(self, t, n):
        """Return P(N(t) < n)."""
        return np.minimum(self(t, n).sum(axis=1), 1.0)


class GammaCounter(_Counter):
    """Times that are gamma beyond a fixed shift: n of them are gamma beyond n shifts."""

    steps = False

    def __init__(self, shape, shift, scale):
        self.shape, self.shift, self.scale = shape, shift, scale
        self.mean = shift + shape * scale

    def kinks(self, k, end):
        return self.shift * np.arange(1, k + 1)

    def __call__(self, t, k):
        n = np.arange(1, k + 1)
        left = np.maximum(t[:, None] - n * self.shift, 0.0)
        return _counts(special.gammainc(n * self.shape, left / self.scale))

    def fewer(self, t, n):
        left = np.maximum(t - n * self.shift, 0.0)
        return special.gammaincc(n * self.shape, left / self.scale)


class UniformCounter(_Counter):
    """Times spread evenly: a sum of n of them has the law of Irwin and Hall."""

    steps = False
    rough = 6  # sums of so many have kinks that an integral should know of

    def __init__(self, low, width):
        self.low, self.width, self.mean = low, width, low + width / 2

    def kinks(self, k, end):
        sums = range(1, min(k, self.rough) + 1)
        return np.array([n * self.low + i * self.width for n in sums for i in range(n + 1)])

    def ticks(self, end):
        """Return about how much the sums cost: as the square of their number."""
        return (end / self.mean) ** 2

    def __call__(self, t, k):
        reached = [irwin_hall(n, (t - n * self.low) / self.width) for n in range(1, k + 1)]
        return _counts(np.array(reached).T)

    def fewer(self, t, n):
        return 1 - irwin_hall(n, (t - n * self.low) / self.width)


def irwin_hall(n, x):
    """Return P(U_1 + ... + U_n <= x) for independent uniforms on (0, 1), x a vector.

    By B-splines' recursion, F_j(x) = (x F_{j-1}(x) + (j - x) F_{j-1}(x - 1)) / j, whose terms are
    positive where they matter.
    """
    x = np.clip(x, 0, n)
    each = x[:, None] - np.arange(n)
    found = np.clip(each, 0, 1)
    for j in range(2, n + 1):
        at = each[:, : n - j + 1]
        found = (at * found[:, :-1] + (j - at) * found[:, 1:]) / j
        found = np.where(at <= 0, 0.0, np.where(at >= j, 1.0, found))
    return found[:, 0]


class StepCounter(_Counter):
    """Two possible times: a sum of n of them is given by how many were slow."""

    steps = True

    def __init__(self, usual, slow, probability):
        self.usual, self.slow, self.probability = usual, slow, probability
        self.mean = usual + (slow - usual) * probability

    def kinks(self, k, end):
        most = [min(k, end // atom) if atom > 0 else 0 for atom in (self.usual, self.slow)]
        usual, slow = np.meshgrid(*(np.arange(count + 1) for count in most))
        return (usual * self.usual + slow * self.slow)[(usual + slow <= k)]

    def __call__(self, t, k):
        n = np.arange(1, k + 1)
        if self.usual == self.slow:
            return _counts((t[:, None] >= n * self.slow).astype(float))
        spare = np.floor((t[:, None] - n * self.usual) / (self.slow - self.usual))
        return _counts(special.bdtr(np.clip(spare, 0, n), n, self.probability) * (spare >= 0))


class FiniteCounter(_Counter):
    """Finitely many times, as a trace has: sums that coincide, as on a lattice, are joined."""

    steps = True

    def __init__(self, atoms, chances):
        self.atoms, self.chances, self.mean = atoms, chances, float(atoms @ chances)
        self.levels, self.end = [], 0.0  # sums of 1, 2, ... times up to an end, and their chances

    def _grow(self, end):
        """Find the sums up to an end and return how many there are, or more than MOST."""
        if end > self.end:
            self.levels, self.end, number = [], end, 0
            sums, chances = np.zeros(1), np.ones(1)
            while len(sums) and number <= MOST and len(self.levels) < self.longest:
                if len(sums) * len(self.atoms) > 40 * MOST:
                    return self._give_up()
                sums, chances = _joined(
                    np.add.outer(sums, self.atoms).ravel(),
                    np.multiply.outer(chances, self.chances).ravel(),
                    end,
                )
                self.levels.append((sums, np.cumsum(chances)))
                number += len(sums)
            if number > MOST:
                return self._give_up()
        return sum(len(sums) for sums, _ in self.levels)

    def _give_up(self):
        self.levels, self.end = [], 0.0
        return MOST + 1

    def ticks(self, end):
        return self._grow(end)

    def kinks(self, k, end):
        self._grow(end)
        return np.concatenate([sums for sums, _ in self.levels[:k]] + [[end]])

    def __call__(self, t, k):
        self._grow(float(t.max()))
        reached = np.zeros((len(t), k))
        for n, (sums, done) in enumerate(self.levels[:k]):
            reached[:, n] = np.append(0.0, done)[np.searchsorted(sums, t * (1 + 1e-12), "right")]
        return _counts(reached)


def _joined(sums, chances, end):
    """Return the sums up to an end in order, equal ones as one, and their chances."""
    order = np.argsort(sums)
    order = order[sums[order] <= end * (1 + 1e-12)]
    sums, chances = sums[order], chances[order]
    if not len(sums):
        return sums, chances
    fresh = np.flatnonzero(np.append(True, np.diff(sums) > 1e-11 * sums[1:]))
    return sums[fresh], np.add.reduceat(chances, fresh)


class HyperexponentialCounter(_Counter):
    """Phases of different rates, stepped together at the ticks of a clock of the largest rate.

    At a tick a worker in phase i finishes with probability rate_i / largest rate, and then draws a
    phase anew: by the n-th tick the count has a law found by n sums, all of positive terms.
    """

    steps = False

    def __init__(self, probabilities, rates):
        p, rates = np.array(probabilities, dtype=float), np.array(rates, dtype=float)
        self.p, self.clock, self.mean = p / p.sum(), rates.max(), float(p @ (1 / rates)) / p.sum()
        self.finish = (rates / self.clock)[:, None]
        self._stepped = None  # the law of the count after each tick, once it has been found

    def kinks(self, k, end):
        return np.empty(0)

    def ticks(self, end):
        return self.clock * end

    def _by_tick(self, ticks, k):
        """Return P(count = 0 .. k - 1 by the n-th tick), shape (ticks + 1, k)."""
        if self._stepped is None or self._stepped.shape[1] != k or len(self._stepped) <= ticks:
            self._stepped = self._step(ticks, k)
        return self._stepped[: ticks + 1]

    def _step(self, ticks, k):
        state = np.zeros((len(self.p), k))
        state[:, 0] = self.p
        law = np.empty((ticks + 1, k))
        law[0] = state.sum(axis=0)
        for n in range(1, ticks + 1):
            done = (state * self.finish).sum(axis=0)
            state = state * (1 - self.finish)
            state[:, 1:] += self.p[:, None] * done[:-1]
            law[n] = state.sum(axis=0)
        return law

    def __call__(self, t, k):
        expected = self.clock * t[:, None]
        most = expected.max()
        n = np.arange(math.ceil(most + 9 * math.sqrt(most) + 40))
        tick = np.exp(special.xlogy(n, expected) - expected - special.gammaln(n + 1))
        return tick @ self._by_tick(len(n) - 1, k)


COUNTERS = {
    "deterministic": lambda c: StepCounter(c, c, 0.0),
    "two_point": StepCounter,
    "exponential": lambda start, scale: GammaCounter(1.0, start, scale),
    "gamma": GammaCounter,
    "uniform": UniformCounter,
    "hyperexponential": HyperexponentialCounter,
}
