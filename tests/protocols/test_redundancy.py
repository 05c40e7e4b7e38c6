"""Redundant work: the formulas against the facts, against identities, and against simulation."""

import numpy as np
import pytest
from scipy import integrate, special, stats

import stragglers as sg

from ..conftest import FACTS

EXP = sg.exponential(rate=1)
SHIFTED = sg.shifted_exponential(shift=1, rate=1)
LAWS = [EXP, SHIFTED, sg.uniform(1, 2), sg.weibull(0.7, 1), sg.two_point(1, 5, 0.2)]
UNEQUAL = [sg.exponential(1), sg.exponential(3), SHIFTED] * 4


def fact(name):
    return pytest.approx(float(FACTS[name]["value"]), rel=1e-9)


def harmonic(m):
    return special.digamma(m + 1) + np.euler_gamma


def test_replication_agrees_with_the_fact():
    assert sg.Replication(tasks=10, copies=2).time_per_update(EXP) == fact("repl.exp.n10r2")


def test_one_copy_of_each_task_is_sync():
    for work in LAWS:
        sync = sg.Sync(6).time_per_update(work)
        assert sg.Replication(6, copies=1).time_per_update(work) == pytest.approx(sync, rel=1e-9)


def test_one_task_is_won_by_its_fastest_copy():
    for work in (*LAWS, UNEQUAL):
        fastest = sg.KSync(12, 1).time_per_update(work)
        replication = sg.Replication(tasks=1, copies=12)
        assert replication.time_per_update(work) == pytest.approx(fastest, rel=1e-9)


def test_replication_of_weibull_workers_only_rescales_them():
    shape, copies = 0.5, 3
    rescaled = sg.weibull(shape, scale=copies ** (-1 / shape))
    exact = sg.Sync(8).time_per_update(rescaled)
    assert sg.Replication(8, copies).time_per_update(sg.weibull(shape, 1)) == pytest.approx(
        exact, rel=1e-9
    )


def test_mds_codes_agree_with_the_facts():
    def time(m, k):
        return sg.MDSCoded(m, k, straggle="scales").time_per_update(SHIFTED)

    assert time(10, 10) == fact("mds.n10.uncoded")
    assert time(10, 10) / min(time(10, k) for k in range(1, 11)) == fact("lee.loggain.n10")
    best = FACTS["lee.loggain.n100"]["params"]["k"]
    assert min(range(1, 101), key=lambda k: time(100, k)) == best
    assert time(100, 100) / time(100, best) == fact("lee.loggain.n100")
    assert sg.optimal_k(SHIFTED, 100) == best
    limit = 1 / (1 - sg.optimal_fraction(1.0))
    assert limit == fact("mds.gammastar.mu1")
    assert 10_000 * time(10_000, sg.optimal_k(SHIFTED, 10_000)) == pytest.approx(limit, rel=1e-3)


def test_gradient_codes_agree_with_the_facts():
    scales = [sg.GradientCoded(10, s, "scales").time_per_update(SHIFTED) for s in range(10)]
    assert scales[2] == fact("gc.n10s2.sexp")
    assert np.argmin(scales) == float(FACTS["gc.n10.bests"]["value"])
    assert sg.optimal_tolerance(SHIFTED, 10, "scales") == float(FACTS["gc.n10.bests"]["value"])
    work = sg.shifted_exponential(shift=2, rate=1)
    best = sg.optimal_tolerance(work, 10, "adds")
    assert best == float(FACTS["gc.additive.n10.D2"]["value"])
    assert sg.GradientCoded(10, best, "adds").time_per_update(work) == fact(
        "gc.additive.n10.D2.val"
    )
    assert sg.GradientCoded(10, 0, "adds").time_per_update(work) == pytest.approx(
        0.2 + harmonic(10), rel=1e-12
    )


