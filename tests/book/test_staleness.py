"""The chapter "Stale gradients": each answer and number that the text writes out."""

import contextlib
import io
import math

import numpy as np
import pytest

import stragglers as sg
from stragglers import training
from stragglers.explorer.words import percent
from stragglers.figures import staleness

from ..conftest import FACTS
from . import page


def sums(law, n):
    """Return what the first figure says of the applied and of those in flight after n updates."""
    used = page.series(staleness.ledger, 1, "applied so far", law=law, n=n)[n]
    flying = page.series(staleness.ledger, 1, "in flight", law=law, n=n)[n]
    return int(used), int(flying)


def answers_of_the_ledger():
    (used, flying), constant, mixed = (
        sums(law, 20) for law in ("exponential", "constant", "fast and slow")
    )
    together = used + flying
    assert {sum(sums(law, 20)) for law in staleness.KEPT} == {together} == {4 * 20}
    said = page.sentence(staleness.ledger, law="exponential", n=20)
    assert f"Together {together} = 4 times 20." in said
    return [
        f"The applied gradients were {used} updates old in all, those in flight are {flying} old. "
        f"Together {together}.",
        f"Constant times have {constant[0]} and {constant[1]}, fast and slow times {mixed[0]} and "
        f"{mixed[1]}: always {together}, which is 4 for each",
    ]


@pytest.mark.parametrize("law", staleness.KEPT)
def test_an_update_adds_what_the_answer_says_to_each_account(law):
    for n in range(staleness.LAST):
        before, after = staleness.account(law, n), staleness.account(law, n + 1)
        moved = after[0][-1]
        assert sum(after[0]) - sum(before[0]) == moved
        assert sum(after[1]) - sum(before[1]) == 4 - moved


def spread(law, m):
    return staleness.own_times(law, m)[1].std()


def answers_of_the_histograms():
    counts = {len(staleness.own_times("exponential", m)[0]) for m in (2, 5, 10, 20)}
    assert max(counts) < 40_000  # the beginning of each run is cut off
    assert min(counts) >= 0.99 * 40_000
    for law in staleness.LAWS:
        assert f"{staleness.own_times(law, 10)[1].mean():.2f}" == "9.00"
    uniform, plain, mixed = (spread(law, 10) for law in ("uniform", "exponential", "fast and slow"))
    assert spread("constant", 10) == 0
    fresh = {law: staleness.histogram(law, 10)[0] for law in staleness.LAWS}
    assert fresh["constant"] == 0
    most = [law for law in staleness.LAWS if staleness.histogram(law, 10).argmax() == 0]
    assert most == ["exponential", "fast and slow"]
    few, many = (staleness.by_slowness("uniform", m)[-1] for m in (2, 20))
    return [
        "the mean of about 40 000 simulated gradients",
        "does not, 9.00 every time",
        f"from 0 for constant times over {uniform:.2f} (uniform) and {plain:.2f} (exponential) to "
        f"{mixed:.2f} (fast and slow). For Pareto 2 the picture says {spread('Pareto 2', 10):.2f},",
        f"{percent(fresh['exponential'], 1)} and {percent(fresh['fast and slow'], 1)} are fresh. "
        f"For $1 +$ exponential times it is {percent(fresh['1 + exponential'], 2)}, "
        f"and for Pareto 2 it is {percent(fresh['Pareto 2'], 2)}:",
        f"is ${few[1]:.2f} \\pm {few[2]:.2f}$ old with two workers, ${many[1]:.2f} \\pm "
        f"{many[2]:.2f}$ with twenty.",
        f"Practically none: {percent(sg.Async(10).probability_fresh(FACTS_LAW), 2)}.",
    ]


FACTS_LAW = sg.shifted_exponential(shift=1, rate=1)


@pytest.mark.parametrize("law", staleness.LAWS)
@pytest.mark.parametrize("m", [2, 20])
def test_the_tenths_lie_on_the_line(law, m):
    own, stale = staleness.own_times(law, m)
    if law == "Pareto 2":
        own, stale = own[own < 20], stale[own < 20]
    errors = stale - (m - 1) * own / 2
    batches = np.array([part.mean() for part in np.array_split(errors, 20)])
    assert abs(batches.mean()) <= 5 * batches.std(ddof=1) / math.sqrt(20) + 1e-12


def answers_of_the_kin():
    batch = sg.KBatchAsync(10, 4).probability_fresh(sg.exponential(rate=1))
    assert batch == pytest.approx(float(FACTS["kbasync.p0.exp.m10K4"]["value"]), rel=1e-9)
    assert sg.KAsync(10, 4).probability_fresh(sg.exponential(rate=1)) == pytest.approx(0.4)
    for k in range(1, 11):
        law = sg.KBatchAsync(10, k).staleness(sg.exponential(rate=1))
        assert law.pmf(np.arange(30)).argmax() == (1 < k < 9)
    return [f"1. 40 %, and {percent(batch, 1)}."]


