"""The chapter "Unequal workers and real jobs": each answer and number that the text writes out."""

import math

import numpy as np
import pytest
from scipy import stats

import stragglers as sg
from stragglers import jobs
from stragglers.explorer.words import percent, signed
from stragglers.figures import real_jobs
from stragglers.jobs.recorded import JOBS, collective_time, own_trial
from stragglers.jobs.shares import variance_shares

from ..conftest import FACTS
from . import page

CHAPTER = "real_jobs"
SAME, HALF = real_jobs.FROM
CREW = [sg.exponential(rate=rate) for rate in (4, 2, 1, 1)]


def away(job, drawn, name):
    """Return how far a rung is from the measured one, a share."""
    seconds, _ = real_jobs.ladder(job, drawn)
    return dict(zip(real_jobs.RUNGS, seconds / seconds[-1] - 1, strict=True))[name]


def answers_on_the_ladder():
    seconds, error = real_jobs.ladder("SE", SAME)
    by_name = dict(zip(real_jobs.RUNGS, seconds, strict=True))
    assert abs(by_name["iid"] - by_name["measured"]) < error
    for job, holds in (("AR", "unequal"), ("ST", None)):
        found = jobs.report(jobs.recorded(job))
        failing = set(found.ladder.fails) - {"exponential"}
        assert failing == ({"identical"} if holds else {"independent"})
    times = jobs.recorded("SE").times
    near = [name for name in real_jobs.RUNGS if abs(away("ST", SAME, name)) < 0.01]
    assert near == [name for name in real_jobs.RUNGS if name != "exponential"]
    assert abs(away("AR", SAME, "unequal")) < 1e-9
    below, above = (
        {name: away("ST", drawn, name) for name in ("iid", "unequal")} for drawn in (HALF, SAME)
    )
    assert {signed(100 * gap) for gap in below.values()} == {"−0.6"}
    assert {signed(100 * gap) for gap in above.values()} == {"+0.6"}
    assert 2.9 < by_name["exponential"] / by_name["measured"] < 3.2
    return [
        f"SE: iid, {by_name['iid']:.3f} s against {by_name['measured']:.3f} ± {error:.3f} s.",
        f"iid is {percent(-away('AR', SAME, 'iid'), 1)} too short. ST: in the picture every rung "
        "but the exponential one does",
        f"No worker of SE ever takes less than {times.min():.3f} s, and the mean is "
        f"{times.mean():.3f} s.",
        f"From the first half they lie below, by {percent(-below['iid'], 1)}; from the same steps "
        f"above, by {percent(above['iid'], 1)}.",
    ]


def numbers_of_the_crew():
    slowest, second = (sg.order_statistic(CREW, k=k).mean() for k in (4, 2))
    assert slowest == pytest.approx(float(FACTS["hetero.max.4211"]["value"]), rel=1e-12)
    pooled = pooled_slowest([4, 2, 1, 1])
    ar = dict(zip(real_jobs.RUNGS, real_jobs.ladder("AR", SAME)[0], strict=True))
    fair = float(FACTS["hetero.bias.fixedpoint"]["value"])
    assert fair == pytest.approx(1 / 8, rel=1e-12)
    p = np.array([4, 2, 1, 1]) / 8
    steps = 0.0125 / p
    weights = p * steps / (1 + steps)
    return [
        f"They take {slowest:.2f} for all four, and {second:.2f} for the first two.",
        f"For our four workers it is small, {pooled:.2f} against {slowest:.2f}:",
        f"For AR it is large, {ar['iid']:.2f} s against {ar['unequal']:.2f} s.",
        f"with steps {steps[0]:g}, {steps[1]:g}, {steps[2]:g} and {steps[3]:g} the model settles "
        f"at {weights[3] / weights.sum():.4f}, not 0.25.",
    ]


def pooled_slowest(rates):
    """Return E max of as many independent draws from the mixture of exponential laws."""
    m = len(rates)
    mixed = sg.hyperexponential(probabilities=[1 / m] * m, rates=rates)
    return sg.order_statistic(mixed, m, m).mean()


