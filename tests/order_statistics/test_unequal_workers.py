from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special, stats

import stragglers as sg
from stragglers.laws.check import check_work
from stragglers.order_statistics.every_rank import mean_of_every

from ..conftest import FACTS, name_of

MIXED = [
    sg.exponential(1),
    sg.exponential(1),
    sg.shifted_exponential(0.5, 3),
    sg.gamma(0.5, 1),
    sg.uniform(1, 2),
    sg.trace([0.5, 1, 4]),
    sg.lognormal(0, 1),
]


def exponentials(*rates):
    return [sg.exponential(rate) for rate in rates]


@pytest.mark.parametrize(
    ("name", "rates", "k"),
    [
        ("hetero.max.123", (1, 2, 3), 3),
        ("hetero.max.4211", (4, 2, 1, 1), 4),
        ("hetero.k2of3", (1, 2, 3), 2),
        ("hetero.max.9fast1slow", (1,) * 9 + (0.1,), 10),
        ("hetero.async.gap", (4, 2, 1, 1), 1),
    ],
)
def test_means_agree_with_the_facts(name, rates, k):
    exact = float(FACTS[name]["value"])
    assert sg.order_statistic(exponentials(*rates), k).mean() == pytest.approx(
        exact, rel=1e-12, abs=0
    )


@settings(max_examples=30)
@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=6))
def test_the_slowest_of_exponentials_agrees_with_inclusion_and_exclusion(rates):
    slowest = sg.order_statistic(exponentials(*rates), len(rates))
    signed = [
        ((-1) ** (size + 1), sum(subset))
        for size in range(1, len(rates) + 1)
        for subset in combinations(rates, size)
    ]
    first, second = (sum(s * p / rate**p for s, rate in signed) for p in (1, 2))
    assert slowest.mean() == pytest.approx(first, rel=1e-10, abs=0)
    assert slowest.var() == pytest.approx(second - first**2, rel=1e-9, abs=0)


def test_the_fastest_exponential_has_all_rates_added():
    order = sg.order_statistic(exponentials(1, 2, 3.5), 1)
    assert (order.mean(), order.var()) == pytest.approx((1 / 6.5, 1 / 6.5**2), rel=1e-14, abs=0)
    assert order.sf(2.0) == pytest.approx(np.exp(-13), rel=1e-13, abs=0)
    late = [sg.shifted_exponential(1, rate) for rate in (1, 2)]
    assert sg.order_statistic(late, 1).mean() == pytest.approx(1 + 1 / 3, rel=1e-14, abs=0)


def test_equal_workers_in_a_list_are_equal_workers():
    listed = sg.order_statistic([sg.gamma(2, 1), stats.gamma(2), stats.gamma(a=2)], 2, m=3)
    assert isinstance(listed, type(sg.order_statistic(sg.gamma(2, 1), 2, 3)))
    assert listed.mean() == pytest.approx(
        sg.order_statistic(sg.gamma(2, 1), 2, 3).mean(), rel=1e-15
    )


@pytest.mark.parametrize("k", [1, 3, 6])
@pytest.mark.parametrize(
    "law",
    [
        sg.pareto(1.1, 1),
        sg.pareto(1.01, 1),
        sg.weibull(0.3, 1),
        sg.lognormal(0, 2),
        sg.uniform(1, 3),
        stats.poisson(3),
    ],
    ids=name_of,
)
def test_nearly_equal_workers_are_nearly_equal_workers(law, k):
    """Two objects that are not recognised as the same law go through the sum of coin tosses."""
    other = sg.order_statistic(law, 1, 1)  # the same law in another dress
    listed = sg.order_statistic([law, law, other, law, other, other], k)
    plain = sg.order_statistic(law, k, 6)
    assert listed.mean() == pytest.approx(plain.mean(), rel=1e-11, abs=0)
    if np.isfinite(plain.var()):
        assert listed.var() == pytest.approx(plain.var(), rel=1e-9, abs=0)
    t = plain.ppf(np.array([0.1, 0.5, 0.99]))
    assert listed.cdf(t) == pytest.approx(plain.cdf(t), rel=1e-12, abs=0)
    assert listed.ppf([0.1, 0.5, 0.99]) == pytest.approx(t, rel=1e-12, abs=0)


