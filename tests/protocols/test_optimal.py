"""The optima: against the facts, against plain search, and against their limits."""

import numpy as np
import pytest
from scipy import special, stats

import stragglers as sg

from ..conftest import FACTS


def fact(name):
    return pytest.approx(float(FACTS[name]["value"]), rel=1e-9)


def law(shift):
    return sg.shifted_exponential(shift=shift, rate=1) if shift else sg.exponential(rate=1)


@pytest.mark.parametrize(
    ("shift", "best"), [(0, 1), (0.1, 7), (0.5, 12), (1, 14), (2, 16), (5, 18)]
)
def test_optimal_k_of_shifted_exponential_workers_is_known(shift, best):
    assert sg.optimal_k(law(shift), m=20) == best
    name = f"optK.sexp.m20.D{shift}"
    if name in FACTS:
        assert best == float(FACTS[name]["value"])


@pytest.mark.parametrize(
    "work",
    [
        law(0),
        law(0.3),
        sg.pareto(2, 1),
        sg.weibull(0.5, 1),
        sg.gamma(3, 1),
        stats.poisson(3),
    ],
    ids=lambda work: work.dist.name,
)
@pytest.mark.parametrize("communication", [0.0, 0.7])
def test_optimal_k_is_the_best_of_a_plain_search(work, communication):
    throughput = [
        sg.KSync(30, k, communication=communication).throughput(work) for k in range(1, 31)
    ]
    assert sg.optimal_k(work, 30, communication) == 1 + np.argmax(throughput)


def test_optimal_k_of_unequal_workers_leaves_the_slow_ones_behind():
    work = [sg.uniform(1, 1.1)] * 5 + [sg.uniform(10, 11)] * 3
    assert sg.optimal_k(work, 8) == 5


def test_a_tie_goes_to_the_least_k():
    assert sg.optimal_k(sg.uniform(0, 1), m=20) == 1
    assert sg.optimal_k(stats.beta(1, 1), m=12) == 1  # the same law, by quadrature
    assert sg.optimal_k(law(0.5), m=2) == 1


def test_an_infinite_mean_is_never_waited_for():
    assert sg.optimal_k(sg.pareto(alpha=0.9, minimum=1), m=3) < 3


def test_optimal_k_over_m_tends_to_the_optimal_fraction():
    for shift in (0.1, 1, 5):
        best = sg.optimal_k(law(shift), m=10**6)
        assert best / 10**6 == pytest.approx(sg.optimal_fraction(shift), abs=2e-6)


def test_the_optimal_fraction_is_that_of_lambert():
    assert sg.optimal_fraction(0.1) == fact("optK.frac.D0.1")
    assert sg.optimal_fraction(0) == 0
    for x in (0.01, 0.5, 3.0, 40.0, 500.0):
        lambert = special.lambertw(-np.exp(-1 - x), -1).real
        assert sg.optimal_fraction(x) == pytest.approx(1 + 1 / lambert, rel=1e-9)
    assert sg.optimal_fraction(1e-14) == pytest.approx(np.sqrt(2e-14), rel=1e-6)
    assert sg.optimal_fraction(1e5) == pytest.approx(1 - 1 / (1e5 + 1 + np.log(1e5)), rel=1e-9)


RAYS = {  # the law, and where the ray touches by hand: u = F(t) with t f(t) = F(t)
    "Pareto 2": (sg.pareto(alpha=2, minimum=1), 2 / 3),
    "Pareto ½": (sg.pareto(alpha=0.5, minimum=3), 1 / 3),
    "Pareto 2 that starts at 0": (stats.lomax(2), 0),
    "Pareto 2, late": (stats.pareto(2, loc=1), 0.75),
    "uniform": (sg.uniform(0, 2), 0),
    "uniform, late": (sg.uniform(1, 3), 1),
    "beta": (stats.beta(2, 2), 27 / 32),
    "hyperexponential": (sg.hyperexponential([0.9, 0.1], [2, 0.2]), 0),
    "two points": (sg.two_point(usual=1, slow=10, probability=0.1), 0.9),
    "trace": (sg.trace([10, 11, 13, 90]), 0.75),
    "constant": (sg.deterministic(2), 1),
    "constant 0": (sg.deterministic(0), 0),
    "exponential": (sg.exponential(rate=3), 0),
    "Poisson": (stats.poisson(3, loc=1), float(stats.poisson(3).cdf(4))),
}


