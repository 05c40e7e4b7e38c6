"""SGD on a protocol's clock: against exact errors, against events one by one, and pathwise."""

import warnings
from functools import cache

import numpy as np
import pytest
from scipy import special

import stragglers as sg
from stragglers import training
from stragglers.training import LogisticRegression, Quadratic, train

from ..conftest import FACTS
from . import events

EXP = sg.exponential(rate=1)
SHIFTED = sg.shifted_exponential(shift=1, rate=1)
UNIT = Quadratic(curvature=1, noise=1, start=10)


def generator(seed=0):
    return np.random.default_rng(seed)


def agree(draws, expected):
    """Assert that the mean of the draws is the expected number within 5 standard errors."""
    draws = np.asarray(draws, dtype=float)
    error = draws.std(ddof=1) / np.sqrt(len(draws))
    assert abs(draws.mean() - expected) <= 5 * error


# -------------------------------------------------------------------------------------------------
# The exact errors, train and a plain event simulation: three ways to one number

# protocol, rate, step, noise, start, time: as in the facts, then sets of our own
SETTINGS = [
    (sg.Async(10), 1, 0.1, 0.1, 1, 2.0),
    (sg.KAsync(10, 5), 1, 0.2, 1, 1, 2.0),
    (sg.KAsync(10, 2), 1, 0.2, 1, 10, 2.0),
    (sg.KSync(10, 5), 1, 0.1, 1, 10, 10.0),
    (sg.Async(3), 2, 0.6, 0.5, -2, 3.0),
    (sg.Async(25), 0.5, 0.05, 2, 4, 1.5),
    (sg.KAsync(7, 3), 1.5, 0.8, 1, 3, 2.5),
    (sg.KAsync(4, 3), 1, 1.5, 0.7, 1, 4.0),
    (sg.KSync(8, 3), 3, 0.4, 1, 5, 2.0),
    (sg.Sync(5), 1, 1.2, 0.3, 6, 9.0),
    (sg.KBatchAsync(6, 4), 1, 0.3, 1, 2, 3.0),
    (sg.KBatchSync(5, 7), 1, 0.5, 1, 2, 6.0),
]
SIMULATORS = {
    sg.Async: events.k_async,
    sg.KAsync: events.k_async,
    sg.KBatchAsync: events.k_batch_async,
    sg.Sync: events.k_sync,
    sg.KSync: events.k_sync,
    sg.KBatchSync: events.k_batch_sync,
}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: repr(setting[0]))
def test_the_error_in_time_three_ways(setting):
    protocol, rate, step, noise, start, t = setting
    problem, work = Quadratic(noise=noise, start=start), sg.exponential(rate=rate)
    exact = problem.error(protocol, work, step, t)
    run = train(
        protocol, problem, work, until=t, at=[t], step=step, rng=generator(1), replicas=4000
    )
    agree(run.losses_in_time[:, 0], exact)
    rng, simulate = generator(2), SIMULATORS[type(protocol)]

    def draw(rng):
        return rng.standard_exponential() / rate

    ends = [
        simulate(protocol.m, protocol.k, draw, step, noise, start, t, rng)[0] for _ in range(1500)
    ]
    agree(np.square(ends) / 2, exact)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: repr(setting[0]))
def test_the_error_after_updates_is_exact(setting):
    protocol, rate, step, noise, start, _ = setting
    problem, work = Quadratic(noise=noise, start=start), sg.exponential(rate=rate)
    run = train(protocol, problem, work, updates=12, step=step, rng=generator(3), replicas=4000)
    assert list(run.updates) == list(range(13))
    assert np.array_equal(run.gradients, run.updates * protocol.k)
    exact = problem.error_after(protocol, step, list(range(1, 13)))
    assert np.all(np.abs(run.loss[1:] - exact) <= 5 * run.loss_error[1:])
    assert run.loss[0] == pytest.approx(start**2 / 2, rel=1e-12)


