"""The chapter "Trusting a simulation": its errors and gains against what is known exactly."""

import math
import re
from itertools import pairwise, product

import numpy as np
import pytest
from scipy import integrate, stats

import stragglers as sg
from stragglers.figures import simulation
from stragglers.theorems import THEOREMS

from ..conftest import FACTS
from .page import missing, prose, run, seen, unheld


def test_5000_iterations_have_the_known_standard_errors():
    slowest = sg.order_statistic(sg.exponential(rate=2), 20, 20)
    known = float(FACTS["exp.mcse.seed.max.m20"]["value"])
    assert slowest.std() / math.sqrt(5000) == pytest.approx(known, rel=1e-12)
    squared = THEOREMS["thm-standard-error"].checks[0].exact()
    assert math.sqrt(squared * 50 / 5000) == pytest.approx(known, rel=1e-12)
    for m in (1, 20, 1000):
        fastest = sg.order_statistic(sg.exponential(rate=2), 1, m)
        relative = fastest.std() / fastest.mean() / math.sqrt(5000)
        known = float(FACTS["exp.mcse.seed.min.rel"]["value"])
        assert relative == pytest.approx(known, rel=1e-12)


def test_conditioning_leaves_the_variance_of_the_last_but_one():
    last_but_one = sg.order_statistic(sg.exponential(rate=2), 19, 20)
    assert THEOREMS["thm-conditioning"].checks[0].exact() == pytest.approx(
        last_but_one.var(), rel=1e-12
    )


def test_own_and_same_dice_estimate_the_same_means():
    exact = np.cumsum(1 / np.arange(1, 41)) / 2
    for same in (False, True):
        table = simulation.estimates(same, 20_000, seed=1)
        error = table.std(axis=0, ddof=1) / math.sqrt(len(table))
        assert (abs(table.mean(axis=0) - exact) < 5 * error).all()


def test_with_the_same_dice_no_iteration_falls_and_with_new_dice_many_do():
    assert (np.diff(simulation.estimates(True, 500, seed=2), axis=1) >= 0).all()
    assert (np.diff(simulation.estimates(False, 500, seed=2), axis=1) < 0).any()


def test_intervals_keep_their_promise_for_exponential_times_only():
    def held(law):
        return (abs(simulation.distances(law, 5000)) <= 2).mean()

    assert abs(held("exponential") - 0.954) < 5 * math.sqrt(0.05 * 0.95 / 240)
    assert held("Pareto, α = 1.5") < 0.954 - 5 * math.sqrt(0.05 * 0.95 / 240)


def test_antithetic_pairs_gain_what_their_correlation_allows_for_one_worker():
    assert simulation.antithetic_gain(1) == pytest.approx(1 / (2 - math.pi**2 / 6), rel=0.03)


def held(law, n):
    """Return the share of intervals that hold the truth, as the first figure says it."""
    _, sentence = seen(simulation.forty_intervals, panels=2, law=law, iterations=n, seed=1)
    return re.search(r"together, ([\d.]+%) of the intervals", sentence)[1]


def test_the_answers_about_the_forty_intervals_are_those_of_the_figure():
    shares = {law: [held(law, n) for n in (50, 500, 5000)] for law in simulation.LAWS}
    assert shares["exponential"][::2] == ["93.8%", "95.4%"]
    assert shares["log-normal, σ = 2"] == ["82.1%", "90.4%", "93.3%"]
    assert shares["Pareto, α = 1.5"] == ["71.2%", "77.5%", "80.4%"]
    misses = []
    for n, seed in product((50, 500, 5000), range(1, 7)):
        _, sentence = seen(
            simulation.forty_intervals, panels=2, law="exponential", iterations=n, seed=seed
        )
        misses.append(int(re.search(r", (\d+) of 40", sentence)[1]))
    assert (min(misses[:6]), max(misses)) == (1, 6)
    away = simulation.distances("Pareto, α = 1.5", 50)
    assert f"71 %, 78 %, 80 % of {len(away)} intervals" in prose("simulation")
    away = simulation.distances("log-normal, σ = 2", 50)
    assert (away < -2).sum() > 3 * (away > 2).sum()


