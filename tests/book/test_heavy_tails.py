"""The chapter "Heavy tails": its answers, tables and solutions against what is computed."""

import math

import numpy as np
import pytest
from scipy import integrate

import stragglers as sg
from stragglers.explorer.pictures import new_axes
from stragglers.explorer.style import COLOURS
from stragglers.figures import heavy_tails
from stragglers.figures.any_distribution import LAWS
from stragglers.theorems import THEOREMS
from stragglers.theorems.any_distribution import gamma_tail

from ..conftest import FACTS
from .page import cells, missing, prose, right, seen, solution, unheld, wrong


def slowest(work, m):
    return sg.order_statistic(work, m, m).mean()


def test_the_two_clusters_of_the_opening():
    assert [f"{slowest(LAWS['uniform'], m):.2f}" for m in (100, 1000)] == ["1.98", "2.00"]
    assert [round(slowest(LAWS["Pareto, α = 2"], m)) for m in (100, 1000)] == [9, 28]


def test_the_tail_of_the_slowest_gamma_time_integrates_to_the_known_mean():
    mean = integrate.quad(lambda t: gamma_tail(t, 1, 10), 0, 60)[0]
    assert mean == pytest.approx(float(FACTS["erlang2.max.m10"]["value"]), rel=1e-9)


def test_the_ceiling_that_the_register_takes_is_the_lowest_that_the_theorem_gives():
    ceiling = THEOREMS["thm-growth"].checks[2].bound()
    others = [(math.log(100) - 2 * math.log(1 - s)) / s for s in (0.75, 0.79, 0.81, 0.85)]
    assert slowest(sg.gamma(shape=2, rate=1), 100) < ceiling < min(others)


def test_the_mean_of_the_17th_pareto_worker_is_that_of_the_module():
    exact = sg.order_statistic(sg.pareto(alpha=0.75, minimum=1), 17, 20).mean()
    assert THEOREMS["thm-mean-exists"].checks[0].exact() == pytest.approx(exact, rel=1e-9)


def test_a_light_tail_may_stand_still_and_then_leap():
    (means, steps), sentence = seen(heavy_tails.steps_of_a_light_tail, panels=2)
    stairs, added = means["stairs"], steps["stairs"]
    assert all(stairs[e] <= means["exponential"][e] + 0.6 / 10**e for e in stairs)
    assert all(f"{stairs[e]:.4f}" == "32.0000" for e in range(17, 23))
    assert stairs[16] == pytest.approx(32, abs=1e-3)
    assert stairs[25] == pytest.approx(32, abs=0.06)
    assert stairs[29] == pytest.approx(64, abs=0.1)
    assert f"{added[14]:.1f} {added[28]:.1f}" == "9.6 20.8"
    assert max(added.values()) == added[28] == pytest.approx(20.822, abs=1e-3)
    assert next(e for e in range(1, 31) if added[e] > 20) == 28
    assert "from 10²⁷ to 10²⁸ workers the mean slowest grows by 20.8" in sentence
    assert f"{stairs[26]:.1f}" == "32.5"
    assert stairs[28] < 60  # so not within three decades of 10^25
    said = [
        "Nearly always it takes 32 while $m$ is between $10^{16}$ and $10^{25}$. Then it moves on "
        "to 64 within four decades.",
        f"the exponential one with mean 1, and its own mean is {stairs[0]:.2f}.",
    ]
    assert missing("heavy_tails", said) == []


def test_the_question_about_the_stairs_counts_in_means_of_the_exponential_law():
    asks = next(source for _, name, source in cells("heavy_tails") if name == "predict")
    assert 'unit="means of the exponential law"' in asks
    assert heavy_tails.mean_of_stairs(1) < 0.75  # so not in mean times of the stairs


def test_ten_times_as_many_exponential_workers_add_nearly_the_same_from_ten_on():
    added = [sg.harmonic(10 * m) - sg.harmonic(m) for m in (1, *range(10, 2000))]
    assert added[0] < 2
    assert {f"{more:.1f}" for more in added[1:]} == {"2.3"} == {f"{math.log(10):.1f}"}
    said = "nearly $\\ln 10 = 2.3$ mean times, for every $m$ from ten on."
    assert missing("heavy_tails", [said]) == []


def test_a_light_tail_with_a_small_s_makes_steps_of_nine_and_never_stands_still():
    work = sg.gamma(shape=0.1, rate=0.1)  # E[exp(sX)] is finite for s < 0.1
    added = np.diff([slowest(work, 10**e) for e in range(5)])
    assert work.mean() == pytest.approx(1)
    assert added[0] > 5
    assert (added[1:] > 9).all()
    said = (
        f"{right('perhaps')} A step of 9 is possible: the tail may be light with a small $s$ only, "
        "or the wait may have stood still before. So look at the tail."
    )
    assert missing("heavy_tails", [said, wrong("certainly"), wrong("certainly not")]) == []


def test_the_solution_about_the_stairs_loses_no_digits():
    space = {"np": np}
    exec(solution("heavy_tails", "ex-stairs"), space)
    for e in range(31):
        assert space["mean"](10.0**e) == pytest.approx(
            heavy_tails.mean_of_stairs(10.0**e), rel=1e-6
        )


