"""The chapter "The slowest decides": what it says about figures and problems is what they show."""

import math
import re

import numpy as np
import pytest
from scipy import integrate, stats

import stragglers as sg
from stragglers.explorer.words import percent
from stragglers.figures import fan_out

from . import page

WORK = sg.two_point(usual=1, slow=10, probability=0.01)


def any_slow(m, p=0.01):
    return -math.expm1(m * math.log1p(-p))


def said(draw, pattern, **values):
    """Return the numbers that a figure's sentence says where the pattern has groups."""
    found = re.search(pattern, page.sentence(draw, **values))
    return [float(group) for group in found.groups()]


def share(m, p=0.01):
    """Return the share of slow requests that the first figure says, in per cent, as text."""
    sentence = page.sentence(fan_out.one_slow_server, m=m, p=p)
    return re.search(r"probability [\d.]+: ([\d.]+ %)", sentence)[1]


def answers_of_the_first_figure():
    grid = [1, 2, 5, *range(10, 201, 10)]
    passes = next(i for i, m in enumerate(grid) if any_slow(m) > 0.5)
    low, high = grid[passes - 1 : passes + 1]
    (drawn,) = said(fan_out.one_slow_server, r"drawn, (\d+) meet", m=100, p=0.01)
    number = stats.binom(100, 0.01)
    servers = np.arange(101)  # on very many lines, not on the forty drawn
    assert number.mean() == pytest.approx(1, rel=1e-12)
    further = (np.maximum(servers - 1, 0) * number.pmf(servers)).sum()
    assert further == pytest.approx(number.pmf(0), rel=1e-9)
    circles = (fan_out.dice()[: fan_out.DRAWN, :100] < 0.01).sum(axis=1)
    assert np.maximum(circles - 1, 0).sum() != (circles == 0).sum()
    return [
        f"Between {low} and {high}: the share is {share(low)} at {low} and {share(high)} at "
        f"{high}.",
        "Among very many lines there are as many circles as lines. So each circle that is not the "
        "first of its line leaves another line without any.",
        f"The requests drawn are 40 of very many, and {drawn:.0f} of them meet a slow server; of "
        f"all requests it is {share(100)}.",
        f"At $m = 100$, {percent(number.pmf(0), 1)} of the requests meet none, "
        f"{percent(number.pmf(1), 1)} meet one, and {percent(number.sf(1), 1)} meet more.",
        f"$m = 200$: {share(200, 0.005)}, where 100 servers at $p = 0.01$ had {share(100)}.",
    ]


def numbers_of_the_rules_of_thumb():
    assert any_slow(2000, 0.0001) == pytest.approx(-math.expm1(-0.2), abs=1e-5)
    half = math.log(2) / -math.log(0.99)
    assert any_slow(68) < 0.5 < any_slow(69)
    return [
        f"\\frac{{{math.log(2):.2f}}}{{p}}",
        f"At $p = 0.01$ this gives {half:.2f}. So 69 is the first fan-out at which more than half "
        f"of the requests are slow: {percent(any_slow(68), 2)} at 68, "
        f"{percent(any_slow(69), 2)} at 69.",
    ]


def median(m, law):
    return said(fan_out.slowest_quantile, r"the median ([\d.]+)\. ", m=m, law=law)[0]


def answers_of_the_quantile_figure():
    grid = [1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 100, 150, 200]
    level = {m: 0.5 ** (1 / m) for m in grid}
    nearest = min(grid, key=lambda m: abs(level[m] - 0.99))
    (longer,) = said(fan_out.slowest_quantile, r"; ([\d.]+) %", m=nearest, law="uniform")
    moves = {law: (median(10, law), median(200, law)) for law in fan_out.LAWS}
    moved = {law: b - a for law, (a, b) in moves.items()}
    assert sorted(moved, key=moved.get) == ["uniform", "exponential", "Pareto"]
    assert all(work.mean() == pytest.approx(1, rel=1e-12) for work in fan_out.LAWS.values())
    return [
        f"At $m = {nearest}$, where {longer:.3f} % of the single times are longer. The exact "
        f"place is $m = 69$, where the level is {0.5 ** (1 / 69):.6f}.",
        "its median moves from {:.3f} to {:.3f}.".format(*moves["uniform"]),
        "The exponential one moves from {:.3f} to {:.3f},".format(*moves["exponential"]),
        "and the Pareto one most, from {:.3f} to {:.3f}.".format(*moves["Pareto"]),
    ]