def falls(same, n, seed):
    _, sentence = seen(simulation.same_or_own_dice, panels=2, same=same, iterations=n, seed=seed)
    return int(re.search(r"falls (\d+) times?", sentence)[1])


def test_the_answers_about_the_same_dice_are_those_of_the_figure():
    few = [falls(False, 5000, seed) for seed in range(1, 9)]
    many = [falls(False, 500, seed) for seed in range(1, 9)]
    assert (min(few), max(few), min(many), max(many)) == (0, 5, 6, 10)
    assert not any(falls(True, n, seed) for n in (500, 5000) for seed in (1, 8))
    places = [np.diff(simulation.estimates(False, 5000, s).mean(axis=0)) < 0 for s in range(1, 9)]
    assert [row.sum() for row in places] == few
    often = sum(row.astype(int) for row in places).max()
    assert often == 3  # so not "each time elsewhere"
    said = [
        f"falls between {min(few)} and {max(few)} times. The places change: at none of them does "
        "it fall in more than three of the eight runs."
    ]
    assert missing("simulation", said) == []


def test_of_all_methods_only_the_same_dice_gain_more_with_more_workers():
    (curves,), _ = seen(simulation.gains)
    ends = {name: (curve[2], curve[40]) for name, curve in curves.items()}
    grows = [name for name, (first, last) in ends.items() if last > first]
    assert grows == ["same dice, for a difference"]


def test_the_mean_of_all_times_is_as_good_a_control_as_the_exercise_says():
    h, h2 = (sum(1 / j**p for j in range(1, 21)) for p in (1, 2))
    share = h**2 / (20 * h2)
    assert f"{share:.3f} {1 / (1 - share):.2f}" == "0.405 1.68"
    times = np.random.default_rng(1).standard_exponential((200_000, 20))
    seen_share = np.corrcoef(times.max(axis=1), times.mean(axis=1))[0, 1] ** 2
    assert seen_share == pytest.approx(share, abs=0.01)


def spread_of_a_gap(work, workers=20):
    """Return variance over squared mean of a gap between updates in the long run.

    A gap outlasts t if the worker that has just begun does, and the rest of all others' times.
    """
    t = np.concatenate([[0], np.geomspace(1e-9, 60, 100_001)])
    busy = work.sf(t)
    rest = 1 - integrate.cumulative_trapezoid(busy, t, initial=0) / work.mean()
    longer = busy * rest ** (workers - 1)
    mean, second = integrate.trapezoid(longer, t), 2 * integrate.trapezoid(t * longer, t)
    assert mean == pytest.approx(work.mean() / workers, rel=1e-6)
    return second / mean**2 - 1


@pytest.mark.parametrize(
    ("work", "factor"),
    [
        (sg.shifted_exponential(shift=1, rate=1), "0.28"),
        (sg.weibull(shape=0.5, scale=1), "3.07"),
    ],
)
def test_all_correlations_together_make_a_quarter_or_three_times(work, factor):
    """In the long run the number of updates spreads as that of one worker does: var / mean²."""
    assert f"{work.var() / work.mean() ** 2 / spread_of_a_gap(work):.2f}" == factor


def test_the_gaps_of_regular_workers_repel_and_those_of_bursty_ones_attract_each_other():
    rng = np.random.default_rng(2)
    factors, correlations = {}, {}
    for work in (sg.shifted_exponential(shift=1, rate=1), sg.weibull(shape=0.5, scale=1)):
        run = sg.Async(20).simulate(work, updates=200_000, rng=rng)
        gaps = np.diff(run.update_times)[20_000:]
        rho = [np.corrcoef(gaps[:-j], gaps[j:])[0, 1] for j in range(1, 61)]
        factors[rho[0] > 0], correlations[rho[0] > 0] = 1 + 2 * sum(rho), np.array(rho)
        assert abs(rho[0]) < 0.1
        assert gaps.mean() == pytest.approx(0.1, rel=0.02)
    assert 0.2 < factors[False] < 0.35
    assert 2 < factors[True] < 3
    repel = correlations[False]
    assert (repel[:10] < 0).all()
    assert (repel[11:16] > 0).all()  # so not all of one sign
    assert -repel[:10].sum() > 2 * abs(repel[10:]).sum()
    assert (correlations[True] > -3 / math.sqrt(180_000)).all()
    assert (correlations[True][:40] > 0).all()
    said = [
        "For regular workers the first ten are negative, and outweigh the rest.",
        "the next ten gaps are a little longer. For bursty workers all are positive.",
        "the variance of the mean of regular workers is about a quarter of what independent gaps "
        "would give. For bursty workers the 60 correlations of the cell make it more than twice "
        "as much, and all of them together three times.",
    ]
    assert missing("simulation", said) == []


