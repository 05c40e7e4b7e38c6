"""The chapter "Order statistics of the exponential": its answers are what its figures show."""

import math
import re

import numpy as np
import pytest

import stragglers as sg
from stragglers.explorer.words import percent
from stragglers.figures import exponential

from . import page

M = np.arange(1, 2001)
H = np.concatenate([[0], np.cumsum(1 / M)])
SQUARES = np.concatenate([[0], np.cumsum(1 / M**2.0)])


def said(draw, pattern, panels=2, **values):
    """Return the numbers that a figure's sentence says where the pattern has groups."""
    return re.search(pattern, page.sentence(draw, panels, **values)).groups()


def legs(race):
    """Return the legs of one race, as the figure draws them."""
    drawn = page.series(exponential.race_restarts, 1, "this race", finished=8, seed=race)
    return [drawn[place] for place in range(1, 9)]


def answers_of_the_restarting_race():
    (ahead,) = said(exponential.race_restarts, r"last one in ([\d.]+) on", finished=6, seed=1)
    (whole,) = said(exponential.race_restarts, r"last one in ([\d.]+) on", finished=0, seed=1)
    last = [race for race in range(1, 7) if np.argmax(legs(race)) == 7]
    assert last == [1, 2, 4]
    share = 100 * float(ahead) / float(whole)
    return [
        f"$\\frac12 + 1 = {float(ahead):.1f}$ on average, of {whole} in all. That is "
        f"{share:.1f} %.",
        "In three of the six, races 1, 2 and 4.",
    ]


def numbers_of_the_spread():
    deviation = {m: sg.order_statistic(sg.exponential(rate=1), m, m).std() for m in (100, 200)}
    assert deviation[100] == pytest.approx(SQUARES[100] ** 0.5, rel=1e-12)
    shares = [math.sqrt(SQUARES[m]) / H[m] for m in (1, 5, 20, 100, 1000)]
    assert (np.diff(shares) < 0).all()
    assert SQUARES[1000] / SQUARES[100] < 1.01
    return [
        f"$\\pi/\\sqrt6 = {math.pi / math.sqrt(6):.3f}$",
        f"It hardly changes: from {deviation[100]:.3f} to {deviation[200]:.3f}.",
    ]


def numbers_of_the_logarithm():
    def first_within(share, value):
        good = abs(1 - value / H[1:]) <= share
        return int(np.flatnonzero(~good).max()) + 2

    (off,) = said(exponential.logarithms, r"still ([\d.]+ %) off", panels=1)
    ten = first_within(0.1, np.log(M))
    one = first_within(0.01, np.log(M) + np.euler_gamma)
    return [
        f"A constant of {np.euler_gamma:.3f} is forgotten easily, and it counts: at 1000 workers "
        f"$\\ln m$ alone is still {off} off.",
        f"To be within 10 % of $H_m$, plain $\\ln m$ needs {ten} workers. With $\\gamma$ it is "
        f"within 1 % from {one} workers on.",
        f"waiting for 19 of 20 takes {math.log(20):.4f}, where the truth is {H[20] - H[1]:.4f}. "
        f'For all 20 it says "infinite", where the truth is {H[20]:.4f}; with the two halves it '
        f"is {percent(math.log(41) / H[20] - 1, 1)} too much.",
    ]


def saved(m, dropped):
    """Return the share of time that the figure says is saved, as text."""
    return said(exponential.wait_for_k, r"saves ([\d.]+ %) of", m=m, dropped=dropped)[0]


def answers_of_the_waiting_figure():
    for m, enough in ((20, 3), (100, 8)):
        shares = [float(saved(m, d).split()[0]) for d in (enough - 1, enough)]
        assert shares[0] < 50 < shares[1]
    return [
        f"Three of 20 save {saved(20, 3)}. Eight of 100 save {saved(100, 8)}; seven just miss, "
        f"with {saved(100, 7)}.",
        f"It falls from {saved(10, 1)} to {saved(200, 1)}.",
        f"cut the wait for all hundred by {percent(H[4] / H[100], 1)}.",
    ]


def distance(m):
    return said(exponential.gumbel_limit, r"limit by ([\d.]+) %", m=m)[0]


def bound(m):
    return said(exponential.gumbel_limit, r"proved: ([\d.]+) %", m=m)[0]


def answers_of_the_gumbel_figure():
    assert float(distance(20)) > 1 > float(distance(30))
    assert float(bound(50)) > 1 > float(bound(60))
    return [
        f"Between 20 and 30: it is {distance(20)} % at 20 and {distance(30)} % at 30. The bound "
        f"promises it between 50 and 60, with {bound(50)} % and {bound(60)} %.",
        f"The largest distance is nearly $2e^{{-2}}/m = {2 * math.exp(-2):.3f}/m$.",
        "Between which two positions of the control does the distance fall below 1 %?",
        f"where it is $4e^{{-2}} = {4 * math.exp(-2):.3f}$.",
        f"the error is at most ${math.ceil(400 * math.exp(-2)) / 100}/m$",
        f"< \\frac{{{math.ceil(400 * math.exp(-2)) / 100}}}{{m}}.$$",
    ]


