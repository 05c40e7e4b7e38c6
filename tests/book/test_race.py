"""The chapter "The race": what it says about its figures and problems is what they show."""

import math

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import stats

import stragglers as sg
from stragglers.explorer.style import STYLE
from stragglers.figures import race

from . import page

H = np.concatenate([[0], np.cumsum(1 / np.arange(1, 401))])
WORK = sg.exponential(rate=2)


def shown(name, m, rate=2):
    """Return what the first figure shows for m workers at this rate."""
    return series(name, m, rate)[m]


def series(name, m, rate=2):
    return page.series(race.slowest_and_fastest, 0, name, m=m, rate=rate)


def answers_of_the_first_figure():
    one, two, twenty, forty = (shown("slowest, exact", m) for m in (1, 2, 20, 40))
    assert two / one == 1.5
    assert 1.15 < forty / twenty < 1.22
    doubles, triples = (
        min(m for m, value in series("slowest, exact", 40).items() if value >= times * one)
        for times in (2, 3)
    )
    assert (doubles, triples) == (4, 11)
    return [
        f"at rate 2, {one:g} becomes {two:g}. From 20 to 40 it grows by about a fifth, from "
        f"{twenty:.3f} to {forty:.3f}",
        f"Four workers double it: at rate 2, {one:g} becomes {shown('slowest, exact', 4):.3f}. "
        f"Eleven triple it: {shown('slowest, exact', 11):.2f}.",
    ]


def legs_end_to_end(m):
    return list(page.series(race.legs, 1, "leg that ends here, exact", m=m))


def numbers_of_the_legs():
    lengths = np.diff(legs_end_to_end(5), prepend=0)
    assert lengths == pytest.approx([1 / 5, 1 / 4, 1 / 3, 1 / 2, 1], rel=1e-4)
    assert np.diff(legs_end_to_end(6), prepend=0)[1:] == pytest.approx(lengths, rel=1e-3)
    races = np.random.default_rng(1).exponential(size=(20_000, 20))
    longest = np.diff(np.sort(races), prepend=0).argmax(axis=1) == 19
    assert 0.5 < longest.mean() < 0.54  # in nearly half of the races another leg is the longest
    return [
        "a leg takes $\\frac1{j\\lambda}$ on average. The last leg is the longest on average,",
        f"= {H[3]:.3f}$ in units of $1/\\lambda$, are {H[3] / H[20]:.0%} of the whole wait of "
        f"{H[20]:.3f}.".replace("%", " %"),
    ]


def numbers_of_the_standard_errors():
    assert 2 * stats.norm.cdf(2) - 1 == pytest.approx(19 / 20, abs=0.005)
    return [f"and above 3 about once in {1 / (2 * stats.norm.sf(3)):.0f}."]


def numbers_of_the_checks_and_problems():
    slowest = sg.order_statistic(WORK, 20, 20)
    share = slowest.std() / slowest.mean() / math.sqrt(5000)
    assert slowest.mean() / sg.order_statistic(WORK, 1, 20).mean() == pytest.approx(72, abs=0.1)
    assert sg.Sync(20).utilisation(WORK) == pytest.approx(1 / H[20], rel=1e-12)
    assert [1 / math.sqrt(n) for n in (10_000, 1_000_000)] == [0.01, 0.001]
    return [
        f"= {H[4]:.2f}$.",
        page.right(f"{H[4]:.2f}"),
        page.right(f"by about {math.log(2):.2f}"),
        f"\\frac1{{200}} = {H[200] - H[100]:.3f}$",
        f"72/20 = {72 / 20:g} times",
        f"$H_{{20}} = {H[20]:.3f}$, so the workers are busy for {100 / H[20]:.1f} % of the time "
        f"and wait for {100 - 100 / H[20]:.1f} %.",
        f"The 5000 iterations of the experiment give {100 / math.sqrt(5000):.1f} %.",
        f"At $m = 20$ its standard error after 5000 iterations is {100 * share:.2f} % of its mean.",
    ]