def test_a_single_fork_of_exponential_tasks_has_the_known_time():
    n, late, extra = 20, 4, 3
    exact = harmonic(n) - harmonic(late) + harmonic(late) / (extra + 1)
    fork = sg.SingleFork(n, late, extra)
    assert fork.time_per_update(EXP) == pytest.approx(exact, rel=1e-10)
    assert sg.SingleFork(n, 0, extra).time_per_update(SHIFTED) == sg.Sync(n).time_per_update(
        SHIFTED
    )


def test_replicated_pareto_tasks_and_the_best_mds_code_agree_with_the_facts():
    pareto = sg.pareto(alpha=2, minimum=1)
    assert sg.Replication(10, 2).time_per_update(pareto) == fact("repl.pareto2.n10r2")
    assert sg.SingleFork(100, 10, 1).time_per_update(EXP) == fact("fork.exp.n100.p10.r1")
    work, params = sg.shifted_exponential(shift=1, rate=2), FACTS["mds.n50.mu2.0.best"]["params"]
    best = sg.MDSCoded(params["n"], params["k"], "scales").time_per_update(work)
    assert best == fact("mds.n50.mu2.0.best")
    assert sg.optimal_k(work, params["n"]) == params["k"]
    code = sg.GradientCoded(20, 4, "adds")
    least_four = sg.shifted_exponential(shift=4, rate=1)
    assert code.time_per_update(least_four) == fact("gc.additive.n20.D4.val")
    assert sg.optimal_tolerance(least_four, 20, "adds") == 4


# -------------------------------------------------------------------------------------------------
# Hedging after a delay


def test_a_hedged_task_agrees_with_the_facts():
    assert sg.Hedge(1, delay=1).time_per_update(EXP) == fact("hedge.exp.d1")
    pareto = sg.pareto(alpha=2, minimum=1)
    assert sg.Hedge(1, delay=2).time_per_update(pareto) == fact("hedge.pareto2.d2")


def test_a_hedge_at_once_is_a_pair_of_copies_and_a_late_one_is_sync():
    for work in LAWS:
        pairs, sync = sg.Replication(6, copies=2), sg.Sync(6)
        assert sg.Hedge(6, 0).time_per_update(work) == pairs.time_per_update(work)
        assert sg.Hedge(6, 1e4).time_per_update(work) == pytest.approx(
            sync.time_per_update(work), rel=1e-9
        )
        assert sg.Hedge(6, 0).wasted_time(work) == pytest.approx(pairs.wasted_time(work), rel=1e-9)


def test_two_speeds_hedged_are_those_of_the_chapter_on_the_fan_out():
    a, b, p, m, d = 1, 10, 0.01, 100, 2
    exact = a + d * (1 - (1 - p) ** m) + (b - a - d) * (1 - (1 - p**2) ** m)
    assert sg.Hedge(m, d).time_per_update(sg.two_point(a, b, p)) == pytest.approx(exact, rel=1e-12)
    assert sg.Hedge(m, d).copies(sg.two_point(a, b, p)) == pytest.approx(m * p, rel=1e-12)


def test_a_hedge_has_a_mean_where_half_of_it_has_not():
    heavy = sg.pareto(alpha=0.7, minimum=1)
    assert sg.Sync(5).time_per_update(heavy) == np.inf
    assert sg.Hedge(5, 1).time_per_update(heavy) < np.inf
    assert sg.Hedge(5, 1).time_per_update(sg.pareto(alpha=0.5, minimum=1)) == np.inf


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0, 0.8, 1.5])
@pytest.mark.parametrize("work", [*LAWS, sg.pareto(alpha=3, minimum=1)], ids=str)
def test_the_bills_of_a_hedge_are_those_of_the_dice(work, delay):
    hedge, rng = sg.Hedge(4, delay, communication=0.1), np.random.default_rng(8)
    original, copy = work.rvs(size=(2, 20_000, 4), random_state=rng)
    task = np.where(original > delay, np.minimum(original, delay + copy), original)
    runs = np.where(original > delay, task - delay, 0)
    won = original > delay + copy
    update = task.max(axis=1) + 0.1
    useful = np.where(won, runs, task).sum(axis=1)
    wasted = np.where(won, task, runs).sum(axis=1)
    idle = 4 * update - task.sum(axis=1)
    exact_time = hedge.time_per_update(work)
    for draws, exact in [
        (update, exact_time),
        (useful, hedge.useful_time(work)),
        (wasted, hedge.wasted_time(work)),
        (idle, hedge.idle_time(work)),
        ((original > delay).sum(axis=1), hedge.copies(work)),
    ]:
        assert abs(draws.mean() - exact) < 5 * draws.std() / np.sqrt(20_000) + 1e-9
    run = hedge.simulate(work, 20_000, rng, keep="estimates")
    assert abs(run.time_per_update - exact_time) < 5 * run.standard_error + 1e-9
    assert 0 < hedge.utilisation(work) <= 1


