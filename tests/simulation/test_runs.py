"""The simulations: against the formulas, a plain heap, SimPy, and facts that hold on any dice."""

import heapq
import itertools
import tracemalloc

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

import stragglers as sg
from stragglers.laws.check import check_law
from stragglers.simulation.steady_state import length_biased
from stragglers.simulation.worker_times import BLOCK

EXP = sg.exponential(rate=2)
SHIFTED = sg.shifted_exponential(shift=1, rate=1)
HYPER = sg.hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2])
EQUAL = [EXP, SHIFTED, HYPER, sg.gamma(2, 1), sg.uniform(1, 3), sg.two_point(1, 10, 0.1)]
UNEQUAL = [sg.exponential(rate) for rate in (4, 2, 1)] + [SHIFTED]
RATES = [sg.exponential(rate) for rate in (4, 2, 1, 1)]
PROTOCOLS = [
    sg.Sync(4),
    sg.KSync(4, 3, communication=0.1),
    sg.KBatchSync(4, 3),
    sg.KBatchSync(4, 9, communication=0.1),
    sg.LocalSGD(4, 3, delay=0.5),
    sg.Async(4),
    sg.Async(4, communication=0.2),
    sg.KBatchAsync(4, 3),
    sg.KAsync(4, 3),
    sg.KAsync(4, 1),
    sg.KAsync(4, 4),
]


def seeded(seed=0):
    return np.random.default_rng(seed)


def close(estimate, truth, error):
    """Within five standard errors; where there is no randomness, to rounding."""
    return abs(estimate - truth) <= 5 * error + 1e-9 * abs(truth)


# -------------------------------------------------------------------------------------------------
# Against the formulas


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=str)
@pytest.mark.parametrize("work", [*EQUAL, UNEQUAL, RATES], ids=str)
def test_every_formula_agrees_with_its_simulation(protocol, work):
    run = protocol.simulate(work, 40_000, seeded(7), keep="gradients")
    stale = protocol.mean_staleness(work)
    assert close(run.mean_staleness, stale, run.mean_staleness_error + 1e-3)
    known(lambda: protocol.time_per_update(work), run.time_per_update, run.standard_error)
    settled = run.gradient_staleness[4_000:]
    fresh, waves = (settled == 0).mean(axis=1), np.arange(36_000) // 1_200
    error = np.std([fresh[waves == i].mean() for i in range(30)], ddof=1) / np.sqrt(30)
    if work is not EQUAL[-1]:  # on a lattice of times the phases of a common start never mix
        known(lambda: protocol.probability_fresh(work), fresh.mean(), error + 1e-4)
    share = np.bincount(run.workers.ravel()) / run.workers.size
    known(lambda: protocol.shares(work), share, 0.003)
    if isinstance(protocol, sg.Async | sg.KBatchAsync | sg.KAsync):
        each = [run.gradient_staleness[run.workers == i].mean() for i in range(4)]
        known(lambda: protocol.worker_staleness(work), np.array(each), 0.05)


def known(formula, estimate, error):
    try:
        truth = formula()
    except NotImplementedError:
        return
    assert np.all(close(estimate, truth, error))


@pytest.mark.slow
@pytest.mark.parametrize("protocol", [sg.Async(5), sg.KBatchAsync(5, 3), sg.Async(1)], ids=str)
@pytest.mark.parametrize("work", [*EQUAL, sg.lognormal(0, 1), sg.deterministic(2)], ids=str)
def test_the_stationary_start_has_no_transient(protocol, work):
    runs = [
        protocol.simulate(work, 4, seeded(seed), start="stationary", keep="gradients")
        for seed in range(100)
    ]
    elapsed = np.array([run.elapsed for run in runs])
    stale = np.array([run.gradient_staleness.mean(axis=1) for run in runs])
    error = elapsed.std(ddof=1) / np.sqrt(len(runs))
    assert close(elapsed.mean(), 4 * protocol.time_per_update(work), error)
    errors = stale.std(axis=0, ddof=1) / np.sqrt(len(runs))
    assert np.all(close(stale.mean(axis=0), protocol.mean_staleness(work), errors))
    fresh = np.array([(run.gradient_staleness == 0).mean() for run in runs])
    known(
        lambda: protocol.probability_fresh(work),
        fresh.mean(),
        fresh.std() / np.sqrt(len(runs)) + 1e-3,
    )


