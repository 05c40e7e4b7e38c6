from fractions import Fraction
from itertools import combinations, pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

import stragglers as sg
from stragglers import training

from ..conftest import FACTS, name_of

HYPER = sg.hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2])
MILLION = 10**6


def mean(law, k, m):
    return sg.order_statistic(law, k, m).mean()


def var(law, k, m):
    return sg.order_statistic(law, k, m).var()


laws = st.one_of(
    st.builds(sg.exponential, st.floats(0.1, 10)),
    st.builds(sg.shifted_exponential, st.floats(0, 10), st.floats(0.1, 10)),
    st.builds(sg.pareto, st.floats(2.1, 20), st.floats(0.1, 10)),
    st.builds(sg.weibull, st.floats(0.2, 10), st.floats(0.1, 10)),
    st.builds(sg.gamma, st.floats(0.1, 10), st.floats(0.1, 10)),
    st.builds(lambda a, b: sg.uniform(a, a + b), st.floats(0, 10), st.floats(0.1, 10)),
    st.builds(sg.lognormal, st.floats(-2, 2), st.floats(0.1, 2)),
    st.builds(
        lambda p, r: sg.hyperexponential([p, 1 - p], [1, r]), st.floats(0, 1), st.floats(0.01, 100)
    ),
    st.builds(sg.two_point, st.floats(0, 1), st.floats(1, 100), st.floats(0, 1)),
    st.builds(sg.trace, st.lists(st.floats(0.1, 100), min_size=1, max_size=10)),
    st.builds(lambda mu: stats.poisson(mu), st.floats(0.1, 20)),
    st.builds(lambda c, s: stats.lomax(c, scale=s), st.floats(2.1, 20), st.floats(0.1, 10)),
)
quickly = settings(max_examples=60)


@pytest.mark.parametrize(
    ("name", "law", "k", "m"),
    [
        *((f"exp.max.seed.m{m}", stats.expon(scale=0.5), m, m) for m in (1, 2, 5, 10, 20)),
        *((f"exp.min.seed.m{m}", stats.expon(scale=0.5), 1, m) for m in (1, 2, 5, 10, 20)),
        ("sexp.max.m20", sg.shifted_exponential(1, 1), 20, 20),
        ("sexp.k15m20", sg.shifted_exponential(1, 1), 15, 20),
        ("unif.k7m10", sg.uniform(1, 3), 7, 10),
        ("weib.c0.5.k1m10", sg.weibull(0.5, 1), 1, 10),
        ("weib.c2.0.k6m10", sg.weibull(2, 1), 6, 10),
        ("weib.c1.5.k20m20", sg.weibull(1.5, 1), 20, 20),
        ("pareto.a2.0.k20m20", sg.pareto(2, 1), 20, 20),
        ("pareto.a2.0.k10m20", sg.pareto(2, 1), 10, 20),
        ("pareto.a2.0.k1m20", sg.pareto(2, 1), 1, 20),
        ("pareto.a1.5.k10m10", sg.pareto(1.5, 1), 10, 10),
        ("async.pareto1.5.equal.m2", sg.pareto(1.5, 1), 1, 2),
        ("lomax.min.a2.m10", stats.lomax(2), 1, 10),
        ("erlang2.min.m10", sg.gamma(2, 1), 1, 10),
        ("erlang2.max.m10", sg.gamma(2, 1), 10, 10),
        ("evt.erlang2.max1000", sg.gamma(2, 1), 1000, 1000),
        ("lognorm.max.m2", sg.lognormal(0, 1), 2, 2),
        ("hyper.min.m10", HYPER, 1, 10),
        ("hyper.max.m10", HYPER, 10, 10),
        ("bern.max.m20", sg.two_point(1, 10, 0.01), 20, 20),
        ("evt.ratio.m1000.exp", sg.exponential(1), 1000, 1000),
        ("evt.ratio.m1000.unif", sg.uniform(0, 2), 1000, 1000),
        ("async.min.sexp.m10", sg.shifted_exponential(1, 1), 1, 10),
        ("async.min.unif.m10", sg.uniform(0, 1), 1, 10),
        ("async.min.pareto2.m10", sg.pareto(2, 1), 1, 10),
        ("adacomm.max16.mean10", sg.gamma(10, 10), 16, 16),
        ("repl.exp.n10r2", sg.order_statistic(sg.exponential(1), 1, 2), 10, 10),
    ],
)
def test_means_agree_with_the_facts(name, law, k, m):
    assert mean(law, k, m) == pytest.approx(float(FACTS[name]["value"]), rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("law", "k", "m", "exact_mean", "exact_variance"),
    [
        # mpmath, 30 digits: integrals of P(X_{k:m} > e^y) e^y over y, the incomplete Beta function
        # by its continued fraction; `law` with its parameters as doubles.
        (sg.lognormal(0, 2), 1, MILLION, 6.6471471212469088e-5, 8.1055832138575629e-10),
        (sg.lognormal(0, 2), MILLION, MILLION, 19403.291488678860, 223356186.30671751),
        (sg.lognormal(0, 2), 500_000, MILLION, 1.0000006349637701, 6.2832103288592037e-6),
        (sg.lognormal(0, 2), 999_990, MILLION, 4996.0159565738416, 496893.45148027652),
        (sg.lognormal(0, 2), 10, 20, 1.0301844484713834, 0.38164284634108090),
        (sg.lognormal(0, 2), 20, 20, 82.460325491122128, 51041.833814149417),
        (sg.lognormal(0, 5), 20, 20, 5349517.0184648917, 1.0369411054014001e23),
        (sg.gamma(0.1, 1), 1, 10, 3.2985192437478667e-6, 1.2789823857301657e-8),
        (sg.gamma(0.1, 1), MILLION, MILLION, 9.9937141252824637, 1.4127011086495641),
        (sg.gamma(0.1, 1), 500_000, MILLION, 0.00059341191653965402, 3.5252584108188813e-11),
        (sg.weibull(0.1, 1), MILLION, MILLION, 596875783363.08691, 1.9047248080868082e24),
        (sg.weibull(0.1, 1), 20, 20, 71960108.679696592, 48652421854106809397.0),
        (sg.weibull(0.1, 1), 500_000, MILLION, 0.025603076517098141, 1.3644908153685905e-7),
        (HYPER, 1, MILLION, 5.4945059782029624e-7, 3.0189601259871429e-13),
        (HYPER, 500_000, MILLION, 0.39603540551942811, 3.5967681192668430e-7),
        (HYPER, MILLION, MILLION, 60.450708149358387, 41.123326671218156),
        (HYPER, 30, 50, 0.52553104182663011, 0.011599952301305273),
    ],
    ids=name_of,
)
def test_moments_agree_with_mpmath(law, k, m, exact_mean, exact_variance):
    assert mean(law, k, m) == pytest.approx(exact_mean, rel=1e-12, abs=0)
    assert var(law, k, m) == pytest.approx(exact_variance, rel=1e-10, abs=0)


