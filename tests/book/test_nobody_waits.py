"""The chapter "Nobody waits": its facts, and every number that its text and answers write out."""

import heapq

import numpy as np
import pytest
from scipy import integrate, stats

import stragglers as sg
from stragglers.figures import nobody_waits as figures
from stragglers.theorems import THEOREMS

from ..conftest import FACTS
from . import page

AT_LEAST_ONE = sg.shifted_exponential(shift=1, rate=1)
FAST_AND_SLOW = sg.hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2])
CHAPTER = "nobody_waits"
SAID = {  # what the text says in numbers, by the test that computes them
    "lab": [
        "about 3270 updates, in the first hour",
        "they count 18 000",
        "The first update comes after 1.1 seconds",
        "So they expect $3600/1.1$",
    ],
    "two clocks": [
        "promises 40, the clock of the minimum 7.27",
        "On average 36.25 come",
        "between 3.6 and 3.9 updates below",
    ],
    "met at random": [
        'For "two speeds", 1.625, and for "fast and slow", 2.778.',
    ],
    "variance": [
        "\\frac2{72} - \\frac1{64} = 0.01215",
    ],
    "two integrals": [
        "By 5.5, and by 10.5.",
        "At $m = 2$ the two are equal, 1.5",
    ],
    "start": [
        "after 2.69 seconds on average",
        "3.7 updates per second",
    ],
    "uniform": [
        "e^2 - 1 - e = 3.6708",
        "3.6667",
        "to 0.004",
    ],
    "how long": [
        "0.675",
        "From $n = 338$ on",
        "the mean gaps differ from 0.2 by 0.2 % at most",
        "it is less than 1 % of $0.2\\,n$",
    ],
    "link": [
        "at $c = 0.2$ it is 4.99",
        "promises 8.33",
        "beyond $c \\approx 0.15$ it hugs",
    ],
    "quick checks": [
        page.right("2.5 minutes"),
        "2.5: $E[X^2]/\\mu",
    ],
    "bus": [
        "= 6.25$ minutes",
        "where it is 7.5: half of 15",
    ],
}
GIVEN = {  # numbers that the text sets, and does not find
    "1",
    "1.5",
    "0.3",
}


def look(draw, panels=2, **values):
    """Return the tables of a figure, {series: {place: number}} a panel, and its sentence."""
    return page.seen(draw, panels, **values)


def fact(name, rel=1e-9):
    return pytest.approx(float(FACTS[name]["value"]), rel=rel)


# The two clocks


def test_the_lab_at_the_beginning_counts_what_the_module_says():
    work, lab = AT_LEAST_ONE, sg.Async(10)
    assert lab.first_update(work) == fact("async.min.sexp.m10")
    assert lab.first_update(work) == pytest.approx(1.1)
    assert round(3600 / lab.first_update(work), -1) == 3270
    assert 3600 / lab.time_per_update(work) == pytest.approx(18_000)
    hundred = sg.Async(100)
    assert hundred.first_update(work) / hundred.time_per_update(work) == fact(
        "async.min.limit.sexp.m100"
    )


def test_the_answers_on_the_two_clocks_are_what_the_figure_shows():
    def picture(law, begin="common start"):
        return look(figures.two_clocks, law=law, m=10, begin=begin)

    late = picture("1 + exponential")
    assert "36.25 by time 8 on average" in late[1]
    assert "5 and 40, the clock of the minimum 0.909 and 7.273" in late[1]
    mean = late[0][1]["mean"]
    behind = [5 * t - mean[t] for t in mean if t >= 2]
    assert 3.6 < min(behind) < max(behind) < 3.9
    other_side, same = [], []
    for law in figures.CLOCKS:
        by_min = picture(law)[0][1]["t / E[min]"][8]
        other_side += [law] if by_min > 40.001 else []
        same += [law] if abs(by_min - 40) < 0.001 else []
    assert other_side == ["fast and slow", "Pareto from 0"]
    assert same == ["exponential"]
    burst = picture("constant")[0][1]["mean"]
    assert (burst[1.9], burst[2], burst[3.9], burst[4]) == (0, 10, 10, 20)
    assert all(burst[2 * n] - burst[2 * n - 0.1] == 10 for n in (1, 2, 3))  # and so for ever
    even = picture("constant", "long after the start")[0][1]["mean"]
    assert max(abs(even[t] - 5 * t) for t in even) <= 1


