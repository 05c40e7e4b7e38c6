"""The chapter "Copies and codes": each answer and number that the text writes out."""

import math
from itertools import combinations, product

import numpy as np
import pytest
from scipy import special, stats

import stragglers as sg
from stragglers.figures import copies_and_codes as figures

from ..conftest import FACTS
from . import page

CHAPTER = "copies_and_codes"
SHIFTED = sg.shifted_exponential(shift=1, rate=1)


def fact(name):
    return pytest.approx(float(FACTS[name]["value"]), rel=1e-9)


def decimals(value, digits=3):
    return f"{value:.{digits}f}"


def answers_on_copies():
    seen = page.series(figures.copies_and_tails, 0, "one copy", law="Pareto 2", r=2)
    twice = page.series(figures.copies_and_tails, 0, "2 copies", law="Pareto 2", r=2)
    assert seen[10] == pytest.approx(0.01)
    assert twice[10] == pytest.approx(0.0001)
    free = [law for law in figures.LAWS if figures.price(law, 2) == pytest.approx(1)]
    cheap = [law for law in figures.LAWS if figures.price(law, 2) < 1 - 1e-9]
    assert free == ["exponential"]
    assert cheap == ["hyperexponential", "Lomax 2"]
    dear = [law for law in figures.LAWS if figures.price(law, 2) > 1 + 1e-9]
    assert dear == ["1 + exponential", "uniform", "Pareto 2"]
    assert len(figures.LAWS) == 6
    two, one = (sg.order_statistic(figures.LAWS["exponential"], 1, r).mean() for r in (2, 1))
    assert two == pytest.approx(one / 2)
    assert figures.price("Lomax 2", 2) == fact("copies.free.lomax2.r2")
    steps = [figures.price("1 + exponential", r) for r in range(1, 7)]
    assert steps == pytest.approx([(r + 1) / 2 for r in range(1, 7)])
    assert figures.price("exponential", 6) == pytest.approx(1)
    hyper, lomax, pareto = (
        decimals(figures.price(law, 2)) for law in ("hyperexponential", "Lomax 2", "Pareto 2")
    )
    assert f"costs {pareto} times" in page.sentence(figures.copies_and_tails, law="Pareto 2", r=2)
    return [
        f"falls from 0.01 to 0.0001. The price is {pareto} times the worker-time.",
        f"hyperexponential ({hyper} for two copies) and Lomax 2 ({lomax})",
        "in units of the mean 2 is 1, 1.5, 2 and so on",
        "A second copy of everything was dear in work for three of the six laws above.",
        '"Nothing" is what a copy costs with exponential workers, and there it gains half of the',
    ]


def numbers_on_tails():
    pareto, heavy = sg.pareto(alpha=2, minimum=1), sg.pareto(alpha=0.7, minimum=1)
    copied = sg.Replication(10, 2).time_per_update(pareto)
    assert copied == fact("repl.pareto2.n10r2")
    assert math.isinf(sg.Sync(1).time_per_update(heavy))
    assert math.isfinite(sg.Replication(100, 2).time_per_update(heavy))
    alone = sg.Sync(10).time_per_update(pareto)
    return [f"take {alone:.2f} without copies and {copied:.2f} with one copy more of each"]