def test_k_sync_with_any_law_is_exact():
    law = sg.pareto(alpha=2, minimum=1)
    run = train(
        sg.KSync(10, 7), UNIT, law, until=20, at=[5, 20], step=0.3, rng=generator(), replicas=4000
    )
    exact = UNIT.error(sg.KSync(10, 7), law, 0.3, [5, 20])
    assert np.all(np.abs(run.loss_in_time - exact) <= 5 * run.loss_in_time_error)


def test_unequal_workers_under_k_sync_are_exact():
    work = [sg.exponential(rate=rate) for rate in (4, 2, 1, 1)]
    run = train(
        sg.KSync(4, 2), UNIT, work, until=3, at=[1, 3], step=0.3, rng=generator(), replicas=4000
    )
    exact = UNIT.error(sg.KSync(4, 2), work, 0.3, [1, 3])
    assert np.all(np.abs(run.loss_in_time - exact) <= 5 * run.loss_in_time_error)


@pytest.mark.parametrize("name", ["shift.beststep.t10", "shift.beststep.t30"])
def test_async_with_shifted_times_as_in_the_facts(name):
    found = FACTS[name]["params"]
    run = train(
        sg.Async(10),
        UNIT,
        SHIFTED,
        until=found["t"],
        at=[found["t"]],
        step=found["async_eta"],
        rng=generator(),
        replicas=2000,
    )
    error = np.hypot(run.loss_in_time_error[0], found["async_se"])
    assert abs(run.loss_in_time[0] - found["async_EF"]) <= 5 * error


@pytest.mark.parametrize("name", ["adaptive.m10.t5", "adaptive.m10.t20", "adaptive.m10.t60"])
def test_more_gradients_as_the_error_falls(name):
    found, t = FACTS[name], FACTS[name]["params"]["t"]
    switches = training.adaptive_k(UNIT, EXP, m=10, step=0.1)
    assert [k for _, k in switches] == [k for _, k in found["params"]["schedule"]]
    moments = [moment for moment, _ in found["params"]["schedule"]]
    assert [moment for moment, _ in switches] == pytest.approx(moments, abs=0.01)
    run = train(
        sg.KSync(10, 1),
        UNIT,
        EXP,
        until=t,
        at=[t],
        step=0.1,
        rng=generator(),
        replicas=2000,
        switches=switches,
    )
    error = np.hypot(2 * run.loss_in_time_error[0], found["standard_error"])
    assert abs(2 * run.loss_in_time[0] - float(found["value"])) <= 5 * error
    assert run.gradients[-1] > run.updates[-1]


@pytest.mark.filterwarnings("error")
def test_nobody_is_told_to_wait_for_what_takes_for_ever_in_the_mean():
    switches = training.adaptive_k(UNIT, sg.pareto(alpha=0.3, minimum=1), m=10, step=0.1)
    moments, counts = zip(*switches, strict=True)
    assert counts == (1, 2, 3, 4, 5, 6, 7)  # E X_{k:10} is finite while 0.3 (11 - k) > 1
    assert np.all(np.isfinite(moments))


# -------------------------------------------------------------------------------------------------
# Pathwise: one table of times, one list of gradients


class Listed:
    """x^2 / 2 with the noise of each gradient given: no randomness of its own."""

    start = (10.0, -3.0)

    def __init__(self, rows):
        self.noise = iter(rows)

    def gradient(self, x, rng):
        return x + next(self.noise)

    def loss(self, x):
        return float(x @ x / 2)


def test_sync_is_serial_sgd_on_the_same_gradients_bit_for_bit():
    noise = generator(5).standard_normal((50, 4, 2))
    run = train(
        sg.Sync(4), Listed(noise.reshape(-1, 2)), EXP, updates=50, step=0.3, rng=generator()
    )
    x, losses = np.array(Listed.start), [54.5]
    for gradients in noise:
        x = x - 0.3 * np.mean([x + row for row in gradients], axis=0)
        losses.append(float(x @ x / 2))
    assert np.array_equal(run.models[0], x)
    assert np.array_equal(run.losses[0], losses)


