"""The three recorded jobs: the numbers that the chapter "Unequal workers and real jobs" needs."""

import numpy as np
import pytest

import stragglers as sg
from stragglers import jobs
from stragglers.jobs.ladder import climb
from stragglers.jobs.measured import measured_job, measured_law, measured_laws
from stragglers.jobs.recorded import collective_spread, collective_time
from stragglers.jobs.shares import variance_shares

from ..conftest import FACTS

IN_SAMPLE = {  # the whole table: measured, its error, iid, unequal, exponential; shares; what fails
    "SE": (8.967, 0.10, 8.901, 8.906, 27.63, (0.0, 0.6, 99.4), ("exponential",)),
    "AR": (45.600, 0.046, 38.21, 45.60, 57.97, (100, 0, 0), ("exponential", "identical")),
    "ST": (2.013, 0.007, 2.025, 2.026, 3.01, (2.1, 92.7, 5.2), ("exponential", "independent")),
}
SHAPES = {"SE": (43, 32), "AR": (44, 4), "ST": (32, 2)}


@pytest.mark.parametrize("name", IN_SAMPLE)
def test_the_ladder_of_a_recorded_job_in_sample(name):
    measured, error, iid, unequal, exponential, shares, fails = IN_SAMPLE[name]
    table = jobs.recorded(name)
    found = climb(table, np.random.default_rng(0))
    rungs = found.rungs
    assert table.times.shape == SHAPES[name]
    assert rungs["measured"] == pytest.approx(measured, abs=6e-4)
    assert found.errors["measured"] == pytest.approx(error, rel=0.15)  # from resamples
    seen = [rungs[rung] for rung in ("iid", "unequal", "exponential")]
    assert seen == pytest.approx([iid, unequal, exponential], abs=6e-3)
    known = variance_shares(table)
    assert [100 * x for x in (known.worker, known.step, known.rest)] == pytest.approx(
        shares, abs=0.06
    )
    assert set(found.fails) == set(fails)


@pytest.mark.parametrize("name", IN_SAMPLE)
def test_the_rungs_are_the_package_s_own_order_statistics(name):
    table = jobs.recorded(name)
    rungs = climb(table, np.random.default_rng(0)).rungs
    m = len(table.workers)
    iid = sg.order_statistic(table.law(), m, m).mean()
    unequal = sg.order_statistic(table.laws(), m).mean()
    assert rungs["iid"] == pytest.approx(iid, rel=1e-10)
    assert rungs["unequal"] == pytest.approx(unequal, rel=1e-10)
    mean = table.times.mean()
    assert rungs["exponential"] == pytest.approx(mean * sg.harmonic(m), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "iid", "unequal", "drift"),
    [
        ("SE", -0.0141, -0.0129, -0.0076),
        ("AR", -0.1660, -0.0050, 0.0083),
        ("ST", -0.0063, -0.0061, 0.0158),
    ],
)
def test_the_first_half_of_the_steps_predicts_the_second(name, iid, unequal, drift):
    held = jobs.held_out(jobs.recorded(name))
    seen = held.measured[-1]
    assert held.iid[-1] / seen - 1 == pytest.approx(iid, abs=6e-5)
    assert held.unequal / seen - 1 == pytest.approx(unequal, abs=6e-5)
    assert held.drift == pytest.approx(drift, abs=6e-5)


def test_the_law_of_21_steps_predicts_22_others_for_fewer_workers_too():
    held = jobs.held_out(jobs.recorded("SE"))
    assert held.m == (2, 4, 8, 16, 32)
    assert held.iid[-1] == pytest.approx(8.877, abs=5e-4)
    assert held.measured[-1] == pytest.approx(9.004, abs=5e-4)
    errors = np.array(held.iid) / np.array(held.measured) - 1
    assert 0.014 < np.abs(errors).max() < 0.0142


def test_the_best_k_of_the_balanced_job():
    table = jobs.recorded("SE")
    best = jobs.best_k(table, communication=collective_time("SE"))
    assert (best.measured, best.law) == (30, 30)
    assert best.rate == pytest.approx(3.679, abs=5e-4)
    assert best.rate_all == pytest.approx(3.512, abs=5e-4)
    assert sg.optimal_k(table.law(), 32, collective_time("SE")) == 30
    assert jobs.best_k(jobs.recorded("AR")).measured == 3