def answers_on_delays():
    better = [
        delay
        for delay in figures.DELAYS
        if figures.hedged("Pareto 2", delay)[0] < figures.unhedged("Pareto 2")
        and figures.hedged("Pareto 2", delay)[1] < 1
    ]
    assert better == [2, 3, 5, 8]
    pareto, alone = figures.hedged("Pareto 2", 2), figures.unhedged("Pareto 2")
    two = {delay: figures.hedged("two speeds", delay) for delay in figures.DELAYS}
    assert min(two, key=lambda delay: two[delay][1]) == 1
    assert min(delay for delay in two if two[delay][2] < 0.5) == 1
    shifted = {delay: figures.hedged("1 + exponential", delay) for delay in (0, 0.5, 1)}
    assert all(copies == 1 for _, _, copies in shifted.values())
    assert all(figures.hedged("exponential", d)[1] == pytest.approx(1) for d in figures.DELAYS)
    times = [figures.hedged("exponential", delay)[0] for delay in figures.DELAYS]
    assert times == sorted(times)
    shown = page.series(figures.late_copies, 1, "here", law="Pareto 2", delay=2)
    assert next(iter(shown.items())) == pytest.approx((pareto[1], pareto[0]), rel=1e-4)
    assert sg.Hedge(1, 1).time_per_update(sg.exponential(1)) == fact("hedge.exp.d1")
    assert sg.Hedge(1, 2).time_per_update(figures.HEDGED["Pareto 2"]) == fact("hedge.pareto2.d2")
    falls = [
        law
        for law in figures.HEDGED
        if any(figures.hedged(law, delay)[1] < 1 - 1e-9 for delay in figures.DELAYS)
    ]
    assert falls == ["two speeds", "Pareto 2"]
    assert times[0] == pytest.approx(figures.unhedged("exponential") / 2)  # and yet it pays
    dear, wait = figures.hedged("1 + exponential", 2)[1], figures.hedged("1 + exponential", 2)[0]
    assert pareto[0] < alone / 3
    assert two[1][0] < figures.unhedged("two speeds") / 3
    late = figures.HEDGED["Pareto 2"]
    assert late.expect(lambda t: t - 2, lb=2, conditional=True) == pytest.approx(late.mean())
    return [
        f"at $d = 2$ the job takes {wait:.2f} instead of {figures.unhedged('1 + exponential'):.2f}"
        f", and each task costs {dear:.3f} times as much.",
        f"1. 2, 3, 5 and 8. At $d = 2$ the job takes {pareto[0]:.2f} instead of {alone:.2f}, and a "
        f"task costs {pareto[1]:.3f} of its price",
        f"{two[1][0]:.2f} instead of {figures.unhedged('two speeds'):.2f}, at {two[1][1]:.3f} of "
        f"the price. Smaller delays make a copy of every task: $d = 0.5$ brings the job down to "
        f"{two[0.5][0]:.2f}, at {two[0.5][1]:.3f} of the price.",
        f"At $d = 1$ a task costs {shifted[1][1]:.3f} of its price, at $d = 0$ "
        f"{shifted[0][1]:.3f}.",
        "every delay costs 1.000",
        "Because the bill falls only where the late ones are *stuck*. For two speeds and for",
        "The delays are 0, 0.5, 1, 1.5, 2, 3, 5 and 8.",
    ]


def numbers_of_the_fork():
    exp = sg.exponential(rate=1)
    fork = sg.SingleFork(100, late=10, extra=1).time_per_update(exp)
    assert fork == fact("fork.exp.n100.p10.r1")
    assert sg.Replication(10, 2).time_per_update(exp) == fact("repl.exp.n10r2")
    alone, all_of_them = sg.harmonic(100), sg.Replication(100, 2).time_per_update(exp)
    return [
        f"from {alone:.2f} down to {fork:.2f}. Copying *all* 100 from the start would give "
        f"{all_of_them:.2f}",
    ]


def numbers_of_the_best_mds_code():
    space = page.run(CHAPTER, page_cells("optimal_k"), {"sg": sg})
    gain = {m: found[-1] for m, found in space["gain"].items()}
    assert gain[10] == fact("lee.loggain.n10")
    assert gain[100] == fact("lee.loggain.n100")
    limit = 1 / (1 - sg.optimal_fraction(1.0))
    assert limit == fact("mds.gammastar.mu1")
    assert space["gain"][1000][2] == pytest.approx(limit, rel=0.01)
    assert space["gain"][10][1] / 10 == fact("mds.n10.uncoded")
    for work in (SHIFTED, sg.uniform(1, 2), sg.pareto(alpha=2, minimum=1), sg.gamma(3, 1)):
        times = [sg.MDSCoded(20, k, "scales").time_per_update(work) for k in range(1, 21)]
        assert 1 + int(np.argmin(times)) == sg.optimal_k(work, 20)
    return [
        f"{gain[10]:.3f} for ten workers and {gain[100]:.3f} for a hundred",
        f"the coded one settles at {limit:.3f}",
    ]


def page_cells(*phrases):
    """Return the ids of the code cells that hold one of the phrases."""
    return [
        name
        for kind, name, text in page.cells(CHAPTER)
        if kind == "code" and any(phrase in text for phrase in phrases)
    ]


