import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from stragglers.numerics import beta


@pytest.mark.parametrize(
    ("k", "n", "q"),
    [
        (10**6, 1000, 0.1),  # scipy's inverse is off by 1e-7 of q
        (10**5, 1000, 1e-10),
        (2, 499, 1e-200),  # and is nan here
        (4, 4, 1e-150),
    ],
)
def test_quantiles_keep_their_digits_where_scipy_loses_them(k, n, q):
    u, s = beta.quantiles(k, n, q)
    reached = special.betainc(k, n, u) if u < 0.5 else special.betaincc(n, k, s)
    assert reached == pytest.approx(q, rel=1e-9, abs=0)
    assert u + s == 1


def test_both_sides_keep_their_digits():
    _, s = beta.quantiles(1000, 1, [1e-5, 1 - 1e-12])  # P(U <= u) = u^1000
    assert s == pytest.approx(-np.expm1(np.log([1e-5, 1 - 1e-12]) / 1000), rel=1e-12, abs=0)
    done, late = beta.tails(1000, 1, 1 - 1e-20, 1e-20)
    assert (done, late) == (1, pytest.approx(1e-17, rel=1e-12, abs=0))
    done, late = beta.tails(1, 1000, 1e-20, 1.0)
    assert (done, late) == (pytest.approx(1e-17, rel=1e-12, abs=0), 1)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.floats(1e-12, 1 - 1e-12))
def test_quantiles_invert_the_tails(k, n, q):
    done, late = beta.tails(k, n, *beta.quantiles(k, n, q))
    assert done == pytest.approx(q, rel=1e-9, abs=0)
    assert late == pytest.approx(
        1 - q, rel=1e-4, abs=0
    )  # ppf(q) at q = 1 - 1e-12 has twelve digits less


def test_what_is_no_probability_has_no_quantile():
    u, s = beta.quantiles(3, 4, [-0.1, 0, 1, 1.1, np.nan])
    assert np.array_equal(u, [np.nan, 0, 1, np.nan, np.nan], equal_nan=True)
    assert np.array_equal(s, [np.nan, 1, 0, np.nan, np.nan], equal_nan=True)
