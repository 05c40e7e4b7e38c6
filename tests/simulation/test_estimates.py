"""Standard errors that hold, or none."""

import json

import numpy as np
import pytest
from scipy import stats

import stragglers as sg
from stragglers.simulation.estimates import BatchMeans, Dependent, Mean

EXP = sg.exponential(rate=1)
HYPER = sg.hyperexponential([0.9, 0.1], [2, 0.2])


def seeded(seed=3):
    return np.random.default_rng(seed)


def coverage(protocol, work, updates, runs, of="time_per_update", seed=11):
    truth, rng = getattr(protocol, of)(work), seeded(seed)
    inside = []
    for _ in range(runs):
        run = protocol.simulate(work, updates, rng, keep="estimates")
        low, high = run.confidence_interval(0.95, of)
        inside.append(np.nan if np.isnan(low) else low <= truth <= high)
    return np.array(inside, float)


@pytest.mark.parametrize(
    ("protocol", "work", "updates"),
    [
        (sg.Sync(10), HYPER, 60),
        (sg.LocalSGD(10, 10), EXP, 200),
        (sg.Async(10), EXP, 800),
        (sg.Async(10), HYPER, 1500),
        (sg.KAsync(10, 4), EXP, 250),
        (sg.KBatchAsync(10, 4), HYPER, 400),
    ],
)
def test_intervals_cover_the_truth_as_often_as_they_say(protocol, work, updates):
    inside = coverage(protocol, work, updates, 150)
    assert not np.isnan(inside).any()
    assert inside.mean() > 0.92 - 2.5 * np.sqrt(0.92 * 0.08 / 150)


@pytest.mark.parametrize("updates", [10, 20, 40, 100])
@pytest.mark.parametrize("of", ["time_per_update", "mean_staleness"])
def test_too_short_a_run_has_no_error_rather_than_a_wrong_one(updates, of):
    assert np.isnan(coverage(sg.Async(10), EXP, updates, 10, of)).all()
    assert np.isnan(sg.Sync(1).simulate(HYPER, updates, seeded()).standard_error)


def test_workers_who_were_never_seen_leave_no_error():
    run = sg.Async(1000).simulate(sg.lognormal(0, 1), 1000, seeded())
    assert np.isnan([run.standard_error, run.mean_staleness_error]).all()
    run = sg.Async(2).simulate([EXP, sg.exponential(1e-6)], 1000, seeded())
    assert np.isnan(run.mean_staleness_error)


def test_constant_times_have_no_error_and_a_rare_slow_one_that_did_not_come_does():
    assert sg.Sync(3).simulate(sg.deterministic(2), 20, seeded()).confidence_interval() == (2, 2)
    rare = sg.Sync(2).simulate(sg.two_point(1, 10, 0.01), 30, seeded())
    assert np.isnan(rare.standard_error)


def test_a_tenth_of_the_run_and_two_gradients_of_each_worker_are_left_out():
    work = [EXP, sg.exponential(0.05)]
    run = sg.Async(2).simulate(work, 2000, seeded(), keep="gradients")
    second = np.flatnonzero(run.workers[:, 0] == 1)[1]
    kept = np.diff(run.update_times)[max(second, 199) :]
    assert run.time_per_update == pytest.approx(kept.mean(), rel=1e-12)


def test_the_estimates_do_not_depend_on_the_blocks():
    rng = seeded()
    durations, workers = rng.exponential(size=3000), rng.integers(0, 4, size=(3000, 1))
    whole, parts = Dependent(4, 3000, True), Dependent(4, 3000, True)
    whole.add(durations, durations, workers)
    for piece in np.split(np.arange(3000), [1, 7, 300, 301, 2000]):
        parts.add(durations[piece], durations[piece], workers[piece])
    assert parts.results() == pytest.approx(whole.results(), rel=1e-12)


def test_batches_of_independent_values_have_the_usual_error():
    values, batches, mean = seeded().exponential(size=100_000), BatchMeans(), Mean()
    for piece in np.array_split(values, 17):
        batches.add(piece)
        mean.add(piece)
    error, number = batches.standard_error(20)
    assert 10 <= number <= 20
    assert error == pytest.approx(mean.standard_error(), rel=0.5)
    assert mean.mean() == pytest.approx(values.mean(), rel=1e-12)
    assert batches.mean() == pytest.approx(values.mean(), rel=1e-12)