def test_all_facts_on_codes_come_out():
    assert sg.GradientCoded(10, 2, "scales").time_per_update(SHIFTED) == fact("gc.n10s2.sexp")
    assert sg.optimal_tolerance(SHIFTED, 10, "scales") == fact("gc.n10.bests")
    two = sg.shifted_exponential(shift=2, rate=1)
    assert sg.optimal_tolerance(two, 10, "adds") == fact("gc.additive.n10.D2")
    best = sg.MDSCoded(50, 39, "scales")
    work = sg.shifted_exponential(shift=1, rate=2)
    assert best.time_per_update(work) == fact("mds.n50.mu2.0.best")


def test_the_code_is_decoded_and_broken_as_the_text_says():
    rng = np.random.default_rng(2017)
    space = {"sg": sg, "np": np, "rng": rng, "combinations": combinations}
    space = page.run(CHAPTER, page_cells("tolerates=3", "def survives"), space)
    counts = {s: (len(found), sum(found)) for s, found in space["attacks"].items()}
    assert counts == {2: (45, 45), 3: (120, 120), 4: (210, 0)}
    assert "all 120 times" in page.prose(CHAPTER)
    assert "all 210 times" in page.prose(CHAPTER)


def answers_on_the_attack():
    for tolerates in range(4):
        for late in product([False, True], repeat=5):
            finished = [i for i in range(5) if not late[i]]
            counts, works = figures.decoded(figures.code(tolerates), finished)
            assert works == (sum(late) <= tolerates)
            assert counts.min() > -0.5
            assert counts.max() < 1.7
    late = {"late1": True, "late2": True, "late3": False, "late4": False, "late5": False}
    counts = page.series(figures.attack, 1, "counts", tolerates=1, **late)
    assert [part for part, count in counts.items() if abs(count) < 1e-9] == [2]
    assert "cannot give the sum" in page.sentence(figures.attack, tolerates=1, **late)
    assert "exact sum" in page.sentence(figures.attack, tolerates=2, **late)
    load = sg.GradientCoded(5, 3, "adds").load
    linear, nonlinear = sg.MDSCoded(10, 6, "adds").load, sg.GradientCoded(10, 4, "adds").load
    return [
        "all 10 pairs are borne, all 10 triples are not",
        f"so that the load of a worker is {load:g}",
        "Part 2 counts 0.00 times.",
        f"For $m = 10$, $s = 4$ that is {linear:.3f} and {nonlinear:g}.",
    ]


def answers_on_who_grows():
    scales, adds = (figures.coded_times(kind, 2)[0] for kind in ("scales", "adds"))
    assert adds[4] == fact("gc.additive.n10.D2.val")
    assert scales[4] / scales[0] == pytest.approx(3, abs=0.15)
    flipped = [
        x for x in figures.SHIFTS if figures.best("scales", x) == 0 < figures.best("adds", x)
    ]
    assert flipped == [0.5, 1, 2, 5]
    assert figures.best("scales", 0.2) == figures.best("adds", 0.2) == 9
    assert figures.best("scales", 10) == figures.best("adds", 10) == 0
    adding = {x: figures.coded_times("adds", x)[0] for x in (10, 20)}
    assert adding[10][1] == pytest.approx(adding[10][0], rel=1e-12)
    assert adding[10][2:].min() > 1.05 * adding[10][0]
    assert adding[20][1] > 1.05 * adding[20][0]
    ties = {x: figures.all_best("adds", x).tolist() for x in figures.SHIFTS}
    whole = {x: [round(10 / x) - 1, round(10 / x)] for x in (2, 5, 10)}
    assert {x: found for x, found in ties.items() if len(found) > 1} == whole
    assert all(len(figures.all_best("scales", x)) == 1 for x in figures.SHIFTS)
    drawn = {"straggle": "the straggle adds", "shift": 2, "s": 4}
    assert "The best s is 4 or 5, with 1.846." in page.sentence(figures.who_grows, **drawn)
    assert list(page.series(figures.who_grows, 0, "best", **drawn)) == [4, 5]
    threshold = (sg.harmonic(10) - 1) / 9
    for x in (0.05, 0.3, 1.7, 4, 9.5, 12):
        work = sg.shifted_exponential(shift=x, rate=1)
        best = [sg.optimal_tolerance(work, 10, kind) for kind in ("scales", "adds")]
        assert best == [9 if x < threshold else 0, min(math.ceil(10 / x) - 1, 9)]
    shown = page.series(figures.who_grows, 1, "here", straggle="the straggle adds", shift=2, s=4)
    assert shown == {2: 4}
    return [
        f"If the straggle scales, it takes {scales[4]:.3f} instead of {scales[0]:.3f}",
        f"If it adds, {adds[4]:.3f} instead of {adds[0]:.3f}: the code saves "
        f"{1 - adds[4] / adds[0]:.0%}.".replace("%", " %"),
        f"For 0.5, 1, 2 and 5. By the theorem, for all values between {threshold:.3f} and 10.",
        f"and $1 > {threshold:.3f}$, so $s = 0$ is best.",
        f"$s = 9$ would be right below {threshold:.3f}.",
        "On $s = 0$. If the straggle adds, $s = 1$ is as good: to double the work costs exactly "
        "what it saves. Above 10 it costs more.",
        f"$s = {ties[2][0]}$ (like $s = {ties[2][1]}$) is best for $\\Delta\\lambda = 2$ if",
    ]


