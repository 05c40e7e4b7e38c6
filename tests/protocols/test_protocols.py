"""The protocols' exact formulas: against the facts, known identities, and bounds."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate, stats

import stragglers as sg
from stragglers.laws.check import check_work
from stragglers.protocols.gradient_counts import irwin_hall, mean_kth_arrival

from ..conftest import FACTS

EXP = sg.exponential(rate=1)
SHIFTED = sg.shifted_exponential(shift=1, rate=1)
PARETO = sg.pareto(alpha=2, minimum=1)
HYPER = sg.hyperexponential(probabilities=[0.9, 0.1], rates=[2, 0.2])
LAWS = {
    "Exp(1)": EXP,
    "1+Exp(1)": SHIFTED,
    "Uniform(0,1)": sg.uniform(0, 1),
    "Gamma(2,1)": sg.gamma(shape=2, rate=1),
    "0.9 Exp(2)+0.1 Exp(0.2)": HYPER,
    "Lomax(alpha=2, scale 1)": stats.lomax(2),
    "Pareto(x_min=1, alpha=2)": PARETO,
}
LAWS_OF_FIGURE_6 = {"1+Exp(1)": SHIFTED, "Pareto(2,1)": PARETO}
FIGURE = {"sexp": SHIFTED, "pareto": PARETO, "exp": EXP}


def fact(name):
    return pytest.approx(float(FACTS[name]["value"]), rel=1e-9)


def facts(prefix, simulated=False):
    """Parametrise over the facts of that prefix: those known exactly, or those with an error."""
    names = [name for name in FACTS if name.startswith(prefix)]
    chosen = [name for name in names if bool(FACTS[name].get("standard_error")) == simulated]
    return pytest.mark.parametrize("name", chosen)


def unequal(rates):
    return [sg.exponential(rate=rate) for rate in rates]


# -------------------------------------------------------------------------------------------------
# Time per update


@facts("async.gap.")
def test_async_time_per_update_is_the_mean_over_m(name):
    law, m = FACTS[name]["params"]["law"], FACTS[name]["params"]["m"]
    assert sg.Async(m).time_per_update(LAWS[law]) == fact(name)


@facts("async.min.")
def test_the_first_async_update_comes_after_the_fastest_worker(name):
    params = FACTS[name]["params"]
    if "law" in params:
        assert sg.Async(params["m"]).first_update(LAWS[params["law"]]) == fact(name)
    else:
        protocol = sg.Async(params["m"])
        ratio = protocol.first_update(SHIFTED) / protocol.time_per_update(SHIFTED)
        assert ratio == fact(name)


@pytest.mark.parametrize(
    ("law", "work"),
    [
        ("unif", sg.uniform(0, 1)),
        ("weib05", sg.weibull(shape=0.5, scale=1)),
        ("lomax2", stats.lomax(2)),
        ("pareto2", PARETO),
    ],
)
def test_the_seeds_async_formula_is_wrong_by_the_known_factor(law, work):
    protocol = sg.Async(10)
    ratio = protocol.first_update(work) / protocol.time_per_update(work)
    assert ratio == fact(f"async.ratio.{law}.m10")


def test_equality_at_one_m_does_not_make_a_law_exponential():
    work = sg.pareto(alpha=1.5, minimum=1)
    assert sg.Async(2).first_update(work) == fact("async.pareto1.5.equal.m2")
    assert sg.Async(2).time_per_update(work) == fact("async.pareto1.5.equal.m2")
    assert sg.Async(3).time_per_update(work) != pytest.approx(sg.Async(3).first_update(work))


def test_speed_ups_per_update_and_per_gradient_are_told_apart():
    sync, asynchronous = sg.Sync(20), sg.Async(20)
    per_update = sync.time_per_update(EXP) / asynchronous.time_per_update(EXP)
    assert per_update == fact("speedup.exp.m20.perupdate")
    per_gradient = asynchronous.throughput(SHIFTED) / sync.throughput(SHIFTED)
    assert per_gradient == fact("speedup.sexp.m20.pergradient")


@facts("dutta.fig5.")
def test_the_published_speed_up_curves_come_out(name):
    law, m = name.split(".")[2], FACTS[name]["params"]["P"]
    work = FIGURE[law]
    assert sg.Sync(m).time_per_update(work) / sg.Async(m).time_per_update(work) == fact(name)


@facts("dutta.fig6.")
def test_the_published_runtimes_of_2000_updates_come_out(name):
    params, kind = FACTS[name]["params"], name.split(".")[2:]
    if kind[0] == "ksync":
        time = sg.KSync(params["P"], params["K"]).time_per_update(FIGURE[kind[1]])
    else:
        time = sg.KBatchAsync(params["P"], params["K"]).time_per_update(SHIFTED)
    assert params["J"] * time == fact(name)


@facts("dutta.fig6.", simulated=True)
def test_the_published_runtimes_that_only_simulation_gives_come_out(name):
    known, kind = FACTS[name], name.split(".")[2]
    protocol = {"kasync": sg.KAsync, "kbatchsync": sg.KBatchSync}[kind](20, known["params"]["K"])
    run = protocol.simulate(
        LAWS_OF_FIGURE_6[known["params"]["law"]], 20_000, np.random.default_rng(1)
    )
    error = np.hypot(2000 * run.standard_error, known["standard_error"])
    assert abs(2000 * run.time_per_update - float(known["value"])) < 5 * error


def test_k_async_and_k_batch_async_have_the_exact_ratio():
    ratio = sg.KAsync(20, 10).time_per_update(EXP) / sg.KBatchAsync(20, 10).time_per_update(EXP)
    assert ratio == fact("dutta.thm2.P20K10")


def test_k_batch_sync_agrees_with_the_facts():
    assert sg.KBatchSync(4, 8).time_per_update(EXP) == fact("kbsync.exp.K8m4")
    assert sg.KBatchSync(2, 2).time_per_update(SHIFTED) == fact("kbsync.sexp.K2m2")


def test_cancelling_beats_never_waiting_for_new_worse_than_used_workers():
    batch_sync = sg.KBatchSync(10, 10).time_per_update(HYPER)
    assert batch_sync == pytest.approx(0.5799, abs=1e-4)
    assert batch_sync < sg.KBatchAsync(10, 10).time_per_update(HYPER)
    assert sg.KBatchSync(10, 10).time_per_update(SHIFTED) == pytest.approx(2.6898, abs=1e-4)
    assert sg.KBatchSync(10, 10).time_per_update(SHIFTED) > 2.0


@pytest.mark.parametrize(
    "work",
    [EXP, SHIFTED, HYPER, sg.gamma(2, 1), sg.gamma(0.5, 1), sg.two_point(1, 10, 0.1)],
    ids=str,
)
@pytest.mark.parametrize("m", [1, 3, 10])
def test_the_first_gradient_of_k_batch_sync_comes_with_the_fastest_worker(work, m):
    assert mean_kth_arrival(check_work(work, m).groups, 1) == pytest.approx(
        sg.order_statistic(work, 1, m).mean(), rel=1e-9
    )


@pytest.mark.parametrize(
    "work",
    [EXP, SHIFTED, HYPER, sg.gamma(2.5, 1), sg.two_point(1, 10, 0.1), sg.deterministic(0.3)],
    ids=str,
)
def test_a_single_worker_sends_k_gradients_in_k_times_its_mean(work):
    assert sg.KBatchSync(1, 7).time_per_update(work) == pytest.approx(7 * work.mean(), rel=1e-9)
    assert sg.LocalSGD(1, steps=7).time_per_round(work) == pytest.approx(7 * work.mean(), rel=1e-9)


def test_k_batch_sync_of_two_shifted_exponential_workers_is_the_double_integral():
    def third_of_two(t):  # P(N_1 + N_2 < 3) for two workers 1 + Exp(1)
        erlang = [1.0] + [stats.gamma(n, loc=n).cdf(t) for n in (1, 2, 3)]
        count = -np.diff(erlang)
        return sum(count[i] * count[j] for i in range(3) for j in range(3 - i))

    edges = [0, 1, 2, 3, 60]
    mean = sum(integrate.quad(third_of_two, *edges[i : i + 2], epsabs=1e-13)[0] for i in range(4))
    assert sg.KBatchSync(2, 3).time_per_update(SHIFTED) == pytest.approx(mean, rel=1e-10)


def test_erlang_workers_are_exponential_workers_counted_by_pairs():
    # one Erlang(2) worker finishes at every second event of an exponential one
    assert sg.KBatchSync(1, 5).time_per_update(sg.gamma(2, 1)) == pytest.approx(10)
    same = sg.KBatchSync(3, 4).time_per_update([sg.gamma(1, 2)] * 3)
    assert same == pytest.approx(4 / 6, rel=1e-10)


def test_k_async_with_unequal_exponential_workers_takes_the_time_of_k_sync():
    work = unequal([1, 2, 3])
    assert sg.KAsync(3, 2).time_per_update(work) == fact("hetero.k2of3")
    first_two = sg.KAsync(3, 2).shares(work) * 2
    last = [1 - chance for chance in first_two]  # worker i is last if both others are earlier
    rates = np.array([1.0, 2.0, 3.0])
    for i in range(3):
        j, k = (r for r in range(3) if r != i)
        exact = rates[j] / 6 * rates[k] / (6 - rates[j]) + rates[k] / 6 * rates[j] / (6 - rates[k])
        assert last[i] == pytest.approx(exact, rel=1e-10)
    assert sg.KSync(3, 2).shares(work) == pytest.approx(first_two / 2, rel=1e-12)


def test_unequal_workers_agree_with_the_facts():
    assert sg.Sync(3).time_per_update(unequal([1, 2, 3])) == fact("hetero.max.123")
    assert sg.KSync(3, 2).time_per_update(unequal([1, 2, 3])) == fact("hetero.k2of3")
    nine_fast_one_slow = unequal(FACTS["hetero.max.9fast1slow"]["params"]["rates"])
    assert sg.Sync(10).time_per_update(nine_fast_one_slow) == fact("hetero.max.9fast1slow")
    rates = FACTS["hetero.async.gap"]["params"]["rates"]
    assert sg.Async(4).time_per_update(unequal(rates)) == fact("hetero.async.gap")
    assert sg.KBatchSync(4, 6).time_per_update(unequal(rates)) == pytest.approx(6 / 8, rel=1e-10)


@pytest.mark.parametrize("work", [EXP, SHIFTED, HYPER, sg.uniform(0, 1), PARETO], ids=str)
def test_waiting_for_all_or_for_one_makes_the_protocols_agree(work):
    sync = sg.Sync(6).time_per_update(work)
    assert sg.KSync(6, 6).time_per_update(work) == sync
    assert sg.KAsync(6, 6).time_per_update(work) == pytest.approx(sync, rel=1e-12)
    assert sg.LocalSGD(6, steps=1).time_per_update(work) == sync
    asynchronous = sg.Async(6).time_per_update(work)
    assert sg.KAsync(6, 1).time_per_update(work) == asynchronous
    assert sg.KBatchAsync(6, 1).time_per_update(work) == asynchronous
    assert sg.KBatchSync(6, 1).time_per_update(work) == sg.KSync(6, 1).time_per_update(work)


def test_infinite_means_are_infinite():
    work = sg.pareto(alpha=0.5, minimum=1)
    assert sg.Async(4).time_per_update(work) == np.inf
    assert sg.Sync(4).time_per_update(work) == np.inf
    assert np.isfinite(sg.KSync(4, 1).time_per_update(work))
    assert sg.Async(2).time_per_update([work, sg.deterministic(3)]) == pytest.approx(3)


def test_backup_workers_agree_with_the_facts():
    assert sg.KSync(100, 96).time_per_update(EXP) == fact("backup.exp.N96b4")

    def normalised(backups):
        speed_up = sg.Sync(50).time_per_update(EXP) / sg.KSync(50 + backups, 50).time_per_update(
            EXP
        )
        return speed_up * 50 / (50 + backups)

    assert normalised(3) == fact("backup.norm.exp.N50.b3")
    assert normalised(1000) == fact("backup.norm.exp.N50.b1000")


def test_local_sgd_agrees_with_the_facts_per_local_step():
    alone = sg.LocalSGD(m=16, steps=10)
    assert alone.time_per_update(EXP) == fact("adacomm.max16.mean10")
    with_delay = sg.LocalSGD(m=16, steps=10, delay=1)
    sync = sg.LocalSGD(m=16, steps=1, delay=1)
    assert sync.time_per_update(EXP) == fact("adacomm.sync.m16.D1")
    assert sg.Sync(m=16, communication=1).time_per_update(EXP) == fact("adacomm.sync.m16.D1")
    ratio = sync.time_per_update(EXP) / with_delay.time_per_update(EXP)
    assert ratio == fact("adacomm.ratio.m16")
    assert with_delay.time_per_round(EXP) == pytest.approx(10 * with_delay.time_per_update(EXP))
    assert with_delay.gradients_per_update == 16


# -------------------------------------------------------------------------------------------------
# Throughput, utilisation, waste


def test_utilisation_and_waste_agree_with_the_facts():
    assert sg.Sync(20).utilisation(EXP) == fact("sync.util.exp.m20")
    assert sg.KSync(20, 10).wasted_time(EXP) == fact("ksync.waste.exp.m20K10")
    assert sg.KSync(20, 10).throughput(EXP) == fact("ksync.gradrate.exp.m20K10")
    assert sg.Sync(20).idle_time(sg.exponential(rate=2)) / 20 == fact("seed.idle.m20")
    rate_two = sg.exponential(rate=2)
    assert 5000 * sg.Sync(20).time_per_update(rate_two) == fact("seed.sync.5000.m20")
    assert 100_000 / sg.Async(20).throughput(rate_two) == fact("seed.async.100000.m20")


@pytest.mark.parametrize("k", [1, 7, 20])
def test_uniform_workers_give_the_same_throughput_for_every_k(k):
    assert sg.KSync(20, k).throughput(sg.uniform(0, 1)) == fact("unif.gradrate.flat")


@pytest.mark.parametrize("work", [EXP, SHIFTED, sg.uniform(1, 3)], ids=str)
@pytest.mark.parametrize("k", [1, 3, 5])
def test_a_k_sync_worker_is_useful_idle_or_wasted(work, k):
    protocol = sg.KSync(5, k, communication=0.2)
    means = [sg.order_statistic(work, i, 5).mean() for i in range(1, 6)]
    idle = sum(means[k - 1] - means[i] for i in range(k)) + 5 * 0.2
    assert protocol.idle_time(work) == pytest.approx(idle, rel=1e-9)


def test_asynchronous_workers_are_always_busy():
    for protocol in (sg.Async(5), sg.KBatchAsync(5, 3)):
        for work in (SHIFTED, [EXP, SHIFTED, HYPER, EXP, EXP]):
            assert protocol.utilisation(work) == pytest.approx(1, rel=1e-12)
            assert protocol.idle_time(work) == pytest.approx(0, abs=1e-12)
            assert protocol.wasted_time(work) == 0
    assert sg.KAsync(5, 3).utilisation(EXP) == pytest.approx(
        3 / 5 / sg.KAsync(5, 3).time_per_update(EXP)
    )
    assert sg.Async(4, communication=1).utilisation(EXP) == pytest.approx(0.5)


# -------------------------------------------------------------------------------------------------
# Staleness


@facts("stale.mean.")
def test_mean_async_staleness_is_m_minus_1_for_every_law(name):
    work = LAWS[FACTS[name]["params"]["law"]]
    assert sg.Async(10).mean_staleness(work) == fact(name)


@facts("stale.p0.")
def test_the_probability_of_a_fresh_gradient_agrees_with_the_facts(name):
    work = LAWS[FACTS[name]["params"]["law"]]
    assert sg.Async(10).probability_fresh(work) == fact(name)


@pytest.mark.parametrize(
    ("name", "work"),
    [("exp", EXP), ("unif", sg.uniform(0, 1)), ("hyper", HYPER)],
)
def test_the_variance_of_staleness_agrees_with_the_facts(name, work):
    assert sg.Async(10).staleness_variance(work) == fact(f"stale.var.{name}.m10")


def test_the_variance_of_staleness_is_that_of_other_known_cases():
    assert sg.Async(10).staleness_variance(sg.gamma(2, 1)) == pytest.approx(46, rel=1e-12)
    assert sg.Async(10).staleness_variance(PARETO) == np.inf
    assert sg.Async(10).staleness_variance(sg.gamma(1, 3)) == pytest.approx(90, rel=1e-12)
    mixture_of_one = sg.hyperexponential([0.5, 0.5], [2, 2])
    assert sg.Async(10).staleness_variance(mixture_of_one) == pytest.approx(90, rel=1e-12)
    barely_shifted = sg.shifted_exponential(1e-9, 1)
    assert sg.Async(10).staleness_variance(barely_shifted) == pytest.approx(90, rel=1e-6)


def test_deterministic_workers_are_stale_by_exactly_m_minus_1():
    law = sg.Async(7).staleness(sg.deterministic(2))
    assert law.mean() == fact("stale.det.m7")
    assert law.var() == 0


def test_staleness_of_unequal_workers_agrees_with_the_facts():
    work = unequal(FACTS["hetero.stale.overall"]["params"]["rates"])
    protocol = sg.Async(4)
    assert protocol.mean_staleness(work) == fact("hetero.stale.overall")
    each = protocol.worker_staleness(work)
    assert each[0] == fact("hetero.stale.fast")
    assert each[3] == fact("hetero.stale.slow")
    assert protocol.shares(work) @ each == fact("hetero.stale.overall")
    assert protocol.staleness(work).mean() == fact("hetero.stale.overall")


def test_k_async_staleness_agrees_with_the_facts():
    assert sg.KAsync(10, 4).mean_staleness(EXP) == fact("kasync.stale.mean.K4m10")
    assert sg.KAsync(10, 4).probability_fresh(EXP) == fact("kasync.stale.p0.exp.K4m10")
    assert sg.KAsync(10, 4).staleness(EXP).mean() == fact("kasync.stale.mean.K4m10")
    assert sg.KBatchAsync(10, 4).mean_staleness(EXP) == fact("kbasync.stale.mean.K4m10")


def test_k_batch_async_staleness_is_the_counted_one():
    m, k = 10, 4
    law = sg.KBatchAsync(m, k).staleness(EXP)
    assert law.mean() == fact("kbasync.stale.mean.K4m10")
    q = 1 - 1 / m
    assert law.pmf(0) == pytest.approx(1 - q * (1 - q**k) / (k * (1 - q)), rel=1e-12)
    others = np.arange(600)  # gradients of others between two of a worker's own
    chance = q**others / m
    for stale in range(5):
        phases = [chance[(phase + others) // k == stale].sum() / k for phase in range(k)]
        assert law.pmf(stale) == pytest.approx(sum(phases), rel=1e-10)


def test_every_law_of_staleness_is_a_law_with_the_known_mean():
    cases = [
        (sg.Async(1), EXP),
        (sg.Async(4), unequal([4, 2, 1, 1])),
        (sg.KBatchAsync(4, 3), unequal([4, 2, 1, 1])),
        (sg.KBatchAsync(1, 3), SHIFTED),
        (sg.KBatchAsync(7, 3), sg.deterministic(1)),
        (sg.KAsync(6, 6), SHIFTED),
        (sg.KAsync(6, 1), EXP),
        (sg.KAsync(6, 4), EXP),
        (sg.KAsync(4, 2), unequal([4, 2, 1, 1])),
        (sg.Sync(5), SHIFTED),
        (sg.LocalSGD(5, 2), SHIFTED),
    ]
    for protocol, work in cases:
        law, values = protocol.staleness(work), np.arange(3000)
        assert law.pmf(values).sum() == pytest.approx(1, abs=1e-9)
        assert values @ law.pmf(values) == pytest.approx(protocol.mean_staleness(work), abs=1e-9)
        assert law.mean() == pytest.approx(protocol.mean_staleness(work), abs=1e-9)
        second = values**2 @ law.pmf(values) - law.mean() ** 2
        assert law.var() == pytest.approx(second, abs=1e-6)
        assert protocol.staleness_variance(work) == pytest.approx(second, abs=1e-6)
        assert law.cdf(values) == pytest.approx(np.cumsum(law.pmf(values)), abs=1e-9)


# -------------------------------------------------------------------------------------------------
# What is not known, and what is not allowed


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: sg.KAsync(8, 4).time_per_update(SHIFTED), "at least 1;.*use simulate"),
        (lambda: sg.KBatchSync(8, 4).time_per_update(PARETO), "at most 1.39239; use simulate"),
        (lambda: sg.LocalSGD(8, 4).time_per_round(PARETO), "between 8 and .*use simulate"),
        (lambda: sg.Async(8).staleness(SHIFTED), "its mean is 7; use simulate"),
        (lambda: sg.Async(8).staleness_variance(sg.lognormal(0, 1)), "its mean is 7; use simul"),
        (lambda: sg.KBatchAsync(8, 2).probability_fresh(SHIFTED), "its mean is 3.5; use simulate"),
        (lambda: sg.KAsync(2, 1).staleness([EXP, SHIFTED]), "its mean is 1; use simulate"),
        (lambda: sg.KAsync(3, 2).shares([EXP, EXP, SHIFTED]), "exponential workers; use simulate"),
        (lambda: sg.KSync(2, 1).shares([EXP, sg.deterministic(1)]), "with ties: use simulate"),
        (lambda: sg.KBatchSync(2, 2).shares([EXP, SHIFTED]), "for exponential workers"),
        (lambda: sg.Replication(1, 2).shares([EXP, SHIFTED]), "for equal workers; use simulate"),
        (lambda: sg.KBatchSync(8, 4).wasted_time(SHIFTED), "equal exponential workers"),
    ],
)
def test_what_is_not_known_says_what_is_and_names_simulate(act, message):
    with pytest.raises(NotImplementedError, match=message):
        act()


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: sg.Sync(0), ValueError, "m must be an integer of at least 1, got 0"),
        (
            lambda: sg.Sync(10**400),
            ValueError,
            r"m must be an integer of at least 1 and at most 1\.8e\+308, got 10\^400 or so",
        ),
        (lambda: sg.KSync(4, 10**5000), ValueError, r"k must be .* from 1 to 4, got 10\^5000"),
        (lambda: sg.Sync(2, 10**400), ValueError, r"communication must be .* at most 1\.8e\+308"),
        (lambda: sg.Sync(2.0), ValueError, "m must be an integer of at least 1, got 2.0"),
        (lambda: sg.KSync(20, 21), ValueError, "k must be an integer from 1 to 20, got 21"),
        (lambda: sg.KAsync(20, 0), ValueError, "k must be an integer from 1 to 20, got 0"),
        (lambda: sg.KBatchSync(20, -1), ValueError, "k must be an integer of at least 1, got -1"),
        (lambda: sg.KBatchAsync(20, "2"), TypeError, "k must be an integer"),
        (lambda: sg.Sync(2, np.True_), TypeError, "communication must be .* got np.True_"),
        (lambda: sg.Hedge(2, np.True_), TypeError, "delay must be .* got np.True_"),
        (lambda: sg.Hedge(2, np.timedelta64(1)), TypeError, "delay must be .* got np.timedelta64"),
        (
            lambda: sg.GradientCoded(5, 2, np.array([1, 2])),
            ValueError,
            r"straggle must be 'scales' or 'adds', got array\(\[1, 2\]\)",
        ),
        (lambda: sg.LocalSGD(2, 0), ValueError, "steps must be an integer of at least 1, got 0"),
        (lambda: sg.LocalSGD(2, 3, -1), ValueError, "delay must be a finite number of at least 0"),
        (lambda: sg.Sync(2, -0.5), ValueError, "communication must be .* got -0.5"),
        (lambda: sg.Sync(3).time_per_update(unequal([1, 2])), ValueError, "m must be"),
        (lambda: sg.Sync(3).time_per_update(3), TypeError, "work must be"),
        (lambda: sg.Sync(3).mean_staleness(3), TypeError, "work must be"),
        (lambda: sg.Async(3).mean_staleness(sg.pareto(1, 1)), ValueError, "finite mean"),
        (lambda: sg.KAsync(3, 2).mean_staleness(sg.pareto(1, 1)), ValueError, "finite mean"),
    ],
)
def test_a_bad_argument_is_named(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_a_protocol_is_a_small_value_whose_repr_makes_it_again():
    for protocol in (
        sg.Sync(3),
        sg.KSync(3, 2, 0.5),
        sg.LocalSGD(3, 2, 1),
        sg.KAsync(np.int64(3), 2),
    ):
        again = eval(repr(protocol), vars(sg))
        assert again == protocol
        assert hash(again) == hash(protocol)
    with pytest.raises(AttributeError):
        sg.Sync(3).m = 4


@pytest.mark.parametrize(
    "protocol", [sg.KBatchSync(4, 5), sg.KSync(4, 2), sg.Sync(4), sg.KBatchSync(3, 2)], ids=str
)
def test_the_useful_and_the_wasted_time_are_those_counted_on_given_dice(protocol):
    rows = 20_000
    times = np.random.default_rng(1).exponential(size=(rows, protocol.m, 9))
    run = protocol.replay(times)
    waits = np.diff(run.update_times, prepend=0.0)
    sent = np.zeros((rows, protocol.m), dtype=int)
    np.add.at(sent, (np.repeat(np.arange(rows), protocol.k), run.workers.ravel()), 1)
    done = np.where(np.arange(9) < sent[..., None], times, 0).sum(axis=2)
    useful = done.sum(axis=1)
    error = useful.std() / np.sqrt(rows)
    assert abs(useful.mean() - protocol.useful_time(EXP)) < 5 * error
    several = isinstance(protocol, sg.KBatchSync)  # others stand idle when they are done
    wasted = np.where(several | (sent == 0), waits[:, None] - done, 0).sum(axis=1)
    error = wasted.std() / np.sqrt(rows)
    assert abs(wasted.mean() - protocol.wasted_time(EXP)) <= 5 * error


@pytest.mark.parametrize("work", [sg.two_point(1, 4, 0.2), sg.gamma(2, 1)], ids=str)
@pytest.mark.parametrize("communication", [0.0, 0.3])
def test_k_async_is_async_for_one_and_sync_for_all_even_where_times_tie(work, communication):
    """Ties: whoever is first by number hands in first, and the next reads that."""
    ends = [
        (sg.KAsync(6, 1, communication), sg.Async(6, communication)),
        (sg.KAsync(6, 6, communication), sg.Sync(6, communication)),
    ]
    for protocol, twin in ends:
        mine, its = (
            one.simulate(work, 200, np.random.default_rng(8), keep="gradients")
            for one in (protocol, twin)
        )
        assert np.array_equal(mine.update_times, its.update_times)
        assert np.array_equal(mine.gradient_staleness, its.gradient_staleness)
        assert protocol.utilisation(work) == twin.utilisation(work)
        table = np.random.default_rng(9).integers(1, 3, size=(9, 6))
        assert np.array_equal(protocol.replay(table).workers, twin.replay(table).workers)


def test_fresh_gradients_of_two_speeds_that_tie():
    fresh = sg.KAsync(6, 1).probability_fresh(sg.two_point(1, 4, 0.2))
    assert fresh == pytest.approx(0.00593, abs=5e-6)


def test_replayed_times_cost_the_communication_too():
    table = [[1.0, 5.0], [2.0, 1.0], [9.0, 9.0]]
    assert sg.Async(2, communication=0.5).replay(table).update_times[:2].tolist() == [1.5, 4.0]
    assert sg.KAsync(2, 2, communication=0.5).replay(table).update_times[0] == 5.5


@pytest.mark.parametrize(
    "protocol",
    [
        *(sg.Sync(5), sg.KSync(8, 5, 0.5), sg.KBatchSync(4, 6, 0.1), sg.Replication(2, 3)),
        *(sg.GradientCoded(5, 2, "adds"), sg.LocalSGD(4, 1, 0.2), sg.SingleFork(4, 0, 0)),
        *(sg.Async(5), sg.KBatchAsync(5, 3), sg.KAsync(5, 3), sg.KAsync(4, 4)),
    ],
    ids=str,
)
def test_the_law_of_an_updates_time_is_that_of_a_run(protocol):
    law = protocol.update_time(EXP)
    assert law.mean() == pytest.approx(protocol.time_per_update(EXP), rel=1e-12)
    run = protocol.simulate(EXP, 20_000, np.random.default_rng(2), start="common")
    gaps = np.diff(run.update_times)[1000:]
    for q in (0.1, 0.5, 0.9, 0.99):
        error = np.sqrt(q * (1 - q) / len(gaps))
        assert abs(np.mean(gaps <= law.ppf(q)) - q) < 5 * error


@pytest.mark.parametrize(
    ("protocol", "work"),
    [
        (sg.Async(3), sg.gamma(2, 1)),
        (sg.KAsync(4, 2), sg.gamma(2, 1)),
        (sg.KBatchSync(4, 2), sg.gamma(2, 1)),
        (sg.LocalSGD(4, 2), EXP),
        (sg.SingleFork(4, 1, 1), EXP),
    ],
    ids=str,
)
def test_a_law_of_an_updates_time_that_is_not_known_says_so(protocol, work):
    with pytest.raises(NotImplementedError, match="The law of an update's time is not known for"):
        protocol.update_time(work)


def test_uniform_times_with_common_starts_are_the_known_ones():
    work = sg.uniform(0, 1)
    assert sg.Async(10).expected_updates(work, 1.0) == pytest.approx(10 * np.expm1(1), rel=1e-12)
    # P(N_1 + N_2 < 2) is that of (0, 0), (0, 1) and (1, 0): 0 after time 1
    two = integrate.quad(lambda t: (1 - t) ** 2 + 2 * (1 - t) * (t - t**2 / 2), 0, 1)[0]
    assert sg.KBatchSync(2, 2).time_per_update(work) == pytest.approx(two, rel=1e-12)


def irwin_hall_by_fractions(n, x):
    x = Fraction(x)
    signed = ((-1) ** i * math.comb(n, i) * (x - i) ** n for i in range(math.floor(x) + 1))
    return float(sum(signed) / math.factorial(n))


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_sums_of_uniform_times_keep_their_digits(n):
    x = n * np.array([0.03, 0.2, 0.5, 0.77])
    exact = [irwin_hall_by_fractions(n, one) for one in x]
    assert irwin_hall(n, x) == pytest.approx(np.array(exact), rel=1e-13)


TRACE = sg.trace([1, 2.5, 4])


def test_sums_of_a_trace_are_counted():
    pairs = list(itertools.product(TRACE.times, repeat=2))
    both = list(itertools.product(pairs, repeat=2))
    second = [sorted([a, a + b, c, c + d])[1] for (a, b), (c, d) in both]
    slower = [max(a + b, c + d) for (a, b), (c, d) in both]
    assert sg.KBatchSync(2, 2).time_per_update(TRACE) == pytest.approx(np.mean(second), rel=1e-13)
    assert sg.LocalSGD(2, 2).time_per_round(TRACE) == pytest.approx(np.mean(slower), rel=1e-13)
    same = sg.KBatchSync(3, 4).time_per_update(sg.trace([1, 1, 1, 1, 4]))
    assert same == pytest.approx(
        sg.KBatchSync(3, 4).time_per_update(sg.two_point(1, 4, 0.2)), rel=1e-13
    )


@pytest.mark.parametrize("protocol", [sg.KBatchSync(3, 7), sg.LocalSGD(3, 5)], ids=str)
@pytest.mark.parametrize(
    "work",
    [
        sg.uniform(0, 1),
        sg.uniform(1, 3),
        sg.trace([3, 4, 4, 7, 11]),
        [TRACE, sg.exponential(1), sg.uniform(1, 2)],
    ],
    ids=["uniform", "shifted", "trace", "mixed"],
)
def test_sums_of_times_agree_with_the_simulation(protocol, work):
    run = protocol.simulate(work, 20_000, np.random.default_rng(12), keep="estimates")
    assert abs(run.time_per_update - protocol.time_per_update(work)) < 5 * run.standard_error


@pytest.mark.parametrize(
    ("protocol", "work", "by"),
    [
        (sg.KBatchAsync(5, 4), sg.gamma(2, 1), 5.0),
        (sg.Async(3), sg.two_point(1, 3, 0.2), 7.0),
        (sg.Async(2, 0.5), [sg.exponential(1), sg.exponential(3)], 6.0),
    ],
    ids=str,
)
@pytest.mark.slow
def test_expected_updates_from_a_common_start(protocol, work, by):
    seeds = range(400)
    runs = [protocol.simulate(work, 80, np.random.default_rng(s)).update_times for s in seeds]
    counted = np.array([np.searchsorted(times, by, side="right") for times in runs])
    error = counted.std() / np.sqrt(len(counted))
    assert abs(counted.mean() - protocol.expected_updates(work, by)) < 5 * error


def test_expected_updates_of_exponential_workers_are_a_poisson_process():
    assert sg.Async(5).expected_updates(sg.exponential(2), 3.0) == pytest.approx(30, rel=1e-11)
    assert sg.Async(5).expected_updates(sg.exponential(2), 0) == pytest.approx(0, abs=1e-12)
    with pytest.raises(NotImplementedError, match="The mean number of updates by a moment"):
        sg.Sync(5).expected_updates(EXP, 1.0)


def test_phases_of_very_different_rates_are_left_to_the_simulation():
    with pytest.raises(NotImplementedError, match="rates less than some thousand times apart"):
        sg.KBatchSync(10, 20).time_per_update(sg.hyperexponential([0.5, 0.5], [1e6, 1]))


def test_shares_of_no_time_and_of_endless_time_are_refused():
    assert sg.Sync(2).throughput(sg.deterministic(0)) == np.inf
    assert sg.Sync(2).throughput(sg.pareto(0.9, 1)) == 0
    for work in (sg.deterministic(0), sg.pareto(0.9, 1)):
        for name in ("utilisation", "idle_time"):
            with pytest.raises(ValueError, match="updates take a positive finite time, got"):
                getattr(sg.Sync(2), name)(work)


# -------------------------------------------------------------------------------------------------
# Further facts


@pytest.mark.parametrize("k", [10, 15])
def test_k_async_with_pareto_times_is_simulated_as_elsewhere(k):
    known = FACTS[f"kasync.pareto2.P20K{k}"]
    run = sg.KAsync(20, k).simulate(PARETO, 20_000, np.random.default_rng(8), keep="estimates")
    error = np.hypot(run.standard_error, known["standard_error"])
    assert abs(run.time_per_update - float(known["value"])) < 5 * error
    sync = sg.KSync(20, k).time_per_update(PARETO)
    assert sync == pytest.approx(known["params"]["ksync"], rel=1e-9)


def test_ratios_of_protocols_agree_with_the_facts():
    waits, never = sg.KAsync(8, 2), sg.KBatchAsync(8, 2)
    ratio = waits.time_per_update(EXP) / never.time_per_update(EXP)
    assert ratio == fact("ratio.kasync.kbatchasync.exp.P8K2")
    exact = 20 * sg.harmonic(20)
    loose = 20 * math.log(20)
    assert loose == fact("speedup.exp.m20.PlogP")
    assert loose / exact - 1 == pytest.approx(-0.167, abs=5e-4)
    known = FACTS["mapreduce.44"]["params"]
    assert known["without"] / known["with_"] - 1 == fact("mapreduce.44")


def test_the_best_k_of_a_bound_and_the_best_number_of_workers_agree_with_the_facts():
    waits = np.array([sg.KSync(20, k).time_per_update(EXP) for k in range(1, 21)])
    bound = 2 * waits / (0.1 * 1000) + 0.1 / np.arange(1, 21)
    assert bound.argmin() + 1 == fact("optK.bound.t1000")
    m = np.arange(1, 200)
    times = 100 / m + np.array([sg.harmonic(int(one)) for one in m]) + 0.02 * (m - 1)
    assert times.min() == fact("scaling.c100.lat001")
    assert m[times.argmin()] == FACTS["scaling.c100.lat001"]["params"]["m"]


def test_the_bias_of_asynchronous_workers_agrees_with_the_fact():
    known = FACTS["hetero.bias.fixedpoint"]["params"]
    shares = sg.Async(4).shares(unequal(known["rates"]))
    assert shares @ known["b"] == fact("hetero.bias.fixedpoint")
