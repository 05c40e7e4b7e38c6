"""The report: one number first, the right verdict on made tables, and few false alarms."""

import json
import math
import re

import numpy as np
import pytest
from scipy import stats

import stragglers as sg
from stragglers import jobs
from stragglers.jobs import blocks
from stragglers.jobs.blocks import find_spells, is_regular
from stragglers.jobs.ladder import SortedTimes, climb
from stragglers.jobs.shares import variance_shares

STEPS, WORKERS, TABLES = 200, 8, 60


def spells(rng, steps=STEPS, workers=WORKERS, length=5):
    """Return times of workers that are slow for a while, about a fifth of the time."""
    slow = np.empty((steps, workers), dtype=bool)
    for i in range(workers):
        stays = rng.geometric(1 / np.resize([4 * length, length], steps))
        states = np.resize([False, True], steps)
        slow[:, i] = np.repeat(states, stays)[rng.integers(4 * length) :][:steps]
    return np.where(slow, 3.0, 1.0) + 0.3 * rng.exponential(size=slow.shape)


def slow_worker(rng):
    return rng.normal(10, 1, size=(STEPS, WORKERS)) * np.where(np.arange(WORKERS) == 3, 1.1, 1)


def common_cause(rng):
    return rng.normal(10, 1, (STEPS, WORKERS)) + rng.normal(0, 1, (STEPS, 1))


def before_barrier(rng):
    """Return times whose slowest is about twice the mean, as seen before a collective."""
    return 0.01 * rng.exponential(size=(300, 4))


def after_barrier(rng):
    """Return the same job's times with everybody's wait in them: they end together."""
    ends = before_barrier(rng).max(axis=1, keepdims=True)
    return ends * (1 + 0.035 * rng.random((300, 4))) + 0.004


def tables(make, number=TABLES):
    return [jobs.Table(make(np.random.default_rng([8, i]))) for i in range(number)]


def rates(make, number=TABLES):
    """Return the shares of made tables in which workers, steps, spells were called other."""
    shares = [variance_shares(table) for table in tables(make, number)]
    return (
        np.mean([found.worker_p < 0.05 for found in shares]),
        np.mean([found.step_p < 0.05 for found in shares]),
        np.mean([found.spells.found for found in shares]),
    )


@pytest.mark.parametrize(
    "law",
    [stats.norm(10, 1), sg.exponential(1), sg.lognormal(0, 0.5), sg.pareto(2.5, 1)],
    ids=["normal", "exponential", "lognormal", "pareto"],
)
def test_false_alarms_are_as_rare_as_promised(law):
    highest = 0.05 + 5 * math.sqrt(0.05 * 0.95 / TABLES)
    found = rates(lambda rng: law.rvs(size=(STEPS, WORKERS), random_state=rng))
    assert max(found) <= highest


def test_slow_spells_are_not_taken_for_slow_workers():
    made = [variance_shares(table) for table in tables(spells)]
    plain = [_plain_f_test(table.times) for table in tables(spells)]
    assert np.mean([p < 0.05 for p in plain]) > 0.6  # what a test without blocks would say
    assert np.mean([found.worker_p < 0.05 for found in made]) < 0.2
    assert all(found.spells.found for found in made)
    kinds = [jobs.report(table).kind for table in tables(spells, 5)]
    assert kinds == ["spells"] * 5


def _plain_f_test(times):
    """Return the p-value of equal means as if all times were independent."""
    return stats.f_oneway(*times.T).pvalue


def test_the_correlation_time_of_few_steps_is_not_too_short():
    """Of x_t = r x_{t-1} + noise it is (1 + r) / (1 - r); the mean of a sample hides a part."""
    found = []
    for seed in range(60):
        values = np.random.default_rng([4, seed]).normal(size=(700, WORKERS))
        for step in range(1, 700):
            values[step] += 0.8 * values[step - 1]
        centred = values[-STEPS:] - values[-STEPS:].mean(axis=1, keepdims=True)
        found.append(find_spells(centred, np.arange(STEPS)).time)
    error = np.std(found) / math.sqrt(len(found))
    assert abs(np.mean(found) - 1.8 / 0.2) < 5 * error < 1.5