@pytest.mark.parametrize(
    "protocol", [sg.Async(4), sg.KAsync(4, 2), sg.KAsync(4, 4), sg.KBatchAsync(4, 3)], ids=repr
)
def test_every_gradient_is_of_the_version_that_replay_says(protocol):
    table = training.dice(SHIFTED, 4, 30, generator(6))
    run = protocol.replay(table[0])
    count, step = run.updates, 0.2
    path = [np.array(Listed.start)]
    for n, stale in enumerate(run.gradient_staleness):
        path.append(path[n] - step * np.mean([path[n - age] for age in stale], axis=0))
    expected = [float(x @ x / 2) for x in path]
    quiet = Quadratic(noise=0, start=Listed.start)
    given = {"times": table, "step": step, "rng": generator()}
    found = train(protocol, quiet, SHIFTED, updates=count, **given)
    assert found.losses[0] == pytest.approx(expected, rel=1e-9)
    counts = np.bincount(run.gradient_staleness.ravel())
    assert np.array_equal(found.staleness, counts)
    ends = run.update_times[[0, count // 2]]
    found = train(protocol, quiet, SHIFTED, at=np.append(ends, ends - 1e-9), **given)
    middle = count // 2
    assert found.losses_in_time[0] == pytest.approx(
        [expected[0], expected[1], expected[middle], expected[middle + 1]], rel=1e-9
    )


def test_staleness_is_conserved_pathwise():
    """Ages of the gradients used and of those in flight add up to m - 1 for every update."""
    m, n = 5, 1444
    for work in (SHIFTED, sg.hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2])):
        run = sg.Async(m).simulate(work, n, generator(8), keep="gradients")
        read = np.zeros(m, dtype=int)
        for update, (worker,) in enumerate(run.workers):
            read[worker] = update + 1
        assert run.gradient_staleness.sum() + (n - read).sum() == (m - 1) * n


@pytest.mark.parametrize("work", [EXP, SHIFTED], ids=["exponential", "shifted"])
def test_the_mean_staleness_in_the_long_run(work):
    run = train(sg.Async(6), UNIT, work, updates=2000, step=0.01, rng=generator(), replicas=20)
    assert run.staleness.sum() == 2000 * 20
    # the ages in flight, 30 on average for exponential workers, are missing
    assert 5 - 40 / 2000 <= run.mean_staleness < 5


def test_unequal_workers_read_and_deliver_at_their_own_speed():
    work = [sg.exponential(rate=rate) for rate in (4, 2, 1, 1)]
    run = train(sg.Async(4), UNIT, work, updates=4000, step=0.01, rng=generator(), replicas=10)
    assert run.mean_staleness == pytest.approx(3, abs=0.02)
    # staleness 0: worker i with share p_i delivers twice in a row, the sum of p_i^2
    shares = np.array([4, 2, 1, 1]) / 8
    assert run.staleness[0] / run.staleness.sum() == pytest.approx(shares @ shares, abs=0.01)


def test_the_same_dice_give_k_async_of_all_the_path_of_sync():
    table = training.dice(SHIFTED, 3, 40, generator(9), replicas=5)
    runs = [
        train(protocol, UNIT, SHIFTED, times=table, step=0.2, rng=generator(4), replicas=5)
        for protocol in (sg.Sync(3), sg.KSync(3, 3), sg.KAsync(3, 3))
    ]
    for run in runs[1:]:
        assert np.allclose(run.losses, runs[0].losses, rtol=1e-12)
        assert np.allclose(run.times, runs[0].times, rtol=1e-12)
    quick = train(
        sg.KSync(3, 1), UNIT, SHIFTED, times=table, step=0.2, rng=generator(4), replicas=5
    )
    assert np.allclose(quick.losses[:, 0], runs[0].losses[:, 0])
    assert quick.times[-1] < runs[0].times[-1]


