"""The race: one table of dice for every number of workers."""

import numpy as np
import pytest
from scipy import stats

from stragglers import deterministic, race
from stragglers.simulation.race import BLOCK

RATE = 2.0
WORK = stats.expon(scale=1 / RATE)


def test_slowest_and_fastest_agree_with_the_formulas_within_five_standard_errors():
    result = race(WORK, m=20, iterations=20_000, rng=np.random.default_rng(1))
    harmonic = np.cumsum(1 / result.workers)
    assert np.all(abs(result.slowest - harmonic / RATE) < 5 * result.slowest_error)
    assert np.all(abs(result.fastest - 1 / (RATE * result.workers)) < 5 * result.fastest_error)


def test_standard_errors_are_those_of_the_theory():
    result = race(WORK, m=20, iterations=5_000, rng=np.random.default_rng(2))
    spread = np.sqrt(np.cumsum(1.0 / result.workers**2)) / RATE
    assert result.slowest_error == pytest.approx(spread / np.sqrt(5_000), rel=0.1)
    assert result.fastest_error == pytest.approx(
        1 / (RATE * result.workers * np.sqrt(5_000)), rel=0.1
    )


@pytest.mark.parametrize("m", [1, 3, 300])
def test_the_race_is_the_plain_loop_on_the_same_dice(m):
    iterations = 2 * BLOCK // m + 7  # more than two blocks, the last one short
    result = race(WORK, m, iterations, np.random.default_rng(3))
    rng = np.random.default_rng(3)
    times = np.array([rng.exponential(1 / RATE, size=m) for _ in range(iterations)])
    for i in (1, m // 2 + 1, m):
        slowest, fastest = times[:, :i].max(axis=1), times[:, :i].min(axis=1)
        assert result.slowest[i - 1] == pytest.approx(slowest.mean(), rel=1e-12)
        assert result.fastest[i - 1] == pytest.approx(fastest.mean(), rel=1e-12)
        error = slowest.std(ddof=1) / np.sqrt(iterations)
        assert result.slowest_error[i - 1] == pytest.approx(error, rel=1e-9)


def test_another_worker_never_makes_the_slowest_faster_or_the_fastest_slower():
    result = race(WORK, m=50, iterations=10, rng=np.random.default_rng(4))
    assert np.all(np.diff(result.slowest) >= 0)
    assert np.all(np.diff(result.fastest) <= 0)


def test_workers_without_randomness_have_no_error():
    result = race(deterministic(0.1), m=3, iterations=100, rng=np.random.default_rng(0))
    assert np.all(result.slowest == 0.1)
    assert np.all(result.slowest_error == 0)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"m": 0}, ValueError, "m must be an integer of at least 1, got 0"),
        ({"m": 2.5}, ValueError, "m must be an integer of at least 1, got 2.5"),
        ({"iterations": 1}, ValueError, "iterations must be an integer of at least 2, got 1"),
        ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator, got 0"),
        ({"rng": None}, TypeError, "rng must be a numpy.random.Generator, got None"),
    ],
)
def test_a_bad_argument_is_named(change, error, message):
    arguments = {"m": 3, "iterations": 10, "rng": np.random.default_rng(0)} | change
    with pytest.raises(error, match=message):
        race(WORK, **arguments)