def numbers_of_the_median_that_nobody_need_know_the_law_of():
    """Whatever the law, jumps and gaps included: by its p99 half of the slowest of 68 are done."""
    sleeps = sg.two_point(usual=1, slow=10, probability=0.5)
    laws = [*fan_out.LAWS.values(), WORK, sleeps]
    assert all(law.ppf(0.5 ** (1 / 68)) <= law.ppf(0.99) for law in laws)
    assert (WORK.ppf(0.99), WORK.ppf(0.5 ** (1 / 69))) == (1, 10)
    kept = [law.sf(law.ppf(0.99)) for law in fan_out.LAWS.values()]
    assert kept == pytest.approx([0.01] * len(kept), rel=1e-9)
    assert sleeps.sf(sleeps.ppf(0.99)) == 0
    return [
        "the median of the slowest of 68 such servers",
        page.right("it is at most 10 ms"),
        f"All 68 are done by 10 ms with probability $0.99^{{68}} = {0.99**68:.3f}$ at least.",
        "Each server passes it once in 100 times, if no single time has a probability of its own.",
        "at least a share $q$ of the times is no longer than that.",
    ]


def p99(times):
    """Return the first time by which 99 of 100 requests are done."""
    return np.sort(times)[98]


def numbers_of_the_measured_table():
    most = np.array([70, 70, 0, 0] + 96 * [0])
    all_of_them = np.array([70, 70, 140, 140] + 96 * [0])
    assert (p99(most), p99(all_of_them)) == (70, 140)
    assert 70 not in all_of_them - most
    assert (140 - 70) / 140 == 0.5
    assert page.prose("fan_out").count("| 140 ms |") == 1
    equal, few = [100] * 4, [100, 100, 10_000, 10_000]  # leaves; two requests miss 6 % of theirs
    shares = [np.average([0.06, 0.06, 0, 0], weights=leaves) for leaves in (equal, few)]
    assert shares[0] > 0.025 > 0.01 > shares[1]
    return [
        "waiting for the last 5 % of the leaves is responsible for half of the p99, 70 of 140 ms.",
        "In two of them, 95 % of the leaves answer by 70 ms, and so do all. In two others, 95 % "
        "answer at once, and the last one after 140 ms. The remaining 96 take no time at all.",
        "But in no request do the last 5 % take 70 ms.",
        "that all requests have equally many leaves,",
        "The table shows *that* the wait grows from 95 % of the answers to all.",
    ]


def numbers_of_two_speeds():
    waits = {m: sg.order_statistic(WORK, m, m).mean() for m in (100, 1000)}
    assert WORK.mean() / waits[100] < 1 / 5
    assert 9.99 < waits[1000] < 10
    return [
        f"loses only {percent((WORK.mean() - 1) / WORK.mean())} of its time to slow gradients",
        f"the share of slow requests falls from {percent(any_slow(100), 1)} to "
        f"{percent(any_slow(100, 0.01**2), 3)}.",
    ]


def hedged(m, common):
    """Return the two shares in per cent and their ratio, as the figure says them."""
    pattern = r"once: ([\d.]+) % .* and ([\d.]+) %.*Hedging (?:divides the share by ([\d.]+)\.$|ch)"
    found = re.search(pattern, page.sentence(fan_out.hedged_requests, m=m, common=common))
    return float(found[1]), float(found[2]), float(found[3] or 1)


def answers_of_the_hedging_figure():
    plain, some = [hedged(100, c)[0] for c in range(0, 101, 10)], range(1, 100)
    assert (np.diff(plain) < 0).all()
    best = min(some, key=lambda c: fan_out.shares(100, c / 10_000)[1])
    return [
        f"At $m = 100$ the share of slow requests falls from {plain[0]:.1f} % without a common "
        f"cause to {plain[-1]:g} % where all is common.",
        f"At $m = 100$ it is {best} %: only {hedged(100, best)[1]:g} % of the hedged requests "
        f"are slow, against {hedged(100, 0)[1]:g} % at 0 % and {hedged(100, 100)[1]:g} % at "
        "100 %.",
        f"By {hedged(100, 0)[2]:g} without a common cause, by {hedged(100, 90)[2]:g} at 90 %, "
        f"and by {hedged(100, 100)[2]:g} at 100 %, where",
        "if there is no common cause, if 90 % have one, and if all have?",
    ]