@pytest.mark.slow
def test_the_stationary_start_of_unequal_workers_has_no_transient():
    protocol = sg.Async(4)
    runs = [
        protocol.simulate(UNEQUAL, 3, seeded(seed), start="stationary", keep="gradients")
        for seed in range(400)
    ]
    elapsed = np.array([run.elapsed for run in runs])
    error = elapsed.std(ddof=1) / np.sqrt(len(runs))
    assert close(elapsed.mean(), 3 * protocol.time_per_update(UNEQUAL), error)
    first = np.array([run.staleness[0] for run in runs])
    assert close(first.mean(), 3, first.std(ddof=1) / np.sqrt(len(runs)))
    share = np.bincount([run.workers[0, 0] for run in runs], minlength=4) / len(runs)
    assert np.all(abs(share - protocol.shares(UNEQUAL)) < 5 * 0.5 / np.sqrt(len(runs)))


def test_the_transient_from_a_common_start_is_not_the_long_run():
    runs = [sg.Async(10).simulate(SHIFTED, 100, seeded(seed)) for seed in range(400)]
    times = np.array([run.update_times for run in runs])
    error = times.std(axis=0, ddof=1) / np.sqrt(len(runs))
    for n, truth in ((1, 1.1), (10, 2.686), (100, 20.67)):  # the long run says 0.2, 2, 20
        assert close(times.mean(axis=0)[n - 1], truth, error[n - 1] + 2e-4)


@pytest.mark.slow
def test_updates_in_unit_time_from_a_common_start_agree_with_the_fact():
    runs = [sg.Async(10).simulate(sg.uniform(0, 1), 40, seeded(s)) for s in range(600)]
    count = np.array([np.searchsorted(run.update_times, 1.0) for run in runs])
    assert close(count.mean(), 10 * (np.e - 1), count.std(ddof=1) / np.sqrt(len(runs)))


@pytest.mark.parametrize("work", [EXP, HYPER, sg.uniform(1, 3), sg.two_point(1, 10, 0.1)], ids=str)
def test_a_service_met_in_progress_is_length_biased(work):
    met = length_biased(check_law(work), 50_000, seeded())
    mean = (work.var() + work.mean() ** 2) / work.mean()
    assert close(met.mean(), mean, met.std() / np.sqrt(len(met)))


def test_estimates_leave_out_the_transient_of_a_common_start():
    work = sg.uniform(1, 3)
    run = sg.Async(1000).simulate(work, 60_000, seeded())
    exact = sg.Async(1000).time_per_update(work)
    assert close(run.time_per_update, exact, run.standard_error)
    assert not close(run.elapsed / run.updates, exact, run.standard_error)


@pytest.mark.parametrize("m", [1, 3, 1000])
@pytest.mark.parametrize("work", [EXP, HYPER, sg.pareto(1.1, 1)], ids=str)
def test_blocks_follow_each_other_without_a_seam(m, work):
    run = sg.Async(m).simulate(work, 5 * BLOCK, seeded(), keep="gradients")
    assert np.all(np.diff(run.update_times) >= 0)
    position = np.arange(run.updates)
    for worker in (0, m - 1):
        own = position[run.workers[:, 0] == worker]
        assert np.array_equal(np.diff(own, prepend=-1) - 1, run.staleness[own])
    services = np.diff(run.update_times[run.workers[:, 0] == 0], prepend=0.0)
    assert stats.kstest(services, work.cdf).pvalue > 1e-4


def test_standard_errors_respect_correlation():
    estimates, errors = [], []
    for seed in range(60):
        run = sg.Async(4).simulate(HYPER, 4_000, seeded(seed), start="stationary")
        estimates.append(run.time_per_update)
        errors.append(run.standard_error)
    assert np.mean(errors) == pytest.approx(np.std(estimates, ddof=1), rel=0.3)
    naive = np.std(np.diff(run.update_times)) / np.sqrt(4_000)
    assert naive < 0.7 * np.mean(errors)


def test_the_standard_error_of_local_sgd_is_that_of_its_rounds():
    run = sg.LocalSGD(4, steps=5).simulate(SHIFTED, 1_000, seeded())
    rounds = np.diff(run.update_times[4::5], prepend=0.0) / 5
    assert run.time_per_update == pytest.approx(rounds.mean(), rel=1e-12)
    error = rounds.std(ddof=1) / np.sqrt(len(rounds))
    assert run.standard_error == pytest.approx(error, rel=1e-9)


# -------------------------------------------------------------------------------------------------
# Against others' simulations