def batches_of_a_column_each(table, k):
    """Return when the updates of K-batch-sync come, worker i taking column i from the top."""
    columns, now, found = [list(column) for column in table.T], 0.0, []
    while True:
        try:
            finish = [now + column.pop(0) for column in columns]
            for _ in range(k - 1):
                first = finish.index(min(finish))
                finish[first] += columns[first].pop(0)
        except IndexError:
            return found
        now = min(finish)
        found.append(now)


@pytest.mark.parametrize("k", [1, 2, 7])
def test_k_batch_sync_takes_further_times_from_its_columns(k):
    table = training.dice(SHIFTED, 3, 60, generator(21), replicas=4)
    still = Quadratic(noise=0, start=2)
    for rows in table:
        ends = np.array(batches_of_a_column_each(rows, k))
        between = (ends[1:] + ends[:-1]) / 2
        run = train(
            sg.KBatchSync(3, k), still, SHIFTED, times=rows, at=between, step=0.2, rng=generator()
        )
        assert run.updates[-1] == len(ends)
        expected = 2 * 0.64 ** np.arange(1, len(ends))
        assert run.loss_in_time == pytest.approx(expected, rel=1e-12)


def test_one_table_serves_all_replicas_and_equal_seeds_equal_runs():
    table = training.dice(EXP, 3, 20, generator())
    arguments = {"times": table, "step": 0.1, "replicas": 4}
    one, other = (train(sg.Async(3), UNIT, EXP, rng=generator(1), **arguments) for _ in range(2))
    assert np.array_equal(one.losses, other.losses)
    quiet = train(sg.Async(3), Quadratic(noise=0, start=2), EXP, rng=generator(1), **arguments)
    assert np.ptp(quiet.losses, axis=0).max() == 0


def test_local_sgd_averages_its_copies():
    noise = generator(10).standard_normal((6, 3, 2))
    protocol = sg.LocalSGD(3, steps=2, delay=1.5)
    problem = Listed(noise.reshape(-1, 2))
    table = training.dice(EXP, 3, 6, generator(11))
    at = protocol.replay(table[0]).update_times[:-1]
    run = train(protocol, problem, EXP, times=table, at=at, updates=6, step=0.3, rng=generator())
    copies, losses = np.tile(Listed.start, (3, 1)), [54.5]
    for n, rows in enumerate(noise):
        copies = copies - 0.3 * (copies + rows)
        if n % 2:
            copies = np.tile(copies.mean(axis=0), (3, 1))
        losses.append(float(np.sum(copies.mean(axis=0) ** 2) / 2))
    assert run.losses[0] == pytest.approx(losses, rel=1e-12)
    assert run.losses_in_time[0] == pytest.approx(losses[1:-1], rel=1e-12)


def ringmaster(protocol, table, threshold, step, start, count):
    """Return the losses after 0, ..., count gradients, and how many of them were dropped."""
    run = protocol.replay(table)
    x, version, dropped = start, 0, 0
    held, read, losses = [start] * protocol.m, [0] * protocol.m, [start**2 / 2]
    for (worker,) in run.workers[:count]:
        if version - read[worker] < threshold:
            x, version = x - step * held[worker], version + 1
        else:
            dropped += 1
        held[worker], read[worker] = x, version
        losses.append(x**2 / 2)
    return losses, dropped


@pytest.mark.parametrize("threshold", [1, 2, 4, 1000])
def test_gradients_that_are_too_stale_are_dropped(threshold):
    work = [sg.exponential(rate=rate) for rate in (4, 2, 1, 1)]
    table = training.dice(work, 4, 40, generator(12), replicas=3)
    problem = Quadratic(noise=0, start=2)
    run = train(
        sg.Async(4),
        problem,
        work,
        times=table,
        step=0.1,
        rng=generator(),
        replicas=3,
        threshold=threshold,
    )
    count, dropped = int(run.gradients[-1]), 0
    for replica in range(3):
        losses, lost = ringmaster(sg.Async(4), table[replica], threshold, 0.1, 2.0, count)
        assert run.losses[replica] == pytest.approx(losses, rel=1e-9)
        dropped += lost
    assert run.dropped == dropped
    assert len(run.staleness) <= threshold
    assert run.staleness.sum() + run.dropped == 3 * count
    assert (run.dropped == 0) == (threshold == 1000)
    assert run.updates[-1] == pytest.approx(run.staleness.sum() / 3, rel=1e-12)


