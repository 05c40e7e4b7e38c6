"""The exact figures of SGD on a quadratic: against the facts, and worked out in other ways."""

import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy import linalg, optimize, special, stats

import stragglers as sg
from stragglers import training
from stragglers.training import ConstantDelay, Quadratic

from ..conftest import FACTS

EXP = sg.exponential(rate=1)
UNIT = Quadratic(curvature=1, noise=1)


def fact(name, rel=1e-9):
    return pytest.approx(float(FACTS[name]["value"]), rel=rel)


def facts(*prefixes):
    names = [name for name in FACTS if name.startswith(prefixes)]
    assert names
    return pytest.mark.parametrize("name", names)


def params(name):
    found = FACTS[name]["params"]
    return found, found.get("m"), found.get("K", 1)


# -------------------------------------------------------------------------------------------------
# The facts


@facts("floor.kasync", "floor.async")
def test_floors(name):
    found, m, k = params(name)
    assert UNIT.floor(sg.KAsync(m, k), found["eta"]) == fact(name)


def test_the_floor_of_a_constant_delay():
    assert UNIT.floor(ConstantDelay(1), 0.3) == fact("floor.const.tau1.al0.3")


def test_the_floor_of_sync_is_about_half_of_its_bound():
    bound = float(FACTS["floor.sync.bound.m10"]["value"])
    assert UNIT.floor(sg.Sync(10), 0.1) == pytest.approx(bound / (2 - 0.1), rel=1e-12)


@facts("stab.const", "stab.ms")
def test_largest_steps(name):
    found, m, k = params(name)
    protocol = ConstantDelay(found["tau"]) if "tau" in found else sg.KAsync(m, k)
    assert UNIT.largest_step(protocol) == fact(name)


def test_the_largest_step_of_the_mean_alone_and_the_calm_step():
    assert UNIT.largest_step(sg.Async(10), moment=1) == fact("stab.mean.exp.m10")
    assert ConstantDelay(4).calm_limit == fact("stab.crit.tau4")


def test_staleness_is_momentum():
    matrix = training.moments.mean_map(10, 1, False)(0.3)
    assert np.linalg.det(matrix) == fact("momentum.exp.m10")


@facts("curve.", "clock.kasync")
def test_errors_of_k_async_against_the_clock(name):
    found, m, k = params(name)
    problem = Quadratic(noise=found["sigma"])
    start = found.get("x0", 1.0)
    error = problem.error(sg.KAsync(m, k), EXP, found["eta"], found["t"], start)
    assert 2 * error == fact(name)


@facts("clock.ksync")
def test_errors_of_k_sync_against_the_clock(name):
    found, m, k = params(name)
    problem = Quadratic(noise=found["sigma"])
    assert 2 * problem.error(sg.KSync(m, k), EXP, found["eta"], found["t"], found["x0"]) == fact(
        name
    )


@facts("ms.noiseless")
def test_growth_without_noise(name):
    found, m, k = params(name)
    quiet = Quadratic(noise=0)
    assert 2 * quiet.error_after(sg.KAsync(m, k), found["alpha"], found["n"]) == fact(name)


@facts("meanpath.")
def test_the_path_of_the_mean(name):
    (mean,) = UNIT.mean_after(sg.Async(10), 0.3, 20)
    assert mean == fact(name)