@pytest.mark.parametrize("name", RAYS)
def test_the_optimal_fraction_of_any_law_is_where_the_ray_touches(name):
    work, touch = RAYS[name]
    assert sg.optimal_fraction(work) == pytest.approx(touch, rel=1e-9, abs=1e-12)


def test_the_optimal_fraction_of_weibull_times_solves_its_equation():
    for shape in (1.2, 2.0, 5.0):
        u = sg.optimal_fraction(sg.weibull(shape=shape, scale=3))
        assert u == pytest.approx(-shape * (1 - u) * np.log1p(-u), rel=1e-9)
    assert sg.optimal_fraction(sg.weibull(shape=0.5, scale=3)) == 0


def test_a_law_and_its_number_have_one_optimal_fraction():
    for shift in (0.1, 1, 5):
        work = sg.shifted_exponential(shift=shift / 2, rate=2)
        assert sg.optimal_fraction(work) == pytest.approx(sg.optimal_fraction(shift), rel=1e-12)


def test_a_law_without_a_density_has_an_optimal_fraction():
    work = sg.order_statistic([sg.uniform(1, 2), sg.uniform(1, 4)], k=2)
    plain = type("Plain", (), {n: getattr(work, n) for n in ("mean", "var", "cdf", "ppf", "rvs")})()
    t = np.linspace(1, 4, 30_001)[1:]
    best = work.cdf(t[np.argmax(work.cdf(t) / t)])
    assert sg.optimal_fraction(plain) == pytest.approx(best, abs=1e-4)
    assert sg.optimal_fraction(work) == pytest.approx(best, abs=1e-4)


@pytest.mark.parametrize("name", ["Pareto 2", "beta", "two points"])
def test_optimal_k_over_m_comes_near_the_touching_point(name):
    work, touch = RAYS[name]
    gaps = [abs(sg.optimal_k(work, m) / m - touch) for m in (20, 400)]
    assert gaps[1] <= 2 * gaps[0]
    assert gaps[1] < 0.06


def test_optimal_workers_is_the_best_of_a_plain_search():
    for compute, rate in ((100, 1), (7.3, 2), (0.1, 1), (3, 1 / 3), (0.1, 30)):
        m = np.arange(1, 300)
        time = compute / m + np.cumsum(1 / m) / rate
        best = sg.optimal_workers(compute, rate)
        assert best == 1 + np.argmax(time <= time.min() * (1 + 1e-13))


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: sg.optimal_k(law(1), 0), ValueError, "m must be an integer of at least 1, got 0"),
        (lambda: sg.optimal_k(3, 4), TypeError, "work must be"),
        (lambda: sg.optimal_k(law(1), 4, -1), ValueError, "communication must be"),
        (lambda: sg.optimal_fraction([1.0]), TypeError, "work must be a frozen"),
        (lambda: sg.optimal_fraction(-0.1), ValueError, "shift_rate must be .* got -0.1"),
        (lambda: sg.optimal_workers(0, 1), ValueError, "compute must be .* got 0"),
        (lambda: sg.optimal_workers(1, -1), ValueError, "rate must be .* got -1"),
    ],
)
def test_a_bad_argument_is_named(act, error, message):
    with pytest.raises(error, match=message):
        act()


@pytest.mark.parametrize(
    ("x", "fraction"),
    [
        # 1 - 1 / y with y - ln y = 1 + x, in mpmath with 60 digits
        (1e-30, 1.414213562373093774e-15),
        (1e-14, 1.414213429039771928e-7),
        (0.0049, 0.09279624890108361),
    ],
)
def test_the_optimal_fraction_keeps_its_digits_near_zero(x, fraction):
    assert sg.optimal_fraction(x) == pytest.approx(fraction, rel=4e-15, abs=0)


def test_the_optimal_fraction_of_a_huge_shift_is_one():
    assert sg.optimal_fraction(1e308) == 1