@pytest.mark.parametrize("m", [1, 4, 20, 1000])
def test_sync_is_the_plain_loop_on_the_same_dice_bit_by_bit(m):
    updates = 2 * BLOCK // m + 5  # the last block is a short one
    rng = seeded(5)
    slowest = [rng.exponential(1 / 2, size=m).max() for _ in range(updates)]
    run = sg.Sync(m).simulate(sg.exponential(rate=2), updates, seeded(5))
    assert np.array_equal(run.update_times, np.cumsum(slowest))
    assert run.time_per_update == pytest.approx(np.mean(slowest), rel=1e-12)
    error = np.std(slowest, ddof=1) / np.sqrt(updates)
    assert run.standard_error == pytest.approx(error, rel=1e-9)


def heap_asynchronous(times, k, wait):
    """Plain event-by-event simulation of k-batch-async, or with wait=True of k-async."""
    rows, m = times.shape
    pending = [(times[0, i], i) for i in range(m)]
    heapq.heapify(pending)
    row, read, version = [0] * m, [0] * m, 0
    batch, updates = [], []

    def restart(worker, now):
        row[worker] += 1
        if row[worker] == rows:
            return False
        read[worker] = version
        heapq.heappush(pending, (now + times[row[worker], worker], worker))
        return True

    now, running = None, True  # the last instant is played to its end
    while pending and (running or (not wait and pending[0][0] == now)):
        now, worker = heapq.heappop(pending)
        batch.append((worker, version - read[worker]))
        full = len(batch) == k
        if full:
            version += 1
            updates.append((now, batch))
        if not wait:
            running = restart(worker, now) and running
        elif full:
            running = min(restart(member, now) for member, _ in batch)
        if full:
            batch = []
    return updates


TABLES = st.tuples(st.integers(1, 12), st.integers(1, 6)).flatmap(
    lambda shape: hnp.arrays(
        float,
        shape,
        elements=st.one_of(st.floats(0.01, 10), st.sampled_from([0.5, 1.0, 2.0])),
    )
)


@pytest.mark.slow
@settings(max_examples=300)
@given(times=TABLES, data=st.data())
def test_asynchronous_protocols_are_the_plain_heap_on_the_same_dice(times, data):
    m = times.shape[1]
    k = data.draw(st.integers(1, m))
    for protocol, wait in ((sg.KAsync(m, k), k > 1), (sg.KBatchAsync(m, k), False)):
        try:
            run = protocol.replay(times)
        except ValueError:  # the table ends before the first update
            assert not heap_asynchronous(times, k, wait)
            continue
        plain = heap_asynchronous(times, k, wait)
        assert run.update_times.tolist() == [now for now, _ in plain]
        for j, (_, batch) in enumerate(plain):
            mine = zip(run.workers[j], run.gradient_staleness[j], strict=True)
            assert sorted(mine) == sorted(batch)
            assert run.staleness[j] == pytest.approx(np.mean([stale for _, stale in batch]))


def simpy_async(work, m, updates, rng):
    """The same asynchronous system in SimPy: update times and staleness."""
    environment, log, version = simpy.Environment(), [], itertools.count(1)
    state = {"version": 0}

    def worker():
        while True:
            read = state["version"]
            yield environment.timeout(work.rvs(random_state=rng))
            log.append((environment.now, state["version"] - read))
            state["version"] = next(version)

    for _ in range(m):
        environment.process(worker())
    while len(log) < updates:
        environment.step()
    return np.array(log).T


@pytest.mark.parametrize("work", [sg.uniform(0, 1), EXP], ids=str)
def test_async_agrees_with_simpy_within_error(work):
    times, stale = simpy_async(work, 5, 6_000, seeded(1))
    run = sg.Async(5).simulate(work, 6_000, seeded(2))
    error = np.hypot(run.standard_error, run.standard_error)
    assert close((times[-1] - times[599]) / 5400, run.time_per_update, error)
    assert close(stale.mean(), run.staleness.mean(), 0.01)
    assert np.mean(stale == 0) == pytest.approx(np.mean(run.staleness == 0), abs=0.03)
    assert np.std(stale) == pytest.approx(np.std(run.staleness), rel=0.1)


# -------------------------------------------------------------------------------------------------
# On the same dice, whatever they show


@pytest.mark.slow
@settings(max_examples=200)
@given(times=TABLES)
def test_waiting_for_more_takes_no_less_time(times):
    rows, m = times.shape
    for family in (sg.KSync, sg.KBatchAsync):
        before = np.zeros(rows)
        for k in range(1, m + 1):
            try:
                now = family(m, k).replay(times).update_times
            except ValueError:
                break
            both = min(len(now), len(before))
            assert np.all(now[:both] >= before[:both])
            before = now