def answers_on_whose_data():
    own = {step: real_jobs.weights("async, own steps", 4, step)[0] for step in (0.02, 0.4)}
    for fast in (1, 2, 4, 8):
        for step in (0.02, 0.1, 0.4):
            assert real_jobs.weights("sync", fast, step) == pytest.approx(np.full(4, 0.25))
    return [
        f"Async: weight {real_jobs.weights('async', 4, 0.1)[0]:.4f}, its share of all updates. In "
        f"2-sync it is {real_jobs.weights('2-sync', 4, 0.1)[0]:.4f},",
        f"where the weight of worker 1 is {own[0.4]:.4f} at 4 times the speed. At step 0.02 it is "
        f"{own[0.02]:.4f}.",
    ]


@pytest.mark.parametrize("rule", real_jobs.RULES)
@pytest.mark.parametrize("step", [0.02, 0.1, 0.4])
def test_the_mean_path_ends_at_the_weight_of_the_one_who_wants_1(rule, step):
    for fast in (1, 8):
        path = real_jobs.mean_path(rule, fast, step)
        late = path[-1] if step > 0.02 else None
        weight = real_jobs.weights(rule, fast, step)[0]
        if late is not None:
            assert late == pytest.approx(weight, abs=2e-3)
        assert abs(path[-1] - weight) < abs(path[0] - weight)


def numbers_of_the_shares():
    shares = {job: jobs.report(jobs.recorded(job)).shares for job in JOBS}
    assert shares["AR"].step_p < 1e-34
    assert shares["AR"].step < 0.001
    late = jobs.recorded("SE").times.argmax(axis=1)
    assert np.any(late[1:] == late[:-1])  # so not "somebody else in every step"
    return [
        f"In {len(late)} steps {len(set(late))} of the 32 workers were the slowest at least once: "
        f"{percent(shares['SE'].rest, 1)} of the variance is the rest",
        f"ST's two workers are slow in the same steps: {percent(shares['ST'].step, 1)} of the "
        f"variance is between steps. Their correlation is {shares['ST'].correlation:.2f}.",
    ]


def errors_of(law, steps):
    return real_jobs.predicted(law, steps) / np.array(real_jobs.seen_later().measured) - 1


def answers_on_prediction():
    held = real_jobs.seen_later()
    trace = errors_of("trace", 21)
    assert abs(trace).argmax() == len(trace) - 1
    deviations = (held.measured[-1] - held.iid[-1]) / held.errors[-1]
    assert real_jobs.predicted("trace", 21) == pytest.approx(held.iid, rel=1e-10)
    at_32 = {law: errors_of(law, 5)[-1] for law in real_jobs.FITTED if law != "exponential"}
    assert max(at_32, key=lambda law: abs(at_32[law])) == "shifted exponential"
    gumbel = abs(errors_of("Gumbel", 21)).max()
    assert 0.003 < gumbel < 0.0045
    moments = by_moments()
    return [
        f"{percent(abs(trace).max(), 1)} in size, at 32 workers. That is {deviations:.1f} standard "
        "errors of the measurement.",
        f"it is {percent(at_32['shifted exponential'], 1)} too long. From 21 steps it is still "
        f"{percent(errors_of('shifted exponential', 21)[-1], 1)} too long.",
        "The Gumbel law has no error above 0.4 %",
        f"from ten steps it is {percent(errors_of('Gumbel', 10)[-1], 1)} too long at 32 workers",
        f"it errs by {percent(moments, 1)} at 32 workers",
        f"The iid rung is {percent(-away('SE', SAME, 'iid'), 1)} below the measurement",
        f"fitted to steps 1 to 5, 10 or 21, and measured on steps {44 - held.test_steps} to 43.",
    ]


def by_moments():
    """Return the error of the shifted exponential law that has the mean and spread of SE."""
    times = jobs.recorded("SE").times[:21]
    sd = times.std()
    predicted = times.mean() + sd * (sg.harmonic(32) - 1)
    return predicted / real_jobs.seen_later().measured[-1] - 1


