import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

import stragglers as sg
from stragglers import checks
from stragglers.laws.check import check_law, check_work
from stragglers.laws.families import exponential_parameters

LAWS = [
    sg.exponential(rate=2),
    sg.shifted_exponential(shift=1, rate=2),
    sg.pareto(alpha=5, minimum=2),
    sg.weibull(shape=0.5, scale=3),
    sg.gamma(shape=2, rate=4),
    sg.uniform(1, 3),
    sg.lognormal(mu=0.5, sigma=0.7),
    sg.hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2]),
    sg.two_point(usual=1, slow=10, probability=0.01),
    sg.deterministic(1.5),
    sg.trace([10, 11, 11, 13, 90]),
]
OWN = LAWS[7:]


def named(laws):
    return pytest.mark.parametrize("law", laws, ids=repr)


@pytest.mark.parametrize(
    ("law", "mean", "var"),
    [
        (sg.exponential(rate=2), 1 / 2, 1 / 4),
        (sg.shifted_exponential(shift=1, rate=2), 3 / 2, 1 / 4),
        (sg.pareto(alpha=3, minimum=2), 3, 3),
        (sg.weibull(shape=0.5, scale=3), 6, 9 * 20),
        (sg.gamma(shape=2, rate=4), 1 / 2, 1 / 8),
        (sg.uniform(1, 3), 2, 1 / 3),
        (sg.lognormal(mu=1, sigma=1), np.exp(1.5), np.exp(3) * (np.e - 1)),
        (sg.hyperexponential([0.9, 0.1], [2, 0.2]), 0.95, 0.9 / 2 + 0.1 * 50 - 0.95**2),
        (sg.two_point(usual=1, slow=10, probability=0.01), 1.09, 81 * 0.01 * 0.99),
        (sg.deterministic(1.5), 1.5, 0),
        (sg.trace([10, 11, 11, 13, 90]), 27, np.var([10, 11, 11, 13, 90])),
    ],
    ids=repr,
)
def test_parameters_mean_what_their_names_say(law, mean, var):
    assert law.mean() == pytest.approx(mean, rel=1e-12, abs=0)
    assert law.var() == pytest.approx(var, rel=1e-12, abs=0)
    assert law.std() == pytest.approx(np.sqrt(var), rel=1e-12, abs=0)


@named(LAWS)
def test_the_repr_is_the_constructor(law):
    again = eval(repr(law), vars(sg))
    assert repr(again) == repr(law)
    assert again.mean() == law.mean()


@named(LAWS)
def test_laws_travel_between_processes(law):
    assert pickle.loads(pickle.dumps(law)).mean() == law.mean()


@named(LAWS)
def test_samples_agree_with_the_cdf(law):
    draws = law.rvs(size=20_000, random_state=np.random.default_rng(1))
    for t in law.ppf([0.1, 0.5, 0.9, 0.995]):
        p = law.cdf(t)
        assert abs(np.mean(draws <= t) - p) <= 5 * np.sqrt(p * (1 - p) / len(draws)) + 1e-12


@named(LAWS)
def test_samples_are_reproducible_and_have_the_shape_asked_for(law):
    first, again = (law.rvs(size=(3, 4), random_state=np.random.default_rng(7)) for _ in range(2))
    assert first.shape == (3, 4)
    assert np.array_equal(first, again)
    assert np.shape(law.rvs(random_state=7)) == ()


@named(OWN)
def test_own_laws_invert_their_cdf(law):
    q = np.array([1e-300, 1e-12, 0.005, 0.3, 0.5, 0.9, 0.995, 1 - 1e-12])
    t = law.ppf(q)
    assert np.all(law.cdf(t) >= q * (1 - 1e-12))
    assert np.all(law.cdf(t * (1 - 1e-9)) < q * (1 + 1e-12))
    s = law.isf(q)
    assert np.all(law.sf(s) <= q * (1 + 1e-12))
    assert np.all(law.sf(s * (1 - 1e-9)) > q * (1 - 1e-12))
    assert law.median() == law.ppf(0.5)