def test_what_the_slow_worker_costs():
    table = jobs.recorded("AR")
    without = jobs.what_if(table, sg.Sync(3, collective_time("AR")), without=["0"])
    assert without.time_per_update == pytest.approx(22.00 + 1.05, abs=6e-3)
    found = jobs.report(table)
    assert found.slowest.name == "0"
    assert found.slowest.last == 1
    assert found.slowest.saves == pytest.approx(23.60, abs=5e-3)
    assert found.slowest.throughout
    authors = 23.45  # the step without worker 0 by the what-if of those who recorded the job
    assert without.time_per_update / authors - 1 == pytest.approx(-0.017, abs=5e-4)


def test_a_p_value_misleads_where_the_seconds_do_not():
    shares = variance_shares(jobs.recorded("AR"))
    assert shares.step_p < 1e-34
    assert shares.step < 5e-4
    assert climb(jobs.recorded("AR"), np.random.default_rng(0)).costs["independent"] < 1e-9


@pytest.mark.parametrize(("name", "kind"), [("SE", "chance"), ("AR", "machine"), ("ST", "hardly")])
def test_the_verdict_on_a_recorded_job(name, kind):
    assert jobs.report(jobs.recorded(name)).kind == kind


@pytest.mark.parametrize("name", IN_SAMPLE)
def test_a_recorded_job_says_where_it_is_from_and_what_it_cannot_tell(name):
    notes = " ".join(jobs.recorded(name).notes)
    for words in ("ByteDance-Seed/StragglerAnalysis", "8efcd7f", "Apache-2.0", "not consecutive"):
        assert words in notes
    assert "pipeline stage" in notes
    assert ("on purpose" in notes) == (name == "AR")
    assert ("cannot be seen" in notes) == (name == "ST")


def test_there_are_no_other_recorded_jobs():
    with pytest.raises(ValueError, match="name must be one of SE, AR, ST, got 'XX'"):
        jobs.recorded("XX")
    with pytest.raises(ValueError, match="name must be SE or AR, got 'ST'"):
        collective_time("ST")
    with pytest.raises(ValueError, match="name must be SE, got 'AR'"):
        collective_spread("AR")


# The summaries of `measured` are of another grain: computing time in pipeline stage 0 alone, over
# the mean of the first half. Errors of the first half's prediction of the second differ a little.


@pytest.mark.parametrize(
    ("name", "error", "step_error"),
    [("SE", 0.0349, -1.6), ("AR", 0.0014, -18.3), ("ST", 0.0014, -1.3)],
)
def test_the_summaries_of_computing_time(name, error, step_error):
    job, fact = measured_job(name), FACTS[f"trace.{name}.max"]
    seen, m = job["test_mean_order_statistics_over_fit_mean"][-1], job["workers"]
    assert seen == pytest.approx(float(fact["value"]), rel=1e-12)
    assert job["test_standard_errors"][-1] == error
    iid = fact["params"]["iid"]  # from all times of the first half; ours from 25 quantiles of them
    assert 100 * (iid / seen - 1) == pytest.approx(step_error, abs=0.05)
    assert sg.order_statistic(measured_law(name), m, m).mean() == pytest.approx(iid, rel=0.02)
    assert sg.harmonic(m) == pytest.approx(fact["params"]["exponential"], rel=1e-12)


def test_unequal_workers_explain_the_job_with_a_slow_one():
    seen = measured_job("AR")["test_mean_order_statistics_over_fit_mean"]
    unequal = sg.order_statistic(measured_laws("AR"), 4).mean()
    assert unequal == pytest.approx(1.7600, abs=2e-4)
    assert 100 * (unequal / seen[-1] - 1) == pytest.approx(-0.42, abs=0.02)
    assert seen[2] == 0.7545  # the slowest of the others


def test_two_failures_of_opposite_sign_add_up_in_the_shared_stage():
    first, last = measured_job("ST")["test_mean_order_statistics_over_fit_mean"]
    iid = FACTS["trace.ST.max"]["params"]["iid"]
    drift = (first + last) / 2 - 1
    assert drift == pytest.approx(0.023, abs=5e-4)
    assert iid * (1 + drift) / last - 1 == pytest.approx(0.010, abs=5e-4)  # the common cause alone
    assert last - first == pytest.approx(0.0083, abs=1e-9)
    assert 2 * (iid - 1) == pytest.approx(0.0286, abs=1e-9)  # of two, max - min is twice max - mean
    assert (last - iid) / 0.0014 == pytest.approx(9.4, abs=0.1)
    assert measured_job("ST")["mean_pairwise_correlation"] == 0.9311