def numbers_of_variances_and_problems():
    uniform = sg.Async(10).staleness_variance(sg.uniform(0, 1))
    assert uniform == pytest.approx(36 * (math.e - 31 / 12) + 27, rel=1e-12)
    assert uniform == pytest.approx(float(FACTS["stale.var.unif.m10"]["value"]), rel=1e-9)
    weibull = sg.Async(10).probability_fresh(sg.weibull(shape=0.5, scale=1))
    return [
        f"81 \\cdot \\frac13 = {uniform:.3f}$",
        f"The integral is {weibull:.3f}: more than a third",
    ]


@pytest.mark.parametrize("law", ["exp", "sexp", "erl2", "hyper"])
def test_the_fresh_ones_of_ten_workers_are_the_known_ones(law):
    works = {
        "exp": sg.exponential(rate=1),
        "sexp": FACTS_LAW,
        "erl2": sg.gamma(shape=2, rate=1),
        "hyper": sg.hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2]),
    }
    known = float(FACTS[f"stale.p0.{law}.m10"]["value"])
    assert sg.Async(10).probability_fresh(works[law]) == pytest.approx(known, rel=1e-9)


def test_the_ledger_by_hand():
    times = np.array([[1, 2], [3, 1.5], [1.5, 3], [9, 9]])
    run = sg.Async(2).replay(times)
    assert run.staleness[:5].tolist() == [0, 1, 0, 2, 0]
    assert run.update_times[:5].tolist() == [1, 2, 3.5, 4, 5.5]


def chapter_loop():
    space = {"np": np, "sg": sg, "training": training, "rng": np.random.default_rng(2016)}
    source = next(s for _, _, s in page.cells("staleness") if s.startswith("def asynchronous"))
    exec(source, space)
    return space


@pytest.mark.slow
def test_the_solution_on_weibull_times_finds_what_the_text_says():
    space = chapter_loop()
    with contextlib.redirect_stdout(io.StringIO()):
        exec(page.solution("staleness", "ex-stale-weibull"), space)
    known = sg.Async(10).probability_fresh(sg.weibull(shape=0.5, scale=1))
    assert space["fresh"] == pytest.approx(known, rel=1e-9)
    batches = [part.mean() for part in np.array_split(space["stale"][1000:] == 0, 20)]
    error = np.std(batches, ddof=1) / math.sqrt(20)
    assert abs(np.mean(batches) - known) < 5 * error


def numbers_of_dropping():
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(page.solution("staleness", "ex-stale-threshold"), chapter_loop())
    rows = np.array([line.split() for line in out.getvalue().splitlines()], dtype=float)
    bounds, used, dropped, formula = rows.T
    assert bounds.tolist() == [2, 5, 10, 20, 40]
    assert (np.diff(used) > 0).all()
    assert used[-1] < 9  # a smaller mean, with as many workers and gradients an update
    assert (formula[:-1] > 1.2 * dropped[:-1]).all()  # too large, and not close
    assert dropped[-1] < formula[-1] < 1.1 * dropped[-1]
    assert dropped[-1] < 0.02
    return [
        "If every gradient is used, the only way to a smaller mean",
        "Why is this too large for each $R$, and why is it close at 40?",
        f"is too large: {formula[2]:.3f} where the share is {dropped[2]:.3f}, at $R = 10$.",
        f"and the formula is close: {formula[-1]:.4f} where the share is {dropped[-1]:.4f}.",
    ]


def words_of_no_variance():
    def spread(times, m):
        run = sg.Async(m).simulate(times, 4000, np.random.default_rng(1))
        return run.staleness[100:].var()

    one_or_two = sg.trace([1, 2])
    assert [spread(sg.deterministic(1.0), m) for m in (2, 3, 10)] == [0, 0, 0]
    assert min(spread(one_or_two, m) for m in (2, 3, 10)) > 0.1
    assert spread(sg.exponential(rate=1), 1) == 0  # one worker alone: always fresh
    return [
        "At least two equal workers, finite mean. Show: if the law is not lattice, then",
        "No other law will do.",
    ]


def numbers_of_a_law_without_a_mean():
    seen = staleness.mean_so_far("Pareto ½")[-1]
    return [f"the applied gradients are {seen:.2f} updates old on average."]


def test_ages_vanish_but_for_the_law_without_a_mean():
    ends = {law: staleness.mean_so_far(law)[-1] for law in staleness.TAILS}
    assert ends["exponential"] == pytest.approx(9, abs=0.01)
    assert ends["Pareto 2"] == pytest.approx(9, abs=0.05)
    assert ends["Pareto ½"] < 8


SECTIONS = [
    answers_of_the_ledger,
    answers_of_the_histograms,
    answers_of_the_kin,
    numbers_of_variances_and_problems,
    numbers_of_dropping,
    words_of_no_variance,
    numbers_of_a_law_without_a_mean,
]
GIVEN = {"1.5", "5.5", "6.5", "3.5", "1.8", "4.5"}  # the ledger by hand, 9/5, a wrong option


@page.each(SECTIONS)
def test_the_text_says_what_is_computed(section):
    assert page.missing("staleness", page.said(section)) == []


def test_every_number_of_the_text_is_computed_here():
    phrases = [phrase for section in SECTIONS for phrase in page.said(section)]
    assert page.unheld("staleness", phrases, GIVEN) == []