@pytest.mark.parametrize("out", [0, 2])
def test_the_means_that_are_finite_are_one_line_and_the_slowest_has_the_colour_of_infinity(out):
    axes = [new_axes(3.0) for _ in range(2)]
    heavy_tails.leave_out(axes, alpha=0.75, m=40, out=out)
    green, orange = COLOURS["kth"], COLOURS["slowest"]
    line = next(line for line in axes[0].get_lines() if line.get_label() == "mean, exact")
    assert line.get_color() == green
    assert list(line.get_xdata()) == list(range(1, 10))
    assert [text.get_color() for text in axes[0].texts if text.get_text() == "∞"] == [orange]
    running = [line for line in axes[1].get_lines() if "running" in line.get_label()]
    assert [line.get_color() for line in running] == [orange, green][: 1 + (out > 0)]
    said = "a green line where it is finite, an orange ∞ where it is not."
    assert missing("heavy_tails", [said, "There orange is the slowest, and green is what"]) == []


def test_the_stairs_are_the_integral_of_their_tail():
    def busy(t, m):
        return 1 - (1 - math.exp(-(2.0 ** (math.floor(math.log2(t)) + 1)))) ** m

    for m in (1, 10, 1000):
        parts = [integrate.quad(busy, 2.0**n, 2.0 ** (n + 1), args=(m,))[0] for n in range(-40, 6)]
        assert heavy_tails.mean_of_stairs(m) == pytest.approx(sum(parts), rel=1e-9)


@pytest.mark.parametrize(("alpha", "needed"), [(0.75, 1), (0.5, 2), (0.25, 4), (0.4, 2)])
@pytest.mark.parametrize("m", [10, 40])
def test_the_infinity_disappears_with_the_number_left_out_that_the_answers_say(alpha, needed, m):
    for out in range(5):
        _, sentence = seen(heavy_tails.leave_out, panels=2, alpha=alpha, m=m, out=out)
        assert ("infinite" in sentence) == (out < needed)


def test_most_laws_come_within_a_third_of_the_bound_for_twenty_workers():
    bounds = {name: 1 + law.std() * 19 / math.sqrt(39) for name, law in LAWS.items()}
    ratios = [slowest(law, 20) / bounds[name] for name, law in LAWS.items()]
    assert sum(ratio > 2 / 3 for ratio in ratios) >= 7


def test_the_numbers_of_the_quick_checks_and_solutions_of_heavy_tails():
    assert f"{sg.harmonic(10**6):.1f}" == "14.4"
    work = sg.two_point(usual=0, slow=2, probability=0.5)
    assert work.mean() == work.std() == 1
    assert f"{slowest(work, 20):.2f} {slowest(sg.exponential(rate=1), 20):.2f}" == "2.00 3.60"
    ends = [sg.order_statistic(sg.pareto(alpha=1.1, minimum=1), k, 30).mean() for k in (30, 29)]
    assert ends[0] / ends[1] == pytest.approx(11, rel=1e-9)
    halves = [sum(1 / j**p for j in range(1, 1001)) for p in (1, 2)]
    half = (halves[0] ** 2 + halves[1]) / 2
    assert half == pytest.approx(slowest(LAWS["Weibull, shape ½"], 1000), rel=1e-9)
    assert f"{half:.2f}" == "28.84"
    squares = [sg.order_statistic(sg.pareto(alpha=0.75, minimum=1), k, 40).var() for k in (39, 38)]
    assert np.isinf(squares[0])
    assert np.isfinite(squares[1])


def test_the_estimate_of_a_tail_index_settles_for_pareto_and_rises_for_log_normal_times():
    def hill(times, h):
        top = np.sort(times)[-h - 1 :]
        return h / np.log(top[1:] / top[0]).sum()

    rng = np.random.default_rng(3)
    sizes = (10_000, 1000, 100)
    times = sg.pareto(alpha=1.5, minimum=1).rvs(size=100_000, random_state=rng)
    for h in sizes:
        assert abs(hill(times, h) - 1.5) < 5 * 1.5 / math.sqrt(h)
    work = sg.lognormal(mu=0, sigma=1)
    found = [[hill(work.rvs(size=100_000, random_state=rng), h) for h in sizes] for _ in range(20)]
    assert np.mean(found, axis=0) == pytest.approx([2.1, 3.0, 3.6], abs=0.15)


def test_the_prose_has_the_numbers_that_are_checked_here():
    text = prose("heavy_tails")
    for number in ("1.98 to 2.00", "from 9 to 28", "14.4", "3.60", "28.84", "20.8", "2.1, 3.0"):
        assert number in text


def test_every_factor_of_ten_in_the_time_out_doubles_the_mean_wait_at_least_up_to_a_million():
    t = [np.concatenate([[0], np.geomspace(1, 10.0**e, 4001)]) for e in range(3, 7)]
    work = sg.order_statistic(sg.pareto(alpha=0.75, minimum=1), 40, 40)
    means = np.array([integrate.trapezoid(work.sf(grid), grid) for grid in t])
    one_out = sg.order_statistic(sg.pareto(alpha=0.75, minimum=1), 39, 40)
    short = [1 - integrate.trapezoid(one_out.sf(grid), grid) / one_out.mean() for grid in t]
    assert short[0] > 0.2  # so not at every time-out
    assert short[1] > 0.05
    assert all(missed < 0.03 for missed in short[2:])
    said = (
        f"settles at {one_out.mean():.1f}, and from $10^5$ on the time-out hardly matters: the "
        "mean is within 3 % of that."
    )
    assert missing("heavy_tails", [said]) == []
    ratios = means[1:] / means[:-1]
    assert (ratios > 1.95).all()
    assert (np.diff(ratios) < 0).all()


def test_every_number_of_the_text_is_computed_above_or_given():
    computed = "0.72 1.98 2.00 2.1 2.3 2.67 3 3.0 3.6 3.60 14.4 20.8 28.84 184.2"
    given = "0.4 0.75 0.8 1.1 1.5 0.5 0.25 2.5"  # set by the text
    assert unheld("heavy_tails", [], {*computed.split(), *given.split()}) == []