def test_spells_too_long_for_the_table_leave_the_question_open():
    table = jobs.Table(spells(np.random.default_rng(1), length=40))
    shares = variance_shares(table)
    assert shares.spells.cut
    assert math.isnan(shares.worker_p)
    assert "too long for this table: no worker" in " ".join(str(jobs.report(table)).split())


def test_what_is_there_is_found():
    workers, steps, _ = rates(slow_worker, 20)
    assert workers == 1
    assert steps < 0.3
    workers, steps, _ = rates(common_cause, 20)
    assert steps == 1
    assert workers < 0.3
    made = tables(slow_worker, 5)
    assert [jobs.report(table).kind for table in made] == ["machine"] * 5
    assert [jobs.report(table).slowest.name for table in made] == ["3"] * 5


def test_the_assumption_that_fails_is_named_with_its_seconds():
    rng = np.random.default_rng(2)
    for make, name, sign in ((slow_worker, "identical", 1), (common_cause, "independent", -1)):
        found = climb(jobs.Table(make(rng)), rng)
        assert name in found.fails
        assert sign * found.costs[name] > 3 * found.cost_errors[name]
    exponential = climb(jobs.Table(rng.exponential(size=(STEPS, WORKERS))), rng)
    assert exponential.fails == ()


def test_a_table_taken_after_the_barrier_is_recognised():
    rng = np.random.default_rng(3)
    after, before = jobs.Table(after_barrier(rng)), jobs.Table(before_barrier(rng))
    for table, correlation, ratio in ((after, 0.996, 1.03), (before, 0.004, 2.09)):
        assert variance_shares(table).correlation == pytest.approx(correlation, abs=0.06)
        seen = table.times.max(axis=1).mean() / table.times.mean()
        assert seen == pytest.approx(ratio, rel=0.1)
    assert jobs.report(before).kind == "chance"
    found = jobs.report(after)
    assert found.kind == "after the barrier"
    assert "These times look taken after" in str(found)
    assert "before the collective begins" in " ".join(str(found).split())


def test_since_when_a_worker_is_slow():
    times = np.random.default_rng(4).normal(10, 0.5, (160, 4))
    times[120:, 2] += 10
    table = jobs.Table(times, steps=np.arange(1000, 1160))
    slowest = jobs.report(table).slowest
    assert slowest.name == "2"
    assert slowest.since == (1120, 1159)
    assert not slowest.throughout
    times[:, 2] += np.where(np.arange(160) < 120, 10, 0)
    assert jobs.report(jobs.Table(times)).slowest.throughout


@pytest.mark.parametrize("shape", [(7, 3), (1, 4), (6, 2), (30, 1)])
def test_the_slowest_of_unequal_workers_in_one_pass(shape):
    times = np.random.default_rng(5).integers(1, 9, size=shape).astype(float)
    found, m = SortedTimes(times), shape[1]
    unequal = sg.order_statistic([sg.trace(column) for column in times.T], m).mean()
    assert found.slowest_unequal() == pytest.approx(unequal, rel=1e-12)
    iid = sg.order_statistic(sg.trace(times.ravel()), m, m).mean()
    assert found.slowest_iid(m) == pytest.approx(iid, rel=1e-12)


def test_the_shares_are_those_of_the_model():
    rng = np.random.default_rng(6)
    worker, step = rng.normal(0, 2, (1, 200)), rng.normal(0, 3, (400, 1))
    shares = variance_shares(jobs.Table(50 + worker + step + rng.normal(0, 1, (400, 200))))
    seen = np.array([shares.worker, shares.step, shares.rest])
    expected = np.array([np.var(worker, ddof=1), np.var(step, ddof=1), 1])
    np.testing.assert_allclose(seen, expected / expected.sum(), rtol=0.02)


def test_sampled_steps_allow_no_statement_on_spells():
    assert is_regular([0, 10, 20, 30])
    assert is_regular(["a", "b"])
    assert not is_regular([16, 17, 20, 23, 24, 34])
    table = jobs.recorded("SE")
    found = find_spells(table.times, table.steps)
    assert not found.regular
    assert math.isnan(found.correlation)
    assert found.length == 1