def test_the_parametric_laws_are_the_likeliest():
    times = jobs.recorded("SE").times[:21].ravel()
    place, scale = stats.expon.fit(times)
    by_fit = [place + scale * sg.harmonic(m) for m in real_jobs.SIZES]
    assert real_jobs.predicted("shifted exponential", 21) == pytest.approx(by_fit, rel=1e-12)
    sigma, _, median = stats.lognorm.fit(times, floc=0)
    by_fit = [
        sg.order_statistic(sg.lognormal(math.log(median), sigma), m, m).mean()
        for m in real_jobs.SIZES
    ]
    assert real_jobs.predicted("log-normal", 21) == pytest.approx(by_fit, rel=1e-4)
    draws = stats.gumbel_r(*stats.gumbel_r.fit(times)).rvs((20_000, 32), random_state=1)
    seen, error = draws.max(axis=1).mean(), stats.sem(draws.max(axis=1))
    assert abs(real_jobs.predicted("Gumbel", 21)[-1] - seen) < 5 * error


def answers_on_the_best_k():
    table = jobs.recorded("SE")
    best = jobs.best_k(table, communication=collective_time("SE"))
    assert (best.measured, best.law) == (30, 30)
    said = page.sentence(real_jobs.best_k, job="SE", constant=0.146)
    assert f"best K is {best.measured} of 32 by measurement and {best.law} by the iid law" in said
    assert jobs.best_k(table, communication=20).measured == 32
    ar = jobs.best_k(jobs.recorded("AR"), communication=collective_time("AR"))
    assert ar.measured == 3
    return [
        f"{best.measured} of 32 by both: {best.rate:.3f} gradients a second against "
        f"{best.rate_all:.3f} when waiting for all, {percent(best.rate / best.rate_all - 1, 1)} "
        "more.",
        "At 20 s the best $K$ is 32.",
        f"With its constant of {collective_time('AR'):.2f} s: "
        f"{percent(ar.rate / ar.rate_all - 1, 1)} more gradients a second.",
        f"by a nearly constant {collective_time('SE'):.3f} s for communication",
    ]


def numbers_of_ar():
    table = jobs.recorded("AR")
    held = jobs.held_out(table)
    without = jobs.what_if(table, sg.Sync(3), without=["0"]).time_per_update
    whole = without + collective_time("AR")
    theirs = 23.45  # by the tool of those who recorded the job
    left = np.sort(table.times, axis=1)[:, -2]
    assert left.mean() == pytest.approx(without, rel=1e-12)
    assert np.all(table.times.argmax(axis=1) == 0)
    others = table.times[:, 1:].max()
    return [
        f"worker 0's fastest step takes {table.times[:, 0].min():.2f} s, and nobody else ever "
        f"takes more than {others:.2f} s.",
        f"drawn from the same steps, the iid rung is {percent(-away('AR', SAME, 'iid'), 1)} too "
        "short. From the first half to the second it is "
        f"{percent(1 - held.iid[-1] / held.measured[-1], 1)} too short.",
        f"Without worker 0 a step would take {without:.2f} s, and {whole:.2f} s with AR's constant "
        f"of {collective_time('AR'):.2f} s. The tool of those who recorded the job says {theirs} "
        f"s, which is {percent(theirs / whole - 1, 1)} more.",
        f"The mean of the second slowest of each step: {left.mean():.2f} s,",
        f"of a worker of the whole table it is {left.mean() / table.times.mean():.2f}.",
    ]


def numbers_of_st():
    held = jobs.held_out(jobs.recorded("ST"))
    return [
        "the iid rung, drawn from the same steps, is "
        f"{percent(away('ST', SAME, 'iid'), 1)} too *long*.",
        "From the first half to the second, the same rung is "
        f"{percent(1 - held.iid[-1] / held.measured[-1], 1)} too *short*. The second half was "
        f"slower, by {percent(held.drift, 1)} on average.",
        "Its last pipeline stage takes 1.37 s where the others take 0.84 s",  # as recorded.py says
    ]