def test_racks_and_rounding_fail_as_the_text_says():
    independent, racks = stats.binom(20, 0.05).sf(4), 1 - 0.95**4
    assert independent == pytest.approx(1 / 400, rel=0.05)
    assert racks == pytest.approx(0.185, abs=1e-3)
    rng = np.random.default_rng(2017)
    space = {"sg": sg, "np": np, "rng": rng, "comb": math.comb, "combinations": combinations}
    names = page_cells("alone = ", "tolerates=5")
    space = page.run(CHAPTER, names, space)
    assert space["exact"] == pytest.approx([independent, racks])
    errors = np.sqrt(np.array([independent, racks]) / 100_000)
    assert np.all(np.abs(np.array(space["lost"]) - [independent, racks]) < 5 * errors)
    assert space["worst"] > 1000 > space["middle"] > 1


def survives(matrix, late):
    try:
        sg.decoding_weights(matrix, [i for i in range(len(matrix)) if i not in late])
    except ValueError:
        return False
    return True


def what_racks_do_to_codes():
    rng, circle = np.random.default_rng(5), sg.coding_matrix(20, 4, np.random.default_rng(1))
    plain = np.kron(np.eye(4), np.ones((5, 5)))
    spread, alike = (
        [set(range(i, 20, 4)) for i in range(4)],
        [set(range(5 * i, 5 * i + 5)) for i in range(4)],
    )
    assert not any(survives(circle, rack) for rack in spread + alike)
    shuffled = rng.permuted(np.tile(np.arange(20), (200, 1)), axis=1)[:, :5].tolist()
    assert not any(survives(circle, late) for late in shuffled)  # any place: any five workers
    assert not any(survives(plain, rack) for rack in alike)
    for slow in (1, 2, 3):
        for racks in combinations(spread, slow):
            assert survives(plain, set().union(*racks))
    assert not survives(plain, set().union(*spread))
    return [
        "with a worker of each group in every rack it bears even three slow racks. It does not "
        "help the code round a circle. A slow rack is five late workers, wherever they sit, and "
        "the code bears four.",
    ]


def the_load_is_a_mean_over_the_workers():
    uneven = np.array([[1, 1, 1], [1, 1, 1], [0, 0, 0]])
    assert all(survives(uneven, {late}) for late in range(3))  # s = 1, and worker 3 has nothing
    shares = (uneven != 0).mean(axis=1)
    assert shares.tolist() == [1, 1, 0]
    assert shares.mean() == pytest.approx(2 / 3)  # (s + 1) / m
    even = (sg.coding_matrix(6, 2, np.random.default_rng(1)) != 0).mean(axis=1)
    assert even.tolist() == [sg.GradientCoded(6, 2, "adds").load] * 6 == [0.5] * 6
    return [
        "late gives its workers, on average over all $m$ of them, at least a share",
        "of $m$ gives its workers on average at least the share $\\frac{s+1}m$",
        "$m = 6$ workers, which all have equally much.",
    ]


