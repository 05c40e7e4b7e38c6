"""How many updates a clock has made: tails to their own digits, however small."""

import math

import mpmath
import numpy as np
import pytest
from scipy import stats

from stragglers.training import update_counts
from stragglers.training.update_counts import Atoms, Grid, Legs, averages_of


@pytest.mark.parametrize("t", [1e-4, 0.3, 1.6, 30.0, 150.0])
def test_two_legs_have_a_closed_form(t):
    """Of Exp(2) + Exp(1): P(S > t) = 2 exp(-t) - exp(-2 t), P(S <= t) = (1 - exp(-t))^2."""
    above, below = Legs((2.0, 1.0)).tails(t)
    assert above[0] == pytest.approx(2 * np.exp(-t) - np.exp(-2 * t), rel=1e-10)
    assert below[0] == pytest.approx(np.expm1(-t) ** 2, rel=1e-10)


@pytest.mark.parametrize(("n", "t"), [(5, 0.4), (12, 0.8), (6, 4.0), (4, 12.0)])
def test_sums_of_many_legs_by_partial_fractions(n, t):
    """P(S_n > t) from the poles of the transform, with 80 digits because they cancel."""
    rates = (10.0, 8.0, 5.0)
    with mpmath.workdps(80):
        total = mpmath.mpf(0)
        for rate in rates:
            others = [other for other in rates if other != rate]

            def rest(h, rate=rate, others=others):  # exp(z t) / z and the other poles, at h - rate
                z = h - rate
                product = mpmath.mpf(1)
                for other in others:
                    product *= (other / (other + z)) ** n
                return mpmath.exp(z * t) / z * product * mpmath.mpf(rate) ** n

            total -= mpmath.taylor(rest, 0, n - 1)[n - 1]
        later = float(total)
        earlier = float(1 - total)
    above, below = Legs(rates).tails(t, -700.0)
    assert above[n - 1] == pytest.approx(later, rel=1e-9)
    assert below[n - 1] == pytest.approx(earlier, rel=1e-9)


def test_a_shift_leaves_less_time():
    above, below = Legs((3.0, 2.0), shift=0.5).tails(4.0)
    free = Legs((3.0, 2.0))
    assert len(above) == 7  # the eighth can come at 4 only
    for n in (1, 4, 7):
        assert below[n - 1] == pytest.approx(free.tails(4.0 - n / 2, -700.0)[1][n - 1], rel=1e-12)
    assert above + below == pytest.approx(np.ones(7))


def test_the_grid_on_a_gamma_law():
    above, below = Grid(stats.gamma(2.5)).tails(20.0)
    n = np.arange(1, len(below) + 1)
    assert below == pytest.approx(stats.gamma(2.5 * n).cdf(20.0), abs=1e-7)
    assert above == pytest.approx(1 - below)


def test_atoms_are_counted_exactly():
    above, below = Atoms(np.array([1.0, 2.0]), np.array([0.25, 0.75])).tails(3.0)
    # two waits fit unless both are 2; three fit if all are 1
    assert below == pytest.approx([1, 1 - 0.75**2, 0.25**3], rel=1e-12)
    assert above == pytest.approx(1 - below)


@pytest.mark.parametrize(("shape", "t"), [(20, 300.0), (300, 40.0), (0.5, 30.0)])
def test_the_grid_is_made_finer_until_what_is_asked_is_known(shape, t):
    law = stats.gamma(shape, scale=1 / shape)
    n = int(t)
    found = Grid(law).expect(lambda tails: tails[1][n - 1], t)
    assert found == pytest.approx(stats.gamma(shape * n, scale=1 / shape).cdf(t), rel=1e-6)
    every = np.arange(1, int(4 * t) + 200)
    exact = stats.gamma(shape * every, scale=1 / shape).cdf(t).sum()
    assert Grid(law).tails(t)[1].sum() == pytest.approx(exact, rel=1e-6)


def test_a_law_with_kinks_is_divided_among_the_points_as_it_is():
    """Of the sums of uniform times (Irwin and Hall), whose mass begins and ends between points."""
    _, below = Grid(stats.uniform(0.1, 0.77)).tails(2.345)
    for n in (1, 3, 6):
        x = (2.345 - 0.1 * n) / 0.77
        terms = [(-1) ** j * math.comb(n, j) * (x - j) ** n for j in range(n + 1) if j <= x]
        assert below[n - 1] == pytest.approx(sum(terms) / math.factorial(n), abs=1e-6)


def test_what_would_take_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(update_counts, "CONVOLVED", 1e5)
    with pytest.raises(NotImplementedError, match=r"use training\.train"):
        Grid(stats.gamma(10_000, scale=1e-4)).tails(40.0)
    with pytest.raises(ValueError, match="by time 1e\\+09 more than 1000000 updates"):
        Legs((3.0,)).tails(1e9)


def test_a_law_that_is_rounded_is_not_halved_for_ever():
    looked = []

    def rounded(t):
        looked.append(t.size)
        return np.round(-np.expm1(-t), 9)

    found = averages_of(rounded, 0.01, 300)
    edges = 0.01 * np.arange(301)
    assert found == pytest.approx(1 + np.diff(np.exp(-edges)) / 0.01, abs=2e-9)
    assert sum(looked) < 200 * 300


def test_one_value_is_counted_at_once_and_many_sums_are_refused():
    above, below = Atoms(np.array([0.1]), np.ones(1)).tails(90_000.0)
    assert (len(below), below.min(), above.max()) == (900_000, 1, 0)
    with pytest.raises(ValueError, match="more than 1000000 updates"):
        Atoms(np.array([0.1]), np.ones(1)).tails(1e6)
    with pytest.raises(NotImplementedError, match=r"use training\.train"):
        Atoms(np.array([1.0, 2.0]), np.array([0.5, 0.5])).tails(1e5)


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e9])
def test_atoms_are_counted_in_every_unit(unit):
    _, below = Atoms(np.array([1.4, 2.6]) * unit, np.array([0.5, 0.5])).tails(6.99 * unit)
    assert below == pytest.approx([1, 1, 1 - 0.5**3, 5 * 0.5**4], rel=1e-12)