def test_the_order_statistics_of_a_mixed_crew_sum_to_all_the_times():
    orders = [sg.order_statistic(MIXED, k) for k in range(1, 8)]
    total = sum(law.mean() for law in MIXED)
    assert sum(order.mean() for order in orders) == pytest.approx(total, rel=1e-10, abs=0)
    assert np.all(np.diff([order.mean() for order in orders]) > 0)
    second = sum(order.var() + order.mean() ** 2 for order in orders)
    assert second == pytest.approx(
        sum(law.var() + law.mean() ** 2 for law in MIXED), rel=1e-9, abs=0
    )


def test_extremes_of_a_mixed_crew_are_products():
    t = np.array([0.3, 1.1, 1.7, 5.0])
    survive, finish = (
        np.prod([getattr(law, side)(t) for law in MIXED], axis=0) for side in ("sf", "cdf")
    )
    assert sg.order_statistic(MIXED, 1).sf(t) == pytest.approx(survive, rel=1e-12, abs=0)
    assert sg.order_statistic(MIXED, 7).cdf(t) == pytest.approx(finish, rel=1e-12, abs=0)


def test_the_tails_of_groups_keep_their_digits():
    crew, t = exponentials(1, 1, 1, 2, 2), np.array([0.01, 1, 50, 200])
    slowest = sg.order_statistic(crew, 5).sf(t)
    exact = -np.expm1(3 * np.log1p(-np.exp(-t)) + 2 * np.log1p(-np.exp(-2 * t)))
    assert slowest == pytest.approx(exact, rel=1e-12, abs=0)
    second = sg.order_statistic(crew, 2).sf(t[:3])  # none or one has finished
    one = -3 * np.expm1(-t) * np.exp(-6 * t) - 2 * np.expm1(-2 * t) * np.exp(-5 * t)
    assert second == pytest.approx((np.exp(-7 * t) + one)[:3], rel=1e-12, abs=0)
    fourth = sg.order_statistic(crew, 4).sf(t[2:])  # the two late ones both have rate 1
    assert fourth == pytest.approx(3 * np.exp(-2 * t[2:]), rel=1e-12, abs=0)