@pytest.mark.parametrize("law", figures.CLOCKS)
def test_the_mean_curve_of_the_figure_is_that_of_simulated_runs(law):
    times, one = figures.mean_count(law)
    work = figures.CLOCKS[law]
    assert work.mean() == pytest.approx(2, rel=1e-12)
    ends = np.cumsum(work.rvs(size=(3000, 120), random_state=np.random.default_rng(5)), axis=1)
    for at in (10, 25, 80):
        seen = (ends <= times[at] + 1e-9).sum(axis=1)
        assert abs(seen.mean() - one[at]) <= 5 * seen.std() / np.sqrt(3000) + 1e-12 + 0.01 * (
            law == "Pareto from 0"
        )


# Met at random


def test_the_answers_on_what_is_met_are_what_the_figure_shows():
    exact = {
        law: list(look(figures.met_at_random, law=law, seed=1)[0][1]["exact"].values())
        for law in figures.MET
    }
    assert exact["exponential"] == pytest.approx([1, 2, 1])
    assert [law for law, values in exact.items() if values == [1, 1, 0.5]] == ["constant"]
    needs_more = {law: f"{values[2]:.4g}" for law, values in exact.items() if values[2] > 1.001}
    assert needs_more == {"two speeds": "1.625", "fast and slow": "2.778"}
    assert exact["two speeds"][2] == 1.625
    assert exact["fast and slow"][2] == pytest.approx(25 / 9, abs=1e-4)
    for law, left in needs_more.items():
        assert f"still needs {left}." in look(figures.met_at_random, law=law, seed=1)[1]


@pytest.mark.parametrize("law", figures.MET)
def test_long_runs_find_the_means_that_the_figure_calls_exact(law):
    work = figures.MET[law]
    assert work.mean() == pytest.approx(1, rel=1e-12)
    mean, whole, left = figures.long_run(law)
    assert whole == pytest.approx(1 + work.var(), rel=0.1)
    assert left == pytest.approx((1 + work.var()) / 2, rel=0.1)
    assert mean == pytest.approx(1, rel=0.05)


def test_the_residual_of_fast_and_slow_times_is_the_known_one():
    known = fact("inspection.residual.hyper")
    assert (FAST_AND_SLOW.var() + 0.95**2) / (2 * 0.95) == known
    assert THEOREMS["thm-inspection"].checks[1].exact() == known
    assert float(FACTS["inspection.residual.hyper"]["value"]) > 3 * 0.95


# The gap


def test_the_gap_of_uniform_times_has_its_known_variance():
    assert THEOREMS["thm-gap"].checks[2].exact() == fact("gap.var.unif.m4")
    second = integrate.quad(lambda t: 2 * t * (1 - t) ** 7, 0, 1)[0]
    assert second - 1 / 64 == fact("gap.var.unif.m4")


GAPS = {  # law, long run, common start, factor, class: the table of the field
    "exponential": (sg.exponential(1), 0.1, 0.1, 1, "exponential"),
    "1 + exponential": (AT_LEAST_ONE, 0.2, 1.1, 5.5, "NBUE"),
    "uniform": (sg.uniform(0, 1), 0.05, 1 / 11, 1.818, "NBUE"),
    "gamma 2": (sg.gamma(2, 1), 0.2, 0.4660216, 2.330, "NBUE"),
    "Weibull": (sg.weibull(0.5, 1), 0.2, 0.02, 0.1, "NWUE"),
    "fast and slow": (FAST_AND_SLOW, 0.095, 0.0554870, 0.584, "NWUE"),
    "Lomax": (stats.lomax(2), 0.1, 1 / 19, 0.526, "NWUE"),
    "Pareto": (sg.pareto(2, 1), 0.2, 20 / 19, 5.263, "neither"),
    "constant": (sg.deterministic(1), 0.1, 1, 10, "NBUE"),
    "gamma 1/2": (sg.gamma(0.5, 1), 0.05, 0.01235, 0.247, "NWUE"),
}


@pytest.mark.parametrize("name", GAPS)
def test_long_run_and_minimum_are_those_of_the_field(name):
    work, long_run, first, factor, kind = GAPS[name]
    assert sg.Async(10).time_per_update(work) == pytest.approx(long_run, rel=1e-12)
    assert sg.Async(10).first_update(work) == pytest.approx(first, rel=2e-4)
    ratio = sg.Async(10).first_update(work) / sg.Async(10).time_per_update(work)
    assert ratio == pytest.approx(factor, rel=1e-3)
    assert sg.ageing(work) == kind


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("exponential", ["async.gap.exp.m10", "async.gap.exp.m10"]),
        ("1 + exponential", [None, "async.min.sexp.m10"]),
        ("uniform", ["async.gap.unif.m10", "async.min.unif.m10"]),
        ("gamma 2", ["async.gap.erl2.m10", "async.min.erl2.m10"]),
        ("fast and slow", ["async.gap.hyper.m10", "async.min.hyper.m10"]),
        ("Lomax", ["async.gap.lomax2.m10", None]),
        ("Pareto", ["async.gap.pareto2.m10", "async.min.pareto2.m10"]),
    ],
)
def test_long_run_and_minimum_have_their_known_digits(name, facts):
    work = GAPS[name][0]
    values = sg.Async(10).time_per_update(work), sg.Async(10).first_update(work)
    for value, known in zip(values, facts, strict=True):
        assert known is None or value == fact(known)


