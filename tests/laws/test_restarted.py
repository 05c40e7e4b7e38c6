"""A task that is restarted at an age: its law against formulas, facts and draws."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

import stragglers as sg

FACTS = json.loads((Path(__file__).parent.parent / "facts2.json").read_text())
LAWS = {
    "gamma": (sg.gamma(shape=2, rate=1), 1.0),
    "log-normal": (sg.lognormal(mu=0, sigma=1), 0.8),
    "shifted": (sg.shifted_exponential(shift=1, rate=1), 2.0),
    "hyperexponential": (sg.hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2]), 0.7),
    "Pareto": (sg.pareto(alpha=0.8, minimum=1), 1.5),
    "two points": (sg.two_point(usual=1, slow=3, probability=0.4), 2.0),
    "Poisson": (stats.poisson(3, loc=1), 3.0),
}
every_law = pytest.mark.parametrize("name", LAWS)


def test_two_speeds_restarted_when_the_usual_time_is_over_have_the_known_mean():
    work = sg.two_point(usual=1, slow=100, probability=0.1)
    known = float(FACTS["restart.two_point"]["value"])
    assert sg.restarted(work, after=1).mean() == pytest.approx(known, rel=1e-12)
    assert work.mean() == pytest.approx(10.9)


@pytest.mark.parametrize("after", [1e-3, 0.5, 1, 20])
def test_lomax_times_have_the_mean_that_the_integral_gives(after):
    exact = (1 + after) / (2 + after)
    assert sg.restarted(stats.lomax(2), after).mean() == pytest.approx(exact, rel=1e-12)
    if after == 1:
        assert exact == pytest.approx(float(FACTS["restart.lomax2.d1"]["value"]), rel=1e-12)


def test_a_restart_changes_nothing_without_a_memory():
    work = sg.exponential(rate=2)
    law, t = sg.restarted(work, after=0.3), np.linspace(0, 4, 50)
    assert law.sf(t) == pytest.approx(work.sf(t), rel=1e-12)
    assert (law.mean(), law.var()) == pytest.approx((work.mean(), work.var()), rel=1e-12)


@every_law
def test_the_mean_is_what_one_attempt_takes_over_its_chance(name):
    """The first step: an attempt takes min(X, after), and with P(X > after) all begins anew."""
    work, after = LAWS[name]
    law, s = sg.restarted(work, after), work.sf(after)
    cut = [
        integrate.quad(lambda t, p=p: p * t ** (p - 1) * work.sf(t), a, b, limit=200)[0]
        for p in (1, 2)
        for a, b in [(0, 1), (1, after)]
    ]  # laws that start at 1 have a kink there
    if name in ("two points", "Poisson"):
        times = np.minimum(np.arange(1, 60) if name == "Poisson" else work.atoms, after)
        chance = work.pmf(np.arange(1, 60)) if name == "Poisson" else np.array([0.6, 0.4])
        cut = [0, times @ chance, 0, times**2 @ chance]
    one, two = cut[0] + cut[1], cut[2] + cut[3]
    assert law.mean() == pytest.approx(one + s * law.mean(), rel=1e-9)
    square = law.var() + law.mean() ** 2
    assert square == pytest.approx(two + 2 * after * s * law.mean() + s * square, rel=1e-9)


@every_law
def test_draws_have_the_mean_the_variance_and_the_tail_of_the_law(name):
    law = sg.restarted(*LAWS[name])
    draws = law.rvs(size=50_000, random_state=np.random.default_rng(3))
    error = law.std() / np.sqrt(len(draws))
    assert abs(draws.mean() - law.mean()) < 5 * error
    square = (draws - law.mean()) ** 2
    assert abs(square.mean() - law.var()) < 5 * square.std() / np.sqrt(len(draws))
    late = law.sf(law.mean())
    assert abs((draws > law.mean()).mean() - late) < 5 * np.sqrt(late / len(draws))


@every_law
def test_the_draws_are_attempts_one_after_the_other(name):
    work, after = LAWS[name]
    rng = np.random.default_rng(4)
    attempts = work.rvs(size=(20_000, 60), random_state=rng)
    done = attempts <= after
    first = done.argmax(axis=1)
    assert done.any(axis=1).all()
    total = first * after + attempts[np.arange(len(first)), first]
    law = sg.restarted(work, after)
    assert abs(total.mean() - law.mean()) < 5 * law.std() / np.sqrt(len(total))


@pytest.mark.parametrize("name", [name for name in LAWS if name not in ("two points", "Poisson")])
def test_quantiles_undo_the_distribution_function_on_both_sides(name):
    law = sg.restarted(*LAWS[name])
    u = np.array([1e-9, 1e-3, 0.3, 0.5, 0.9, 0.999])
    assert law.cdf(law.ppf(u)) == pytest.approx(u, rel=1e-9)
    s = np.array([1e-60, 1e-12, 0.01, 0.6])
    assert law.sf(law.isf(s)) == pytest.approx(s, rel=1e-9)
    assert (law.ppf(0), law.ppf(1)) == (law.support()[0], np.inf)
    assert np.isnan(law.ppf(1.2))
    assert law.median() == law.ppf(0.5)


def test_the_density_is_the_slope_of_the_distribution_function():
    law = sg.restarted(*LAWS["gamma"])
    t = np.array([0.4, 1.3, 2.8, 7.1])
    slope = (law.cdf(t + 1e-5) - law.cdf(t - 1e-5)) / 2e-5
    assert law.pdf(t) == pytest.approx(slope, rel=1e-7)


@pytest.mark.parametrize("name", ["gamma", "shifted", "two points"])
def test_a_crew_of_restarted_workers_is_a_crew(name):
    law = sg.restarted(*LAWS[name])
    teams = law.rvs(size=(10_000, 20), random_state=np.random.default_rng(5))
    slowest = teams.max(axis=1)
    exact = sg.order_statistic(law, 20, 20).mean()
    assert abs(slowest.mean() - exact) < 5 * slowest.std() / 100
    every = sum(sg.order_statistic(law, k, 5).mean() for k in range(1, 6))
    assert every == pytest.approx(5 * law.mean(), rel=1e-9)


def test_restarting_can_give_a_mean_to_a_law_that_has_none():
    work, after = LAWS["Pareto"]
    assert work.mean() == np.inf
    busy = 1 + (after**0.2 - 1) / 0.2  # the integral of min(1, t^-0.8) up to `after`
    assert sg.restarted(work, after).mean() == pytest.approx(busy / work.cdf(after), rel=1e-12)


def test_a_law_that_is_always_done_by_then_comes_back_as_it_is():
    work = sg.uniform(1, 2)
    assert sg.restarted(work, after=2) is work


def test_its_repr_is_its_constructor():
    work = sg.two_point(usual=1, slow=3, probability=0.5)
    assert repr(sg.restarted(work, after=2)) == f"restarted({work!r}, after=2)"
    assert (
        repr(sg.restarted(sg.gamma(2, 1), 0.5))
        == "restarted(gamma(shape=2.0, rate=1.0), after=0.5)"
    )


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: sg.restarted(sg.uniform(1, 2), 1), ValueError, "after must be an age .* got 1"),
        (lambda: sg.restarted(sg.uniform(1, 2), 0), ValueError, "after must be a positive"),
        (lambda: sg.restarted(3, 1), TypeError, "work must be"),
        (
            lambda: sg.restarted(sg.two_point(1, 9, 1 - 1e-9), 2).atoms,
            NotImplementedError,
            "fails too often",
        ),
    ],
)
def test_a_bad_argument_is_named(act, error, message):
    with pytest.raises(error, match=message):
        act()
