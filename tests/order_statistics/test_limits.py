import numpy as np
import pytest
from scipy import integrate, stats

import stragglers as sg

from ..conftest import FACTS, name_of

GUMBEL = [
    sg.exponential(2),
    sg.shifted_exponential(3, 2),
    sg.gamma(2, 1),
    stats.gamma(0.5, loc=1, scale=3),
    sg.weibull(0.5, 1),
    sg.weibull(3, 2),
    sg.lognormal(0, 1),
    sg.hyperexponential([0.9, 0.1], [2, 0.2]),
]
OTHERS = [sg.pareto(2, 3), sg.pareto(0.7, 1), stats.lomax(1.5, scale=2), sg.uniform(1, 3)]


def distance(law, m):
    """How far the cdf of (X_{m:m} - b) / a is from that of the limit, at worst."""
    limit = sg.extreme_value_limit(law, m)
    x = limit.law.ppf(np.linspace(0.001, 0.999, 999))
    return np.max(
        np.abs(sg.order_statistic(law, m, m).cdf(limit.b + limit.a * x) - limit.law.cdf(x))
    )


@pytest.mark.parametrize("law", GUMBEL + OTHERS, ids=name_of)
def test_the_maximum_comes_closer_to_its_limit(law):
    assert distance(law, 10**6) < distance(law, 100) < 0.15
    assert distance(law, 10**6) < 0.05


@pytest.mark.parametrize(
    "law", [*OTHERS, sg.exponential(2), sg.shifted_exponential(3, 2)], ids=name_of
)
def test_where_the_tail_is_that_of_the_limit_the_distance_falls_as_one_over_m(law):
    assert distance(law, 1000) == pytest.approx(10 * distance(law, 10_000), rel=0.02, abs=0)


def test_the_three_domains_are_told_apart():
    assert {sg.extreme_value_limit(law, 100).domain for law in GUMBEL} == {"Gumbel"}
    domains = [sg.extreme_value_limit(law, 100).domain for law in OTHERS]
    assert domains == ["Frechet", "Frechet", "Frechet", "reversed Weibull"]


def test_constants_are_those_of_the_textbooks():
    limit = sg.extreme_value_limit(sg.exponential(2), 1000)
    assert (limit.a, limit.b) == pytest.approx((0.5, np.log(1000) / 2), rel=1e-12, abs=0)
    limit = sg.extreme_value_limit(sg.pareto(alpha=2, minimum=3), 100)
    assert (limit.a, limit.b, limit.law.kwds or limit.law.args) == (30, 0, (2,))
    limit = sg.extreme_value_limit(sg.uniform(1, 3), 100)
    assert (limit.a, limit.b) == (0.02, 3)


@pytest.mark.parametrize("law", [*GUMBEL, sg.pareto(2, 3), sg.uniform(1, 3)], ids=name_of)
def test_the_approximate_mean_is_close_at_a_million_workers(law):
    exact = sg.order_statistic(law, 10**6, 10**6).mean()
    assert sg.extreme_value_limit(law, 10**6).mean() == pytest.approx(exact, rel=0.04, abs=0)


def test_the_gumbel_limit_of_an_erlang_is_nearer_than_the_textbook_logarithms():
    exact = float(FACTS["evt.erlang2.max1000"]["value"])
    textbook = np.log(1000) + np.log(np.log(1000)) + np.euler_gamma
    ours = sg.extreme_value_limit(sg.gamma(2, 1), 1000).mean()
    assert abs(ours - exact) < 0.1 < abs(textbook - exact)


def test_the_limit_has_no_mean_where_the_maximum_has_none():
    assert sg.extreme_value_limit(sg.pareto(0.7, 1), 10).mean() == np.inf
    assert sg.extreme_value_limit(sg.pareto(1.1, 1), 10).mean() < np.inf


@pytest.mark.parametrize("law", [sg.trace([1, 2]), sg.two_point(1, 2, 0.5), stats.poisson(3)])
def test_discrete_laws_have_no_limit(law):
    with pytest.raises(ValueError, match="work must be continuous"):
        sg.extreme_value_limit(law, 10)


def test_laws_not_named_and_a_single_worker_are_refused():
    with pytest.raises(NotImplementedError, match="not known for work="):
        sg.extreme_value_limit(stats.halfnorm(), 10)
    with pytest.raises(ValueError, match="m must be an integer of at least 2, got 1"):
        sg.extreme_value_limit(sg.exponential(1), 1)


@pytest.mark.parametrize("m", [1, 2, 20, 1000])
@pytest.mark.parametrize(
    "law", [*GUMBEL, sg.pareto(2.1, 3), sg.uniform(1, 3), sg.trace([1, 1, 9])], ids=name_of
)
def test_no_law_exceeds_the_distribution_free_bound(law, m):
    bound = sg.distribution_free_bound(law.mean(), law.std(), m)
    assert sg.order_statistic(law, m, m).mean() <= bound * (1 + 1e-12)


@pytest.mark.parametrize("m", [2, 7, 30])
def test_the_bound_is_reached(m):
    """By the law with quantile function u^(m-1), whose moments are elementary."""
    mean, square = 1 / m, 1 / (2 * m - 1)
    largest = integrate.quad(lambda u: m * u ** (2 * m - 2), 0, 1, epsabs=1e-14)[0]
    bound = sg.distribution_free_bound(mean, np.sqrt(square - mean**2), m)
    assert bound == pytest.approx(largest, rel=1e-12, abs=0)


def test_the_bound_is_infinite_where_the_spread_is_and_refuses_nonsense():
    assert sg.distribution_free_bound(2, np.inf, 5) == np.inf
    assert sg.distribution_free_bound(2, np.inf, 1) == 2
    for mean, std in [(-1, 1), (1, -1), (np.nan, 1), (1, "2"), (True, 1)]:
        with pytest.raises(ValueError, match="must be a number of at least 0"):
            sg.distribution_free_bound(mean, std, 5)