@named(OWN)
def test_own_laws_answer_as_scipy_does_outside_their_range(law):
    low, high = law.support()
    assert (law.cdf(low - 1), law.sf(low - 1), law.cdf(np.inf), law.sf(np.inf)) == (0, 1, 1, 0)
    assert law.ppf(1) == high
    assert np.all(np.isnan([law.ppf(-0.1), law.ppf(1.1), law.isf(2), law.cdf(np.nan)]))


def test_the_hyperexponential_density_integrates_to_its_cdf():
    law = sg.hyperexponential(probabilities=[0.2, 0.5, 0.3], rates=[100, 1, 0.01])
    for t in (0.001, 1.0, 50.0):
        area = integrate.quad(law.pdf, 0, t, epsabs=1e-13, epsrel=1e-12, points=[t / 100])[0]
        assert area == pytest.approx(law.cdf(t), rel=1e-9, abs=0)


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(1e-6, 1e6)), min_size=1, max_size=5),
    st.floats(1e-250, 1),
)
def test_hyperexponential_quantiles_keep_their_digits_in_both_tails(phases, q):
    p, rates = np.array(phases).T
    law = sg.hyperexponential(p / p.sum(), rates)
    assert law.sf(law.isf(q)) == pytest.approx(q, rel=1e-10, abs=0)
    assert law.cdf(law.ppf(q)) == pytest.approx(q, rel=1e-10, abs=0)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_a_trace_is_its_empirical_law(times):
    law = sg.trace(times)
    assert law.mean() == pytest.approx(np.mean(times), rel=1e-12, abs=1e-300)
    assert law.var() == pytest.approx(np.var(times), rel=1e-9, abs=1e-9 * max(times) ** 2)
    for t in times:
        assert law.cdf(t) == np.mean(np.array(times) <= t)
        assert law.ppf(law.cdf(t)) == t


@pytest.mark.parametrize("kind", [list, tuple, np.array, iter, lambda times: np.array(times, "f4")])
def test_times_may_come_in_any_sequence(kind):
    assert sg.trace(kind([3, 1, 2.5])) == sg.trace([3.0, 1.0, 2.5])


def test_a_million_times_are_not_checked_one_by_one(monkeypatch):
    monkeypatch.setattr(checks, "check_time", None)
    times = np.random.default_rng(0).exponential(size=1_000_000)
    for values in (times, times.tolist()):
        assert sg.trace(values).mean() == pytest.approx(times.mean(), rel=1e-10)