@pytest.mark.parametrize("m", [2, 10, 100])
@pytest.mark.parametrize("shape", [0.1, 0.5, 3])
def test_weibull_means_agree_with_the_exact_alternating_sum(shape, m):
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(120):
        for k in {1, 2, m // 2, m}:
            power, n = -1 - 1 / mpmath.mpf(shape), m - k + 1
            terms = ((-1) ** i * mpmath.binomial(k - 1, i) * (n + i) ** power for i in range(k))
            exact = m * mpmath.binomial(m - 1, k - 1) * mpmath.gamma(-power) * mpmath.fsum(terms)
            assert mean(sg.weibull(shape, 1), k, m) == pytest.approx(float(exact), rel=1e-12, abs=0)


@pytest.mark.parametrize("m", [7, 1000, MILLION])
def test_the_slowest_of_square_root_weibulls_is_a_sum_of_harmonic_numbers(m):
    exact = sg.harmonic(m) ** 2 + sg.harmonic(m, 2)
    assert mean(sg.weibull(0.5, 3), m, m) == pytest.approx(3 * exact, rel=1e-12, abs=0)


@quickly
@given(laws, st.integers(2, 200), st.data())
def test_leaving_one_worker_out_relates_three_order_statistics(law, m, data):
    """(m - k) E[X_{k:m}] + k E[X_{k+1:m}] = m E[X_{k:m-1}], for first and second moments."""
    k = data.draw(st.integers(1, m - 1))
    low, high, fewer = ((i, n) for i, n in ((k, m), (k + 1, m), (k, m - 1)))
    first = [mean(law, *each) for each in (low, high, fewer)]
    second = [var(law, *each) + mu**2 for each, mu in zip((low, high, fewer), first, strict=True)]
    for a, b, c in (first, second):
        assert ((m - k) * a + k * b) / m == pytest.approx(c, rel=1e-9, abs=0)


@quickly
@given(laws, st.integers(1, 30))
def test_the_order_statistics_sum_to_all_the_times(law, m):
    total = sum(mean(law, k, m) for k in range(1, m + 1))
    assert total == pytest.approx(m * law.mean(), rel=1e-10, abs=0)


@quickly
@given(laws, st.integers(1, MILLION), st.data())
def test_means_rise_with_k_and_fall_with_m(law, m, data):
    k = data.draw(st.integers(1, m))
    middle, margin = mean(law, k, m), 1 + 1e-10
    assert mean(law, k, m + 1) <= middle * margin
    assert middle <= mean(law, k + 1, m + 1) * margin
    assert middle <= mean(law, min(k + 1, m), m) * margin
    assert var(law, k, m) >= 0


@quickly
@given(laws, st.integers(1, 1000), st.data(), st.floats(1e-12, 1 - 1e-12))
def test_quantiles_invert_the_cdf(law, m, data, q):
    order = sg.order_statistic(law, data.draw(st.integers(1, m)), m)
    t = order.ppf(q)
    assert order.cdf(t * (1 + 1e-12)) >= q * (1 - 1e-9)
    assert order.cdf(t * (1 - 1e-9) - 1e-300) <= q * (1 + 1e-6)
    assert order.sf(order.isf(q) * (1 + 1e-12)) <= q * (1 + 1e-9)
    low, high = order.support()
    assert low <= t <= high
    assert order.median() == order.ppf(0.5)


@pytest.mark.parametrize(
    "law", [stats.poisson(15.438409695936993), stats.geom(0.3), stats.yulesimon(2.5)]
)
@pytest.mark.parametrize(("m", "q"), [(723, 1e-12), (723, 1e-3), (MILLION, 1e-30)])
def test_deep_quantiles_of_counts_are_the_least_with_their_probability(law, m, q):
    order = sg.order_statistic(law, m, m)
    t = order.isf(q)
    assert order.sf(t) <= q * (1 + 1e-9)
    assert order.sf(t - 1) >= q * (1 - 1e-9)


def test_a_count_whose_tail_has_no_digits_is_not_asked_for_its_far_quantiles():
    with pytest.raises(ArithmeticError, match="no digits of P"):
        sg.order_statistic(stats.zipf(9), MILLION, MILLION).isf(1e-30)


@pytest.mark.parametrize("k", [1, 2, 500_000, 999_999, MILLION])
@pytest.mark.parametrize("law", [sg.exponential(1), stats.lomax(1.1), sg.lognormal(0, 2)])
def test_both_tails_keep_their_digits_at_a_million_workers(law, k):
    order = sg.order_statistic(law, k, MILLION)
    for q in (1e-100, 1e-20, 1e-5, 0.3):
        assert order.cdf(order.ppf(q)) == pytest.approx(q, rel=1e-8, abs=0)
        assert order.sf(order.isf(q)) == pytest.approx(q, rel=1e-8, abs=0)


def test_the_tails_of_extremes_are_powers():
    work, t = sg.exponential(1), np.array([1e-9, 0.1, 1, 30, 300])
    slowest, fastest = sg.order_statistic(work, 20, 20), sg.order_statistic(work, 1, 20)
    assert slowest.cdf(t) == pytest.approx((-np.expm1(-t)) ** 20, rel=1e-13, abs=0)
    assert slowest.sf(t) == pytest.approx(-np.expm1(20 * np.log1p(-np.exp(-t))), rel=1e-13, abs=0)
    assert fastest.sf(t) == pytest.approx(np.exp(-20 * t), rel=1e-13, abs=0)
    assert fastest.cdf(t) == pytest.approx(-np.expm1(-20 * t), rel=1e-13, abs=0)
    assert slowest.median() == pytest.approx(-np.log1p(-(0.5 ** (1 / 20))), rel=1e-14, abs=0)


@pytest.mark.parametrize(("k", "m"), [(1, 1), (1, 7), (4, 7), (7, 7), (600, 1000)])
@pytest.mark.parametrize(
    "law", [sg.gamma(2, 1), sg.uniform(1, 3), HYPER, sg.pareto(1.5, 1)], ids=name_of
)
def test_the_density_is_the_slope_of_the_cdf(law, k, m):
    order = sg.order_statistic(law, k, m)
    edges = order.ppf(np.linspace(0.01, 0.99, 9))
    for a, b in pairwise(edges):
        area = integrate.fixed_quad(order.pdf, a, b, n=40)[0]
        assert area == pytest.approx(order.cdf(b) - order.cdf(a), rel=1e-9, abs=0)
    assert order.pdf(np.array([[0.5, 1.5, 2.5]])).shape == (1, 3)


def test_the_density_matches_its_formula_at_a_million_workers():
    order = sg.order_statistic(sg.exponential(1), 1, MILLION)
    t = np.array([0, 1e-7, 1e-6, 1e-5])
    assert order.pdf(t) == pytest.approx(MILLION * np.exp(-MILLION * t), rel=1e-12, abs=0)


def test_the_density_keeps_its_digits_in_the_far_tail():
    order, t = sg.order_statistic(sg.exponential(1), 19, 20), np.array([1, 40, 100])
    exact = 380 * np.exp(18 * np.log1p(-np.exp(-t)) - 2 * t)
    assert order.pdf(t) == pytest.approx(exact, rel=1e-12, abs=0)


def test_laws_without_a_density_say_so():
    with pytest.raises(NotImplementedError, match="work must have a density for pdf"):
        sg.order_statistic(sg.trace([1, 2]), 1, 2).pdf(1.0)


@pytest.mark.parametrize(
    "law",
    [
        sg.exponential(1),
        sg.uniform(1, 3),
        sg.weibull(1.5, 1),
        sg.gamma(2, 1),
        sg.lognormal(0, 1),
        sg.pareto(2.5, 1),
    ],
    ids=name_of,
)
def test_moments_agree_with_scipy(law):
    scipy = pytest.importorskip("scipy", minversion="1.16").stats
    shapes, loc, scale = law.dist._parse_args(*law.args, **law.kwds)
    names = [shape.name for shape in law.dist._shape_info()]
    theirs = scipy.make_distribution(getattr(stats, law.dist.name))
    theirs = scale * theirs(**dict(zip(names, shapes, strict=True))) + loc
    for k, m in [(1, 5), (3, 5), (5, 5), (70, 100)]:
        order = scipy.order_statistic(theirs, r=k, n=m)
        assert mean(law, k, m) == pytest.approx(float(order.mean()), rel=1e-9, abs=0)
        assert var(law, k, m) == pytest.approx(float(order.variance()), rel=1e-7, abs=0)


@pytest.mark.parametrize("kwds", [{"scale": 3}, {"loc": 2}, {"loc": 2, "scale": 3}], ids=name_of)
@pytest.mark.parametrize(
    "make", [stats.expon, stats.uniform, stats.gamma, stats.pareto, stats.lomax, stats.weibull_min]
)
def test_order_statistics_scale_and_shift_with_the_work(make, kwds):
    shapes = (2.5,) * make.numargs
    for k, m in [(1, 9), (4, 9), (9, 9)]:
        plain = sg.order_statistic(make(*shapes), k, m)
        moved = sg.order_statistic(make(*shapes, **kwds), k, m)
        loc, scale = kwds.get("loc", 0), kwds.get("scale", 1)
        assert moved.mean() == pytest.approx(loc + scale * plain.mean(), rel=1e-12, abs=0)
        assert moved.var() == pytest.approx(scale**2 * plain.var(), rel=1e-11, abs=0)
        assert moved.std() == pytest.approx(scale * plain.std(), rel=1e-11, abs=0)


@pytest.mark.parametrize("k", [1, 2, 10, 500_000, 999_999])
@pytest.mark.parametrize("alpha", [0.7, 1.1, 2.5, 40])
def test_quadrature_agrees_with_the_closed_forms(k, alpha):
    for law in (
        sg.pareto(alpha, 1),
        stats.lomax(alpha),
        sg.exponential(alpha),
        sg.uniform(0, alpha),
    ):
        order = sg.order_statistic(law, k, MILLION)
        if np.isfinite(order.var()):
            first, second = order._moments(2)
            assert first == pytest.approx(order.mean(), rel=1e-12, abs=0)
            lost = 1e-15 * first / order.std()  # 16 digits of times that differ by their spread
            assert second == pytest.approx(order.var(), rel=1e-10 + lost, abs=0)


@pytest.mark.parametrize("alpha", [0.3, 0.5, 0.9, 1, 1.1, 2, 2.1])
@pytest.mark.parametrize("k", [8, 9, 10])
def test_pareto_moments_exist_exactly_when_they_should(alpha, k):
    order, n = sg.order_statistic(sg.pareto(alpha, 1), k, 10), 10 - k + 1
    exists = n * Fraction(alpha) > 1
    assert np.isfinite(order.mean()) == exists
    if exists:
        j = np.arange(n, 11)
        assert order.mean() == pytest.approx(np.prod(j / (j - 1 / alpha)), rel=1e-12, abs=0)
    assert np.isfinite(order.var()) == (n * Fraction(alpha) > 2)
    assert np.isfinite(order.std()) == np.isfinite(order.var())


def test_pareto_means_are_right_up_to_the_edge_of_existence():
    for excess in (0.1, 1e-3, 1e-6, 1e-9):
        alpha = 1 + excess  # mean of one worker: alpha / (alpha - 1)
        assert mean(sg.pareto(alpha, 1), 1, 1) == pytest.approx(
            alpha / (alpha - 1), rel=1e-12, abs=0
        )
    assert mean(sg.pareto(0.5, 1), 7, 10) == pytest.approx(15, rel=1e-12, abs=0)


class Duck:
    """A worker time that offers the five methods and no more."""

    def __init__(self, law):
        self.mean, self.var, self.cdf, self.ppf, self.rvs = (
            getattr(law, name) for name in ("mean", "var", "cdf", "ppf", "rvs")
        )


@pytest.mark.parametrize(
    ("law", "alpha"),
    [
        (stats.fisk(1.5), 1.5),
        (stats.fisk(0.8), 0.8),
        (stats.invgamma(1.5), 1.5),
        (stats.invweibull(0.6), 0.6),
        (stats.halfcauchy(), 1),
        (stats.foldcauchy(1), 1),
        (stats.levy(), 0.5),
        (stats.genpareto(0.6), 1 / 0.6),
        (stats.loglaplace(0.7), 0.7),
        (stats.betaprime(3, 0.9), 0.9),
        (Duck(stats.pareto(0.7)), 0.7),
        (Duck(stats.pareto(1.5)), 1.5),
        (Duck(stats.halfcauchy()), 1),
    ],
    ids=name_of,
)
def test_moments_of_any_heavy_tail_are_infinite_exactly_when_they_should(law, alpha):
    for n in (1, 2, 3):
        order = sg.order_statistic(law, 6 - n, 5)
        assert np.isfinite(order.mean()) == (n * alpha > 1)
        assert np.isfinite(order.var()) == (n * alpha > 2)


@pytest.mark.parametrize("c", [1.5, 2.5, 4])
def test_log_logistic_means_agree_with_their_beta_functions(c):
    for k, m in [(1, 1), (3, 10), (10, 10), (MILLION, MILLION)]:
        n = m - k + 1
        exact = special.poch(k, 1 / c) * np.exp(special.gammaln(n - 1 / c) - special.gammaln(n))
        assert mean(stats.fisk(c), k, m) == pytest.approx(
            exact, rel=1e-8 if m > 10 else 1e-11, abs=0
        )


@pytest.mark.parametrize(
    "law", [stats.expon(), stats.gamma(2), stats.weibull_min(0.5), stats.pareto(3)]
)
def test_laws_with_five_methods_only_lose_few_digits(law):
    for k, m in [(1, 1), (1, 20), (10, 20), (19, 20), (20, 20), (1, MILLION), (990_000, MILLION)]:
        assert mean(Duck(law), k, m) == pytest.approx(mean(law, k, m), rel=1e-9, abs=0)
        assert var(Duck(law), k, m) == pytest.approx(var(law, k, m), rel=1e-7, abs=0)


@pytest.mark.parametrize(
    "law", [sg.trace([1, 2, 3.5, 3.5]), sg.two_point(1, 10, 0.1), stats.poisson(3)]
)
def test_jumps_of_a_duck_are_found(law):
    for k, m in [(1, 3), (2, 3), (20, 20)]:
        assert mean(Duck(law), k, m) == pytest.approx(mean(law, k, m), rel=1e-9, abs=0)


def test_kinks_of_a_histogram_are_found():
    law = stats.rv_histogram(([5, 1, 0, 3], [0, 1, 2, 3, 7.0]), density=True)
    nodes, weights = np.polynomial.legendre.leggauss(30)
    t = np.add.outer([0.5, 1.5, 2.5], nodes / 2).ravel().tolist() + (5 + 2 * nodes).tolist()
    w = [*(np.tile(weights, 3) / 2), *(2 * weights)]
    assert mean(law, 5, 5) == pytest.approx(np.dot(w, 1 - law.cdf(t) ** 5), rel=1e-9, abs=0)


def test_laws_whose_quantiles_scipy_searches_for_are_integrated_over_time():
    law = stats.foldnorm(2)
    slowest = integrate.quad(lambda t: 1 - law.cdf(t) ** 5, 0, 20, epsabs=1e-13)[0]
    assert mean(law, 5, 5) == pytest.approx(slowest, rel=1e-9, abs=0)
    assert mean(law, 1, 1) == pytest.approx(law.mean(), rel=1e-9, abs=0)
    assert var(law, 1, 1) == pytest.approx(law.var(), rel=1e-8, abs=0)


@pytest.mark.parametrize(
    ("law", "k", "m", "exact_mean", "exact_variance"),
    [
        # mpmath, 30 digits, as above, from the error function and the incomplete Beta function.
        (stats.invgauss(0.45), 1, 20, 0.12859501279279631, 0.0011851339922094064),
        (stats.invgauss(0.45), 20, 20, 1.2291347061203940, 0.15787303823662523),
        (stats.invgauss(0.45), 1, MILLION, 0.034499745763044613, 7.6291112015642848e-6),
        (stats.invgauss(0.45), MILLION, MILLION, 4.9400249328220155, 0.22154225010724950),
        (stats.foldnorm(2), 20, 20, 3.8674752564791025, 0.27569630725581864),
        (stats.foldnorm(2), MILLION, MILLION, 6.8628974861966621, 0.061506271412760753),
        (stats.recipinvgauss(0.63), 20, 20, 7.4342985206000863, 5.5412273574658935),
        (stats.recipinvgauss(0.63), MILLION, MILLION, 28.027767047119058, 6.2069739654890831),
        (stats.betaprime(5, 6), MILLION, MILLION, 25.932831483099201, 47.566953345223717),
        (stats.ncf(27, 27, 0.5), 20, 20, 2.1752687122671187, 0.24933921782994158),
        *(
            (law(3, 1.2, 2.5, 2), 20, 20, 313.41575878570785, 204199.53925591807)
            for law in [getattr(stats, "dpareto_lognorm", None)]
            if law  # since scipy 1.15
        ),
    ],
    ids=name_of,
)
def test_laws_whose_quantiles_scipy_does_not_know(law, k, m, exact_mean, exact_variance):
    """scipy's are nan, overflow, stop at 1 - s = 1 or are found one by one to eight digits."""
    assert mean(law, k, m) == pytest.approx(exact_mean, rel=1e-9, abs=0)
    assert var(law, k, m) == pytest.approx(exact_variance, rel=1e-8, abs=0)
    draws = sg.order_statistic(law, k, m).rvs(300, np.random.default_rng(6))
    assert abs(draws.mean() - exact_mean) < 5 * np.sqrt(exact_variance / 300)


def test_a_million_workers_with_an_end_are_close_to_it_without_a_warning(recwarn):
    slowest = sg.order_statistic(stats.arcsine(), MILLION, MILLION)
    fastest = sg.order_statistic(stats.arcsine(), 1, MILLION)  # 1 - X has the law of X
    assert slowest.mean() == pytest.approx(1 - fastest.mean(), rel=1e-15, abs=0)
    assert slowest.var() == pytest.approx(fastest.var(), rel=1e-4, abs=0)  # 1 - X has few digits
    assert not recwarn.list


class Broken(Duck):
    """A law whose quantiles are nan near the middle."""

    def __init__(self, law):
        super().__init__(law)
        self.ppf = lambda q: np.where(abs(np.asarray(q) - 0.5) < 0.1, np.nan, law.ppf(q))


@pytest.mark.parametrize(
    ("law", "what", "kind", "message"),
    [
        (stats.rel_breitwigner(36.5), "var", ArithmeticError, "too few digits of P.X > t. far out"),
        (Broken(stats.expon()), "mean", ArithmeticError, "quantiles that contradict its cdf"),
    ],
    ids=name_of,
)
def test_laws_that_cannot_be_integrated_are_refused(law, what, kind, message):
    with pytest.raises(kind, match=message):
        getattr(sg.order_statistic(law, 20, 20), what)()


def test_quantiles_beyond_the_digits_of_the_work_are_refused():
    order = sg.order_statistic(stats.mielke(10.4, 4.6), 20, 20)
    assert order.sf(order.isf(1e-9)) == pytest.approx(1e-9, rel=1e-4, abs=0)
    with pytest.raises(ArithmeticError, match=r"no digits of P.X > t. as far out as 5e-32"):
        order.isf(1e-30)


def test_a_law_that_scipy_takes_seconds_for_is_refused():
    with pytest.raises(ValueError, match=r"scipy finds in time, got studentized_range\(3, 10\)"):
        sg.order_statistic(stats.studentized_range(3, 10), 1, 2)


class DensityOnly(stats.rv_continuous):
    """An exponential law of which scipy is told the density only."""

    def _pdf(self, x):
        return np.exp(-x)


@pytest.mark.parametrize(
    ("law", "name"),
    [
        (stats.geninvgauss(2.3, 1.5), r"geninvgauss\(2.3, 1.5\)"),
        (stats.gausshyper(14, 3, 2.5, 5), "gausshyper"),
        (DensityOnly(a=0, name="mine")(), "mine"),
    ],
    ids=["geninvgauss", "gausshyper", "mine"],
)
def test_laws_of_which_scipy_has_the_density_only_are_refused_by_name(law, name):
    with pytest.raises(ValueError, match=f"work must have a cdf of its own, got {name}"):
        sg.order_statistic(law, 1, 2)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_three_dice_are_counted(k):
    rolls = np.sort(np.stack(np.meshgrid(*[np.arange(1, 7)] * 3), -1).reshape(-1, 3))[:, k - 1]
    for die in (sg.trace(range(1, 7)), stats.randint(1, 7)):
        order = sg.order_statistic(die, k, 3)
        assert (order.mean(), order.var()) == pytest.approx(
            (rolls.mean(), rolls.var()), rel=1e-13, abs=0
        )
        for face in range(8):
            assert order.cdf(face) == pytest.approx(np.mean(rolls <= face), rel=1e-13, abs=0)
            assert order.sf(face) == pytest.approx(np.mean(rolls > face), rel=1e-13, abs=0)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=8), st.integers(1, 9), st.data())
