"""Arrays of k and m, and what else scipy's laws answer."""

import numpy as np
import pytest
from scipy import special, stats

import stragglers as sg

GAMMA = sg.gamma(2, 1)


def seeded():
    return np.random.default_rng(5)


@pytest.mark.parametrize("work", [GAMMA, sg.exponential(2), sg.trace([1, 2, 2, 5])], ids=str)
def test_arrays_of_k_and_m_are_answered_entry_by_entry(work):
    k, m = np.array([1, 2]), np.array([[3], [4], [5]])
    several = sg.order_statistic(work, k, m)
    one = [[sg.order_statistic(work, j, n) for j in (1, 2)] for n in (3, 4, 5)]
    for name in ("mean", "var", "std", "median"):
        assert np.array_equal(
            getattr(several, name)(), [[getattr(x, name)() for x in r] for r in one]
        )
    for name in ("cdf", "sf", "ppf", "isf"):
        expected = [[getattr(x, name)(0.7) for x in row] for row in one]
        assert np.array_equal(getattr(several, name)(0.7), expected)
    assert several.support()[0].shape == (3, 2)
    assert several[1, 0].mean() == one[1][0].mean()
    assert np.array_equal(several[1].mean(), [x.mean() for x in one[1]])


def test_points_and_draws_broadcast_with_the_shape_of_k():
    several = sg.order_statistic(GAMMA, range(1, 6), 5)
    q = np.array([[0.1], [0.9]])
    assert several.ppf(q).shape == (2, 5)
    assert several.ppf(q)[1, 3] == sg.order_statistic(GAMMA, 4, 5).ppf(0.9)
    draws = several.rvs((4000, 5), seeded())
    assert np.all(abs(draws.mean(axis=0) - several.mean()) < 5 * several.std() / np.sqrt(4000))
    assert several.rvs(random_state=1).shape == (5,)
    assert np.sum(several.mean()) == pytest.approx(5 * GAMMA.mean(), rel=1e-12)


def test_a_list_of_laws_takes_an_array_of_k():
    works = [sg.exponential(1), GAMMA]
    means = sg.order_statistic(works, [1, 2]).mean()
    assert means.tolist() == [sg.order_statistic(works, k).mean() for k in (1, 2)]


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: sg.order_statistic(GAMMA, [1, 7], 5), ValueError, "k must be .* 1 to 5, got 7"),
        (lambda: sg.order_statistic(GAMMA, [1, 2], [2, 0]), ValueError, "m must be .* got 0"),
        (lambda: sg.order_statistic(GAMMA, [1.5], 5), TypeError, "k must be an integer, or an arr"),
        (
            lambda: sg.order_statistic(GAMMA, [[1], [1, 2]], 5),
            TypeError,
            "k must be an integer, or",
        ),
        (lambda: sg.order_statistic(GAMMA, [1]), TypeError, "m must be an integer, or an array"),
        (lambda: sg.order_statistic(GAMMA, [1, 2], 2).rvs(3), ValueError, "size must end in"),
    ],
)
def test_a_bad_entry_is_named(act, error, message):
    with pytest.raises(error, match=message):
        act()


LAWS = [
    (sg.order_statistic(sg.exponential(2), 1, 4), stats.expon(scale=1 / 8)),
    (sg.order_statistic(sg.uniform(0, 1), 2, 5), stats.beta(2, 4)),
    (sg.order_statistic(sg.pareto(6, 1), 1, 2), stats.pareto(12)),
    (sg.hyperexponential([0.5, 0.5], [2, 2]), stats.expon(scale=1 / 2)),
]


@pytest.mark.parametrize(("law", "twin"), LAWS, ids=lambda law: type(law).__name__)
def test_the_other_methods_of_scipy_are_there(law, twin):
    assert np.allclose(law.interval(0.9), twin.interval(0.9), rtol=1e-12)
    assert law.logsf(0.4) == pytest.approx(twin.logsf(0.4), rel=1e-12)
    assert law.logcdf(1.1) == pytest.approx(twin.logcdf(1.1), rel=1e-12)
    for order in range(5):
        assert law.moment(order) == pytest.approx(twin.moment(order), rel=1e-9)
    assert law.stats("mvsk") == pytest.approx([float(x) for x in twin.stats("mvsk")], rel=1e-8)
    assert law.stats("m") == law.mean()
    assert law.expect(np.sqrt) == pytest.approx(twin.expect(np.sqrt), rel=1e-8)