def numbers_of_checks_and_solutions():
    def price(alpha, r):
        return r * sg.order_statistic(sg.pareto(alpha, 1), 1, r).mean() * (alpha - 1) / alpha

    assert price(1.5, 2) == pytest.approx(1)
    assert price(1.4, 3) == pytest.approx(9 * 0.4 / 3.2)
    space = page_solution("ex-plain-code")
    straggle = sg.harmonic(20) - sg.harmonic(4)
    assert space["cyclic"] == fact("gc.additive.n20.D4.val")
    assert space["plain"] == pytest.approx(1 + sg.harmonic(4) / 5)
    chosen = page_solution("ex-budget", laws=figures.LAWS)["chosen"]
    shifted, pareto = chosen["1 + exponential"], chosen["Pareto 2"]
    wait = sg.harmonic(10) - sg.harmonic(4)
    coded, left_out = 1 + wait, 0.2 + wait
    return [
        f"For $\\alpha = 1.4$ two copies cost {price(1.4, 2):.3f}: they pay. Three cost "
        f"{price(1.4, 3):.3f}: they do not.",
        f"The cyclic code takes {space['cyclic']:.3f}, the plain one {space['plain']:.3f}.",
        f"which has $H_{{20}} - H_4 = {straggle:.3f}$",
        f"$H_4/5 = {sg.harmonic(4) / 5:.3f}$",
        f"$d = {shifted[0]:.2f}$, and the job takes {shifted[1]:.2f} instead of "
        f"{figures.unhedged('1 + exponential'):.2f}. Pareto: $d = {pareto[0]:.2f}$, and "
        f"{pareto[1]:.2f} instead of {figures.unhedged('Pareto 2'):.2f}.",
        f"$1 + H_{{10}} - H_4 = {coded:.3f}$ an update",
        f"$0.2 + H_{{10}} - H_4 = {left_out:.3f}$",
        f"(b) makes {coded / left_out:.2f} times as many updates",
    ]


def page_solution(label, **given):
    space = {"sg": sg, "np": np, **given}
    exec(page.solution(CHAPTER, label), space)
    return space


def test_the_bill_falls_with_the_delay_where_the_exercise_looks():
    for law, delays in (("1 + exponential", (1, 2, 3, 5)), ("Pareto 2", (1, 1.5, 2, 3))):
        bills = [
            (hedge.useful_time(figures.LAWS[law]) + hedge.wasted_time(figures.LAWS[law]))
            for hedge in (sg.Hedge(1, delay) for delay in delays)
        ]
        assert bills == sorted(bills, reverse=True)


def test_the_small_code_at_the_beginning_is_decoded_by_any_two():
    matrix = np.array([[0.5, 1, 0], [0, 1, -1], [0.5, 0, 1]])
    found = [sg.decoding_weights(matrix, pair) for pair in ([0, 1], [0, 2], [1, 2])]
    assert np.array(found) == pytest.approx(np.array([[2, -1, 0], [1, 0, 1], [0, 1, 2]]))
    assert matrix[0] - matrix[1] - matrix[2] == pytest.approx(np.zeros(3))
    assert np.count_nonzero(matrix) == 2 * 3  # all work is done twice
    assert "The work is done twice, as with two copies." in page.prose(CHAPTER)


def test_the_plain_code_bears_any_late_and_at_best_many_more():
    m, s = 12, 3
    matrix = np.kron(np.eye(m // (s + 1)), np.ones((s + 1, s + 1)))
    for late in combinations(range(m), s):
        finished = [i for i in range(m) if i not in late]
        assert sg.decoding_weights(matrix, finished) @ matrix == pytest.approx(np.ones(m))
    one_each = range(0, m, s + 1)
    assert len(one_each) == m // (s + 1)
    assert sg.decoding_weights(matrix, one_each) @ matrix == pytest.approx(np.ones(m))


def test_pareto_tasks_have_the_closed_form_of_the_theorem():
    index, m = 2 * 2, 10
    closed = special.gamma(m + 1) * special.gamma(1 - 1 / index) / special.gamma(m + 1 - 1 / index)
    assert closed == fact("repl.pareto2.n10r2")


SECTIONS = [
    answers_on_copies,
    numbers_on_tails,
    answers_on_delays,
    numbers_of_the_fork,
    numbers_of_the_best_mds_code,
    answers_on_the_attack,
    answers_on_who_grows,
    what_racks_do_to_codes,
    the_load_is_a_mean_over_the_workers,
    numbers_of_checks_and_solutions,
]
GIVEN = {"0.7", "0.2", "0.25", "0.5", "1", "1.5", "1.4", "5", "10"}  # set by the text


@page.each(SECTIONS)
def test_the_text_says_what_is_computed(section):
    assert page.missing(CHAPTER, section()) == []


def test_every_number_of_the_text_is_computed_here():
    phrases = [phrase for section in SECTIONS for phrase in page.said(section)]
    assert page.unheld(CHAPTER, phrases, GIVEN) == []