PAIRS = {
    "cross.sync.async.m10": (sg.Sync(10), sg.Async(10), (50, 150)),
    "cross.ksync5.ksync1.m10": (sg.KSync(10, 5), sg.KSync(10, 1), (10, 40)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_crossings_at_a_fixed_step(name):
    one, other, bracket = PAIRS[name]

    def apart(t):
        return UNIT.error(one, EXP, 0.1, t, 10) - UNIT.error(other, EXP, 0.1, t, 10)

    assert optimize.brentq(apart, *bracket, xtol=1e-12) == fact(name)


BY_NAME = {"sync": sg.Sync(10), "5-sync": sg.KSync(10, 5), "async": sg.Async(10)}


@facts("beststep.")
def test_best_steps(name):
    found, _, _ = params(name)
    protocol, t = BY_NAME[found["protocol"]], found["t"]
    step = UNIT.best_step(protocol, EXP, t, start=10)
    assert step == pytest.approx(found["eta_star"], rel=1e-5)
    assert UNIT.error(protocol, EXP, step, t, 10) == fact(name)


SPEEDS = {
    "speedlimit.sync.m10": sg.Sync(10),
    "speedlimit.ksync.half.m10": sg.KSync(10, 5),
    "speedlimit.async.m10": sg.Async(10),
    "speedlimit.kasync.half.m10": sg.KAsync(10, 5),
}


@pytest.mark.parametrize("name", SPEEDS)
def test_speed_limits(name):
    protocol = SPEEDS[name]
    assert UNIT.largest_step(protocol) / protocol.time_per_update(EXP) == fact(name)


def test_the_speed_limit_of_clockwork():
    assert UNIT.largest_step(ConstantDelay(9)) * 10 == fact("speedlimit.async.constant.m10")


@facts("rennala.")
def test_time_complexities(name):
    found = FACTS[name]["params"]
    n, ratio = found["n"], found["s"]
    shapes = {
        "equal": np.ones(n),
        "linear": np.arange(1, n + 1),
        "one_slow": np.append(np.ones(n - 1), 1000),
        "sqrt": np.sqrt(np.arange(1, n + 1)),
        "square": np.arange(1, n + 1) ** 2,
    }
    times = list(shapes[found["tau"]])
    bound, fastest = training.fixed_time_bound(times, ratio)
    assert (bound, fastest) == (fact(name), found["argmin"])
    assert training.minibatch_time(times, ratio) == pytest.approx(found["minibatch"], rel=1e-12)
    exact = pytest.approx(found["asynchronous"], rel=1e-12)
    assert training.asynchronous_time(times, ratio) == exact
    exact = pytest.approx(found["exact_time_of_s_gradients"], rel=1e-12)
    assert training.time_of_gradients(times, ratio) == exact


# -------------------------------------------------------------------------------------------------
# Worked out in other ways


def exponential_phases(m, k, matrix):
    """Return the generator of K-sync's clock with an affine map of the moments at every update."""
    size = len(matrix)
    rates = [float(m - j) for j in range(k)]
    generator = np.zeros((k * size, k * size))
    for j, rate in enumerate(rates):
        here = slice(j * size, (j + 1) * size)
        following = slice((j + 1) % k * size, ((j + 1) % k + 1) * size)
        generator[here, here] -= rate * np.eye(size)
        generator[following, here] += rate * (matrix if j == k - 1 else np.eye(size))
    return generator


def second_moments(m, k, step):
    """The K-async recursion of (x^2, x w, w^2, w w', 1), noise 1, from all m^2 pairs of workers."""
    size = m + 1  # the model, and what the workers hold
    chosen = list(combinations(range(1, size), k))
    total = np.zeros((size * size, size * size))
    constant = np.zeros((size, size))
    for who in chosen:
        move = np.eye(size)
        move[0, list(who)] -= step / k
        shared = np.zeros((size, 1))
        shared[0] = 1
        for i in who:
            move[i] = move[0]
            shared[i] = 1
        total += np.kron(move, move) / len(chosen)
        constant += step**2 / k * shared @ shared.T / len(chosen)
    return total, constant.ravel()


@pytest.mark.parametrize(("m", "k", "step"), [(3, 1, 0.5), (4, 2, 0.9), (4, 3, 1.2), (5, 2, 0.3)])
def test_the_recursion_agrees_with_that_of_all_pairs_of_workers(m, k, step):
    total, constant = second_moments(m, k, step)
    moments = np.full((m + 1) ** 2, 4.0)
    for _ in range(7):
        moments = total @ moments + constant
    assert 2 * UNIT.error_after(sg.KAsync(m, k), step, 7, 2) == pytest.approx(moments[0], rel=1e-12)
    still = np.linalg.solve(np.eye(len(total)) - total, constant)
    assert 2 * UNIT.floor(sg.KAsync(m, k), step) == pytest.approx(still[0], rel=1e-9)
    limit = UNIT.largest_step(sg.KAsync(m, k))
    radius = np.abs(np.linalg.eigvals(second_moments(m, k, limit)[0])).max()
    assert radius == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize("m", [2, 3, 5, 10, 20])
def test_floors_of_k_async_are_the_closed_form(m):
    for k in range(1, m):
        r, s = (m - k) / k, 2 * m * (m - k) / (k * (2 * m - k - 1))
        h = 0.7 * UNIT.largest_step(sg.KAsync(m, k))
        closed = h / (2 * k) * (1 + s * h) / (2 + (2 * s - 2 * r - 1) * h - s * h**2 / k)
        assert UNIT.floor(sg.KAsync(m, k), h) == pytest.approx(closed, rel=1e-9)
    assert UNIT.floor(sg.KAsync(m, m), 0.3) == pytest.approx(0.3 / (2 * m * 1.7), rel=1e-12)


@pytest.mark.parametrize(("m", "k", "t"), [(10, 3, 2.0), (7, 7, 30.0), (20, 12, 5.0), (4, 1, 1.0)])
def test_errors_in_time_agree_with_the_matrix_exponential(m, k, t):
    square = np.array([[(1 - 0.2) ** 2, 0.04 / k], [0, 1]])
    generator = exponential_phases(m, k, square)
    begin = np.zeros(2 * k)
    begin[:2] = 9.0, 1.0
    expected = (linalg.expm(t * generator) @ begin)[::2].sum() / 2
    assert UNIT.error(sg.KSync(m, k), EXP, 0.2, t, 3) == pytest.approx(expected, rel=1e-11)


def test_the_curve_for_a_thousand_workers_agrees_with_its_matrix_exponential():
    matrix = training.moments.k_async(1000, 1)(np.array([0.02]), np.array([0.0004]))[0]
    begin = np.array([1.0, 1, 1, 1, 1])
    expected = (linalg.expm(1000 * 3.0 * (matrix - np.eye(5))) @ begin)[0] / 2
    assert UNIT.error(sg.Async(1000), EXP, 0.02, 3.0, 1) == pytest.approx(expected, rel=1e-9)


def test_the_shift_of_exponential_times_only_moves_updates():
    """With n updates by t, n shifts are gone: P(N = n) from exponential clocks at t - n shift."""
    work, t = sg.shifted_exponential(shift=1, rate=1), 12.0
    generator = np.zeros((61, 61))  # 20 updates of three legs each
    for stage in range(60):
        rate = 10.0 - stage % 3
        generator[stage, stage], generator[stage + 1, stage] = -rate, rate
    at_least = [1.0]
    for n in range(1, 13):
        stages = linalg.expm(generator * max(t - n, 0.0))[:, 0]
        at_least.append(stages[3 * n :].sum() if t > n else 0.0)
    rho = 0.81
    factor = sum(rho**n * (a - b) for n, (a, b) in enumerate(pairwise([*at_least, 0.0])))
    floor = 0.01 / 3 / (1 - rho)
    expected = (factor * 100 + floor * (1 - factor)) / 2
    assert UNIT.error(sg.KSync(10, 3), work, 0.1, t, 10) == pytest.approx(expected, rel=1e-9)


def test_errors_in_time_for_any_law_agree_with_those_of_exponential_legs():
    """The grid for any law, on a law that is secretly 1 + Exp(1) or Exp(1)."""

    class Hidden:
        def __init__(self, law):
            self.law = law

        def __getattr__(self, name):
            return getattr(self.law, name)

    for law in (EXP, sg.shifted_exponential(shift=1, rate=1)):
        known = UNIT.error(sg.KSync(10, 7), law, 0.1, [1.5, 8, 25], 10)
        found = UNIT.error(sg.KSync(10, 7), Hidden(law), 0.1, [1.5, 8, 25], 10)
        assert found == pytest.approx(known, rel=1e-6)


def test_errors_in_time_for_laws_of_a_few_values():
    two = sg.two_point(usual=1, slow=3, probability=0.5)
    rho, floor = 0.81, 0.01 / 0.19
    # of one worker: N(3.5) = 3 for 1,1,1; 2 for 1,1,3; 1 for 1,3 and for 3
    factor = rho**3 / 8 + rho**2 / 8 + rho * (1 / 4 + 1 / 2)
    expected = (factor + floor * (1 - factor)) / 2
    assert UNIT.error(sg.Sync(1), two, 0.1, 3.5) == pytest.approx(expected, rel=1e-12)
    constant = UNIT.error(sg.KSync(10, 4), sg.deterministic(2), 0.1, [1.9, 2, 9])
    assert constant == pytest.approx(UNIT.error_after(sg.KSync(10, 4), 0.1, [0, 1, 4]), rel=1e-12)


def test_a_communication_cost_moves_the_clock_of_sync():
    free = UNIT.error(sg.KSync(5, 2), sg.shifted_exponential(shift=0.5, rate=2), 0.1, 7.0)
    paid = UNIT.error(sg.KSync(5, 2, communication=0.5), sg.exponential(rate=2), 0.1, 7.0)
    assert paid == pytest.approx(free, rel=1e-12)


@pytest.mark.parametrize("staleness", [0, 1, 2, 9])
def test_the_floor_of_a_constant_delay_solves_the_lyapunov_equation(staleness):
    step = 0.6 * UNIT.largest_step(ConstantDelay(staleness))
    companion = np.eye(staleness + 1, k=-1)
    companion[0, 0] = 1
    companion[0, staleness] -= step
    noise = np.zeros_like(companion)
    noise[0, 0] = step**2
    expected = linalg.solve_discrete_lyapunov(companion, noise)[0, 0] / 2
    assert UNIT.floor(ConstantDelay(staleness), step) == pytest.approx(expected, rel=1e-9)
    late = UNIT.error_after(ConstantDelay(staleness), step, 400)
    assert late == pytest.approx(expected, rel=1e-9)


def test_the_floor_of_a_delay_of_one():
    h = 0.4
    closed = h * (1 + h) / (2 * (1 - h) * (2 + h))
    assert UNIT.floor(ConstantDelay(1), h) == pytest.approx(closed, rel=1e-12)


@pytest.mark.parametrize("staleness", [0, 1, 2, 9, 40])
def test_a_constant_delay_settles_below_its_limit_only(staleness):
    def radius(step):
        companion = np.eye(staleness + 1, k=-1)
        companion[0, 0] = 1
        companion[0, staleness] -= step
        return np.abs(np.linalg.eigvals(companion)).max()

    limit = UNIT.largest_step(ConstantDelay(staleness))
    assert radius(limit) == pytest.approx(1, rel=1e-9)
    assert radius(0.99 * limit) < 1 < radius(1.01 * limit)
    calm = ConstantDelay(staleness).calm_limit
    path = ConstantDelay(staleness).means(np.array([0.999 * calm, 1.5 * calm]), 3000)
    assert np.all(path[:, 0] >= 0)
    assert path[:, 1].min() < 0


def test_clockwork_workers_on_the_clock_are_a_constant_delay():
    error = UNIT.error(sg.Async(4), sg.deterministic(2), 0.1, [1, 2, 5, 40], 3)
    expected = UNIT.error_after(ConstantDelay(3), 0.1, [0, 4, 8, 80], 3)
    assert error == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("m", "k"), [(10, 1), (10, 5), (10, 9), (10, 10), (3, 2), (7, 1)])
def test_the_mean_settles_below_its_limit(m, k):
    limit = UNIT.largest_step(sg.KAsync(m, k), moment=1)
    q = k / m
    for factor, verdict in ((0.999, True), (1.001, False)):
        h = factor * limit
        matrix = np.array([[1, -h], [q, 1 - q - q * h]])
        assert (np.abs(np.linalg.eigvals(matrix)).max() < 1) == verdict
    assert UNIT.largest_step(sg.Async(m), moment=1) == pytest.approx(4 * m - 2 if m > 1 else 2)


@pytest.mark.parametrize("m", [2, 5, 10])
def test_k_batch_async_of_one_is_async(m):
    build = training.moments.k_batch_async(m, 1)
    floor = training.moments.fixed_point(build, np.array([0.1]), np.array([0.01]))[0] / 2
    assert floor == pytest.approx(UNIT.floor(sg.Async(m), 0.1), rel=1e-12)
    limit = training.moments.stability_limit(build)
    assert limit == pytest.approx(UNIT.largest_step(sg.Async(m)), rel=1e-9)
    limit = training.moments.mean_limit(training.moments.mean_map(m, 1, True))
    assert limit == pytest.approx(4 * m - 2, rel=1e-9)


@pytest.mark.parametrize(
    "protocol", [sg.Sync(5), sg.KAsync(5, 2), sg.Async(5), sg.KBatchAsync(5, 3), ConstantDelay(4)]
)
def test_every_curve_ends_on_its_floor_and_the_limit_is_where_floors_end(protocol):
    limit = UNIT.largest_step(protocol)
    late = UNIT.error_after(protocol, limit / 2, 3000, start=5)
    assert late == pytest.approx(UNIT.floor(protocol, limit / 2), rel=1e-9)
    assert UNIT.floor(protocol, 0.9999 * limit) > 100 * UNIT.floor(protocol, limit / 2)
    assert UNIT.floor(protocol, limit) == math.inf


@pytest.mark.parametrize("protocol", [sg.Sync(4), sg.KAsync(4, 2), sg.KBatchAsync(4, 3)])
def test_small_steps_forget_staleness(protocol):
    assert UNIT.floor(protocol, 1e-7) == pytest.approx(1e-7 / (4 * protocol.k), rel=1e-5)


def test_a_spectrum_is_the_sum_of_its_coordinates():
    whole = Quadratic(curvature=[0.5, 1, 2], noise=[1, 2, 0], start=[3, 1, 2])
    parts = [Quadratic(0.5, 1, 3), Quadratic(1, 2, 1), Quadratic(2, 0, 2)]
    for protocol in (sg.Async(6), sg.KSync(6, 2), sg.KBatchAsync(6, 2), ConstantDelay(2)):
        sums = sum(part.floor(protocol, 0.1) for part in parts)
        assert whole.floor(protocol, 0.1) == pytest.approx(sums, rel=1e-12)
        limits = min(part.largest_step(protocol) for part in parts)
        assert whole.largest_step(protocol) == pytest.approx(limits, rel=1e-12)
        sums = sum(part.error_after(protocol, 0.1, 9) for part in parts)
        assert whole.error_after(protocol, 0.1, 9) == pytest.approx(sums, rel=1e-12)
    sums = sum(part.error(sg.Async(6), EXP, 0.1, 2.0) for part in parts)
    assert whole.error(sg.Async(6), EXP, 0.1, 2.0) == pytest.approx(sums, rel=1e-12)


def test_beyond_the_limit_the_error_in_time_grows_and_stays_right():
    growth = UNIT.error(sg.KSync(4, 1), EXP, 3.0, [1, 2, 3], start=1)
    rho, floor = 4.0, 9.0 / (1 - 4.0)
    factor = np.exp(-4 * np.arange(1, 4) * (1 - rho))
    assert growth == pytest.approx((factor + floor * (1 - factor)) / 2, rel=1e-9)
    assert UNIT.error(sg.Async(10), EXP, 5.0, 1e4) == math.inf


def test_the_noiseless_error_keeps_its_digits_however_small():
    quiet = Quadratic(noise=0)
    t = 20.0
    expected = math.exp(-10 * t * (1 - 0.25)) / 2
    assert quiet.error(sg.KSync(10, 1), EXP, 0.5, t) == pytest.approx(expected, rel=1e-9)


def test_the_best_k_at_tuned_steps_is_that_of_the_throughput():
    work = sg.shifted_exponential(shift=1, rate=1)
    for name in ("shift.beststep.t10", "shift.beststep.t30", "shift.beststep.t100"):
        found = FACTS[name]
        t, errors = found["params"]["t"], {}
        for k in range(1, 11):
            step = UNIT.best_step(sg.KSync(10, k), work, t, start=10)
            errors[k] = UNIT.error(sg.KSync(10, k), work, step, t, 10)
        best = min(errors, key=errors.get)
        assert best == found["params"]["K"] == sg.optimal_k(work, 10)
        away = abs(errors[best] - float(found["value"]))
        assert away <= 5 * found["standard_error"]


def test_other_crossings():
    def apart(t):
        return UNIT.error(sg.KSync(10, 5), EXP, 0.1, t, 10) - UNIT.error(
            sg.Async(10), EXP, 0.1, t, 10
        )

    assert optimize.brentq(apart, 10, 50, xtol=1e-12) == pytest.approx(22.244631, abs=5e-7)


def test_problems_can_be_compared_and_be_keys():
    assert Quadratic([1, 2], noise=0) == Quadratic((1.0, 2.0), noise=0.0)
    assert Quadratic([1, 2]) != Quadratic([1, 3])
    assert {Quadratic([1, 2]): 1}[Quadratic([1, 2])] == 1
    assert Quadratic([1, 2], start=3).start == (3.0, 3.0)


# -------------------------------------------------------------------------------------------------
# How many workers, and how many of them


def test_how_many_workers_pay():
    found = FACTS["criticalbatch.exp.B100"]["params"]
    times = [sg.harmonic(m) * (1 + found["B"] / m) for m in range(1, 2000)]
    assert 1 + int(np.argmin(times)) == found["argmin"]
    assert min(times) == fact("criticalbatch.exp.B100")


def test_the_best_k_of_the_bound_grows_with_the_time_one_has():
    best = {}
    for t in (10, 100, 300, 1000):
        waits = [sg.KSync(20, k).time_per_update(EXP) for k in range(1, 21)]
        bounds = [2 * wait / (0.1 * t) + 0.1 / k for k, wait in enumerate(waits, 1)]
        best[t] = 1 + int(np.argmin(bounds)), min(bounds)
    assert [best[t][0] for t in (10, 100, 1000)] == [1, 3, 8]
    assert best[300] == (FACTS["adasync.bound.t300"]["params"]["K"], fact("adasync.bound.t300"))


# -------------------------------------------------------------------------------------------------
# How fast anyone can be


def test_the_time_of_n_gradients_by_counting():
    rng = np.random.default_rng(0)
    for _ in range(50):
        times = list(rng.exponential(size=5) + 0.01)
        finishes = np.sort(np.concatenate([t * np.arange(1, 40) for t in times]))
        for n in (1, 2, 7, 30):
            found = training.time_of_gradients(times, n)
            assert found == pytest.approx(finishes[n - 1], rel=1e-12)


def test_the_time_of_n_gradients_is_at_least_half_of_a_simple_minimum():
    rng = np.random.default_rng(1)
    for _ in range(300):
        times = np.sort(np.exp(rng.normal(scale=2, size=8)))
        n = int(rng.integers(1, 200))
        simple, _ = training.fixed_time_bound(list(times), n)
        assert simple / 2 <= training.time_of_gradients(list(times), n) <= simple * (1 + 1e-12)


def test_one_fast_worker_of_thirty():
    times = [1] + [50] * 29
    found = [training.fixed_time_bound(times, ratio) for ratio in (1, 10, 100)]
    assert [j for _, j in found] == [1, 1, 30]
    assert [bound for bound, _ in found] == pytest.approx([2, 11, 130 / 1.58], rel=1e-12)
    # the thirtieth becomes useful beyond 49
    assert training.fixed_time_bound(times, 48.9)[1] == 1
    assert training.fixed_time_bound(times, 49.1)[1] == 30
    asynchronous = [training.asynchronous_time(times, ratio) for ratio in (1, 10, 100)]
    assert asynchronous == pytest.approx([19.6, 25.3, 82.3], abs=0.05)


def test_time_bounds_refuse_bad_times():
    for function in (training.time_of_gradients, training.fixed_time_bound):
        for times in ([], [1, 0], [1, -2], [math.nan], [math.inf]):
            with pytest.raises(ValueError, match="times"):
                function(times, 3)
        for times in (5, "fast", ["a"]):
            with pytest.raises(TypeError, match="times"):
                function(times, 3)
    with pytest.raises(ValueError, match="n must be"):
        training.time_of_gradients([1, 2], 0)
    with pytest.raises(ValueError, match="ratio must be"):
        training.fixed_time_bound([1, 2], -1)


# -------------------------------------------------------------------------------------------------
# Bad arguments, and what is not known


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"curvature": 0}, ValueError, "curvature must be"),
        ({"curvature": [1, -1]}, ValueError, r"curvature\[1\] must be"),
        ({"curvature": "steep"}, TypeError, "curvature must be"),
        ({"curvature": []}, ValueError, "curvature must be"),
        ({"curvature": [[1, 2]]}, ValueError, "curvature must be"),
        ({"curvature": math.inf}, ValueError, "curvature must be"),
        ({"noise": -1}, ValueError, "noise must be"),
        ({"noise": None}, TypeError, "noise must be"),
        ({"start": math.nan}, ValueError, "start must be"),
        ({"curvature": [1, 2], "start": [1, 2, 3]}, ValueError, "curvature must be"),
    ],
)
def test_bad_problems_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        Quadratic(**arguments)