def test_variances_of_finite_laws_do_not_cancel():
    assert sg.trace([1e9, 1e9 + 1]).var() == 0.25
    assert sg.two_point(1e9, 1e9 + 1, 1e-12).var() == pytest.approx(1e-12, rel=1e-9, abs=0)


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (sg.exponential, (-1,), "rate must be a positive finite number, got -1"),
        (sg.exponential, (0,), "rate .* got 0"),
        (sg.exponential, (np.nan,), "rate .* got nan"),
        (sg.exponential, (np.inf,), "rate .* got inf"),
        (sg.shifted_exponential, (-1, 1), "shift .* at least 0, got -1"),
        (sg.pareto, (0, 1), "alpha .* got 0"),
        (sg.weibull, (1, -2), "scale .* got -2"),
        (sg.gamma, (np.nan, 1), "shape .* got nan"),
        (sg.uniform, (3, 1), "high must be a number above low=3, got 1"),
        (sg.uniform, (-1, 1), "low .* at least 0, got -1"),
        (sg.lognormal, (800, 1), "mu .* -700 to 700, got 800"),
        (sg.hyperexponential, ([0.5, 0.4], [1, 2]), "probabilities must sum to 1, got 0.9"),
        (sg.hyperexponential, ([1], [1, 2]), "one length, got 1 and 2"),
        (sg.hyperexponential, ([], []), "probabilities must not be empty"),
        (sg.hyperexponential, ([0.5, 0.5], [1, 0]), r"rates\[1\] .* got 0"),
        (sg.two_point, (10, 1, 0.5), "slow must be a number of at least usual=10.0, got 1"),
        (sg.two_point, (1, 10, 1.5), "probability must be a number from 0 to 1, got 1.5"),
        (sg.deterministic, (-1,), "c .* at least 0, got -1"),
        (sg.trace, ([],), "times must not be empty"),
        (sg.trace, ([1, np.nan],), r"times\[1\] .* got nan"),
        (sg.trace, ([1, -2],), r"times\[1\] .* got -2"),
        (sg.trace, (np.array([1, 2, -3.0]),), r"times\[2\] .* got (np.float64\()?-3.0"),
        (sg.trace, (np.array([]),), "times must not be empty"),
        (sg.trace, ([1], np.ones(2)), "replace must be True or False, got array"),
        (sg.trace, ([1, 10**400],), r"times\[1\] .* got 10\^400 or so"),
        (sg.exponential, (10**400,), r"rate must be a positive finite number, at most 1\.8e\+308"),
    ],
)
def test_values_out_of_range_are_refused_by_name(make, arguments, message):
    with pytest.raises(ValueError, match=message):
        make(*arguments)


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (sg.exponential, ("2",), "rate .* got '2'"),
        (sg.exponential, (True,), "rate .* got True"),
        (sg.exponential, (None,), "rate .* got None"),
        (sg.exponential, ([1],), r"rate .* got \[1\]"),
        (sg.hyperexponential, (0.5, [1]), "probabilities must be a list of numbers, got 0.5"),
        (sg.trace, ("123",), "times must be a list of numbers, got '123'"),
        (sg.trace, ({1: 2},), "times must be a list of numbers, got {1: 2}"),
        (sg.trace, ([1, True],), r"times\[1\] .* got True"),
        (sg.exponential, (np.True_,), r"rate .* got (np\.)?True_?"),
        (sg.exponential, (np.timedelta64(1),), "rate .* got np.timedelta64"),
        (sg.exponential, (np.complex128(1),), "rate .* got"),
        (sg.exponential, (np.array(True),), r"rate .* got array\(True\)"),
        (sg.trace, (np.array([True, False]),), r"times\[0\] .* got"),
        (sg.trace, (np.array([1, 2], "m8"),), r"times\[0\] .* got"),
        (sg.trace, (np.ones((2, 2)),), r"times\[0\] .* got array"),
        (sg.trace, ([[1, 2]],), r"times\[0\] .* got \[1, 2\]"),
    ],
)
def test_what_is_not_a_number_is_refused_by_name(make, arguments, message):
    with pytest.raises(TypeError, match=message):
        make(*arguments)


def test_numpy_numbers_are_numbers():
    assert sg.exponential(np.int64(2)).mean() == sg.exponential(np.float32(2)).mean() == 0.5
    assert sg.trace(np.array([1, 2])).mean() == 1.5


class Duck:
    """A worker time that offers the five methods and no more."""

    def __init__(self, law):
        self.law = law
        self.mean, self.var, self.cdf, self.ppf = law.mean, law.var, law.cdf, law.ppf
        self.rvs = law.rvs


@pytest.mark.parametrize(
    "law",
    [
        *LAWS,
        stats.poisson(3),
        stats.randint(1, 7),
        stats.rv_discrete(values=([1, 3], [0.5, 0.5])),
        stats.rv_histogram(np.histogram([1, 2, 2, 3], bins=2)),
        stats.expon,
        Duck(stats.expon()),
        sg.order_statistic(sg.gamma(2, 1), k=2, m=3),
    ],
)
def test_every_kind_of_law_is_accepted(law):
    checked = check_law(law)
    assert np.isfinite([checked.mean(), checked.var(), checked.cdf(1.0), checked.ppf(0.5)]).all()
    assert checked.rvs(size=3, random_state=np.random.default_rng(1)).shape == (3,)