def test_steps_may_depend_on_the_update_or_on_the_time():
    noise = Quadratic(noise=0, start=1)
    run = train(sg.Sync(2), noise, EXP, updates=5, step=lambda n: 1 / (n + 2), rng=generator())
    factors = [1 - 1 / (n + 2) for n in range(5)]
    assert run.losses[0] == pytest.approx(np.cumprod([1, *factors]) ** 2 / 2, rel=1e-12)
    constant = sg.deterministic(2)
    run = train(
        sg.Async(1),
        noise,
        constant,
        updates=3,
        step=lambda t: t / 10,
        step_by="time",
        rng=generator(),
    )
    expected = np.cumprod([1, 0.8, 0.6, 0.4]) ** 2 / 2
    assert run.losses[0] == pytest.approx(expected, rel=1e-12)


def test_divergence_is_reported_and_numpy_is_quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = train(sg.Async(10), UNIT, EXP, updates=3000, step=1.5, rng=generator(), replicas=20)
    assert run.diverged == 20
    assert run.loss[-1] == run.loss_error[-1] == run.loss_in_time[-1] == np.inf
    assert np.isfinite(run.loss[0])
    for losses in run.losses:
        assert np.all(np.diff(np.isinf(losses).astype(int)) >= 0)  # once and for all
    calm = train(sg.Async(10), UNIT, EXP, updates=300, step=0.1, rng=generator(), replicas=20)
    assert calm.diverged == 0


@pytest.mark.parametrize("start", [0, 1e-8])
def test_a_run_may_begin_at_the_optimum(start):
    problem = Quadratic(start=start)
    run = train(sg.Sync(3), problem, EXP, updates=50, step=0.1, rng=generator(), replicas=500)
    assert run.diverged == 0
    z = (run.loss[-1] - problem.error_after(sg.Sync(3), 0.1, 50)) / run.loss_error[-1]
    assert abs(z) < 4


class Counted:
    """A problem that counts its gradients."""

    start, taken = 2.0, 0

    def gradient(self, x, rng):
        self.taken += 1
        return x + rng.standard_normal(1)

    def loss(self, x):
        return float(x @ x) / 2


def test_a_run_ends_soon_after_its_time():
    problem, rng = Counted(), generator()
    run = train(sg.Async(3), problem, EXP, until=2, step=0.1, rng=rng)
    assert problem.taken == run.updates[-1] == run.gradients[-1] == run.staleness.sum()
    assert run.updates[-1] < 25  # six are expected
    run = train(sg.Async(3), UNIT, EXP, until=2, step=0.1, rng=rng, replicas=40)
    assert run.updates[-1] < 40

    def wild(n):
        return 0.1 if n < 100 else 50.0

    calm = train(sg.Async(3), UNIT, EXP, until=1, step=wild, rng=rng, replicas=10)
    assert calm.diverged == 0


def test_with_a_threshold_the_step_is_that_of_the_update_and_the_run_ends_with_the_last():
    seen = []

    def step(n):
        seen.append(n)
        return 0.1 / (1 + n)

    run = train(sg.Async(4), UNIT, EXP, updates=30, threshold=1, step=step, rng=generator())
    assert run.updates[-1] == 30
    assert sorted(set(seen)) == list(range(30))
    assert run.dropped > 20
    assert run.staleness.sum() == 30