def calls():
    """Yield every bad call, its error, and what the message says."""
    async_ = sg.Async(4)
    for step in (0, -1, math.nan, math.inf, "a", None, True):
        error = ValueError if isinstance(step, float) or step in (0, -1) else TypeError
        error = TypeError if step is True else error
        yield lambda s=step: UNIT.floor(async_, s), error, "step must be"
        yield lambda s=step: UNIT.error(async_, EXP, s, 1), error, "step must be"
        yield lambda s=step: UNIT.error_after(async_, s, 1), error, "step must be"
    for protocol in (4, "async", None, sg.Async, sg.Replication(4, 2)):
        yield lambda p=protocol: UNIT.floor(p, 0.1), TypeError, "protocol must be one of"
        yield lambda p=protocol: UNIT.largest_step(p), TypeError, "protocol must be one of"
        yield lambda p=protocol: UNIT.error(p, EXP, 0.1, 1), TypeError, "protocol must be one of"
        yield lambda p=protocol: UNIT.best_step(p, EXP, 1), TypeError, "protocol must be one of"
    for at, error in ((-1, ValueError), (math.nan, ValueError), ("now", TypeError)):
        yield lambda t=at: UNIT.error(async_, EXP, 0.1, t), error, "at must be"
        yield lambda t=at: UNIT.error(async_, EXP, 0.1, [1, t]), error, r"at\[1\] must be"
        yield lambda t=at: UNIT.best_step(async_, EXP, t), error, "t must be"
    for start, error in ((math.nan, ValueError), ("there", TypeError)):
        yield lambda x=start: UNIT.error(async_, EXP, 0.1, 1, x), error, "start must be"
    yield lambda: UNIT.error(async_, EXP, 0.1, 1, [1, 2]), ValueError, "start must be"
    for updates in (-1, 10**400, [], [[1]]):
        yield lambda n=updates: UNIT.error_after(async_, 0.1, n), ValueError, "updates must be"
    yield lambda: UNIT.error_after(async_, 0.1, 1.5), ValueError, "updates must be"
    yield lambda: UNIT.mean_after(async_, 0.1, "x"), TypeError, "updates must be"
    yield lambda: UNIT.largest_step(async_, moment=3), ValueError, "moment must be"
    yield lambda: UNIT.error(async_, [EXP] * 3, 0.1, 1), ValueError, "m must be"
    yield lambda: UNIT.error(async_, 1.0, 0.1, 1), TypeError, "work must be"
    yield lambda: UNIT.error(async_, sg.exponential(rate=0), 0.1, 1), ValueError, "rate must be"
    for protocol in (sg.Sync(2), sg.Async(2)):
        still = sg.deterministic(0)
        yield lambda p=protocol, w=still: UNIT.error(p, w, 0.1, 1), ValueError, "work must have"
    yield lambda: ConstantDelay(-1), ValueError, "staleness must be"
    yield lambda: training.adaptive_k(4, EXP, 3, 0.1), TypeError, "problem must be"
    yield lambda: training.adaptive_k(UNIT, EXP, 3, 2.5), ValueError, "step must be"
    yield lambda: training.adaptive_k(UNIT, EXP, 0, 0.1), ValueError, "m must be"
    still, heavy = sg.deterministic(0), sg.pareto(alpha=0.05, minimum=1)
    yield lambda: training.adaptive_k(UNIT, still, 3, 0.1), ValueError, "work must have a positive"
    crew = [still, EXP, EXP]
    yield lambda: training.adaptive_k(UNIT, crew, 3, 0.1), ValueError, "work must have a positive"
    yield lambda: training.adaptive_k(UNIT, heavy, 3, 0.1), ValueError, "work must have a finite"