@pytest.mark.parametrize(
    ("m", "k", "rates"), [(20, 2, [2] * 20), (20, 15, [2] * 20), (6, 2, [1, 2, 3, 4, 5, 6])]
)
def test_k_async_with_exponential_workers_is_its_law_whichever_engine_draws_it(m, k, rates):
    work = [sg.exponential(rate=rate) for rate in rates]
    protocol, updates = sg.KAsync(m, k), 40_000
    run = protocol.simulate(work, updates, seeded(5), keep="gradients")
    durations, law = np.diff(run.update_times, prepend=0), protocol.update_time(work)
    assert abs(durations.mean() - law.mean()) < 5 * durations.std() / np.sqrt(updates)
    assert durations.var() == pytest.approx(law.var(), rel=0.05)
    age, stale = protocol.staleness(work), run.gradient_staleness[updates // 100 :]
    for gradients in (0, 1, m // k):
        seen, true = (stale == gradients).mean(axis=1), float(age.pmf(gradients))
        assert abs(seen.mean() - true) < 5 * np.sqrt(true / stale.size)
    counts = np.bincount(run.workers.ravel(), minlength=m) / run.workers.size
    shares = protocol.shares(work)
    assert np.abs(counts - shares).max() < 5 * np.sqrt(shares.max() / run.workers.size)


def test_k_async_is_the_exception_its_fourth_update_may_be_earlier_for_a_larger_k():
    times = [[2, 1, 1], [6, 6, 3], [9, 9, 9], [1, 1, 1]]
    assert sg.KAsync(3, 2).replay(times).update_times[:4].tolist() == [1, 4, 10, 19]
    assert sg.KAsync(3, 3).replay(times).update_times.tolist() == [2, 8, 17, 18]


@pytest.mark.slow
@settings(max_examples=200)
@given(times=TABLES)
def test_the_extremes_of_k_are_sync_and_async(times):
    m = times.shape[1]
    sync = sg.Sync(m).replay(times)
    for extreme in (sg.KSync(m, m), sg.KAsync(m, m), sg.LocalSGD(m, steps=1)):
        assert extreme.replay(times).update_times == pytest.approx(sync.update_times, rel=1e-12)
    asynchronous, one = sg.Async(m).replay(times), sg.KAsync(m, 1).replay(times)
    both = min(asynchronous.updates, one.updates)
    assert both >= len(times)
    assert np.array_equal(asynchronous.update_times[:both], one.update_times[:both])
    assert np.array_equal(asynchronous.workers[:both], one.workers[:both])
    assert np.array_equal(asynchronous.staleness[:both], one.staleness[:both])


@settings(max_examples=200)
@given(
    times=hnp.arrays(float, (3, 4, 8), elements=st.floats(0.01, 10)),
    k=st.integers(1, 4),
)
def test_k_batch_sync_is_never_slower_than_k_sync(times, k):
    batch, plain = sg.KBatchSync(4, k).replay(times), sg.KSync(4, k).replay(times)
    assert np.all(batch.update_times <= plain.update_times * (1 + 1e-12))
    flat = np.cumsum(times, axis=2).reshape(3, -1)
    waits = np.sort(flat, axis=1)[:, k - 1]
    assert batch.update_times == pytest.approx(np.cumsum(waits), rel=1e-12)


def test_a_worker_just_ahead_of_the_kth_gradient_may_still_send_another():
    times = [[[1, 0.01], [1.05, 9]]]
    run = sg.KBatchSync(2, 2).replay(times)
    assert run.update_times.tolist() == [1.01]
    assert run.workers.tolist() == [[0, 0]]


def test_only_the_last_step_of_a_round_waits_for_the_average():
    times = [[1, 2], [3, 1], [4, 4], [1, 1]]
    run = sg.LocalSGD(2, steps=2, delay=0.5).replay(times)
    assert run.update_times.tolist() == [2, 4.5, 8.5, 10]
    assert run.workers.tolist() == [[0, 1]] * 4


@pytest.mark.slow
@settings(max_examples=100)
@given(times=TABLES, steps=st.integers(1, 4))
def test_averaging_less_often_takes_no_more_time(times, steps):
    m, rounds = times.shape[1], len(times) // steps
    if rounds:
        local = sg.LocalSGD(m, steps).replay(times[: rounds * steps])
        sync = sg.Sync(m).replay(times[: rounds * steps])
        assert np.all(local.update_times <= sync.update_times * (1 + 1e-12))
        each = times[: rounds * steps].reshape(rounds, steps, m).sum(axis=1).max(axis=1)
        assert local.update_times[steps - 1 :: steps] == pytest.approx(np.cumsum(each), rel=1e-12)


@settings(max_examples=100)
@given(times=TABLES, data=st.data())
def test_times_do_not_decrease_and_staleness_is_not_negative(times, data):
    m = times.shape[1]
    k = data.draw(st.integers(1, m))
    for protocol in (sg.KSync(m, k), sg.KAsync(m, k), sg.Async(m)):
        run = protocol.replay(times)
        assert np.all(np.diff(run.update_times) >= 0)
        assert run.workers.shape == run.gradient_staleness.shape == (run.updates, protocol.k)
        assert np.all(run.gradient_staleness >= 0)
        assert np.all((run.workers >= 0) & (run.workers < m))
        assert run.staleness == pytest.approx(run.gradient_staleness.mean(axis=1))


# -------------------------------------------------------------------------------------------------
# Same rng, same run; memory; what is kept


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=str)
@pytest.mark.parametrize("work", [EXP, UNEQUAL, EQUAL[-1]], ids=str)
def test_the_same_rng_gives_the_same_run_whatever_is_kept(protocol, work):
    runs = [
        protocol.simulate(work, 3_000, seeded(3), keep=keep)
        for keep in ("gradients", "gradients", "updates", "estimates")
    ]
    full, again, usual, bare = runs
    for name in ("update_times", "staleness", "workers", "gradient_staleness"):
        assert np.array_equal(getattr(full, name), getattr(again, name))
        assert len(getattr(full, name)) == 3_000
    assert np.array_equal(full.update_times, usual.update_times)
    assert np.array_equal(full.staleness, usual.staleness)
    assert usual.workers is None
    assert bare.update_times is bare.staleness is bare.workers is None
    for run in runs:
        assert run.time_per_update == full.time_per_update
        assert run.standard_error == full.standard_error
        assert run.elapsed == full.update_times[-1]
    other = protocol.simulate(work, 3_000, seeded(4))
    assert not np.array_equal(full.update_times, other.update_times)


@pytest.mark.parametrize(
    ("protocol", "updates"),
    [(sg.Sync(4), 300_000), (sg.Async(4), 300_000), (sg.KBatchAsync(4, 2), 300_000)],
    ids=str,
)
def test_estimates_alone_need_constant_memory(protocol, updates):
    def peak(count):
        tracemalloc.start()
        protocol.simulate(EXP, count, seeded(), keep="estimates")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    small, large = peak(updates), peak(4 * updates)
    assert large < 1.2 * small
    assert large < 8 * 4 * updates  # less than one array of the updates


@pytest.mark.slow
def test_a_million_workers_are_a_normal_input():
    m = 10**6
    for protocol in (sg.Sync(m), sg.Async(m), sg.KAsync(m, 10), sg.KBatchAsync(m, 10)):
        run = protocol.simulate(EXP, 5, seeded(), keep="gradients")
        assert run.workers.shape == (5, protocol.k)
        exact = protocol.time_per_update(EXP)
        assert run.elapsed == pytest.approx(5 * exact, rel=1.0)


def test_heavy_tails_without_a_mean_can_be_simulated_but_have_no_long_run():
    work = sg.pareto(alpha=0.8, minimum=1)
    run = sg.Async(5).simulate(work, 2_000, seeded())
    assert np.all(np.diff(run.update_times) >= 0)
    with pytest.raises(ValueError, match="finite mean"):
        sg.Async(5).simulate(work, 10, seeded(), start="stationary")


def test_the_bar_is_off_unless_asked_for(capsys):
    sg.Sync(4).simulate(EXP, 1_000, seeded())
    assert capsys.readouterr().err == ""
    run = sg.Sync(4).simulate(EXP, 1_000, seeded(), progress=True)
    assert "1.00k/1.00k" in capsys.readouterr().err
    assert run.update_times[-1] == sg.Sync(4).simulate(EXP, 1_000, seeded()).update_times[-1]


@pytest.mark.parametrize("updates", [1, 2, 7, 30])
@pytest.mark.parametrize("protocol", PROTOCOLS, ids=str)
def test_short_runs_are_runs(protocol, updates):
    run = protocol.simulate(EXP, updates, seeded())
    assert len(run.update_times) == len(run.staleness) == run.updates == updates
    assert np.isfinite(run.time_per_update)
    assert run.standard_error >= 0 or np.isnan(run.standard_error)


def test_a_law_of_ones_own_is_enough():
    class Dice:
        def mean(self):
            return 3.5

        def var(self):
            return 35 / 12

        def cdf(self, x):
            return np.clip(np.floor(x), 0, 6) / 6

        def ppf(self, q):
            return np.ceil(6 * np.asarray(q))

        def rvs(self, size=None, random_state=None):
            return random_state.integers(1, 7, size=size).astype(float)

    for protocol in PROTOCOLS[:5] + PROTOCOLS[5:]:
        run = protocol.simulate(Dice(), 500, seeded())
        assert np.all(np.diff(run.update_times) >= 0)
    run = sg.Async(3).simulate(Dice(), 20_000, seeded(), start="stationary")
    assert close(run.time_per_update, 3.5 / 3, run.standard_error)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator, got 0"),
        ({"rng": np.random}, TypeError, "rng must be a numpy.random.Generator"),
        ({"updates": 0}, ValueError, "updates must be an integer of at least 1, got 0"),
        ({"updates": 1e3}, ValueError, "updates must be an integer of at least 1, got 1000.0"),
        ({"start": "late"}, ValueError, "start must be 'common' or 'stationary', got 'late'"),
        ({"keep": "all"}, ValueError, "keep must be one of 'updates', .* got 'all'"),
        ({"start": np.ones(2)}, ValueError, "start must be 'common' or 'stationary', got array"),
        ({"keep": np.ones(2)}, ValueError, "keep must be one of 'updates', .* got array"),
        ({"work": [EXP]}, ValueError, "m must be the number of laws in work, 1, got 3"),
        ({"work": "fast"}, TypeError, "work must be"),
        ({"work": sg.deterministic(0)}, ValueError, "work must have a positive mean, got 0"),
    ],
)
def test_a_bad_argument_of_simulate_is_named(change, error, message):
    arguments = {"work": EXP, "updates": 10, "rng": seeded()} | change
    with pytest.raises(error, match=message):
        sg.Async(3).simulate(**arguments)


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (np.ones((3, 2)), r"times must have shape \(rows, m=3\), got \(3, 2\)"),
        (np.ones(3), r"times must have shape"),
        (-np.ones((2, 3)), "times must be finite numbers of at least 0"),
        (np.full((2, 3), np.nan), "times must be finite numbers of at least 0"),
    ],
)
def test_a_bad_table_is_named(times, message):
    with pytest.raises(ValueError, match=message):
        sg.Sync(3).replay(times)