def test_the_interval_is_students():
    run = sg.Sync(4).simulate(EXP, 100, seeded())
    low, high = run.confidence_interval(0.9)
    reach = stats.t.ppf(0.95, 99) * run.standard_error
    assert (low, high) == pytest.approx((run.time_per_update - reach, run.time_per_update + reach))
    assert run.confidence_interval(of="mean_staleness") == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((1.0,), ValueError, "level must be a number between 0 and 1, got 1.0"),
        (("a",), TypeError, "level must be a number between 0 and 1, got 'a'"),
        ((0.9, ["time"]), ValueError, "of must be one of .* got"),
        ((0.9, "time"), ValueError, "of must be one of 'time_per_update', 'mean_staleness', got"),
    ],
)
def test_a_bad_level_is_named(arguments, error, message):
    run = sg.Sync(2).simulate(EXP, 50, seeded())
    with pytest.raises(error, match=message):
        run.confidence_interval(*arguments)


def test_a_run_can_be_written_down():
    run = sg.KAsync(4, 2).simulate(EXP, 50, seeded(), keep="gradients")
    written = json.loads(json.dumps(run.to_dict()))
    assert written["updates"] == 50
    assert np.array_equal(written["workers"], run.workers)
    assert "workers" not in sg.Async(2).simulate(EXP, 9, seeded()).to_dict()
    assert set(sg.Async(2).simulate(EXP, 9, seeded(), keep="estimates").to_dict()) >= {"elapsed"}


@pytest.mark.parametrize("bad", [np.nan, -1.0, np.inf])
@pytest.mark.parametrize("protocol", [sg.Async(2), sg.Sync(2), sg.KAsync(3, 2)], ids=str)
def test_draws_that_are_no_times_are_refused(bad, protocol):
    class Wrong:
        mean, var, cdf, ppf = EXP.mean, EXP.var, EXP.cdf, EXP.ppf

        def rvs(self, size=None, random_state=None):
            return np.full(size, bad)

    with pytest.raises(ValueError, match="work must draw finite times of at least 0"):
        protocol.simulate(Wrong(), 10, seeded())


def test_a_worker_that_takes_no_time_nearly_always_is_refused():
    with pytest.raises(ValueError, match="work must not be 0 so often"):
        sg.Async(3).simulate(sg.two_point(0, 1, 1e-9), 10, seeded())


@pytest.mark.parametrize("work", [EXP, [EXP] * 3 + [HYPER] * 3], ids=["equal", "unequal"])
@pytest.mark.parametrize("k", [2, 5])
def test_one_law_whatever_finds_the_next_to_finish(work, k, monkeypatch):
    """Lists for few workers, heaps for more, arrays for many gradients: the same long run."""
    protocol, found = sg.KAsync(6, k), []
    for few, many in ((100, 100), (100, 0), (-100, 0)):
        monkeypatch.setattr("stragglers.simulation.engines.FEW", few)
        monkeypatch.setattr("stragglers.simulation.engines.MANY", many)
        found.append(protocol.simulate(work, 6000, seeded(), keep="gradients"))
    for run in found:
        assert np.all(np.diff(run.update_times) >= 0)
        assert np.all(np.diff(np.sort(run.workers, axis=1), axis=1) > 0)
        apart = run.time_per_update - found[0].time_per_update
        assert abs(apart) <= 5 * np.hypot(run.standard_error, found[0].standard_error)


@pytest.mark.parametrize(("few", "many"), [(100, 100), (100, 0), (-100, 0)])
def test_ties_are_broken_fairly_whatever_finds_them(few, many, monkeypatch):
    monkeypatch.setattr("stragglers.simulation.engines.FEW", few)
    monkeypatch.setattr("stragglers.simulation.engines.MANY", many)
    run = sg.KAsync(5, 2).simulate(sg.deterministic(1), 5000, seeded(), keep="gradients")
    share = np.bincount(run.workers.ravel()) / 10_000
    assert np.all(abs(share - 0.2) < 0.02)
    first = np.bincount(run.workers[0], minlength=5)
    assert first.sum() == 2