def test_a_hedge_on_given_dice_is_what_it_says():
    times = np.zeros((2, 3, 2))
    times[:, :, 0] = [[1, 5, 9], [1, 2, 1]]
    times[:, :, 1] = [[9, 4, 3], [9, 9, 9]]  # the copies' times; only those of 5 and 9 start
    run = sg.Hedge(3, delay=2).replay(times)
    assert run.update_times.tolist() == [5, 7]  # min(5, 2 + 4) and min(9, 2 + 3), then no copy
    assert run.workers.tolist() == [[0, 1, 2]] * 2
    with pytest.raises(ValueError, match="times must have more than 1 times"):
        sg.Hedge(3, delay=2).replay(times[:, :, 0])
    with pytest.raises(NotImplementedError, match="equal workers: give one law"):
        sg.Hedge(12, 1).time_per_update(UNEQUAL)


# -------------------------------------------------------------------------------------------------
# All of them


@pytest.mark.parametrize(
    "protocol",
    [
        sg.Replication(tasks=4, copies=3, communication=0.5),
        sg.MDSCoded(12, 7, "scales"),
        sg.MDSCoded(12, 7, "adds", communication=0.1),
        sg.GradientCoded(12, 3, "scales"),
        sg.GradientCoded(12, 3, "adds"),
        sg.SingleFork(12, late=3, extra=2, communication=0.1),
    ],
    ids=str,
)
@pytest.mark.parametrize("work", [*LAWS, UNEQUAL], ids=str)
def test_every_formula_agrees_with_its_simulation(protocol, work):
    if isinstance(protocol, sg.SingleFork) and work is UNEQUAL:
        with pytest.raises(NotImplementedError, match="equal workers"):
            protocol.time_per_update(work)
        return
    run = protocol.simulate(work, 20_000, np.random.default_rng(3), keep="gradients")
    exact = protocol.time_per_update(work)
    assert abs(run.time_per_update - exact) < 5 * run.standard_error + 1e-9
    assert np.all(run.staleness == 0)
    assert run.workers.shape[0] == 20_000
    spent = protocol.useful_time(work) + protocol.wasted_time(work) + protocol.idle_time(work)
    assert spent == pytest.approx(12 * exact, rel=1e-9)
    assert 0 < protocol.utilisation(work) <= 1


def test_the_cancelled_time_is_that_of_the_copies_that_lose():
    assert sg.Replication(tasks=4, copies=3).wasted_time(EXP) == pytest.approx(4 * 2 / 3)
    assert sg.Replication(tasks=4, copies=1).wasted_time(SHIFTED) == 0
    fork = sg.SingleFork(10, late=2, extra=3)  # two originals killed, then 3 of 4 copies of each
    killed = 2 * (harmonic(10) - harmonic(2)) + 2 * 3 / 4
    assert fork.wasted_time(EXP) == pytest.approx(killed)
    useful = 8 - 2 * (harmonic(10) - harmonic(2)) + 2 / 4  # all work to the fork: 8 finish
    assert fork.useful_time(EXP) == pytest.approx(useful)
    assert sg.SingleFork(10, 0, 3).wasted_time(SHIFTED) == 0