def numbers_of_measured_legs():
    found = {"np": np}
    exec(page.solution("race", "ex-measure-legs"), found)
    exact = [sg.order_statistic(WORK, k, 5).mean() for k in range(1, 6)]
    assert found["exact"] == pytest.approx(np.diff(exact, prepend=0), rel=1e-12)
    assert abs(found["correlation"]) < 5 / math.sqrt(5000)
    first, second, third, fourth, fifth = found["exact"]
    return [
        f"{first:g}, {second:g}, {third:.3f}, {fourth:g} and {fifth:g}. The largest of the five "
        f"distances is {abs(found['distance']).max():.1f} standard errors. The correlation is "
        f"{found['correlation']:.3f}; that of independent legs would be 0 with a standard error "
        f"of $1/\\sqrt{{5000}} = {1 / math.sqrt(5000):.3f}$.".replace("is -", "is −")
    ]


def numbers_of_gaps():
    found = {"np": np}
    exec(page.solution("race", "ex-gap"), found)
    slow_start = sg.shifted_exponential(shift=1, rate=1)
    gaps, first = {}, {}
    for m in (1, 5, 20):
        gaps[m] = found["mean_gap"](m)
        exact = sg.Async(m).time_per_update(slow_start)
        assert gaps[m] == pytest.approx(exact, rel=5 / math.sqrt(18_000))
        first[m] = sg.order_statistic(slow_start, 1, m).mean()
        assert first[m] / exact == pytest.approx((m + 1) / 2, rel=1e-9)
    return [
        f"The gaps are {gaps[1]:.3f}, {gaps[5]:.3f} and {gaps[20]:.3f}. The long-run formula says "
        f"2, {2 / 5:g} and {2 / 20:g}, the minimum 2, {first[5]:g} and {first[20]:g}.",
        f"{first[5] * 5 / 2:g} times too long for five and {first[20] * 20 / 2:g} times for twenty",
    ]


SECTIONS = [
    answers_of_the_first_figure,
    numbers_of_the_legs,
    numbers_of_the_standard_errors,
    numbers_of_the_checks_and_problems,
    numbers_of_measured_legs,
    numbers_of_gaps,
]
GIVEN = {"0.5", "1", "0.1"}  # set by the text: the mean at rate 2, and the wanted exactness


@page.each(SECTIONS)
def test_the_text_says_what_is_computed(section):
    assert page.missing("race", page.said(section)) == []


def test_every_number_of_the_text_is_computed_here():
    phrases = [phrase for section in SECTIONS for phrase in page.said(section)]
    assert page.unheld("race", phrases, GIVEN) == []


def test_the_rate_changes_the_unit_only():
    for name in ("slowest, exact", "fastest, simulated"):
        at_one, at_four = series(name, 20, 1), series(name, 20, 4)
        ratios = [at_one[m] / at_four[m] for m in at_one]
        assert ratios == pytest.approx([4] * 20, rel=1e-3)
    said = [page.sentence(race.slowest_and_fastest, m=20, rate=r) for r in (1, 4)]
    assert said[0].split("workers spend")[1] == said[1].split("workers spend")[1]
    assert "worker 15 is the last" in said[0]
    assert "worker 15 is the last" in said[1]


@pytest.mark.parametrize("m", range(1, 41))
def test_the_last_bar_and_its_marker_stay_on_the_paper(m):
    finished = race.unit_race()[1][:m]
    assert finished.max() < 0.97 * race.LATEST
    waits = "nobody waits" in page.sentence(race.slowest_and_fastest, m=m, rate=1)
    assert waits == (m == 1)


def test_alone_a_worker_is_neither_the_slowest_nor_waited_for():
    with matplotlib.rc_context(STYLE):
        ax = Figure().subplots()
        race.draw_timeline(ax, np.array([1.0]))
    assert [text.get_text() for text in ax.texts] == ["alone: nobody waits"]