def test_the_standard_error_of_an_infinite_variance_falls_as_the_cell_prints(capsys):
    space = {"np": np, "sg": sg, "rng": np.random.default_rng(1977), "Markdown": str}
    drawn = ("09", "10", "15", "17", "19", "21", "25", "27", "29", "30", "34", "35")
    run("simulation", [f"code-{name}" for name in drawn], space)
    capsys.readouterr()
    run("simulation", ["code-39"], space)
    errors = [float(line.split()[1]) for line in capsys.readouterr().out.splitlines()]
    assert [after > before for before, after in pairwise(errors)] == [False, False, True, False]
    said = f"Here they divide it by {errors[0] / errors[-1]:.1f} only, and it jumps up on the way:"
    assert missing("simulation", [f"So {4**4} times as many", f"divide it by 16. {said}"]) == []


def test_the_numbers_of_the_text_and_the_solutions_of_simulation():
    second = [sum(1 / j**2 for j in range(1, m + 1)) for m in range(41)]
    h = sum(1 / j for j in range(1, 21))
    spread = math.sqrt((second[39] + second[40]) / 5000) / 2
    down = stats.norm.cdf(-0.0125 / spread)
    assert f"{spread:.4f} {0.0125 / spread:.2f} {down:.3f}" == "0.0127 0.98 0.163"
    assert f"{math.sqrt(second[40] / 5000) / 2:.3f}" == "0.009"
    needed = 1e6 * second[20] / h**2
    assert f"{second[20]:.4f} {h:.4f} {math.ceil(needed)}" == "1.5962 3.5977 123316"
    assert f"{1 - math.pi**2 / 6:.3f} {1 / (2 - math.pi**2 / 6):.2f}" == "-0.645 2.82"
    assert 1 / (2 * stats.norm.sf(5)) > 1.7e6
    assert f"{0.03 * math.sqrt(2):.3f}" == "0.042"
    gain = (second[20] + second[20] + 1 / 21**2) / (2 / 21 - 1 / 21**2)
    assert gain > 30
    for number in ("0.0125", "0.009", "0.163", "123 316", "0.405", "1.68", "2.82", "0.042"):
        assert number in prose("simulation")


@pytest.mark.parametrize(("n", "near"), [(10, 0.86), (100, 0.94), (1000, 0.95)])
def test_the_coverage_that_the_solution_reports(n, near):
    slowest = sg.order_statistic(sg.weibull(shape=0.5, scale=1), k=20, m=20)
    draws = slowest.rvs(size=(2000, n), random_state=np.random.default_rng(n))
    error = draws.std(axis=1, ddof=1) / math.sqrt(n)
    share = (abs(draws.mean(axis=1) - slowest.mean()) <= 2 * error).mean()
    assert share == pytest.approx(near, abs=0.02)


def test_every_number_of_the_text_is_computed_above_or_given():
    computed = (
        "0.0127 0.0125 0.009 0.042 0.163 0.405 0.64 0.645 1.5962 1.68 2.8 2.82 3.5977 0.98 5.6 71 "
        "78 80 82.1 86 93.3 93.8 94 95 95.4 16 1.4 3.2"
    )
    given = "0.001 0.03 0.05 0.1 0.14 1.50 1.54 1.5 2.1 2.5 5 0.95"  # set by the text
    assert unheld("simulation", [], {*computed.split(), *given.split()}) == []