def numbers_of_the_quick_checks():
    plain, copied = any_slow(100), any_slow(100, 0.01**2)
    return [
        f"100 %, not {percent(plain, 1)}.",
        page.wrong("10 %"),
        page.right(percent(any_slow(10, 0.1))),
        page.wrong("100 %"),
        f"$1 - 0.9^{{10}} = {100 * any_slow(10, 0.1):.0f}\\,\\%$.",
        "The answer 10 % is that of one worker.",
        "The answer 100 % is $mp$",
        f"At 5: the shares are {percent(any_slow(5), 1)} and {percent(any_slow(5, 0.005), 1)}.",
        f"At 100 they are {percent(plain, 1)} and {percent(any_slow(100, 0.005), 1)}.",
        f"At 1000 they are over 99.9 % and {percent(any_slow(1000, 0.005), 1)}",
        page.wrong(f"{percent(plain, 1)} and {percent(copied, 1)}"),
        page.right("1 % and 1 %"),
        page.wrong("1 % and 0.01 %"),
    ]


def numbers_of_the_problems():
    plain = any_slow(100)
    out = {m: sg.order_statistic(WORK, m - 1, m).mean() for m in (20, 100)}
    wait = {m: sg.order_statistic(WORK, m, m).mean() for m in (20, 100)}
    for m, mean in out.items():
        assert mean == pytest.approx(1 + 9 * stats.binom(m, 0.01).sf(1), rel=1e-9)
    copied = any_slow(100, 0.01**2)
    assert pytest.approx(any_slow(110), rel=1e-12) == 1 - 0.99**110
    return [
        f"\\frac{{1}}{{{plain:.3f}}} = {1 / plain:.2f} .$$",
        f"For $m = 20$ this is {out[20]:.2f} instead of {wait[20]:.2f}, for $m = 100$ it is "
        f"{out[100]:.2f} instead of {wait[100]:.2f}.",
        f"which has probability ${plain:.3f}^2 = {plain**2:.3f}$. It makes 100 extra copies with "
        f"probability {plain:.3f}, which is {100 * plain:.1f} on average.",
        f"*Below:* {copied:.5f} by",
        f"$1 - 0.99^{{110}} = {100 * any_slow(110):.1f}\\,\\%$",
        f"100 servers are left: {percent(plain, 1)}.",
        f"$1 - 0.99^{{10}} \\cdot 0.995^{{100}} = {100 - 100 * 0.99**10 * 0.995**100:.1f}\\,\\%$",
        f"this is {1 + 9 * copied:.2f} instead of {1 + plain + 8 * copied:.2f}, and the price",
    ]


def numbers_of_the_dice():
    space = {"np": np, "sg": sg}
    exec(page.solution("fan_out", "ex-hedge-dice"), space)
    mean, error, _ = space["two_speeds"]
    exact = 1 + 2 * any_slow(100) + 7 * any_slow(100, 0.01**2)
    assert abs(mean - exact) < 5 * error
    found = space["found"]
    for d, (_, _, copies) in found.items():
        assert copies == pytest.approx(100 * math.exp(-d), abs=5 * 10 / math.sqrt(20_000))
    harmonic = sg.order_statistic(sg.exponential(rate=1), 100, 100).mean()
    assert abs(found[np.inf][0] - harmonic) < 5 * found[np.inf][1]
    return [
        f"Two speeds: {mean:.3f} ± {error:.3f}, and the theorem says {exact:.3f}. Exponential "
        f"times: {found[np.inf][0]:.2f} without copies; {found[1][0]:.2f} with copies at "
        f"$d = 1$, which takes {found[1][2]:.1f} copies a request; {found[2][0]:.2f} with "
        f"{found[2][2]:.1f} copies at $d = 2$; and {found[3][0]:.2f} with {found[3][2]:.1f} "
        "copies at $d = 3$.",
    ]


DELAYS = [0, 0.5, 1, 2, 5, 9]


def saved_with_two_speeds(d):
    """Return the mean of (R - X')+, where R is what the first still needs at d, over all cases."""
    cases = [(x - d, p) for x, p in ((1, 0.99), (10, 0.01)) if x > d]
    left = sum(p for _, p in cases)
    copies = ((1, 0.99), (10, 0.01))
    return sum(p / left * q * max(r - x, 0) for r, p in cases for x, q in copies)


def saved_by_a_copy():
    """Return what a copy saves after each delay, by the code of the solution, for each law."""
    space = {"np": np}
    exec(page.solution("fan_out", "ex-worth-a-copy"), space)
    saved = space["saved"]
    heavy = sg.pareto(alpha=2, minimum=0.5)
    mixture = sg.hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2])
    return {
        "exponential, rate 1": [saved(sg.exponential(rate=1), d) for d in DELAYS],
        "two speeds": [saved_with_two_speeds(d) for d in DELAYS],
        "Pareto, $\\alpha = 2$, $x_0 = 0.5$": [saved(heavy, d, (0.5,)) for d in DELAYS],
        "mixture: rate 2, or 0.2 for one in ten": [saved(mixture, d, (1, 10)) for d in DELAYS],
    }