@pytest.mark.parametrize("call", list(calls()), ids=lambda call: call[2][:20])
def test_bad_arguments_are_named(call):
    act, error, message = call
    with pytest.raises(error, match=message):
        act()


@pytest.mark.parametrize(
    ("problem", "shape", "step", "t"),
    [
        (Quadratic(start=1e-3), 50, 1.5, 15.0),  # the first update is rare, and all that counts
        (Quadratic(start=1e6), 0.3, 1.0, 36.0),  # that there was none yet is rarer still
        (Quadratic(start=10), 20, 0.3, 90.0),
    ],
)
def test_the_error_of_one_worker_with_gamma_times_is_a_sum(problem, shape, step, t):
    n = np.arange(1, 2000)
    above, below = (tail(shape * n, t) for tail in (special.gammaincc, special.gammainc))
    kept, start, floor = (1 - step) ** 2, problem.start[0] ** 2, step / (2 - step)
    squares = floor + (start - floor) * kept ** np.arange(2000)
    middle = int((below > 0.5).sum())
    rise = np.diff(squares)
    exact = squares[middle] - rise[:middle] @ above[:middle] + rise[middle:] @ below[middle:]
    found = problem.error(sg.Sync(1), stats.gamma(shape), step, t)
    assert 2 * found == pytest.approx(exact, rel=1e-6)