def test_laws_of_the_new_kind_of_scipy_are_accepted():
    make = pytest.importorskip("scipy", minversion="1.16").stats.make_distribution
    law = check_law(make(stats.gamma)(a=2))
    assert (law.mean(), law.var()) == pytest.approx((2, 2))
    assert law.std() == pytest.approx(2**0.5)
    assert law.rvs(size=3, random_state=np.random.default_rng(1)).shape == (3,)
    assert sg.order_statistic(law, k=2, m=2).mean() == pytest.approx(11 / 4, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("law", "message"),
    [
        (7, "7 lacks mean, var, cdf, ppf, rvs"),
        ("exponential", "lacks mean"),
        (Duck, "lacks mean, var, cdf, ppf, rvs"),
        (sg.exponential, "lacks mean"),
        (type(stats.expon()), "lacks its parameters"),
        (stats.gamma, "work must be frozen: give gamma its parameters a"),
        (stats.expon(scale=[1, 2]), "work must be one law"),
        ([stats.expon(), 3], "3 lacks mean"),
    ],
)
def test_what_is_not_a_law_is_refused_with_what_is_missing(law, message):
    with pytest.raises(TypeError, match=message):
        check_work(law)


@pytest.mark.parametrize(
    ("law", "message"),
    [
        (stats.norm(), "must not take negative times, got norm"),
        (stats.uniform(-1, 3), r"must not take negative times, got uniform\(-1, 3\)"),
        (stats.expon(scale=-1), r"in their range, got expon\(scale=-1\)"),
        (stats.expon(loc=np.nan), "in their range"),
        (stats.gamma(-1), "in their range"),
        (Duck(stats.norm(5, 1)), "must not take negative times"),
        ([], "non-empty list of laws"),
    ],
)
def test_laws_that_are_no_times_are_refused(law, message):
    with pytest.raises(ValueError, match=message):
        check_work(law)


@pytest.mark.parametrize(
    ("law", "parameters"),
    [
        (stats.expon(scale=0.5), (0, 2)),
        (stats.expon(1, 0.5), (1, 2)),
        (sg.shifted_exponential(shift=3, rate=0.25), (3, 0.25)),
        (sg.gamma(shape=1, rate=2), (0, 2)),
        (sg.weibull(shape=1, scale=2), (0, 0.5)),
        (sg.hyperexponential([0.5, 0.5], [2, 2]), (0, 2)),
        (sg.hyperexponential([1, 0], [2, 3]), (0, 2)),
        (sg.gamma(shape=2, rate=2), None),
        (sg.hyperexponential([0.5, 0.5], [2, 1]), None),
        (stats.pareto(2), None),
        (Duck(stats.expon()), None),
    ],
)
def test_exponential_times_are_recognised(law, parameters):
    assert exponential_parameters(check_law(law)) == parameters


@pytest.mark.parametrize(
    ("law", "index"),
    [
        (sg.exponential(1), np.inf),
        (sg.lognormal(0, 5), np.inf),
        (sg.trace([1, 2]), np.inf),
        (sg.pareto(1.5, 1), 1.5),
        (stats.lomax(0.5), 0.5),
        (stats.fisk(0.8), 0.8),
        (stats.burr12(2, 3), 6),
        (stats.halfcauchy(), 1),
        (stats.levy(), 0.5),
        (stats.invgamma(1.5), 1.5),
        (stats.genpareto(2.0), 0.5),
        (stats.alpha(3.0), 1),
        (stats.invgauss(1.0), np.inf),
        (stats.halfnorm(), np.inf),
        (stats.beta(2, 3), np.inf),
        (stats.poisson(3), np.inf),
        (Duck(stats.pareto(0.7)), 0.7),
        (Duck(stats.gamma(2)), np.inf),
        (sg.order_statistic(sg.pareto(0.7, 1), k=1, m=2), 1.4),
        (sg.order_statistic([sg.pareto(0.7, 1), sg.pareto(3, 1), sg.exponential(1)], 2), 3.7),
    ],
)
def test_tail_indices_are_found(law, index):
    assert sg.tail_index(law) == pytest.approx(index, rel=1e-5, abs=0)