@pytest.mark.parametrize("m", range(1, 9))
def test_mean_legs_end_where_the_simulated_ones_do(m):
    times = np.sort(race.unit_times()[:, :m], axis=1)
    error = times.std(axis=0, ddof=1) / math.sqrt(len(times))
    exact = legs_end_to_end(m)
    assert exact == pytest.approx(H[m] - H[m - np.arange(1, m + 1)], rel=1e-4)
    assert (abs(times.mean(axis=0) - exact) < 5 * error).all()


@pytest.fixture(scope="module")
def notebook():
    """The names of the chapter after the experiment and both its figures have run."""
    space = {"get_ipython": lambda: None}
    return page.run(
        "race",
        ["code-02", "code-07", "code-08", "code-08b", "code-09", "code-15", "code-16"],
        space,
    )


FIGURES = {
    "simulated": (
        "Simulated Synchronous vs Asynchronous SGD",
        {"Simulated Synchronous SGD": "-", "Simulated Asynchronous SGD": "-"},
    ),
    "simulated_and_theoretical": (
        "Simulated vs Theoretical Runtime",
        {
            "Simulated Synchronous SGD": "-",
            "Simulated Asynchronous SGD": "-",
            "Theoretical Synchronous SGD": "--",
            "Theoretical Asynchronous SGD": "-.",
        },
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_of_the_experiment_look_as_they_did_at_first(notebook, name):
    title, lines = FIGURES[name]
    with matplotlib.rc_context(STYLE):
        ax = Figure().subplots()
        notebook[name](ax)
    assert ax._left_title.get_text() == title
    assert ax.get_xlabel() == "Number of Workers"
    assert ax.get_ylabel() == "Average Runtime per Iteration"
    assert {line.get_label(): line.get_linestyle() for line in ax.lines} == lines
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(lines)
    for line in ax.lines:
        assert (line.get_marker() in ("o", "s")) == line.get_label().startswith("Simulated")
        assert list(line.get_xdata()) == list(range(1, 21))


def test_the_experiment_has_5000_iterations_at_rate_2_and_its_own_dice_for_each_way(notebook):
    assert (notebook["rate"], notebook["iterations"]) == (2, 5000)
    slowest, fastest = np.array(notebook["slowest"]), np.array(notebook["fastest"])
    assert slowest.shape == fastest.shape == (20, 5000)
    assert not np.isin(slowest[0], fastest[0]).any()
    for draws, rank in ((slowest, lambda m: m), (fastest, lambda m: 1)):
        exact = np.array([sg.order_statistic(WORK, rank(m), m).mean() for m in range(1, 21)])
        error = draws.std(axis=1, ddof=1) / math.sqrt(5000)
        assert (abs(draws.mean(axis=1) - exact) < 5 * error).all()


def test_before_the_second_asynchronous_update_four_gradients_are_older_than_the_first():
    kept, updates = race.played("nobody waits")
    assert updates[1] == pytest.approx(1, abs=0.1)
    running = [begin for _, begin, end, _ in kept if begin < updates[1] <= end]
    assert sum(begin < updates[0] for begin in running) == 4
    assert len(running) == race.CREW


def test_the_race_as_it_runs_waits_cancels_or_goes_on():
    first = np.sort([end for _, begin, end, kind in race.played("wait for all")[0] if begin == 0])
    kinds = {}
    for way, waited in race.WAYS.items():
        kept, updates = race.played(way)
        kinds[way] = {kind for *_, kind in kept}
        if waited:
            assert updates[0] == pytest.approx(first[waited - 1], rel=1e-12)
        total = sum(end - begin for _, begin, end, _ in kept if end <= updates[3])
        assert way == "nobody waits" or total == pytest.approx(race.CREW * updates[3], rel=1e-9)
    assert kinds == {
        "wait for all": {"used", "waiting"},
        "wait for 3, cancel": {"used", "waiting", "cancelled"},
        "nobody waits": {"used"},
    }