def test_what_hangs_on_chances_that_nobody_knows_is_refused():
    for problem, step in ((Quadratic(noise=0), 0.9), (UNIT, 2.5)):
        with pytest.raises(NotImplementedError, match=r"use training\.train"):
            problem.error(sg.Sync(1), stats.gamma(3), step, 60.0)


@pytest.mark.parametrize(
    ("protocol", "work"),
    [
        (sg.Async(4), sg.uniform(0, 1)),
        (sg.Async(4), [sg.exponential(rate=rate) for rate in (4, 2, 1, 1)]),
        (sg.Async(4, communication=0.5), EXP),
        (sg.KAsync(4, 2), sg.shifted_exponential(shift=1, rate=1)),
        (sg.KAsync(4, 2), sg.deterministic(1)),
        (sg.KBatchAsync(4, 2), sg.pareto(alpha=2, minimum=1)),
        (sg.KBatchSync(4, 2), sg.uniform(0, 1)),
        (sg.LocalSGD(4, 2), EXP),
        (sg.Sync(2), [EXP, sg.deterministic(1)]),
        (ConstantDelay(3), EXP),
        (sg.Sync(4), sg.trace(list(np.sqrt(np.arange(1, 700))))),
    ],
)
def test_what_is_not_known_names_train(protocol, work):
    with pytest.raises(NotImplementedError, match="train"):
        UNIT.error(protocol, work, 0.1, 30.0)