def distance_in_points():
    """Return what is said of the distance of two probabilities: no share of either of them."""
    below = [m for m in range(1, 60) if 100 * exponential.gumbel_distance(m) < 1]
    first = below[0]
    assert below == [*range(first, 60)]
    x = -2.0  # where both probabilities are small, their ratio is far from 1
    limit, law = math.exp(-math.exp(-x)), (1 - math.exp(-x) / first) ** first
    assert 100 * (limit - law) < 1 < 100 * (1 - law / limit)
    return [
        "probabilities computed so are off by less than one percentage point from "
        f"{first} workers on,",
    ]


def numbers_of_one_per_cent():
    space = {"np": np}
    exec(page.solution("exponential", "ex-one-per-cent"), space)
    near = {m: 100 * space["distance"](m) for m in (27, 28)}
    for m, value in near.items():
        assert value == pytest.approx(100 * exponential.gumbel_distance(m), rel=1e-6)
    assert 1000 * space["distance"](1000) == pytest.approx(2 * math.exp(-2), rel=2e-3)
    return [
        f"From {space['first']} workers on: the distance is {near[27]:.3f} % at 27 and "
        f"{near[28]:.3f} % at 28. The theorem promises it from {space['promised']} on.",
        f"near $2e^{{-2}} = {2 * math.exp(-2):.3f}$, half of the $4e^{{-2}} = "
        f"{4 * math.exp(-2):.3f}$ of the bound.",
    ]


def numbers_of_where_it_fails():
    waits = H[50:150] - H[:100]
    gains = H[50] / waits * 50 / (50 + np.arange(100))
    assert (np.diff(gains) > 0).all()
    laws = [sg.exponential(rate=1), sg.shifted_exponential(8.3, 1), sg.uniform(0, 2)]
    for law in [*laws, sg.pareto(alpha=2, minimum=0.5)]:
        steps = [sg.order_statistic(law, 50, m).mean() for m in range(50, 57)]
        assert (np.diff(steps) < 0).all()  # no backup makes the step slower
    even = sg.uniform(0, 2)
    assert (even.mean(), even.ppf(1)) == (1, 2)
    return [
        f"20 of them do not take $H_{{20}} = {H[20]:.1f}$",
        f"a gain of {percent(gains[3] - 1, 1)} with three backups",
        "But that a fifth backup makes the step itself slower is nothing that an order statistic "
        "shows. Whatever the law, the fastest 50 are done no later when there are more workers, "
        "unless these slow each other down.",
        "Most of the difference can be the time that a gradient needs in any case (see the last "
        "problem).",
    ]


def numbers_of_the_quick_checks():
    return [
        page.wrong("0.25"),
        page.wrong(f"{H[20] / 4:.2f}"),
        page.right(f"{H[5]:.2f}"),
        f"$H_5 = {H[5]:.2f}$: a race of five starts anew.",
        f"The answer {H[20] / 4:.2f} takes a "
        f"quarter of $H_{{20}} = {H[20]:.2f}$, as if every worker took the same share of the time.",
        "The answer 0.25 is",
        f'instead of 19 workers saves {math.log(2):.2f}."',
        page.right(f"{H[2] - H[1]:.2f}"),
        page.wrong(f"{math.log(2):.2f}"),
        f"{H[2] - H[1]:.2f}, the mean of the leg with two running workers.",
        f"The logarithm gives $\\ln 20 - \\ln 10 = {math.log(2):.2f}$, which is more than a third "
        "too much.",
    ]


def numbers_of_the_problems():
    smallest = [int(np.argmax(H[1:] >= x)) + 1 for x in (3, 4, 5)]
    near = [math.exp(x - np.euler_gamma) - 0.5 for x in (3, 4, 5)]
    assert [math.ceil(x) for x in near] == smallest == [11, 31, 83]
    assert SQUARES[2000] < 2  # the last leg has more than half of the variance
    correlation = [math.sqrt(1 - 1 / SQUARES[20]), math.sqrt(1 - 6 / math.pi**2)]
    return [
        f"1 of $H_{{20}} = {H[20]:.3f}$, or {percent(1 / H[20], 1)}. The last three are "
        f"$H_3 = {H[3]:.3f}$ of it, or {percent(H[3] / H[20], 1)}.",
        "This is {:.1f}, {:.1f} and {:.1f} for $x = 3, 4, 5$".format(*near),
        f"$e = {math.e:.1f}$ times as many",
        f"$t + H_5/\\lambda = t + {H[5]:.3f}/\\lambda$",
        f"so the standard deviation is ${SQUARES[5] ** 0.5:.3f}/\\lambda$.",
        f"For $m = 20$ it is {correlation[0]:.3f}, in the limit $\\sqrt{{1 - 6/\\pi^2}} = "
        f"{correlation[1]:.3f}$.",
        f"six faces of a die that is {6 * H[6]:.1f} throws.",
        f"$(H_{{100}} - H_{{90}})/\\lambda = {H[100] - H[90]:.3f}/\\lambda$.",
    ]