def test_between_two_limits_the_mean_is_calm_and_paths_explode():
    step = 1.2  # between 0.5 and 38
    run = train(sg.Async(10), UNIT, EXP, updates=3000, step=step, rng=generator(), replicas=50)
    assert abs(UNIT.mean_after(sg.Async(10), step, 3000)[0]) < 1e-3
    assert run.diverged > 25


def test_a_problem_with_one_gradient_at_a_time_has_the_same_law():
    class Plain:
        start = 2.0

        def gradient(self, x, rng):
            return x + rng.standard_normal(1)

        def loss(self, x):
            return float(x @ x / 2)

    run = train(sg.KAsync(3, 2), Plain(), EXP, updates=6, step=0.4, rng=generator(), replicas=800)
    exact = Quadratic(start=2).error_after(sg.KAsync(3, 2), 0.4, list(range(1, 7)))
    assert np.all(np.abs(run.loss[1:] - exact) <= 5 * run.loss_error[1:])


def test_gradients_that_are_the_points_themselves_do_no_harm():
    class Identity(Quadratic):
        def gradients(self, points, drawn):
            return points

    run = train(sg.Sync(1), Identity(start=1), EXP, updates=3, step=0.5, rng=generator())
    assert run.losses[0] == pytest.approx([1 / 2, 1 / 8, 1 / 32, 1 / 128], rel=1e-12)


def test_a_long_run_keeps_at_most_some_hundred_losses():
    run = train(sg.Async(2), UNIT, EXP, until=3000, step=0.1, rng=generator())
    assert 100 <= len(run.updates) <= 202
    assert len(run.times) == 101
    assert run.times[-1] == 3000
    run = train(sg.Async(2), UNIT, EXP, updates=5000, step=0.1, rng=generator())
    assert run.updates[-1] == 5000
    assert len(run.updates) <= 202
    assert np.isnan(run.loss_error).all()


# -------------------------------------------------------------------------------------------------
# Bad arguments


GOOD = {
    "protocol": sg.Async(4),
    "problem": UNIT,
    "work": EXP,
    "updates": 3,
    "step": 0.1,
    "rng": generator(),
}
BAD = [
    ({"protocol": 4}, TypeError, "protocol must be one of"),
    ({"protocol": training.ConstantDelay(3)}, TypeError, "protocol must be one of"),
    ({"problem": 4}, TypeError, "problem must have start, gradient, loss"),
    ({"work": 1.0}, TypeError, "work must be"),
    ({"work": sg.deterministic(0)}, ValueError, "work must have a positive mean"),
    ({"work": [EXP] * 3}, ValueError, "m must be the number of laws"),
    ({"updates": 0}, ValueError, "updates must be"),
    ({"updates": 2.5}, ValueError, "updates must be"),
    ({"updates": None}, ValueError, "updates must be given"),
    ({"until": 3}, ValueError, "updates must be None"),
    ({"updates": None, "until": -1}, ValueError, "until must be"),
    ({"updates": None, "until": "long"}, TypeError, "until must be"),
    ({"step": 0}, ValueError, "step must be"),
    ({"step": float("nan")}, ValueError, "step must be"),
    ({"step": "small"}, TypeError, "step must be"),
    ({"step": lambda n: -1.0}, ValueError, r"step\(0\) must be"),
    ({"step_by": "epoch"}, ValueError, "step_by must be"),
    ({"rng": 0}, TypeError, "rng must be"),
    ({"rng": None}, TypeError, "rng must be"),
    ({"replicas": 0}, ValueError, "replicas must be"),
    ({"at": [-1, 2]}, ValueError, r"at\[0\] must be"),
    ({"at": "soon"}, TypeError, "at must be"),
    ({"times": np.ones((5, 3))}, ValueError, "times must have shape"),
    ({"times": -np.ones((5, 4))}, ValueError, "times must be finite"),
    ({"times": np.ones((2, 5, 4))}, ValueError, "times must have shape"),
    ({"times": [], "updates": None}, ValueError, "times must have shape"),
    ({"times": "abc", "updates": None}, TypeError, "times must be numbers of shape"),
    ({"times": [[1, 2, 3, "x"]], "updates": None}, TypeError, "times must be numbers of shape"),
    ({"threshold": 0}, ValueError, "threshold must be"),
    ({"threshold": 3, "protocol": sg.Sync(4)}, ValueError, "threshold must be None"),
    ({"switches": [(0, 1)]}, ValueError, "switches must be None"),
    ({"switches": [(1, 1)], "protocol": sg.KSync(4, 1)}, ValueError, "switches must begin"),
    ({"switches": [(0, 5)], "protocol": sg.KSync(4, 1)}, ValueError, "k must be"),
    ({"switches": 3, "protocol": sg.KSync(4, 1)}, TypeError, "switches must be"),
]