@pytest.mark.parametrize(
    ("name", "known"),
    [("uniform", "unif"), ("Weibull", "weib05"), ("Lomax", "lomax2"), ("Pareto", "pareto2")],
)
def test_the_factor_has_its_known_digits(name, known):
    work = GAPS[name][0]
    ratio = sg.Async(10).first_update(work) / sg.Async(10).time_per_update(work)
    value = float(FACTS[f"async.ratio.{known}.m10"]["value"])
    assert ratio == pytest.approx(value, rel=1e-9) or 1 / ratio == pytest.approx(value, rel=1e-9)


def test_the_answers_on_the_two_integrals_are_what_the_figure_shows():
    said = {
        (law, m): look(figures.two_integrals, law=law, m=m)[1]
        for law in figures.GAPS
        for m in (1, 2, 10, 20)
    }
    assert "The minimum is 5.5 times too slow" in said["1 + exponential", 10]
    assert "The minimum is 10.5 times too slow" in said["1 + exponential", 20]
    assert "The minimum is 10 times too fast" in said["Weibull, shape ½", 10]
    fast = [law for law in figures.GAPS if "too fast" in said[law, 10]]
    assert fast == ["Weibull, shape ½", "fast and slow", "Pareto from 0"]
    assert "long run, the mean of the minimum is 1.5. The two agree." in said["Pareto, α = 1.5", 2]
    assert "too slow" in said["Pareto, α = 1.5", 10]
    assert all("agree" in said["exponential", m] for m in (1, 2, 10, 20))


@pytest.mark.parametrize("law", figures.GAPS)
def test_the_areas_of_the_figure_are_the_means(law):
    t, busy, left = figures.survivals(law)
    work = figures.GAPS[law]
    area = integrate.trapezoid(busy * left**9, t)
    assert area == pytest.approx(work.mean() / 10, rel=2e-3)


def test_two_laws_agree_at_two_workers_and_only_one_of_them_for_every_number():
    """The page says "for every m": at m = 2 a Pareto law has one line as well."""
    assert page.missing(CHAPTER, ["Only for the exponential law are they one line for every"]) == []
    factors = {
        (alpha, m): sg.Async(m).first_update(work) / sg.Async(m).time_per_update(work)
        for alpha, work in ((None, sg.exponential(1)), (1.5, sg.pareto(1.5, 1)))
        for m in (2, 3, 10)
    }
    one_line = [case for case, factor in factors.items() if factor == pytest.approx(1)]
    assert one_line == [(None, 2), (None, 3), (None, 10), (1.5, 2)]


def test_a_pareto_law_crosses_once():
    for m in (2, 5, 10):
        work = sg.pareto(alpha=1 + 1 / m, minimum=1)
        first = sg.order_statistic(work, 1, m).mean()
        assert first == pytest.approx(work.mean() / m, rel=1e-9)
        for other in (m - 1, m + 1):
            if other > 1:
                gap = sg.order_statistic(work, 1, other).mean() - work.mean() / other
                assert np.sign(gap) == np.sign(other - m)
    half = sg.order_statistic(sg.pareto(1.5, 1), 1, 2).mean()
    assert half == fact("async.pareto1.5.equal.m2")
    assert sg.ageing(sg.pareto(1.5, 1)) == "neither"


# The start


def test_the_first_updates_come_when_the_text_says():
    start = [sg.KBatchSync(10, n).time_per_update(AT_LEAST_ONE) for n in (1, 10, 100)]
    assert start[1] == fact("transient.sexp.T10.m10")
    assert start == pytest.approx([1.1, 2.689843447043, 20.6750], abs=1e-6)
    assert round(10 / start[1], 1) == 3.7
    for n, mean in zip((1, 10, 100), start, strict=True):
        assert 2 * n / 10 <= mean <= 2 * (n + 9) / 10


def test_uniform_times_have_the_known_beginning():
    assert THEOREMS["thm-uniform-start"].checks[0].exact() == fact("async.transient.unif.m10")
    assert 10 * figures.uniform_count(np.array([1.0]))[0] == fact("async.transient.unif.m10")
    assert 1 / sg.Async(10).first_update(sg.uniform(0, 1)) == pytest.approx(11)
    assert f"{figures.uniform_count(np.array([2.0]))[0]:.4f}" == "3.6708"