def test_a_trace_weighs_its_times_by_binomial_probabilities(times, m, data):
    k, times = data.draw(st.integers(1, m)), sorted(times)
    below = [Fraction(i, len(times)) for i in range(len(times) + 1)]
    reached = [sum(comb(m, j) * p**j * (1 - p) ** (m - j) for j in range(k, m + 1)) for p in below]
    exact = sum(float(b - a) * t for a, b, t in zip(reached, reached[1:], times, strict=False))
    assert mean(sg.trace(times), k, m) == pytest.approx(exact, rel=1e-12, abs=1e-300)


def test_a_rare_and_very_slow_worker_is_not_lost():
    law = sg.two_point(1, 1e12, 1e-15)
    assert mean(law, 1000, 1000) == pytest.approx(1 + (1e12 - 1) * 1e-12, rel=1e-9, abs=0)
    assert mean(law, 999, 1000) == pytest.approx(1 + (1e12 - 1) * 499_500e-30, rel=1e-12, abs=0)
    assert var(sg.two_point(0, 1, 1e-9), 1, 1) == pytest.approx(1e-9, rel=1e-8, abs=0)


@pytest.mark.parametrize(("k", "m"), [(1, 1), (1, 4), (3, 4), (4, 4), (5, 7)])
def test_a_trace_without_replacement_counts_subsets(k, m):
    times = [3, 1, 4, 1, 9, 2.5, 2.5]
    work = sg.trace(times, replace=False)
    each = [sorted(chosen)[k - 1] for chosen in combinations(times, m)]
    law = sg.order_statistic(work, k, m)
    assert law.mean() == pytest.approx(np.mean(each), rel=1e-14)
    assert law.var() == pytest.approx(np.var(each), rel=1e-13, abs=1e-15)
    assert law.cdf(2.5) == pytest.approx(np.mean(np.array(each) <= 2.5), rel=1e-13)
    protocol = sg.KSync(m, k, communication=0.5)
    assert protocol.time_per_update(work) == pytest.approx(0.5 + np.mean(each), rel=1e-14)
    run = protocol.simulate(work, 4000, np.random.default_rng(2))
    assert abs(run.time_per_update - 0.5 - np.mean(each)) <= 5 * run.standard_error + 1e-12