def test_the_fastest_copy_of_each_task_is_named():
    times = np.array([[3.0, 1, 4, 1.5], [2, 6, 5, 7]])
    run = sg.Replication(tasks=2, copies=2).replay(times)
    assert run.update_times.tolist() == [1.5, 1.5 + 5]
    assert run.workers.tolist() == [[1, 3], [0, 2]]


def test_a_fork_on_given_dice_is_what_it_says():
    times = np.zeros((1, 4, 2))
    times[0, :, 0] = [1, 2, 30, 40]  # two are late when the second is done, at 2
    times[0, :, 1] = [5, 6, 9, 3]  # task one anew on machines 0 and 1, task two on 2 and 3
    assert sg.SingleFork(4, late=2, extra=1).replay(times).update_times.tolist() == [2 + 5]


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: sg.Replication(0, 2), "tasks must be an integer of at least 1, got 0"),
        (lambda: sg.Replication(3, 0), "copies must be an integer of at least 1, got 0"),
        (lambda: sg.MDSCoded(3, 4, "adds"), "k must be an integer from 1 to 3, got 4"),
        (lambda: sg.MDSCoded(3, 2, "some"), "straggle must be 'scales' or 'adds', got 'some'"),
        (lambda: sg.GradientCoded(3, 3, "adds"), "tolerates must be an integer from 0 to 2, got 3"),
        (lambda: sg.SingleFork(4, 4, 0), "late must be an integer from 0 to 3, got 4"),
        (lambda: sg.SingleFork(4, 2, 2), "extra must be an integer from 0 to 1, got 2"),
        (lambda: sg.Hedge(4, -1), "delay must be a finite number of at least 0, got -1"),
        (lambda: sg.Hedge(4, 10**400), r"delay must be a finite number of at least 0, at most 1.8"),
        (lambda: sg.Hedge(4, -(10**400)), r"delay must be .* got -10\^400 or so"),
        (
            lambda: sg.Replication(3, 10**400),
            "copies must be an integer of at least 1 and",
        ),
        (lambda: sg.optimal_tolerance(EXP, 0, "adds"), "m must be an integer of at least 1, got 0"),
    ],
)
def test_a_bad_argument_is_named(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_straggle_has_no_default_since_the_conclusion_depends_on_it():
    with pytest.raises(TypeError, match="straggle"):
        sg.GradientCoded(10, 2)


# -------------------------------------------------------------------------------------------------
# Scaled and shifted laws


@pytest.mark.parametrize(
    "work",
    [
        *LAWS,
        sg.hyperexponential([0.9, 0.1], [2, 0.2]),
        sg.deterministic(2),
        sg.trace([1, 2, 2, 7]),
        sg.order_statistic(sg.gamma(2, 1), 2, 3),
    ],
    ids=str,
)
@pytest.mark.parametrize(("factor", "shift"), [(0.25, 0.0), (1.0, 0.5)])
def test_a_scaled_or_shifted_law_is_the_law_of_the_scaled_or_shifted_time(work, factor, shift):
    law = sg.shifted(work, shift) if shift else sg.scaled(work, factor)
    assert law.mean() == pytest.approx(factor * work.mean() + shift, rel=1e-12)
    assert law.var() == pytest.approx(factor**2 * work.var(), rel=1e-9)
    q = np.array([0.05, 0.3, 0.81, 0.97])
    x = factor * work.ppf(q) + shift
    assert law.ppf(q) == pytest.approx(x, rel=1e-12)
    middle = x * (1 + 1e-9)  # a hair above, for the laws with jumps
    assert law.cdf(middle) == pytest.approx(work.cdf((middle - shift) / factor), rel=1e-9)
    assert law.sf(middle) == pytest.approx(1 - law.cdf(middle), abs=1e-12)
    same = np.random.default_rng(0), np.random.default_rng(0)
    drawn = law.rvs(size=5, random_state=same[0])
    assert drawn == pytest.approx(factor * work.rvs(size=5, random_state=same[1]) + shift)
    assert sg.order_statistic(law, 2, 3).mean() == pytest.approx(
        factor * sg.order_statistic(work, 2, 3).mean() + shift, rel=1e-9
    )


def test_a_scaled_law_of_ones_own_keeps_its_methods():
    class Own:
        """Uniform on (0, 2), with no more methods than are needed."""

        def mean(self):
            return 1.0

        def var(self):
            return 1 / 3

        def cdf(self, x):
            return np.clip(np.asarray(x) / 2, 0, 1)

        def ppf(self, q):
            return 2 * np.asarray(q, float)

        def rvs(self, size=None, random_state=None):
            return random_state.uniform(0, 2, size)

    law = sg.shifted(sg.scaled(Own(), 3), 1)
    assert (law.mean(), law.var(), law.std()) == pytest.approx((4, 3, 3**0.5))
    assert law.support() == (1, 7)
    assert law.median() == 4
    assert law.sf(2.5) == pytest.approx(0.75)
    assert law.isf(0.25) == pytest.approx(5.5)
    assert sg.Sync(3).time_per_update(law) == pytest.approx(5.5, rel=1e-6)


def test_a_list_is_scaled_law_by_law_and_nonsense_is_refused():
    laws = sg.scaled([EXP, SHIFTED], 0.5)
    assert [law.mean() for law in laws] == [0.5, 1.0]
    with pytest.raises(ValueError, match="factor must be a positive finite number, got 0"):
        sg.scaled(EXP, 0)
    with pytest.raises(ValueError, match="by must be a finite number of at least 0, got -1"):
        sg.shifted(EXP, -1)


def test_a_tie_between_copies_goes_to_any_of_them():
    run = sg.Replication(2, 2).simulate(
        sg.deterministic(1), 1000, np.random.default_rng(0), keep="gradients"
    )
    each = np.bincount(run.workers.ravel())
    assert np.all(abs(each - 500) < 5 * np.sqrt(250))
    assert sg.Replication(2, 2).replay([[1, 1, 2, 1]]).workers.tolist() == [[0, 3]]


@pytest.mark.filterwarnings("error")
def test_a_hedge_against_an_infinite_mean_has_all_its_worker_times():
    """E min(X, 1) and E min(X, 1 + X') of |Cauchy| X, by quadrature."""
    work, hedge = stats.halfcauchy(), sg.Hedge(3, 1)
    before = integrate.quad(work.sf, 0, 1)[0]
    late = integrate.quad(lambda t: work.sf(t) * work.sf(t - 1), 1, np.inf)[0]
    wins = integrate.quad(lambda t: work.pdf(t) * work.sf(1 + t), 0, np.inf)[0]
    wasted, useful = 3 * (late + wins), 3 * (before + late - wins)
    total = 3 * (hedge.time_per_update(work) + late)
    assert hedge.wasted_time(work) == pytest.approx(wasted, rel=1e-7)
    assert hedge.idle_time(work) == pytest.approx(total - wasted - useful, rel=1e-7)
    assert hedge.utilisation(work) == pytest.approx(useful / total, rel=1e-7)


@pytest.mark.parametrize(
    ("protocol", "wasted"),
    [
        (sg.Replication(3, 1), 0),
        (sg.SingleFork(4, 0, 0), 0),
        (sg.SingleFork(4, 0, 2), 0),
        (sg.SingleFork(4, 2, 0), 2 * 2),  # E X_{2:4} = 2
        (sg.Sync(3), 0),
        (sg.KSync(3, 3), 0),
        (sg.MDSCoded(3, 3, "scales"), 0),
        (sg.GradientCoded(3, 0, "adds"), 0),
        (sg.LocalSGD(3, 1), 0),
    ],
)
def test_nobody_cancelled_wastes_nothing_though_the_mean_is_infinite(protocol, wasted):
    work = sg.pareto(alpha=1, minimum=1)
    assert protocol.wasted_time(work) == pytest.approx(wasted)
    assert protocol.useful_time(work) == np.inf


def test_one_copy_of_each_task_wastes_nothing_of_unequal_workers():
    work = [sg.pareto(1, 1), EXP, EXP]
    assert sg.Replication(3, 1).wasted_time(work) == 0