def numbers_of_more_backups():
    extra = np.arange(900)
    waits = H[50 + extra] - H[extra]
    many = H[50] / (H[1050] - H[1000]) * 50 / 1050
    gain = (8.3 + H[50]) / (8.3 + waits) * 50 / (50 + extra)
    assert int(gain.argmax()) == 4
    assert gain[3] == pytest.approx(1.095, abs=5e-4)  # the measured gain, 9.5 %
    return [
        f"For $K = 50$ this is {H[50] / waits[3] * 50 / 53:.3f} at $m = 53$ and {many:.3f} at "
        "$m = 1050$.",
        f"is $H_K = {H[50]:.3f}$",
        f"with $\\Delta\\lambda = 8.3$ the value for three backup workers is {gain[3]:.3f}, the "
        f"measured gain. The model's own best is four, with {gain[4]:.3f}",
    ]


SECTIONS = [
    answers_of_the_restarting_race,
    numbers_of_the_spread,
    numbers_of_the_logarithm,
    answers_of_the_waiting_figure,
    answers_of_the_gumbel_figure,
    distance_in_points,
    numbers_of_one_per_cent,
    numbers_of_where_it_fails,
    numbers_of_the_quick_checks,
    numbers_of_the_problems,
    numbers_of_more_backups,
]
GIVEN = {"9.5", "10", "0.4"}  # measured by others, asked for, and set by a question


@page.each(SECTIONS)
def test_the_text_says_what_is_computed(section):
    assert page.missing("exponential", page.said(section)) == []


def test_every_number_of_the_text_is_computed_here():
    phrases = [phrase for section in SECTIONS for phrase in page.said(section)]
    assert page.unheld("exponential", phrases, GIVEN) == []


@pytest.mark.parametrize("m", [1, 2, 3, 10])
def test_only_the_curve_of_one_worker_begins_with_a_corner(m):
    def law(x):
        return max(1 - math.exp(-x) / m, 0) ** m

    drawn = page.series(exponential.gumbel_limit, 0, f"{m} workers", m=m)
    for x, value in drawn.items():
        assert value == pytest.approx(law(x), rel=1e-4, abs=1e-4)
    start, step = -math.log(m), 1e-7
    assert law(start - step) == 0
    slope = law(start + step) / step
    assert slope == pytest.approx(1 if m == 1 else 0, abs=1e-3)


def test_the_chord_and_the_tangent_have_the_areas_that_the_figure_says():
    chord = page.series(exponential.chord_and_tangent, 0, "chord")
    tangent = page.series(exponential.chord_and_tangent, 1, "tangent")
    assert sum(chord.values()) / 2 == 0.75 > math.log(2)
    assert sum(tangent.values()) / 2 == 0.5 < math.log(2.5 / 1.5)
    assert all(y == pytest.approx(0.5 - (x - 2) / 4, rel=1e-12) for x, y in tangent.items())


@pytest.mark.parametrize("m", [1, 2, 20, 1000])
def test_the_inverse_squares_stay_between_the_bounds_that_the_chapter_proves(m):
    limit = math.pi**2 / 6
    assert limit * (1 - 3 / (2 * m + 1)) < SQUARES[m] < limit


def test_one_worker_starts_anew_and_several_start():
    one, two = (page.sentence(exponential.race_restarts, finished=n, seed=1) for n in (7, 6))
    assert "1 still runs, as if it had" in one
    assert "2 still run, as if they had" in two
    assert "1/1" not in one


def test_no_sentence_says_half_where_it_is_less():
    assert "saves 49.98 % of" in page.sentence(exponential.wait_for_k, m=100, dropped=7)


def test_the_question_asks_for_the_share_that_is_kept():
    """The kept answer is a share of the mean time. The mean of the share itself is another."""
    kept, _ = exponential.half_are_done()
    assert kept == pytest.approx(100 * (H[8] - H[4]) / H[8], rel=1e-12)
    rng = np.random.default_rng(5)
    finishes = np.sort(rng.exponential(size=(20_000, 8)), axis=1)
    shares = 100 * finishes[:, 3] / finishes[:, 7]
    assert shares.mean() - kept > 10 * shares.std() / math.sqrt(20_000)
    sources = [source for _, _, source in page.cells("exponential")]
    (asked,) = (source for source in sources if "half_are_done" in source)
    words = page.one_line(asked.replace('"\n    "', ""))
    assert "what share of the mean time until the last one is done has passed" in words