def test_a_trace_without_replacement_is_refused_where_workers_must_be_independent():
    work = sg.trace([1, 2, 3], replace=False)
    assert work.rvs(size=(5, 3), random_state=0).sum(axis=1).tolist() == [6] * 5
    refused = [
        lambda: sg.Async(3).time_per_update(work),
        lambda: sg.KAsync(3, 2).simulate(work, 5, np.random.default_rng(0)),
        lambda: sg.LocalSGD(3, 2).time_per_update(work),
        lambda: sg.order_statistic([work, sg.exponential(1)], 1),
        lambda: sg.race(work, 3, 5, np.random.default_rng(0)),
        lambda: training.train(sg.Sync(3), training.Quadratic(), work, updates=3, step=1, rng=1),
    ]
    for ask in refused:
        with pytest.raises(ValueError, match="work must be drawn independently here"):
            ask()
    with pytest.raises(ValueError, match="m must be at most the number of times in a trace"):
        sg.Sync(4).time_per_update(work)
    with pytest.raises(ValueError, match="replace must be True or False"):
        sg.trace([1, 2], replace="no")


def test_a_trace_of_ten_thousand_times_at_a_million_workers():
    times = stats.lognorm(1).ppf((np.arange(10**4) + 0.5) / 10**4)
    law = sg.trace(times)
    assert mean(law, MILLION, MILLION) == pytest.approx(times[-1], rel=1e-12, abs=0)
    gaps = np.diff(times) @ special.betainc(500_001, 500_000, 1 - np.arange(1, 10**4) / 10**4)
    assert mean(law, 500_000, MILLION) == pytest.approx(times[0] + gaps, rel=1e-11, abs=0)