def answers_on_the_trap():
    before, after = (jobs.report(own_trial(late)) for late in (False, True))
    assert (before.kind, after.kind) == ("machine", "after the barrier")
    assert before.slowest.name == "2"
    assert own_trial().times.shape == own_trial(True).times.shape == (60, 4)
    assert np.all(own_trial(True).times >= own_trial().times)  # the same steps, more of each
    means = own_trial(True).times.mean(axis=0)
    assert np.ptp(means) < 0.01 * means.mean()
    error = 1 / math.sqrt(60 * 6)  # of the mean of six correlations, if workers were independent
    assert 4 * error < before.shares.correlation < 0.3  # so they are not, and still weakly
    return [
        "Before the collective the workers are only weakly correlated, "
        f"{before.shares.correlation:.3f} on average, and the slowest takes "
        f"{before.slowdown:.3f} times the mean. For whole steps all points are on the diagonal: "
        f"the correlation is {after.shares.correlation:.3f}, and the slowest takes "
        f"{after.slowdown:.3f} times the mean.",
    ]


def solutions():
    unequal = 1 + 1 / 3 - 1 / 4
    pooled = pooled_slowest([1, 3])
    assert pooled == pytest.approx(4 / 3 - 7 / 24, rel=1e-12)
    assert unequal == pytest.approx(13 / 12, rel=1e-12)
    q = real_jobs.first_two(np.array([4, 2, 1, 1]) / 8)
    return [
        f"$\\frac{{13}}{{12}} = {unequal:.4f}$",
        f"$\\frac43 - \\frac7{{24}} = {pooled:.4f}$. Pooling makes the wait "
        f"{percent(1 - pooled / unequal, 1)} too short.",
        ", ".join(f"{one:.4f}" for one in q),
        *fair_steps(),
        *beyond_the_largest(),
    ]


def fair_steps():
    space = {"np": np}
    exec(page.solution(CHAPTER, "ex-exactly-fair"), space)
    model, steps = space["model"], space["steps"]
    error = model.std(ddof=1) / math.sqrt(len(model))
    weights = space["shares"] * steps / (1 + steps)
    assert weights == pytest.approx(np.full(4, weights[0]), rel=1e-12)
    assert abs(model.mean() - 0.25) < 5 * error
    inside = np.append(np.arange(0.001, 0.117, 0.002), 0.117)
    assert all(growth(space["shares"], c) < 1 for c in inside)
    assert min(growth(space["shares"], c) for c in (0.118, 0.12, 0.124)) > 1
    least = space["shares"].min()
    return [
        "For these rates the means converge up to $c = 0.117$, while $\\min_i p_i/a$ is "
        f"{least:g}.",
        f"The steps are {steps[0]:.4f}, {steps[1]:.4f}, {steps[2]:.4f} and {steps[3]:.4f}.",
        f"the mean of `model` is {model.mean():.4f} ± {error:.4f}, where",
    ]


def growth(shares, c):
    """Return the factor an update that the means of the model and of those held grow by, at a = 1.

    Where the steps are the exactly fair ones, c / (p_i - c).
    """
    moves = shares * c / (shares - c)
    means = np.diag(np.append(1.0, 1 - shares - moves))
    means[0, 1:], means[1:, 0] = -moves, shares
    return np.abs(np.linalg.eigvals(means)).max()


