"""The chapter "Leave some out": its facts, and every number that its text and answers write out."""

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

import stragglers as sg
from stragglers.figures import leave_some_out as figures
from stragglers.theorems import THEOREMS
from stragglers.theorems.leave_some_out import kept_going

from ..conftest import FACTS
from . import page

EXP, AT_LEAST_ONE = sg.exponential(rate=1), sg.shifted_exponential(shift=1, rate=1)
FAST_AND_SLOW = sg.hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2])
CHAPTER = "leave_some_out"
SAID = {  # what the text says in numbers, by the test that computes them
    "three bills": [
        "It costs 3.6, and 2.6 of it is idle.",
        "exactly 1 for every $K$",
        "$K = 14$ for the shifted law, $K = 13$ for Pareto.",
        "every $K$ costs 1.905",
        "At $K = 12$ it costs 0.875.",
    ],
    "ray": [
        "It touches at 0.682, and the best $K$ is 14, or 0.7 of all.",
        "169 of 200 is 0.845",
        '"Two speeds" comes nearest, with 0.9',
        "The curve jumps at 0.9.",
    ],
    "TensorFlow": [
        "one spare machine already gives 94 % more",
        "three spares give the measured 9.5 %",
        "as in the first column, four spares are best, three and five are close, and ten are no "
        "better than one.",
        "$E[X_{50:50+b}]$, falls with every spare.",
    ],
    "giving up": [
        "instead of 1.9",
        "At 0.25 it is 0.556 already",
        "A task takes 3.54 instead of 2. An attempt is done in time with probability 0.393 only.",
        "At 1: then a task takes 1.11 instead of 1.9.",
    ],
    "half": [
        "one law in the table leaves 1.6 % of the gradients",
        "exponential times leave 72 %",
        "A quarter (0.255 for 101 workers)",
        "no assumption but a mean",
        "and the worst law 25 %",
    ],
    "half in the figure": [
        "0.524 of the gradients are used",
        "Half uses 2.942",
        "All uses 0.066",
        "0.369 at 21 workers, 0.294 at 201. Its floor is 0.252",
        "Waiting for all costs nothing, 1.000.",
    ],
    "best age": [
        "the best age is 11.5, ten times the mean",
        "it is 1.73 and saves 11 % (1.471 instead of 1.649)",
        "it is 0.35 and more than halves the mean: 1.27 instead of 3.08",
        "The simulation agrees, with a standard error of 0.004.",
    ],
    "quick checks": [
        page.wrong("0.33"),
        "The answer 0.33 counts the used work alone",
        page.right("at most ½ per second"),
        "the throughput is at most ½ per second however many workers there are.",
        "with a heavy tail $K = m$ may be worse still.",
        "As soon as there is a least time and workers are many.",
    ],
    "now or never": [
        "You can restart it now or never, and only once. Do you?",
        "(Whoever may restart later, or more than once, has more to compare, and may decide "
        "otherwise.)",
        "**Giving up at a fixed age $d$** beats never giving up exactly if",
    ],
    "no age": [
        "with $f(0) > 0$, $E[T_d] \\to 1/f(0)$.",
        "it is $c + 1 + \\frac{c - d}{d\\,(2 + d)}$.",
        "the mean is $1 + \\frac{c}{1 - e^{-d}}$, which falls for ever.",
    ],
    "variance": [
        "at $w = 2$ already $w\\alpha = 2.2$",
    ],
    "price": [
        "They are equal at $c = 0.9\\,z - 1.9$: for $z = 10$ at $c = 7.1$",
        "its cost is below the line $0.9\\,z - 1.9$.",
    ],
}
GIVEN = {  # numbers that the text sets, and does not find
    "9.5",
    "8.326",
    "0.1",
    "0.5",
    "0.9",
    "0.001",
    "0.25",
    "1.1",
    "1.5",
    "1.9",
    "10.5",
}


def look(draw, panels=2, **values):
    """Return the tables of a figure, {series: {place: number}} a panel, and its sentence."""
    return page.seen(draw, panels, **values)


def fact(name):
    return pytest.approx(float(FACTS[name]["value"]), rel=1e-9)


# The account of an update