@pytest.mark.parametrize("m", [20, MILLION])
@pytest.mark.parametrize("part", [0, 0.5, 1])
@pytest.mark.parametrize(
    "law",
    [sg.exponential(2), sg.pareto(0.7, 1), HYPER, sg.trace([1, 2, 4]), stats.poisson(9)],
    ids=name_of,
)
def test_samples_agree_with_the_cdf(law, part, m):
    order = sg.order_statistic(law, max(1, int(part * m)), m)
    draws = order.rvs(size=20_000, random_state=np.random.default_rng(3))
    for t in order.ppf([0.05, 0.5, 0.95, 0.999]):
        p = order.cdf(t)
        assert abs(np.mean(draws <= t) - p) <= 5 * np.sqrt(p * (1 - p) / len(draws)) + 1e-9


def test_samples_of_the_slowest_keep_their_digits_at_any_number_of_workers():
    m = 10**17  # u = F(X_{m:m}) is nearer to 1 than any other double
    draws = sg.order_statistic(sg.exponential(1), m, m).rvs(20_000, np.random.default_rng(4))
    error = np.sqrt(sg.harmonic(m, 2) / len(draws))
    assert abs(draws.mean() - sg.harmonic(m)) < 5 * error


def test_samples_have_the_shape_asked_for_and_need_no_seed():
    order = sg.order_statistic(sg.gamma(2, 1), 2, 3)
    assert np.shape(order.rvs()) == ()
    assert order.rvs(size=(2, 3), random_state=1).shape == (2, 3)
    assert order.rvs(size=4, random_state=1).tolist() == order.rvs(size=4, random_state=1).tolist()