@pytest.mark.parametrize(
    ("times", "error", "got"),
    [
        ("ab", TypeError, "'ab'"),
        ([[1, 2, 3], [4]], ValueError, "rows of different lengths"),
        ([["1", "2", "3"]], TypeError, ""),
        ([[1j, 2, 3]], TypeError, ""),
        ([[True, False, True]], TypeError, ""),
        (np.ones((1, 3), "m8[s]"), TypeError, ""),
        ({1: 2}, TypeError, ""),
        ([[10**400, 1, 1]], ValueError, ""),
    ],
)
def test_what_is_no_table_of_numbers_is_named(times, error, got):
    allowed = r"times must be finite numbers of at least 0, in shape \(rows, m=3\), got "
    with pytest.raises(error, match=allowed + got):
        sg.Sync(3).replay(times)


def test_a_table_too_shallow_for_k_batch_sync_is_refused():
    with pytest.raises(ValueError, match="third axis"):
        sg.KBatchSync(2, 5).replay(np.ones((2, 2)))


def test_the_stationary_start_of_k_async_is_refused():
    with pytest.raises(NotImplementedError, match="leave out the first updates"):
        sg.KAsync(4, 2).simulate(EXP, 10, seeded(), start="stationary")
    assert sg.KAsync(4, 1).simulate(EXP, 10, seeded(), start="stationary").updates == 10


def test_scipys_own_laws_of_staleness_fit_the_simulated_one():
    run = sg.KAsync(10, 4).simulate(EXP, 20_000, seeded(), keep="gradients")
    law = sg.KAsync(10, 4).staleness(EXP)
    counts = np.bincount(run.gradient_staleness[2_000:].ravel(), minlength=6)[:6]
    assert counts / 72_000 == pytest.approx(law.pmf(range(6)), abs=0.01)
    assert isinstance(law, type(stats.geom(0.5)))