def beyond_the_largest():
    space = {"np": np, "sg": sg, "jobs": jobs, "stats": stats}
    exec(page.solution(CHAPTER, "ex-beyond-the-largest"), space)
    trace, gumbel = list(space["by_trace"].values()), list(space["by_gumbel"].values())
    assert len(space["times"]) == 672
    logs = np.log(space["times"])
    law = sg.lognormal(logs.mean(), logs.std())
    doubled = [sg.order_statistic(law, m, m).mean() for m in 2 ** np.arange(1, 18)]
    assert np.all(np.diff(doubled, 2) < 0)
    lognormal = sg.order_statistic(law, 100_000, 100_000).mean()
    return [
        "a log-normal law with the small spread of these times by less and less, to "
        f"{lognormal:.2f} s at 100 000 workers.",
        f"The trace gives {trace[0]:.2f}, {trace[1]:.2f} and {trace[2]:.2f} s, the Gumbel law "
        f"{gumbel[0]:.2f}, {gumbel[1]:.2f} and {gumbel[2]:.2f} s. The trace cannot exceed the "
        f"largest time in it, {space['times'].max():.2f} s;",
    ]


def phrases():
    parts = (
        answers_on_the_ladder, numbers_of_the_crew, answers_on_whose_data, numbers_of_the_shares,
        answers_on_prediction, answers_on_the_best_k, numbers_of_ar, numbers_of_st,
        answers_on_the_trap, numbers_of_the_spells, solutions,
    )  # fmt: skip
    return [phrase for part in parts for phrase in part()]


GIVEN = {"0.02", "0.1", "0.4", "0.25", "0.146", "0.01", "0.99", "1.01", "0.1 %"}


@pytest.mark.slow
def test_every_number_and_answer_of_the_text_is_what_the_figures_and_tables_show():
    assert page.missing(CHAPTER, phrases()) == []
    assert page.unheld(CHAPTER, phrases(), GIVEN) == []


def numbers_of_the_spells():
    space = {"np": np, "jobs": jobs, "stats": stats}
    for kind, _, text in page.cells(CHAPTER):
        if kind == "code" and ("def spells" in text or "naive =" in text):
            exec(text, space)
    naive, ours = space["naive"], space["ours"]
    assert naive > 35 > 4 > ours
    return [
        f"Of 40 such tables, the first test calls the workers unequal in all {naive}.",
        f"It errs in {ours} of 40, as a test at 5 % should. That is luck: over 600 more such "
        "tables it errs in about one of ten,",
    ]


def test_over_many_tables_of_spells_the_test_of_workers_errs_in_about_one_of_ten():
    space = {"np": np}
    exec(next(text for kind, _, text in page.cells(CHAPTER) if "def spells" in text), space)
    tables = (space["spells"](np.random.default_rng(seed)) for seed in range(40, 640))
    erred = sum(variance_shares(jobs.Table(times)).worker_p < 0.05 for times in tables)
    assert erred > 30 + 4 * math.sqrt(600 * 0.05 * 0.95)  # more than a test at 5 % has a right to
    assert 0.08 < erred / 600 < 0.12


def test_the_recipe_writes_a_table_that_read_takes_and_times_the_last_gradient_only(tmp_path):
    """The recipe, with a model that calls the hooks as PyTorch does: one a parameter, in turn."""
    text = next(text for _, _, text in page.cells(CHAPTER) if "class GradientClock" in text)
    space = {}
    exec(page.FENCED.search(text)[1], space)

    class Parameter:
        requires_grad = True

        def register_hook(self, hook):
            self.hook = hook

    class Model:
        def __init__(self):
            self.layers = [Parameter(), Parameter()]

        def parameters(self):
            return self.layers

    now = [0.0]
    space["time"] = type("clock", (), {"perf_counter": staticmethod(lambda: now[0])})
    (tmp_path / "times").mkdir()
    for rank in range(2):
        model = Model()
        clock = space["GradientClock"](model, rank, tmp_path / "times")
        for step in range(3):
            clock.start()
            for k, layer in enumerate(model.layers):
                now[0] += 1 + rank + k
                layer.hook("gradient")
            now[0] += 100  # the collective
            clock.write(step)
        clock.file.close()
    table = tmp_path / "steps.csv"
    rows = [file.read_text() for file in sorted((tmp_path / "times").iterdir())]
    table.write_text("worker,step,seconds\n" + "".join(rows))
    assert jobs.read(table, unit="s").times.tolist() == [[3.0, 5.0]] * 3