@pytest.mark.parametrize(("changes", "error", "message"), BAD)
def test_bad_arguments_are_named(changes, error, message):
    with pytest.raises(error, match=message):
        train(**{**GOOD, **changes})


def test_a_gradient_of_the_wrong_shape_is_named():
    class Wrong(Quadratic):
        def gradients(self, points, drawn):
            return points[:, :0]

    with pytest.raises(ValueError, match=r"problem\.gradients must return an array of shape"):
        train(**{**GOOD, "problem": Wrong()})


class InPlace:
    """Its methods work in the arrays that they are given."""

    start = (1.0, 2.0)

    def gradient(self, x, rng):
        x *= 2
        return x

    def loss(self, x):
        x -= 1
        return float(x @ x)

    def draw(self, rng, count):
        return np.zeros((count, 2))

    def gradients(self, points, drawn):
        points *= 2
        return points


@pytest.mark.parametrize("protocol", [sg.Sync(1), sg.Sync(2), sg.Async(2), sg.LocalSGD(2, 3)])
def test_a_problem_that_works_in_place_moves_no_model(protocol):
    run = train(protocol, InPlace(), EXP, updates=1, step=0.1, rng=generator())
    assert run.models[0] == pytest.approx([0.8, 1.6])
    assert run.loss == pytest.approx([1, 0.2**2 + 0.6**2])


@pytest.mark.parametrize(
    ("method", "returned", "message"),
    [
        ("loss", None, "loss must return a number, got"),
        ("loss", [1.0, 2.0], "loss must return a number, got"),
        ("losses", 1.0, r"losses must return an array of shape \(1,\), got shape \(\)"),
        ("draw", None, "draw must return an array of shape"),
        ("gradients", [[1.0]], r"gradients must return an array of shape \(1, 1\)"),
        ("gradients", None, "gradients must return an array of shape"),
    ],
)
def test_what_a_problem_may_not_return_is_named(method, returned, message):
    class Wrong(Counted if method == "loss" else Quadratic):
        pass

    setattr(Wrong, method, lambda self, *_: returned)
    with pytest.raises((TypeError, ValueError), match=rf"problem\.{message}"):
        train(**{**GOOD, "problem": Wrong()})


def test_a_table_for_no_update_is_refused():
    with pytest.raises(ValueError, match="times must have rows for one update"):
        train(**{**GOOD, "updates": None, "protocol": sg.KBatchSync(3, 5), "times": [[1, 1, 1]]})


def test_dice_are_checked():
    with pytest.raises(TypeError, match="rng must be"):
        training.dice(EXP, 3, 5, 0)
    with pytest.raises(ValueError, match="rows must be"):
        training.dice(EXP, 3, 0, generator())


# -------------------------------------------------------------------------------------------------
# Logistic regression


@pytest.fixture(scope="module")
def flowers():
    return LogisticRegression(*training.iris(), ridge=0.01, batch=3)


def test_the_irises_are_fishers():
    features, labels = training.iris()
    assert features.shape == (100, 5)
    assert labels.sum() == 0
    assert np.allclose(features[:, :4].mean(axis=0), 0)
    assert np.allclose(features[:, :4].std(axis=0), 1)
    assert np.all(features[:, 4] == 1)