def test_the_picture_of_the_start_keeps_the_bounds():
    table = look(figures.start_forgotten, 1)[0][0]
    late = table["1 + exponential"]
    assert 0 < min(late.values()) < max(late.values()) < 1.8
    assert set(table["exponential"].values()) == {0}
    early = list(table["fast and slow"].values())
    assert np.all(np.diff(early) < 0)  # "the line still falls at the 40th update"
    assert early[-1] < -2  # "can be much more than one mean time"


def test_a_burst_is_one_moment_and_its_updates_come_one_after_the_other():
    run = sg.Async(3).simulate(sg.deterministic(1), updates=9, rng=np.random.default_rng(0))
    assert run.update_times.tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert run.staleness.tolist() == [0, 1, 2, 2, 2, 2, 2, 2, 2]
    assert sg.Async(7).mean_staleness(sg.deterministic(1)) == fact("stale.det.m7")


# Where it fails, quick checks and problems


def test_without_a_mean_the_rate_keeps_falling():
    table = look(figures.no_long_run, 1)[0][0]
    stuck, steady = table["α = 0.8"], table["α = 1.5"]
    far = sorted(stuck)[::10]
    assert np.all(np.diff([stuck[t] for t in far]) < 0)
    assert stuck[max(stuck)] < 0.4
    assert abs(steady[max(steady)] - 10 / 3) < 0.1
    assert sg.Async(10).time_per_update(sg.pareto(0.8, 1)) == np.inf


def test_the_numbers_of_the_quick_checks():
    work = sg.uniform(0, 2)
    assert 3600 / sg.Async(10).time_per_update(work) == pytest.approx(36_000)
    assert 3600 / sg.Async(10).first_update(work) == pytest.approx(19_800)
    two = sg.two_point(usual=1, slow=3, probability=0.5)
    assert (two.var() + 4) / 2 == 2.5


def test_the_solutions_of_the_pencil_problems():
    bus = sg.two_point(usual=5, slow=15, probability=0.5)
    assert (bus.var() + 100) / 20 == 6.25
    work = sg.pareto(1.5, 1)
    for t in (1.2, 1.5, 4):
        left = integrate.quad(lambda x: work.sf(x), t, np.inf)[0] / work.sf(t)
        assert left == pytest.approx(2 * t, rel=1e-6)


def test_the_solution_on_how_long_to_count():
    def late(n):
        return sg.KBatchSync(10, n).time_per_update(AT_LEAST_ONE) - 0.2 * n

    assert [f"{late(n):.3f}" for n in (20, 60)] == ["0.675", "0.675"]
    assert late(338) / (0.2 * 338) < 0.01 < late(337) / (0.2 * 337)
    gaps = np.diff([late(n) for n in range(20, 41)]) + 0.2
    assert 0.0015 < max(abs(gaps / 0.2 - 1)) < 0.0025


def test_the_solution_on_the_shared_link():
    rng = np.random.default_rng(6)

    def rate(b, m=10, updates=100_000):
        ready = rng.exponential(size=m).tolist()
        heapq.heapify(ready)
        free = 0.0
        for pause in rng.exponential(size=updates).tolist():
            free = max(free, heapq.heappop(ready)) + b
            heapq.heappush(ready, free + pause)
        return updates / free

    assert f"{rate(0.2):.2f}" == "4.99"
    below = {c: 1 - c * rate(c) for c in (0.1, 0.12, 0.15, 0.2, 0.3)}  # how far below 1 / c
    assert [c for c in below if below[c] < 0.04] == [0.15, 0.2, 0.3]
    assert below[0.1] > 0.15
    assert rate(0.02) == pytest.approx(10 / 1.02, rel=0.04)
    assert round(10 / 1.2, 2) == 8.33


def test_every_answer_is_folded():
    assert page.prose(CHAPTER).count(":::{exercise}") == 8
    assert page.prose(CHAPTER).count('class="solution"') == 8


@pytest.mark.parametrize("part", SAID)
def test_the_text_says_what_is_computed_here(part):
    assert page.missing(CHAPTER, SAID[part]) == []


def test_every_number_of_the_text_is_computed_here_or_set_by_it():
    phrases = [phrase for part in SAID.values() for phrase in part]
    assert page.unheld(CHAPTER, phrases, GIVEN) == []


def test_the_code_of_the_solutions_runs():
    space = {"sg": sg, "np": np, "rng": np.random.default_rng(8)}
    for label in ["ex-how-long", "ex-shared-link"]:
        exec(page.solution(CHAPTER, label), space)
    assert space["late"](60) == pytest.approx(0.675, abs=5e-4)
    assert space["rate"](0.2) == pytest.approx(4.988, abs=0.008)