def table_of_copies():
    return [
        f"| {law} | {' | '.join(f'{value:.3f}' for value in row)} |"
        for law, row in saved_by_a_copy().items()
    ] + ["| delay $d$ | 0 | 0.5 | 1 | 2 | 5 | 9 |"]


SECTIONS = [
    answers_of_the_first_figure,
    numbers_of_the_rules_of_thumb,
    answers_of_the_quantile_figure,
    numbers_of_the_median_that_nobody_need_know_the_law_of,
    numbers_of_the_measured_table,
    numbers_of_two_speeds,
    answers_of_the_hedging_figure,
    numbers_of_the_quick_checks,
    numbers_of_the_problems,
    numbers_of_the_dice,
    table_of_copies,
]
# Set by the text: probabilities, and shares and percentiles that are printed in the article.
GIVEN = {"0.01", "0.005", "0.0001", "0.99", "0.1", "99.9", "0.9", "0.995", "0.5"}
GIVEN |= {"99", "95", "5", "1", "2", "2.5", "90", "63"}


@page.each(SECTIONS)
def test_the_text_says_what_is_computed(section):
    assert page.missing("fan_out", page.said(section)) == []


def test_every_number_of_the_text_is_computed_here():
    phrases = [phrase for section in SECTIONS for phrase in page.said(section)]
    assert page.unheld("fan_out", phrases, GIVEN) == []


def test_a_copy_saves_more_the_later_it_starts_for_the_mixture_only():
    steps = {law: np.diff(row) for law, row in saved_by_a_copy().items()}
    exponential, two_speeds, heavy, mixture = steps.values()
    assert exponential == pytest.approx(0, abs=1e-9)
    assert (two_speeds[2:] < 0).all()
    assert heavy[0] < 0 < heavy[1:].min()
    assert (mixture > 0).all()


@pytest.mark.parametrize("delay", [0, 0.5, 0.99])
def test_a_copy_saves_nothing_at_any_delay_if_the_time_is_always_the_same(delay):
    space = {"np": np}
    exec(page.solution("fan_out", "ex-worth-a-copy"), space)
    assert space["saved"](sg.deterministic(1), delay, (1,)) == pytest.approx(0, abs=1e-12)
    words = "for a time that is always the same a copy saves nothing at any delay."
    assert page.missing("fan_out", [words]) == []


@pytest.mark.parametrize(("delay", "value"), [(1, 7.92), (2, 6.93), (5, 3.96), (9, 0)])
def test_what_a_copy_saves_with_two_speeds(delay, value):
    assert saved_with_two_speeds(delay) == pytest.approx(value, abs=1e-12)


def test_what_a_copy_saves_for_the_pareto_law_falls_until_its_least_time():
    heavy = sg.pareto(alpha=2, minimum=0.5)
    space = {"np": np}
    exec(page.solution("fan_out", "ex-worth-a-copy"), space)
    at = {d: space["saved"](heavy, d, (0.5,)) for d in (0, 0.25, 0.5, 0.6, 1)}
    assert at[0] == pytest.approx(1 / 3, rel=1e-9)
    assert at[0.5] == pytest.approx(math.log(2) - 0.5, rel=1e-9)
    assert at[0] > at[0.25] > at[0.5] < at[0.6] < at[1]


def test_the_formula_for_what_a_copy_saves_is_what_dice_save():
    rng, d = np.random.default_rng(2), 1.0
    mixture = sg.hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2])
    first, copy = (mixture.rvs(size=200_000, random_state=rng) for _ in range(2))
    late = first > d
    gain = np.maximum(first - d - copy, 0)[late]

    def density(t):
        return mixture.sf(d + t) / mixture.sf(d) * mixture.cdf(t)

    exact = sum(integrate.quad(density, a, b)[0] for a, b in ((0, 10), (10, np.inf)))
    assert abs(gain.mean() - exact) < 5 * gain.std() / math.sqrt(late.sum())


def test_no_share_is_rounded_to_all_or_none():
    sure = page.sentence(fan_out.one_slow_server, m=200, p=0.05)
    assert "over 99.9 % of the requests" in sure
    assert "Hedging changes nothing." in (page.sentence(fan_out.hedged_requests, m=1, common=100))