def test_errors_allow_for_spells():
    rng = np.random.default_rng(7)
    slow = np.convolve(rng.normal(size=1039), np.ones(40) / math.sqrt(40), "valid")[:, None]
    times = 50 + slow + 0.1 * rng.normal(size=(1000, 4))
    error = climb(jobs.Table(times), rng).errors["no waiting"]
    truth = math.sqrt(40 / 1000)  # of a moving average's mean, 40 steps long
    assert 0.6 < error / truth < 1.5


def test_one_number_comes_first():
    text = str(jobs.report(jobs.recorded("AR")))
    assert text.startswith("A step takes 1.639 times as long as with nobody to wait for:")
    order = ["Who:", "Since when:", "Why:", "What would help:", "How sure:", "The ladder"]
    places = [text.index(heading) for heading in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "times",
    [np.ones((5, 3)), np.ones((4, 1)), [[1.0]], [[1, 2]], [[1, 2], [2, 1]], np.eye(4)],
    ids=["equal", "one worker", "one time", "one step", "two steps", "zeros"],
)
def test_a_poor_table_gives_a_poor_report_and_no_nan(times):
    found = jobs.report(jobs.Table(times))
    assert "nan" not in str(found)
    assert ">nan" not in found.html()
    json.dumps(found.to_dict(), allow_nan=False)


def test_two_steps_have_no_errors_and_no_p():
    found = jobs.report(jobs.Table([[1, 2, 4], [2, 1, 3]]))
    assert math.isnan(found.slowdown_error)
    assert math.isnan(found.shares.worker_p)
    assert all(math.isnan(error) for error in found.ladder.errors.values())
    assert found.ladder.fails == ()
    assert "too few for errors and tests" in str(found)
    assert "p =" not in str(found)


def test_one_worker_has_no_slowest():
    found = jobs.report(jobs.Table([[1.0], [3.0]]))
    assert found.kind == "none"
    assert found.ladder is None
    assert "There is no slowest of one worker" in str(found)
    with pytest.raises(ValueError, match="one has no ladder"):
        found.draw(None)


def test_the_same_seed_gives_the_same_report():
    table = jobs.recorded("SE")
    assert str(jobs.report(table, 3)) == str(jobs.report(table, 3))
    assert jobs.report(table, 3).html() == jobs.report(table, 3).html()
    assert str(jobs.report(table, 3)) != str(jobs.report(table, 4))


def test_a_report_is_of_a_table():
    with pytest.raises(TypeError, match=r"table must be a Table, .* got ndarray"):
        jobs.report(np.ones((3, 3)))


def test_the_page_stands_alone_and_trusts_no_name():
    evil = ['<script>alert("x")</script>', "a&b", "$x_1$"]
    times = np.random.default_rng(9).exponential(size=(30, 3))
    page = jobs.report(jobs.Table(times, workers=evil, notes=["<b>bold</b>"])).html()
    assert "<script" not in page
    assert "<b>" not in page
    assert "$x_1$" in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert "url(http" not in page
    assert page.count('role="img"') == 2
    assert len(set(re.findall(r' id="([^"]+)"', page))) == len(re.findall(r' id="([^"]+)"', page))


def test_the_sentence_of_the_picture_says_what_fails():
    from matplotlib.figure import Figure

    found = jobs.report(jobs.recorded("AR"))
    sentence = found.draw(Figure().subplots())
    assert "measured 45.6 s" in sentence
    assert sentence.endswith("What fails: exponential, identical.")
    assert sentence in found._repr_html_()


def test_a_large_table_is_resampled_in_part_with_the_same_errors(monkeypatch):
    monkeypatch.setattr(blocks, "CELLS", 4000)
    rng = np.random.default_rng(10)
    times = rng.exponential(size=(10_000, 4))
    error = climb(jobs.Table(times), rng).errors
    slowest = times.max(axis=1)
    assert error["measured"] == pytest.approx(slowest.std() / 100, rel=0.4)  # of 50 resamples
    assert error["no waiting"] == pytest.approx(times.std() / 200, rel=0.4)