def test_simulated_workers_agree_with_the_moments():
    times = np.sort(np.random.default_rng(5).gamma(2, size=(40_000, 9)), axis=1)
    for k in (1, 5, 9):
        order, column = sg.order_statistic(sg.gamma(2, 1), k, 9), times[:, k - 1]
        assert abs(column.mean() - order.mean()) < 5 * order.std() / 200
        spread = (column - order.mean()) ** 2
        assert abs(spread.mean() - order.var()) < 5 * spread.std() / 200


def test_an_order_statistic_can_be_somebodys_work():
    pairs = sg.order_statistic(sg.pareto(0.7, 1), k=1, m=2)  # a Pareto law of twice the index
    assert mean(pairs, 5, 5) == pytest.approx(mean(sg.pareto(1.4, 1), 5, 5), rel=1e-9, abs=0)
    assert mean(sg.order_statistic(sg.uniform(0, 1), 2, 2), 3, 3) == pytest.approx(
        6 / 7, rel=1e-12, abs=0
    )
    assert mean(sg.order_statistic(sg.pareto(0.4, 1), 1, 2), 5, 5) == np.inf


@pytest.mark.parametrize(
    ("k", "m", "kind", "message"),
    [
        (0, 3, ValueError, "k must be an integer from 1 to 3, got 0"),
        (4, 3, ValueError, "k must be an integer from 1 to 3, got 4"),
        (1.5, 3, ValueError, "k must be an integer from 1 to 3, got 1.5"),
        (True, 3, TypeError, "k must be an integer .* got True"),
        (1, 0, ValueError, "m must be an integer of at least 1, got 0"),
        (1, 2.5, ValueError, "m must be an integer of at least 1, got 2.5"),
        (1, None, TypeError, "m must be an integer of at least 1, got None"),
        (1, np.nan, ValueError, "m must be an integer of at least 1, got nan"),
        (1, "3", TypeError, "m must be an integer of at least 1, got '3'"),
    ],
)
def test_wrong_ranks_are_refused_by_name(k, m, kind, message):
    with pytest.raises(kind, match=message):
        sg.order_statistic(sg.exponential(1), k, m)


def test_numpy_integers_are_integers():
    assert mean(sg.exponential(1), np.int64(2), np.uint8(2)) == pytest.approx(1.5)


def test_the_repr_says_what_it_is():
    order = sg.order_statistic(sg.exponential(2), k=3, m=4)
    assert repr(order) == "order_statistic(exponential(rate=2.0), k=3, m=4)"