def test_the_order_of_the_list_does_not_matter():
    for k in (1, 4, 7):
        there, back = sg.order_statistic(MIXED, k), sg.order_statistic(MIXED[::-1], k)
        assert there.mean() == pytest.approx(back.mean(), rel=1e-12, abs=0)


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3), min_size=2, max_size=4), st.data()
)
def test_unequal_traces_are_counted(traces, data):
    k = data.draw(st.integers(1, len(traces)))
    outcomes = np.sort(list(product(*traces)))[:, k - 1]
    order = sg.order_statistic([sg.trace(times) for times in traces], k)
    assert order.mean() == pytest.approx(outcomes.mean(), rel=1e-12, abs=1e-12)
    assert order.var() == pytest.approx(outcomes.var(), rel=1e-12, abs=1e-12)
    for t in range(10):
        assert order.cdf(t) == pytest.approx(np.mean(outcomes <= t), rel=1e-12, abs=1e-300)
        assert order.sf(t) == pytest.approx(np.mean(outcomes > t), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_discrete_laws_of_scipy_can_join_a_crew(k):
    crew = [stats.randint(1, 7), stats.binom(2, 0.5), sg.deterministic(3)]
    coins = [0, 1, 1, 2]
    outcomes = np.sort(list(product(range(1, 7), coins, [3])))[:, k - 1]
    order = sg.order_statistic(crew, k)
    assert (order.mean(), order.var()) == pytest.approx(
        (outcomes.mean(), outcomes.var()), rel=1e-12
    )


def test_a_fixed_worker_cuts_an_exponential_off():
    crew = [sg.exponential(1), sg.deterministic(0.7)]
    cut = 1 - np.exp(-0.7)
    assert sg.order_statistic(crew, 1).mean() == pytest.approx(cut, rel=1e-12, abs=0)
    assert sg.order_statistic(crew, 2).mean() == pytest.approx(1.7 - cut, rel=1e-12, abs=0)


def test_moments_exist_when_the_heaviest_tails_together_allow_it():
    crew = [sg.pareto(0.7, 1), sg.pareto(0.5, 1), sg.exponential(1)]
    assert sg.order_statistic(crew, 3).mean() == np.inf
    second = sg.order_statistic(crew, 2)  # late only if both Paretos are: index 1.2
    assert (np.isfinite(second.mean()), second.var()) == (True, np.inf)
    assert sg.order_statistic(crew, 1).var() < np.inf
    tail = integrate.quad(lambda y: np.exp(y) * second.sf(np.exp(y)), 0, 200, limit=400)[0]
    head = integrate.quad(second.sf, 0, 1)[0]
    assert second.mean() == pytest.approx(head + tail, rel=1e-8, abs=0)


@pytest.mark.parametrize("k", [1, 100, 250, 499, 500])
@pytest.mark.slow
def test_five_hundred_different_workers(k):
    rates = np.linspace(0.5, 5, 500)
    order = sg.order_statistic(exponentials(*rates), k)
    nodes, weights = np.polynomial.legendre.leggauss(200)
    exact = 0.0
    for a, b in [(0, 0.003), (0.003, 0.1), (0.1, 1), (1, 10), (10, 100)]:
        exact += (b - a) / 2 * weights @ order.sf((a + b) / 2 + (b - a) / 2 * nodes)
    assert order.mean() == pytest.approx(exact, rel=1e-11, abs=0)
    assert order.cdf(order.median()) == pytest.approx(0.5, rel=1e-12, abs=0)


@pytest.mark.parametrize("k", [50_000, 90_000])
@pytest.mark.slow
def test_a_hundred_thousand_workers_of_two_kinds(k):
    crew = exponentials(1) * 50_000 + [sg.gamma(2, 1)] * 50_000
    order, alone = sg.order_statistic(crew, k), stats.gamma(2)
    t = optimize.brentq(lambda t: -np.expm1(-t) + alone.cdf(t) - k / 50_000, 0, 50, xtol=1e-14)
    assert order.mean() == pytest.approx(t, rel=1e-4)
    spread = np.sqrt(5e4 * (np.exp(-t) * -np.expm1(-t) + alone.cdf(t) * alone.sf(t)))
    slope = 5e4 * (np.exp(-t) + alone.pdf(t))
    assert order.std() == pytest.approx(spread / slope, rel=1e-3)
    x = t + np.linspace(-20, 20, 401) * spread / slope
    late = integrate.simpson(order.sf(x), x=x) + x[0]
    assert order.mean() == pytest.approx(late, rel=1e-10)
    assert integrate.simpson(order.pdf(x), x=x) == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize(
    "crew",
    [
        exponentials(*np.linspace(0.5, 5, 30)),
        [*MIXED[2:5], sg.pareto(0.3, 1), sg.pareto(1.5, 1)] * 5,
        [sg.uniform(0, 1)] * 20 + [sg.uniform(2, 3)] * 20,
    ],
    ids=["exponential", "mixed", "apart"],
)
def test_the_means_of_all_ranks_at_once_are_those_of_each(crew):
    workers = check_work(crew)
    each = [sg.order_statistic(crew, k).mean() for k in range(1, workers.m + 1)]
    assert mean_of_every(workers) == pytest.approx(np.array(each), rel=1e-12)


@pytest.mark.parametrize("k", [1, 4, 7])
def test_quantiles_invert_the_cdf(k):
    order = sg.order_statistic(MIXED, k)
    q = np.array([1e-9, 0.2, 0.5, 0.9, 1 - 1e-9])
    t, late = order.ppf(q), order.isf(q)
    assert np.all(order.cdf(t) >= q * (1 - 1e-12))
    assert np.all(order.cdf(t * (1 - 1e-9)) <= q * (1 + 1e-6))
    assert np.all(order.sf(late) <= q * (1 + 1e-12))
    assert np.isnan(order.ppf(1.5))
    assert order.support() == (sorted(law.support()[0] for law in MIXED)[k - 1], order.ppf(1))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_density_is_the_slope_of_the_cdf(k):
    order = sg.order_statistic([sg.gamma(2, 1), sg.gamma(2, 1), sg.lognormal(0, 1)], k)
    for a, b in [(0.2, 0.9), (0.9, 2.5)]:
        area = integrate.fixed_quad(order.pdf, a, b, n=60)[0]
        assert area == pytest.approx(order.cdf(b) - order.cdf(a), rel=1e-9, abs=0)
    with pytest.raises(NotImplementedError, match="density"):
        sg.order_statistic(MIXED, k).pdf(1.0)


@pytest.mark.parametrize("k", [1, 4, 7])
def test_samples_agree_with_the_cdf_and_the_mean(k):
    order = sg.order_statistic(MIXED, k)
    draws = order.rvs(size=(200, 100), random_state=np.random.default_rng(2))
    assert draws.shape == (200, 100)
    assert abs(draws.mean() - order.mean()) < 5 * order.std() / np.sqrt(draws.size)
    for t in order.ppf([0.05, 0.5, 0.95]):
        p = order.cdf(t)
        assert abs(np.mean(draws <= t) - p) < 5 * np.sqrt(p * (1 - p) / draws.size)
    assert np.shape(order.rvs(random_state=1)) == ()


def test_samples_in_several_portions_are_as_many_as_asked_for(monkeypatch):
    monkeypatch.setattr("stragglers.order_statistics.unequal_workers.CHUNK", 70)
    draws = sg.order_statistic(MIXED, 4).rvs(size=123, random_state=1)
    assert len(np.unique(draws)) > 100
    assert draws.shape == (123,)


def test_a_list_must_be_as_long_as_m():
    with pytest.raises(ValueError, match="m must be the number of laws in work, 3, got 2"):
        sg.order_statistic(exponentials(1, 2, 3), 1, m=2)
    with pytest.raises(ValueError, match="k must be an integer from 1 to 3, got 4"):
        sg.order_statistic(exponentials(1, 2, 3), 4)
    assert sg.order_statistic(exponentials(1, 2, 3), 1, m=3).m == 3


HEAVY = {
    "fisk": (stats.fisk(3.0), lambda t: 1 / (1 + t**3)),
    "burr12": (stats.burr12(2, 1.5), lambda t: (1 + t**2) ** -1.5),
    "genpareto": (stats.genpareto(0.4), lambda t: (1 + 0.4 * t) ** -2.5),
    "f": (stats.f(4, 6), stats.f(4, 6).sf),
    "invgamma": (stats.invgamma(2.5), stats.invgamma(2.5).sf),
    "halfcauchy": (stats.halfcauchy(), lambda t: 2 / np.pi * np.arctan(1 / t)),
    "levy": (stats.levy(), lambda t: special.erf(1 / np.sqrt(2 * t))),
}
LIGHTER = {
    "exponential": (sg.exponential(1), lambda t: np.exp(-t), ()),
    "slow exponential": (sg.exponential(0.01), lambda t: np.exp(-0.01 * t), ()),
    "uniform": (sg.uniform(1, 3), lambda t: np.clip((3 - t) / 2, 0, 1), (1, 3)),
    "deterministic": (sg.deterministic(1.5), lambda t: 1.0 * (t < 1.5), (1.5,)),
    "nearly as heavy": (sg.weibull(0.1, 1), lambda t: np.exp(-(t**0.1)), ()),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("lighter", LIGHTER)
@pytest.mark.parametrize("heavy", HEAVY)
def test_the_first_of_a_heavy_tail_and_a_lighter_one_agrees_with_quadrature(heavy, lighter):
    work, late = HEAVY[heavy]
    other, other_late, kinks = LIGHTER[lighter]
    edges = np.union1d(np.linspace(-60, 90, 151), np.log(kinks)) if kinks else np.arange(-60, 91)

    def row(y):
        return late(np.exp(y)) * other_late(np.exp(y)) * np.exp(y)

    parts = [integrate.fixed_quad(row, low, high, n=40)[0] for low, high in pairwise(edges)]
    first = sg.KSync(2, 1).time_per_update([work, other])
    assert first == pytest.approx(sum(parts), rel=1e-9, abs=0)


@pytest.mark.filterwarnings("error")
def test_equal_workers_may_each_take_the_first_of_a_heavy_tail_and_a_lighter_one():
    one = sg.order_statistic([stats.fisk(3.0), sg.exponential(1)], 1)
    exact = integrate.quad(lambda t: (np.exp(-t) / (1 + t**3)) ** 2, 0, 40, epsabs=0, limit=200)[0]
    assert sg.KSync(2, 1).time_per_update(one) == pytest.approx(exact, rel=1e-9, abs=0)


def test_moments_from_where_a_measured_power_is_too_rough_are_still_refused():
    first = sg.order_statistic([stats.fisk(1.2), sg.weibull(0.1, 1)], 1)
    with pytest.raises(ArithmeticError, match=r"too few digits of P.X > t. far out"):
        first.var()