def test_moments_that_do_not_exist_are_infinite():
    law = sg.order_statistic(sg.pareto(1.5, 1), 1, 2)
    assert (law.moment(3), law.stats("s"), law.stats("k")) == (np.inf,) * 3
    assert law.moment(2) == pytest.approx(3, rel=1e-12)


@pytest.mark.parametrize("letters", ["", "x", 3])
def test_letters_that_mean_nothing_are_refused(letters):
    with pytest.raises(ValueError, match="moments must be letters of 'mvsk'"):
        sg.deterministic(1).stats(letters)


def test_finite_laws_have_probabilities():
    law = sg.trace([1, 1, 2, 7])
    assert law.pmf([0, 1, 1.5, 2, 7, 8]).tolist() == [0, 0.5, 0, 0.25, 0.25, 0]
    assert sg.two_point(1, 10, 0.1).pmf(10) == pytest.approx(0.1)
    assert law.expect(lambda t: t**2) == pytest.approx(np.mean([1, 1, 4, 49]))


# -------------------------------------------------------------------------------------------------
# Digits


class LogPower:
    """P(X > t) falls as t^-a log t; five methods and no more."""

    def __init__(self, a):
        self.a = a

    def cdf(self, t):
        return special.gammainc(2, self.a * np.log(np.maximum(t, 1)))

    def ppf(self, q):
        return np.exp(special.gammaincinv(2, q) / self.a)

    def mean(self):
        return (self.a / (self.a - 1)) ** 2

    def var(self):
        return np.inf

    def rvs(self, size=None, random_state=None):
        return self.ppf(np.random.default_rng(random_state).random(size))


@pytest.mark.parametrize("m", [1, 1000])
def test_a_tail_that_is_no_power_is_refused_where_it_matters(m):
    with pytest.raises(ArithmeticError, match=r"too few digits of P.X > t. far out"):
        sg.order_statistic(LogPower(1.5), m, m).mean()
    assert np.isfinite(sg.order_statistic(LogPower(1.5), 5, 10).mean())


def test_a_law_whose_tail_has_no_digits_goes_on_as_a_power_beside_others():
    """The mean is the integral of 1 - F G, in mpmath."""
    order = sg.order_statistic([stats.burr(2, 2), sg.pareto(3, 0.1)], 2)
    assert order.mean() == pytest.approx(2.3566915114556, rel=1e-11)


def test_a_law_whose_tail_scipy_calls_nan_far_out_can_join_a_crew():
    order = sg.order_statistic([sg.lognormal(0, 1), stats.invgauss(1.0)], k=2)
    fastest = sg.order_statistic([sg.lognormal(0, 1), stats.invgauss(1.0)], k=1)
    both = np.exp(0.5) + 1
    assert order.mean() + fastest.mean() == pytest.approx(both, rel=1e-9)


@pytest.mark.parametrize("rate", [1e-200, 1e200])
def test_moments_out_of_range_are_infinite_or_zero_without_a_warning(rate, recwarn):
    limit = np.inf if rate < 1 else 0.0
    assert sg.order_statistic(sg.exponential(rate), 2, 3).var() == limit
    assert sg.order_statistic([sg.exponential(rate), sg.exponential(2 * rate)], 1).var() == limit
    assert sg.exponential_covariance(1, 2, 3, rate) == limit
    assert sg.order_statistic(sg.gamma(2, rate), 2, 3).var() == limit
    assert sg.order_statistic(sg.gamma(2, rate), 2, 2).mean() * rate == pytest.approx(11 / 4)
    assert sg.trace([1 / rate, 2 / rate]).var() == limit
    assert sg.Async(3).probability_fresh(sg.gamma(2, rate)) == pytest.approx(
        sg.Async(3).probability_fresh(GAMMA), rel=1e-9
    )
    assert not recwarn.list
