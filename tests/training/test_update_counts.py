"""How many updates a clock has made: tails to their own digits, however small."""

import mpmath
import numpy as np
import pytest
from scipy import stats

from stragglers.training.update_counts import Atoms, Grid, Legs


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