def test_the_bills_of_ten_of_twenty_exponential_workers_are_the_known_ones():
    update = sg.KSync(20, 10)
    used, cancelled = update.useful_time(EXP), update.wasted_time(EXP)
    assert used + cancelled == fact("ksync.work.exp.m20K10")
    assert update.idle_time(EXP) == fact("ksync.idle.exp.m20K10")
    assert cancelled == fact("ksync.waste.exp.m20K10")
    assert update.throughput(EXP) == fact("ksync.gradrate.exp.m20K10")
    assert (round(cancelled, 12), round(used, 12)) == (6.687714031754, 3.312285968246)


def test_the_answers_on_the_three_bills_are_what_the_figure_shows():
    table = look(figures.three_bills, k=20, law="exponential")[0][1]
    everything, computed = table["all three"], table["used + cancelled"]
    assert f"{everything[20]:.2g} {everything[20] - computed[20]:.2g}" == "3.6 2.6"
    assert list(computed.values()) == [1.0] * 20
    assert min(everything, key=everything.get) == 1
    cheapest = {}
    for law in figures.MEAN_ONE:
        everything = look(figures.three_bills, k=1, law=law)[0][1]["all three"]
        cheapest[law] = min(everything, key=everything.get), min(everything.values())
    assert cheapest["shift + exponential"][0] == 14
    assert cheapest["Pareto, α = 2"][0] == 13
    flat = look(figures.three_bills, k=1, law="uniform from 0")[0][1]["all three"]
    assert {f"{value:.3f}" for value in flat.values()} == {"1.905"}
    assert (cheapest["two speeds"][0], f"{cheapest['two speeds'][1]:.3f}") == (12, "0.875")


@pytest.mark.parametrize("law", figures.MEAN_ONE)
def test_the_laws_of_the_bills_have_mean_one(law):
    assert figures.MEAN_ONE[law].mean() == pytest.approx(1, rel=1e-12)
    assert figures.bills(law).sum(axis=1)[-1] == pytest.approx(
        sg.order_statistic(figures.MEAN_ONE[law], 20, 20).mean(), rel=1e-9
    )


# The ray


def test_the_ray_gives_the_known_mean_of_uniform_times():
    assert sg.order_statistic(sg.uniform(1, 3), 7, 10).mean() == fact(
        "ray.gamma.like.uniform13.k7m10"
    )
    ray = THEOREMS["thm-ray"].checks[0].exact()
    assert ray == fact("ray.gamma.like.uniform13.k7m10")
    assert ray == pytest.approx(25 / 11, rel=1e-9)
    assert 3 / sg.order_statistic(sg.uniform(0, 1), 3, 20).mean() == fact("unif.gradrate.flat")


def test_the_answers_on_the_ray_are_what_the_figure_shows():
    said = {
        (law, m): look(figures.touching_ray, law=law, m=m)[1]
        for law in figures.RAYS
        for m in (20, 200)
    }
    assert "touches at 0.682" in said["1 + exponential", 20]
    assert "the best K is 14, 0.7 of all" in said["1 + exponential", 20]
    assert "touches at 0.000" in said["exponential", 20]
    assert {sg.optimal_k(EXP, m) for m in (5, 10, 20, 50, 100, 200)} == {1}
    assert all("lies on the curve" in said["uniform from 0", m] for m in (20, 200))
    touches = {law: sg.optimal_fraction(work) for law, work in figures.RAYS.items()}
    assert max(touches, key=touches.get) == "two speeds"
    assert touches["two speeds"] == pytest.approx(0.9)
    assert "the best K is 169, 0.845 of all" in said["two speeds", 200]
    away = {law: abs(sg.optimal_k(w, 200) / 200 - touches[law]) for law, w in figures.RAYS.items()}
    assert max(away, key=away.get) == "two speeds"
    late = stats.binom(200, 0.9).sf(180 - 1)  # the 180th is fast if 180 at least are
    assert 0.4 < 1 - late < 0.6


def test_the_figure_has_the_exact_throughputs_and_the_ray_its_slope():
    picture = look(figures.touching_ray, law="Pareto, α = 2", m=20)
    seen = picture[0][1]["exact"]
    assert seen[0.65] == pytest.approx(
        13 / 20 / sg.order_statistic(sg.pareto(2, 1), 13, 20).mean(), rel=1e-4
    )
    assert picture[0][0]["the lowest ray"][1] == pytest.approx(1.5 * 3**0.5, rel=1e-4)