def test_gradients_agree_with_finite_differences(flowers):
    x = generator(13).standard_normal(5)
    for problem, gradient in (
        (flowers, flowers.full_gradient(x)),
        (Quadratic(curvature=[1, 2, 3, 4, 5], noise=0), None),
    ):
        if gradient is None:
            gradient = problem.gradient(x, generator())
        slopes = [
            (problem.loss(x + 1e-6 * e) - problem.loss(x - 1e-6 * e)) / 2e-6 for e in np.eye(5)
        ]
        assert gradient == pytest.approx(slopes, rel=1e-6, abs=1e-9)


def test_random_gradients_have_the_full_gradient_as_their_mean(flowers):
    x = generator(14).standard_normal(5)
    drawn = np.arange(300).reshape(100, 3) % 100  # every example three times
    each = flowers.gradients(np.tile(x, (100, 1)), drawn)
    assert each.mean(axis=0) == pytest.approx(flowers.full_gradient(x), rel=1e-12)
    rng = generator(15)
    draws = np.array([flowers.gradient(x, rng)[0] for _ in range(2000)])
    agree(draws, flowers.full_gradient(x)[0])
    assert flowers.draw(rng, 7).shape == (7, 3)


def test_the_minimum_of_the_loss(flowers):
    assert np.abs(flowers.full_gradient(flowers.minimiser)).max() < 1e-12
    assert flowers.minimum < flowers.loss(flowers.minimiser + 0.01)
    with pytest.raises(ValueError, match="ridge must be positive"):
        _ = LogisticRegression([[1.0], [2.0]], [1, 1], ridge=0).minimiser


def test_every_protocol_learns_the_irises(flowers):
    for protocol in (sg.Sync(4), sg.KSync(4, 2), sg.Async(4), sg.KAsync(4, 2), sg.LocalSGD(4, 3)):
        run = train(protocol, flowers, SHIFTED, updates=600, step=0.1, rng=generator(), replicas=10)
        assert run.loss[-1] - flowers.minimum < 0.2 * (run.loss[0] - flowers.minimum)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [1, 1]), "features must be"),
        (([[1.0], [np.nan]], [1, 1]), "features must be"),
        (([[1.0], [2.0]], [1, 0]), "labels must be"),
        (([[1.0], [2.0]], [1]), "labels must be"),
        (([[1.0], [2.0]], [1, -1], -1), "ridge must be"),
        (([[1.0], [2.0]], [1, -1], 0.1, 0), "batch must be"),
        (([[1.0], [2.0]], [1, -1], 0.1, 1, [1, 2]), "start must be"),
    ],
)
def test_bad_examples_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        LogisticRegression(*arguments)


# -------------------------------------------------------------------------------------------------
# Logistic regression on made data, trained elsewhere too


@cache
def made_regression():
    """Return a regression on a thousand made examples, whose labels follow the model itself."""
    rng = np.random.default_rng(2026)
    features, weights = rng.standard_normal((1000, 10)), rng.standard_normal(10)
    likely = special.expit(features @ weights)
    labels = np.where(rng.random(1000) < likely, 1.0, -1.0)
    return LogisticRegression(features, labels, ridge=0.01)


@pytest.mark.parametrize("name", [name for name in FACTS if name.startswith("logistic.")])
@pytest.mark.slow
def test_the_losses_of_a_logistic_regression_are_those_found_elsewhere(name):
    known, problem = FACTS[name], made_regression()
    protocols = {"sync": sg.Sync(10), "5-sync": sg.KSync(10, 5), "async": sg.Async(10)}
    run = train(
        protocols[name.split(".")[1]],
        problem,
        EXP,
        until=known["params"]["t"],
        at=[known["params"]["t"]],
        step=known["params"]["eta"],
        rng=generator(31),
        replicas=60,
    )
    error = np.hypot(run.loss_in_time_error[0], known["standard_error"])
    assert abs(run.loss_in_time[0] - problem.minimum - float(known["value"])) < 5 * error
