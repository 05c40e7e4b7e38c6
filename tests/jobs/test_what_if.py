"""What if: the predictions are the protocols' own, and their error bars hold."""

import math

import numpy as np
import pytest

import stragglers as sg
from stragglers import jobs


def made(law, steps, workers, seed=0):
    rng = np.random.default_rng(seed)
    return jobs.Table(law.rvs(size=(steps, workers), random_state=rng))


@pytest.mark.parametrize(
    "protocol",
    [
        sg.Sync(4, communication=0.5),
        sg.KSync(4, 2),
        sg.KBatchSync(4, 6),
        sg.LocalSGD(4, 5, delay=0.5),
        sg.Async(4, communication=0.5),
        sg.KAsync(4, 4),
        sg.KBatchAsync(4, 3),
    ],
    ids=str,
)
def test_predictions_from_exponential_times_are_within_their_errors(protocol):
    work = sg.exponential(1)
    answer = jobs.what_if(made(work, 1000, 4), protocol, replicates=60)
    truth = protocol.time_per_update(work)
    assert abs(answer.time_per_update - truth) < 5 * answer.time_error
    assert answer.time_error < 0.07 * truth
    assert answer.rate == pytest.approx(protocol.gradients_per_update / answer.time_per_update)


def test_k_async_is_run_on_the_table():
    work = sg.exponential(1)
    answer = jobs.what_if(made(work, 500, 6), sg.KAsync(6, 3), replicates=60)
    truth = sg.KAsync(6, 3).time_per_update(work)
    assert answer.time_per_update == pytest.approx(truth, abs=5 * answer.time_error)


def test_what_workers_have_in_common_stays():
    common = np.random.default_rng(1).exponential(size=(500, 1))
    table = jobs.Table(np.repeat(common, 3, axis=1))
    answer = jobs.what_if(table, sg.KSync(3, 1))
    assert answer.time_per_update == pytest.approx(common.mean(), rel=1e-12)
    independent = sg.KSync(3, 1).time_per_update(table.laws())
    assert independent < 0.5 * answer.time_per_update


def test_the_error_bars_hold():
    """Of 95 % intervals for the rate, about so many hold it: 60 tables of 60 steps."""
    work, protocol = sg.gamma(3, 1), sg.KSync(5, 4)
    truth = 4 / protocol.time_per_update(work)
    answers = [jobs.what_if(made(work, 60, 5, seed), protocol, replicates=80) for seed in range(60)]
    held = np.mean([low < truth < high for low, high in (a.interval for a in answers)])
    assert 0.95 - 5 * math.sqrt(0.05 * 0.95 / 60) < held


def test_a_worker_is_left_out_or_made_like_another():
    table = jobs.recorded("AR")
    without = jobs.what_if(table, sg.Sync(3), without="0")
    assert without.time_per_update == pytest.approx(table.times[:, 1:].max(axis=1).mean())
    assert without.without == ("0",)
    alike = jobs.what_if(table, sg.Sync(4), replace={"0": "1"})
    assert 21 < alike.time_per_update < 23
    assert alike.gain > 1
    constant = jobs.what_if(table, sg.Sync(4), replace={"0": sg.deterministic(100)})
    assert constant.time_per_update == 100


def test_the_gain_is_against_all_workers_waited_for():
    table = jobs.recorded("SE")
    answer = jobs.what_if(table, sg.Sync(32, 0.146))
    assert answer.gain == pytest.approx(0, abs=1e-12)
    assert answer.gain_error == pytest.approx(0, abs=1e-12)
    better = jobs.what_if(table, sg.KSync(32, 30, 0.146))
    assert better.gain == pytest.approx(3.679 / 3.512 - 1, abs=3e-4)
    assert better.gain > 3 * better.gain_error
    assert "gradients a second" in str(better)


def test_the_same_seed_gives_the_same_answer():
    table = jobs.recorded("SE")
    one, two = (jobs.what_if(table, sg.KSync(32, 20), seed=5) for _ in range(2))
    assert one == two


def test_two_steps_have_no_error():
    answer = jobs.what_if(jobs.Table([[1, 2], [3, 1]]), sg.Sync(2))
    assert answer.time_per_update == 2.5
    assert math.isnan(answer.time_error)
    assert math.isnan(answer.gain_error)


@pytest.mark.parametrize(
    ("arguments", "named", "error", "message"),
    [
        ((sg.Sync(3),), {}, ValueError, "protocol must be for the 4 workers left, got Sync"),
        ((sg.Sync(4),), {"without": ["0"]}, ValueError, "must be for the 3 workers left"),
        (
            (sg.Sync(3),),
            {"without": ["9"]},
            ValueError,
            "must be one of 0, 1, 2, 3, got '9'",
        ),
        ((sg.Sync(4),), {"replace": {"0": "9"}}, ValueError, "worker must be one of"),
        (
            (sg.Sync(4),),
            {"replicates": 1},
            ValueError,
            "replicates must be an integer",
        ),
        ((sg.GradientCoded(4, 1, "adds"),), {}, NotImplementedError, "what_if knows Sync, KSync"),
    ],
)
def test_bad_questions_are_refused(arguments, named, error, message):
    with pytest.raises(error, match=message):
        jobs.what_if(jobs.recorded("AR"), *arguments, **named)


def test_the_best_k_by_the_law_is_the_package_s_own():
    table = made(sg.shifted_exponential(1, 1), 300, 20)
    assert jobs.best_k(table, 0.3).law == sg.optimal_k(table.law(), 20, 0.3)


def test_held_out_needs_two_steps_and_two_workers():
    for times in ([[1, 2]], [[1], [2]]):
        with pytest.raises(ValueError, match="two steps and two workers at least"):
            jobs.held_out(jobs.Table(times))


def test_measured_subsets_are_all_subsets():
    """E max of 2 of 3 workers over all three pairs, by hand."""
    held = jobs.held_out(jobs.Table([[1, 1, 1], [1, 2, 4]]))
    assert held.m == (2, 3)
    assert held.measured == pytest.approx(((2 + 4 + 4) / 3, 4))