def test_the_touching_points_of_the_text_are_right():
    assert sg.optimal_fraction(sg.pareto(2, 1)) == fact("optK.frac.pareto.a2.0")
    assert sg.optimal_k(sg.pareto(2, 1), 20) == 13
    assert sg.optimal_fraction(0.1) == fact("optK.frac.D0.1")
    assert [round(sg.optimal_fraction(x), 3) for x in (0.1, 1, 5)] == [0.340, 0.682, 0.876]
    shifted = [sg.shifted_exponential(x, 1) for x in (0.1, 0.5, 1, 2, 5)]
    assert [sg.optimal_k(law, 20) for law in shifted] == [7, 12, 14, 16, 18]
    for x in (0.5, 3):
        y = -special.lambertw(-np.exp(-1 - x), -1).real
        assert sg.optimal_fraction(x) == pytest.approx(1 - 1 / y, rel=1e-9)


def per_machine(work, b):
    slowest, dropped = (sg.order_statistic(work, 50, m).mean() for m in (50, 50 + b))
    return slowest / dropped * 50 / (50 + b)


def test_the_number_of_tensorflow_comes_out():
    work = sg.shifted_exponential(8.326, 1)
    gain = [per_machine(work, b) for b in range(8)]
    assert gain[3] == fact("backup.calib.b3")
    assert [round(gain[b], 6) for b in (3, 4, 5)] == [1.094997, 1.097715, 1.096180]
    assert int(np.argmax(gain)) == float(FACTS["backup.calib.argmax"]["value"]) == 4
    assert 0.002 < gain[4] - gain[3] < 0.003  # "a quarter of a per cent apart"
    assert sorted(range(8), key=lambda b: -gain[b])[:3] == [4, 5, 3]
    assert per_machine(work, 10) <= gain[1]
    for law in (work, EXP, sg.pareto(2, 1)):
        waits = [sg.order_statistic(law, 50, 50 + b).mean() for b in range(8)]
        assert np.all(np.diff(waits) < 0)
    assert per_machine(EXP, 3) == fact("backup.norm.exp.N50.b3")
    assert per_machine(EXP, 1000) == fact("backup.norm.exp.N50.b1000")
    rising = [per_machine(EXP, b) for b in (0, 1, 2, 5, 50, 1000, 100_000)]
    assert np.all(np.diff(rising) > 0)
    assert rising[-1] < sg.harmonic(50) < 1.01 * rising[-1]
    assert f"{per_machine(sg.pareto(2, 1), 1):.2f}" == "1.94"


# Throwing work away


def test_cancelling_wins_and_loses_as_the_text_says():
    cancel, keep = sg.KBatchSync(10, 10), sg.KBatchAsync(10, 10)
    assert cancel.time_per_update(FAST_AND_SLOW) == fact("kbsync.hyper.m10K10")
    assert cancel.time_per_update(AT_LEAST_ONE) == fact("transient.sexp.T10.m10")
    assert keep.time_per_update(FAST_AND_SLOW) == pytest.approx(0.95, rel=1e-12)
    assert keep.time_per_update(AT_LEAST_ONE) == pytest.approx(2, rel=1e-12)
    both = [round(sg.Sync(10).time_per_update(w), 3) for w in (FAST_AND_SLOW, AT_LEAST_ONE)]
    assert both == [4.652, 3.929]
    assert (sg.ageing(FAST_AND_SLOW), sg.ageing(AT_LEAST_ONE)) == ("NWUE", "NBUE")
    assert sg.KBatchSync(4, 8).time_per_update(EXP) == fact("kbsync.exp.K8m4")
    assert sg.KBatchSync(2, 2).time_per_update(AT_LEAST_ONE) == fact("kbsync.sexp.K2m2")


