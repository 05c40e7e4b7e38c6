"""The chapter "Trusting a simulation": its errors and gains against what is known exactly."""

import math

import numpy as np
import pytest

import stragglers as sg
from stragglers.figures import simulation

from ..conftest import FACTS


def test_5000_iterations_have_the_known_standard_errors():
    slowest = sg.order_statistic(sg.exponential(rate=2), 20, 20)
    known = float(FACTS["exp.mcse.seed.max.m20"]["value"])
    assert slowest.std() / math.sqrt(5000) == pytest.approx(known, rel=1e-12)
    squared = sg.verify("thm-standard-error").exact
    assert math.sqrt(squared * 50 / 5000) == pytest.approx(known, rel=1e-12)
    for m in (1, 20, 1000):
        fastest = sg.order_statistic(sg.exponential(rate=2), 1, m)
        relative = fastest.std() / fastest.mean() / math.sqrt(5000)
        known = float(FACTS["exp.mcse.seed.min.rel"]["value"])
        assert relative == pytest.approx(known, rel=1e-12)


def test_conditioning_leaves_the_variance_of_the_last_but_one():
    last_but_one = sg.order_statistic(sg.exponential(rate=2), 19, 20)
    assert sg.verify("thm-conditioning").exact == pytest.approx(last_but_one.var(), rel=1e-12)


def test_own_and_same_dice_estimate_the_same_means():
    exact = np.cumsum(1 / np.arange(1, 41)) / 2
    for same in (False, True):
        table = simulation.estimates(same, 20_000, seed=1)
        error = table.std(axis=0, ddof=1) / math.sqrt(len(table))
        assert (abs(table.mean(axis=0) - exact) < 5 * error).all()


def test_with_the_same_dice_no_iteration_falls_and_with_new_dice_many_do():
    assert (np.diff(simulation.estimates(True, 500, seed=2), axis=1) >= 0).all()
    assert (np.diff(simulation.estimates(False, 500, seed=2), axis=1) < 0).any()


def test_intervals_keep_their_promise_for_exponential_times_only():
    def held(law):
        return (abs(simulation.distances(law, 5000)) <= 2).mean()

    assert abs(held("exponential") - 0.954) < 5 * math.sqrt(0.05 * 0.95 / 240)
    assert held("Pareto, α = 1.5") < 0.954 - 5 * math.sqrt(0.05 * 0.95 / 240)


def test_antithetic_pairs_gain_what_their_correlation_allows_for_one_worker():
    assert simulation.antithetic_gain(1) == pytest.approx(1 / (2 - math.pi**2 / 6), rel=0.03)


def test_gaps_of_workers_that_never_wait_have_the_mean_of_the_long_run():
    work = sg.shifted_exponential(shift=1, rate=1)
    gaps = simulation.asynchronous_gaps(work, 20, 2000, np.random.default_rng(1))
    assert abs(gaps.mean() - 0.1) < 5 * simulation.batch_error(gaps)


def test_batches_of_independent_values_give_the_usual_error():
    values = np.random.default_rng(1).normal(size=(400, 1000))
    errors = [simulation.batch_error(row) for row in values]
    assert np.mean(np.square(errors)) == pytest.approx(1 / 1000, rel=0.08)
