from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stragglers as sg
from stragglers.order_statistics.harmonic import (
    harmonic_gap,
    log_power_mean,
    log_power_spread,
    square_gap,
)

from ..conftest import FACTS


def fact(name):
    return pytest.approx(float(FACTS[name]["value"]), rel=1e-12, abs=0)


def test_harmonic_numbers_are_the_sums_they_stand_for():
    m = np.arange(60)
    for power in (1, 2, 3):
        sums = [float(sum(Fraction(1, j**power) for j in range(1, n + 1))) for n in m]
        assert sg.harmonic(m, power) == pytest.approx(sums, rel=1e-15, abs=1e-15)


def test_harmonic_numbers_agree_with_the_facts():
    assert sg.harmonic(20) / 2 == fact("exp.max.seed.m20")
    assert sg.harmonic(20, 2) / 4 == fact("exp.var.max.m20")
    assert sg.harmonic(10, 2) - sg.harmonic(5, 2) == fact("exp.var.k5m10")
    assert sg.harmonic(100) - sg.harmonic(4) == fact("backup.exp.N96b4")
    assert sg.harmonic(10**12, 2) == fact("exp.gumbel.var.limit")
    assert np.sqrt(sg.harmonic(20, 2) / 5000) / 2 == fact("exp.mcse.seed.max.m20")
    assert 1 + np.argmax(sg.harmonic(np.arange(1, 90)) >= 3) == fact("exp.slowdown.first.m.3x")


def test_the_residual_of_the_logarithm_is_half_of_one_over_m():
    residual = sg.harmonic(100) - np.log(100) - np.euler_gamma
    assert residual == pytest.approx(
        float(FACTS["exp.gumbel.resid.m100"]["value"]), rel=1e-12, abs=0
    )


def test_the_approximation_is_close_for_every_k_where_the_usual_one_diverges():
    for m in (20, 1000):
        exact = [harmonic_gap(k, m) for k in range(1, m + 1)]
        close = [sg.log_approximation(k, m) for k in range(1, m + 1)]
        assert np.all(np.abs(np.subtract(close, exact)) < 0.12)
        assert np.argmax(np.abs(np.subtract(close, exact))) == m - 1
    assert harmonic_gap(19, 20) == fact("approx.log.P20K19")


@pytest.mark.parametrize("name", ["exp.cov.3.7.10"])
def test_the_covariance_is_the_variance_of_the_earlier(name):
    assert sg.exponential_covariance(3, 7, m=10, rate=1) == fact(name)
    assert sg.exponential_covariance(7, 3, m=10, rate=2) == pytest.approx(
        sg.order_statistic(sg.exponential(2), 3, 10).var(), rel=1e-14
    )


def test_the_covariance_agrees_with_samples():
    times = np.sort(np.random.default_rng(1).exponential(size=(200_000, 6)), axis=1)
    early, late = times[:, 1] - times[:, 1].mean(), times[:, 4] - times[:, 4].mean()
    error = np.std(early * late) / np.sqrt(len(times))
    assert abs(np.mean(early * late) - sg.exponential_covariance(2, 5, 6, rate=1)) < 5 * error


@pytest.mark.parametrize("k", [1, 7, 19, 20, 21, 300, 999_950, 999_980, 999_999, 10**6])
def test_gaps_of_harmonic_numbers_keep_their_digits_at_a_million_workers(k):
    ranks = np.arange(10**6, 10**6 - k, -1.0)
    assert harmonic_gap(k, 10**6) == pytest.approx(np.sum(1 / ranks), rel=1e-13, abs=0)
    assert square_gap(k, 10**6) == pytest.approx(np.sum(1 / ranks**2), rel=1e-12, abs=0)


@pytest.mark.parametrize("m", [19, 20, 21, 30])
def test_gaps_of_harmonic_numbers_keep_their_digits_where_the_series_begins(m):
    for k in range(1, m + 1):
        ranks = range(m - k + 1, m + 1)
        exact = float(sum(Fraction(1, j) for j in ranks))
        assert harmonic_gap(k, m) == pytest.approx(exact, rel=2e-14, abs=0)
        exact = float(sum(Fraction(1, j * j) for j in ranks))
        assert square_gap(k, m) == pytest.approx(exact, rel=2e-13, abs=0)


@given(st.integers(1, 400), st.integers(1, 400), st.floats(0.01, 1e4))
def test_pareto_sums_are_the_sums_they_stand_for(k, m, alpha):
    k, m = min(k, m), max(k, m)
    x = alpha * np.arange(m - k + 1, m + 1)
    if x[0] > 1 + 1e-6:
        assert log_power_mean(k, m, alpha) == pytest.approx(
            np.sum(np.log1p(1 / (x - 1))), rel=1e-12
        )
    if x[0] > 2 + 1e-6:
        spread = np.sum(np.log1p(1 / (x * (x - 2))))
        assert log_power_spread(k, m, alpha) == pytest.approx(spread, rel=1e-11, abs=0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sg.harmonic(-1), "m must be whole numbers of at least 0"),
        (lambda: sg.harmonic(2.5), "m must be whole numbers"),
        (lambda: sg.harmonic(3, power=0), "power must be an integer of at least 1, got 0"),
        (lambda: sg.log_approximation(4, 3), "k must be an integer from 1 to 3, got 4"),
        (lambda: sg.exponential_covariance(1, 4, 3, 1), "j must be an integer from 1 to 3, got 4"),
        (lambda: sg.exponential_covariance(1, 2, 3, -1), "rate must be a positive"),
    ],
)
def test_arguments_out_of_range_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