def test_the_identity_of_wald_has_its_known_value_and_its_own_mean_time():
    """Until time 1 the sum of n uniform times is at most t with probability t^n / n!."""
    assert THEOREMS["thm-cancel-and-restart"].checks[0].exact() == fact("wald.kbsync.unif.m4K4")

    def too_few(t):  # fewer than 4 gradients of 4 workers; one worker makes n with this chance
        one = np.array([t**n / special.factorial(n) for n in range(6)])
        chance, total = one[:-1] - one[1:], np.ones(1)
        for _ in range(4):
            total = np.convolve(total, chance)[:5]
        return total[:4].sum()

    exact, known = 533 / 840, FACTS["kbsync.unif.m4K4"]  # the latter is a simulated value
    assert integrate.quad(too_few, 0, 1)[0] == pytest.approx(exact, rel=1e-9)
    assert abs(float(known["value"]) - exact) < 5 * known["standard_error"]
    update, left = kept_going(sg.uniform(0, 1), 4, 4, np.random.default_rng(2))
    assert abs(update.mean() - exact) < 5 * update.std() / np.sqrt(len(update))
    assert (left > 0).all()


# Giving up


def test_the_answers_on_giving_up_are_what_the_figure_shows():
    at = {
        (law, age): look(figures.give_up, law=law, age=age)
        for law in figures.RESTARTS
        for age in (0.25, 0.5, 1, 1.5)
    }
    assert "a task takes 1.111 on average, without restarts 1.9" in at["two speeds", 1][1]
    assert all("no attempt" in at["two speeds", age][1] for age in (0.25, 0.5))
    curve = at["two speeds", 1][0][1]["given up at d, exact"]
    assert min(curve, key=curve.get) == 1
    unmoved = [law for law in figures.RESTARTS if "changes nothing" in at[law, 1][1]]
    assert unmoved == ["exponential"]
    assert "a task takes 0.5556 on average" in at["Pareto from 0", 0.25][1]
    assert "a task takes 3.541 on average, without restarts 2" in at["1 + exponential", 1.5][1]
    assert figures.RESTARTS["Pareto from 0"].mean() == 1
    assert f"{figures.RESTARTS['1 + exponential'].cdf(1.5):.3f}" == "0.393"


def test_a_task_given_up_at_one_has_the_known_mean():
    work = sg.two_point(usual=1, slow=100, probability=0.1)
    assert sg.restarted(work, 1).mean() == fact("restart.two_point")
    assert sg.restarted(stats.lomax(2), 1).mean() == fact("restart.lomax2.d1")
    checks = THEOREMS["thm-restart-age"].checks
    assert [check.exact() for check in checks[:2]] == [
        fact("restart.two_point"),
        fact("restart.lomax2.d1"),
    ]


def test_a_restart_that_is_not_fresh_breaks_the_theorem_as_the_figure_says():
    picture = look(figures.not_fresh, 1)
    assert "Beyond a chance of 0.877 it takes longer" in picture[1]
    assert figures.with_the_same_trouble(0.0) == pytest.approx(
        sg.restarted(figures.RESTARTS["two speeds"], 1).mean(), rel=1e-12
    )
    seen = picture[0][0]["simulated"]
    for same, mean in seen.items():
        spread = 0.4 / (1 - same)  # of one task, from above
        assert abs(mean - figures.with_the_same_trouble(same)) < 5 * spread / np.sqrt(20_000)


def test_a_cost_of_cancelling_moves_the_best_k_as_a_least_time_does():
    costs = (0, 0.1, 0.5, 1, 2, 5)
    best = [sg.optimal_k(EXP, m=20, communication=c) for c in costs]
    assert best == [1, 7, 12, 14, 16, 18]


# Wait for half


def test_wait_for_half_has_the_shares_of_the_text():
    laws = [sg.deterministic(1), sg.uniform(0, 2), EXP, sg.pareto(1.1, 1)]

    def share(work, k, m):
        return k * work.mean() / (m * sg.order_statistic(work, k, m).mean())

    assert [round(share(w, 10, 20), 3) for w in laws] == [0.5, 0.525, 0.748, 2.935]
    assert [round(share(w, 20, 20), 3) for w in laws] == [1, 0.525, 0.278, 0.069]
    assert [f"{share(laws[3], k, 101):.1%}" for k in (101, 51)] == ["1.6%", "293.2%"]
    assert f"{share(EXP, 51, 101):.0%}" == "72%"
    gains = [share(sg.pareto(alpha, 1), 51, 101) > 1 for alpha in (1.1, 1.3, 1.4, 1.5, 2, 3)]
    assert gains == [True, True, True, False, False, False]  # heavy tails alone do not gain
    assert (10 * 11 / 400, round(51**2 / 101**2, 3)) == (0.275, 0.255)
    assert 1 / share(EXP, 20, 20) == pytest.approx(1 / float(FACTS["sync.util.exp.m20"]["value"]))


def test_the_answers_on_waiting_for_half_are_what_the_figure_shows():
    said = {
        (law, m): look(figures.wait_for_half, 1, law=law, m=m)[1]
        for law, m in [("constant", 21), ("Pareto, α = 1.1", 21)]
        + [("nothing or long", m) for m in (21, 201)]
    }
    assert "waiting for 11 uses 0.524 " in said["constant", 21]
    assert "Waiting for all uses 1.000." in said["constant", 21]
    assert "waiting for 11 uses 2.942 " in said["Pareto, α = 1.1", 21]
    assert "Waiting for all uses 0.066." in said["Pareto, α = 1.1", 21]
    assert "uses 0.369 " in said["nothing or long", 21]
    assert "uses 0.294 " in said["nothing or long", 201]
    assert "at least 0.252 for every law" in said["nothing or long", 201]


@pytest.mark.parametrize("law", figures.HALVES)
@pytest.mark.parametrize("m", [3, 21, 201])
def test_no_law_of_the_figure_goes_below_the_floor(law, m):
    k = np.arange(1, m + 1)
    assert np.all(figures.shares_of_nobody_waits(law, m) >= k * (m - k + 1) / m**2 * (1 - 1e-12))
    for other in figures.HALVES:
        at_half = figures.shares_of_nobody_waits(other, m)[(m + 1) // 2 - 1]
        assert at_half > figures.shares_of_nobody_waits("nothing or long", m)[(m + 1) // 2 - 1] or (
            other == "nothing or long"
        )


# Quick checks and problems


def test_the_numbers_of_the_quick_checks():
    update = sg.KSync(20, 10)
    assert f"{update.useful_time(EXP) / 10:.2f}" == "0.33"
    at_least_two = [sg.shifted_exponential(2, 1), sg.pareto(1.1, 2), sg.deterministic(2)]
    for work in at_least_two:
        assert all(sg.KSync(m, 1).throughput(work) <= 0.5 for m in (10, 1000, 10**6))
        shares = [sg.KSync(m, m // 2).throughput(work) for m in (10, 100, 1000)]
        assert shares[2] > 5 * shares[1] > 25 * shares[0]  # "a throughput that grows with m"
    assert sg.KSync(50, 1).throughput(at_least_two[2]) == 0.5  # "at most", not "below"
    first, last = (sg.KSync(20, k).throughput(at_least_two[1]) for k in (1, 20))
    assert last < 0.2 * first  # waiting for one is bad, and not always the worst
    best = [sg.optimal_k(sg.shifted_exponential(0.1, 1), m) for m in (2, 3, 4, 10, 100)]
    assert best == [1, 1, 2, 4, 34]  # a least time alone does not forbid K = 1


def test_now_or_never_is_another_question_than_with_leave_to_restart_again_or_later():
    """Two laws of mean 2 and a task of the age 10: by the quick check keep the one, not the other.

    With leave to give each attempt up at the short time, or to wait a little, the answer turns.
    """

    def left(times, chances, age):
        later = times > age
        return ((times - age) * chances)[later].sum() / chances[later].sum()

    times, chances = np.array([0.944, 11.5]), np.array([0.9, 0.1])
    assert times @ chances == pytest.approx(2, abs=1e-3)
    assert left(times, chances, 10) < 1.51 < 2  # "below: no"
    assert times[0] / chances[0] < 1.05  # restarted again and again at 0.944
    times, chances = np.array([1.25, 10.01, 30]), np.array([0.96, 0.02, 0.02])
    mean = times @ chances
    assert mean == pytest.approx(2, abs=1e-3)
    assert left(times, chances, 10) > 10 > 2  # "above: yes"
    assert 0.01 + chances[2] / chances[1:].sum() * mean < 1.02 < mean  # restarted a little later


def test_the_solution_on_starts_that_cost():
    d = np.linspace(0.001, 50, 500_000)
    for c in (0.1, 1, 3):
        mean = (c + d / (1 + d)) / (1 - (1 + d) ** -2)
        np.testing.assert_allclose(mean, c + 1 + (c - d) / (d * (2 + d)), rtol=1e-9)
        assert np.all(mean[d > c + 1e-9] < c + 1)
        assert d[mean.argmin()] > c
        memoryless = (c + -np.expm1(-d)) / -np.expm1(-d)
        np.testing.assert_allclose(memoryless, 1 + c / (1 - np.exp(-d)), rtol=1e-9)
        assert np.all(np.diff(memoryless[d < 20]) < 0)


def test_the_solutions_on_pareto_times():
    last = [sg.order_statistic(sg.pareto(2, 1), k, 20).mean() for k in (20, 19, 17)]
    assert last[0] / last[1] == fact("backup.pareto.first.a2m20")
    assert last[0] / last[2] == fact("backup.pareto.b3.a2")
    for m in (4, 40):
        ends = [sg.order_statistic(sg.pareto(2, 1), k, m).mean() for k in (m, m - 3)]
        assert ends[0] / ends[1] == fact("backup.pareto.b3.a2")
    for alpha, out in ((1.1, 1), (0.5, 4)):
        work = sg.pareto(alpha, 1)
        assert np.isfinite(sg.order_statistic(work, 20 - out, 20).var())
        assert sg.order_statistic(work, 21 - out, 20).var() == np.inf
    assert 2 * sg.order_statistic(sg.uniform(0, 1), 1, 2).mean() == pytest.approx(2 / 3)


def test_the_solution_on_the_best_age():
    for sigma, age, mean, plain in ((1, 1.73, 1.471, 1.649), (1.5, 0.35, 1.27, 3.08)):
        work = sg.lognormal(mu=0, sigma=sigma)
        best = optimize.minimize_scalar(
            lambda d, work=work: sg.restarted(work, after=d).mean(),
            bounds=(0.05, 20),
            method="bounded",
        )
        assert round(best.x, 2) == age
        places = len(str(mean).split(".")[1])
        assert (round(best.fun, places), round(work.mean(), places)) == (mean, plain)
        assert sg.ageing(work) == "neither"
    calm = sg.lognormal(mu=0, sigma=0.5)
    assert sg.restarted(calm, after=11.5).mean() == pytest.approx(calm.mean(), rel=1e-6)
    assert round(1 - 1.471 / 1.649, 2) == 0.11


def test_the_solution_on_the_price_of_a_restart():
    fails = np.random.default_rng(1).geometric(0.9, size=100_000) - 1
    assert abs(fails.mean() - 1 / 9) < 5 * fails.std() / np.sqrt(len(fails))
    assert pytest.approx(0.9 + 0.1 * 10) == 10 / 9 + 7.1 / 9
    assert pytest.approx(0) == 0.9 * 19 / 9 - 1.9


def test_every_answer_is_folded():
    assert page.prose(CHAPTER).count(":::{exercise}") == 7
    assert page.prose(CHAPTER).count('class="solution"') == 7


@pytest.mark.parametrize("part", SAID)
def test_the_text_says_what_is_computed_here(part):
    assert page.missing(CHAPTER, SAID[part]) == []


def test_every_number_of_the_text_is_computed_here_or_set_by_it():
    phrases = [phrase for part in SAID.values() for phrase in part]
    assert page.unheld(CHAPTER, phrases, GIVEN) == []


def test_the_code_of_the_solutions_runs():
    space = {"sg": sg, "np": np, "rng": np.random.default_rng(8)}
    for label in ["ex-best-age", "ex-price-of-restart"]:
        exec(page.solution(CHAPTER, label), space)
    assert space["mean"](1.73, 1) == pytest.approx(1.471, abs=5e-4)
    seen, error = space["simulated_mean"](1.73, 1)
    assert abs(seen - 1.471) < 5 * error
    assert f"{error:.3f}" == "0.004"
    free, dear = (space["simulated"](c) for c in (0, 7.1))
    assert (free, dear) == pytest.approx((10 / 9, 1.9), abs=0.05)
