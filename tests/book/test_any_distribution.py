"""The chapter "Any distribution": its values against the known facts, and its measured data."""

import json
import re

import numpy as np
import pytest
from scipy import integrate, stats

import stragglers as sg
from stragglers.figures import any_distribution, measured_job, measured_law, measured_laws

from ..conftest import FACTS, ROOT
from .page import missing, prose, right, run, seen, unheld, wrong

LAWS = any_distribution.LAWS


@pytest.mark.parametrize(
    ("law", "fact"),
    [
        ("exponential", "evt.ratio.m1000.exp"),
        ("Pareto, α = 2", "evt.ratio.m1000.pareto2"),
        ("uniform", "evt.ratio.m1000.unif"),
    ],
)
def test_the_slowest_of_1000_is_the_known_multiple_of_the_mean(law, fact):
    mean = sg.order_statistic(any_distribution.LAWS[law], 1000, 1000).mean()
    assert mean == pytest.approx(float(FACTS[fact]["value"]), rel=1e-9)


@pytest.mark.parametrize("law", any_distribution.LAWS)
def test_the_laws_of_the_picture_have_mean_one(law):
    exact = 1e-3 if law == "measured job" else 1e-12  # quantiles are given with four digits
    assert any_distribution.LAWS[law].mean() == pytest.approx(1, rel=exact)


@pytest.mark.parametrize("rank", any_distribution.RANKS)
def test_the_names_at_the_ends_of_the_lines_keep_their_order(rank):
    ends = sorted(np.log(any_distribution.exact_means(law, rank)[-1]) for law in LAWS)
    places = any_distribution.apart(ends)
    assert (np.diff(places) > 0.35).all()
    assert abs(places - ends).max() < 1.6


def means_at(m, rank="slowest"):
    """Return what the second panel of the first explorer shows at m workers, by law."""
    (_, growth), _ = seen(
        any_distribution.one_in_so_many, panels=2, law="uniform", m=1000, rank=rank
    )
    return {law: growth[law][m] for law in LAWS}


def test_the_answers_about_the_slowest_of_a_thousand_are_those_of_the_figure():
    at = means_at(1000)
    small = {law: f"{mean:.2f}" for law, mean in at.items() if mean < 5}
    assert small == {
        "uniform": "2.00",
        "measured job": "1.54",
        "shift + exponential": "4.24",
        "gamma, shape 2": "4.93",
    }
    large = {law: f"{mean:.1f}" for law, mean in at.items() if mean > 15}
    assert large == {
        "log-normal, σ = 1": "16.6",
        "Weibull, shape ½": "28.8",
        "Pareto, α = 2": "28.0",
    }
    both = ("gamma, shape 2", "two points")
    few = means_at(20)
    assert [f"{shown[law]:.2f}" for shown in (few, at) for law in both] == [
        "2.72",
        "2.42",
        "4.93",
        "9.17",
    ]
    for number in [*small.values(), *large.values(), "2.72", "2.42", "9.17"]:
        assert number in prose("any_distribution")


def test_the_median_of_a_thousand_depends_on_the_law_and_hardly_on_its_tail():
    at = means_at(1000, "median")
    assert f"{min(at.values()):.2f} {max(at.values()):.2f}" == "0.24 1.00"
    assert min(at, key=at.get) == "Weibull, shape ½"
    assert max(at, key=at.get) == "uniform"
    assert f"{at['Pareto, α = 2']:.2f}" == "0.71"
    assert sorted(at, key=at.get).index("Pareto, α = 2") == 3
    for law, mean in at.items():
        assert mean == pytest.approx(LAWS[law].median(), rel=0.02)


def test_the_hill_moves_a_decade_with_ten_times_as_many_workers_and_never_with_the_law():
    rarity = np.logspace(0, 6, 6001)
    tops = []
    for m in (100, 1000):
        weight = stats.beta.pdf(1 / rarity, 1, m) / rarity
        tops.append(rarity[weight.argmax()])
    assert tops[1] / tops[0] == pytest.approx(10, rel=0.01)


def hill(rank, m):
    """Return how rare the time under the top of a hill is, its height, its width at half height."""
    rarity, k = np.logspace(0, 6, 60_001), any_distribution.kth(rank, m)
    weight = stats.beta.pdf(1 / rarity, m - k + 1, k) / rarity * np.log(10)
    wide = np.log10(rarity[weight > weight.max() / 2])
    return rarity[weight.argmax()], weight.max(), wide[-1] - wide[0]


def test_the_hill_keeps_its_shape_for_the_slowest_and_becomes_narrower_for_the_median():
    tops = {m: hill("slowest", m) for m in (2, 20, 100, 1000)}
    assert tops[1000][1:] == pytest.approx(tops[100][1:], rel=0.01)
    assert tops[20][1] < 0.8 * tops[2][1]  # so not for very small m
    middle = {m: hill("median", m) for m in (20, 100, 1000)}
    assert all(at == pytest.approx(2, rel=0.1) for at, _, _ in middle.values())
    widths = [width for _, _, width in middle.values()]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < widths[0] / 5
    said = [
        "For the slowest the hill moves one step to the right and, unless $m$ is very small, keeps "
        "its shape",
        '(For the median it stays at "once in 2" and becomes narrower.)',
        f"{wrong('it moves to the left')} The times move, but the hill does not stand over times.",
        right("nothing"),
    ]
    assert missing("any_distribution", said) == []


def test_the_file_is_too_low_at_a_thousand_and_as_high_as_it_goes_from_ten_thousand_on():
    space = run("any_distribution", ["code-24"], {"sg": sg, "rng": np.random.default_rng(1928)})
    times = space["file"]
    seen_means = {10**e: sg.order_statistic(times, 10**e, 10**e).mean() for e in range(1, 6)}
    top = max(times.times)
    for m in (10, 100):
        assert seen_means[m] == pytest.approx(sg.harmonic(m), rel=0.03)
    assert seen_means[1000] < 0.9 * sg.harmonic(1000)
    assert seen_means[1000] < 0.95 * top  # so not yet its own largest time
    assert f"{seen_means[10**4]:.2f}" == f"{seen_means[10**5]:.2f}" == f"{top:.2f}"
    said = (
        "The file knows ten and a hundred workers well. At a thousand its answer is already too "
        "low. From ten thousand on its answer is its own largest time, and more workers"
    )
    assert missing("any_distribution", [said]) == []


@pytest.mark.parametrize(("k", "u"), [(1, 0.1), (8, 0.7), (8, 0.8), (10, 0.9)])
def test_area_and_bars_of_the_second_explorer_agree(k, u):
    (hills, bars), sentence = seen(any_distribution.done_by, panels=2, k=k, u=u)
    done = sum(share for number, share in bars["probability"].items() if number >= k)
    assert float(re.search(r"probability ([\d.]+): the", sentence)[1]) == pytest.approx(
        done, abs=1e-4
    )
    top = max(hills[f"k = {k}"], key=hills[f"k = {k}"].get)
    assert top == pytest.approx((k - 1) / 9, abs=0.006)


def test_eight_of_ten_are_done_with_even_chance_between_the_two_shares_of_the_answer():
    sentences = [seen(any_distribution.done_by, panels=2, k=8, u=u)[1] for u in (0.7, 0.8)]
    assert "0.3828" in sentences[0]
    assert "0.6778" in sentences[1]


def test_the_numbers_of_the_quick_checks_and_solutions_of_any_distribution():
    assert f"{stats.binom.sf(17, 20, 0.5):.4f}" == "0.0002"
    assert 1 - (1 - 1 / 500) ** 10_000 > 1 - 1e-8
    p = 1 - 0.99**100 - 100 * 0.01 * 0.99**99
    late = sg.order_statistic(sg.two_point(usual=1, slow=10, probability=0.01), 99, 100)
    assert f"{p:.4f} {1 + 9 * p:.3f} {1 + 9 * (1 - 0.99**100):.3f}" == "0.2642 3.378 6.706"
    assert late.mean() == pytest.approx(1 + 9 * p, rel=1e-9)
    assert f"{16770 / 256:.2f}" == "65.51"
    mean = sg.order_statistic(sg.gamma(shape=2, rate=2), 15, 20).mean()
    own = integrate.quad(
        lambda u: stats.gamma.ppf(u, 2, scale=0.5) * stats.beta.pdf(u, 15, 6), 0, 1
    )[0]
    assert own == pytest.approx(mean, rel=1e-7)
    exact = sg.harmonic(20) - sg.harmonic(5)
    assert f"{exact:.4f} {mean:.4f}" == "1.3144 1.2900"


def test_how_far_a_file_of_a_hundred_times_reaches():
    ranks = np.array([sg.harmonic(100) - sg.harmonic(100 - i) for i in range(1, 100)])
    ranks = np.append(ranks, sg.harmonic(100))
    means = [ranks @ np.diff((np.arange(101) / 100) ** m) for m in (10, 100, 1000)]
    truth = [sg.harmonic(m) for m in (10, 100, 1000)]
    assert [f"{mean:.2f}" for mean in means] == ["2.88", "4.73", "5.19"]
    assert [f"{mean:.2f}" for mean in truth] == ["2.93", "5.19", "7.49"]


def test_leaving_one_out_of_the_slowed_job_brings_the_wait_down_as_said():
    seen_means = measured_job("AR")["test_mean_order_statistics_over_fit_mean"]
    assert f"{seen_means[3]:.2f} {seen_means[2]:.2f}" == "1.77 0.75"


def test_the_workers_of_one_job_move_together_and_those_of_the_other_do_not():
    together = [measured_job(name)["mean_pairwise_correlation"] for name in ("SE", "AR")]
    assert [f"{together[0]:.3f}", f"{together[1]:.2f}"] == ["0.009", "0.73"]


def test_the_measured_data_say_where_they_come_from_and_what_they_are_not():
    text = (ROOT / "src" / "stragglers" / "jobs" / "measured.json").read_text()
    data = json.loads(text)
    assert "ByteDance-Seed/StragglerAnalysis" in data["source"]
    assert data["licence"].startswith("Apache-2.0")
    assert "slowed on purpose" in data["caveats"]


def test_the_laws_of_the_jobs_are_read_off_25_quantiles():
    pooled, own = measured_job("SE"), measured_job("AR")["fit_worker_quantiles_over_mean"]
    assert len(pooled["fit_quantiles_over_mean"]) == 25
    assert [len(row) for row in own] == [25] * 4
    said = "read off the line through their 25 quantiles (in AR, 25 of each worker), and apply"
    assert missing("any_distribution", [said]) == []


@pytest.mark.parametrize("name", ["SE", "AR"])
def test_a_measured_law_has_the_spread_of_its_job(name):
    assert measured_law(name).std() == pytest.approx(measured_job(name)["cv"], rel=0.02)


def test_the_measured_law_has_the_quantiles_of_its_job():
    job, law = measured_job("SE"), measured_law("SE")
    for level, time in list(
        zip(job["fit_quantile_levels"], job["fit_quantiles_over_mean"], strict=True)
    )[1:-1]:
        assert law.ppf(level) == pytest.approx(time, abs=0.012)


def test_a_law_for_each_worker_mends_the_prediction_for_the_slowed_job():
    seen = measured_job("AR")["test_mean_order_statistics_over_fit_mean"]
    own = [sg.order_statistic(measured_laws("AR"), k).mean() for k in (1, 2, 3, 4)]
    assert own == pytest.approx(seen, rel=0.011)


def test_every_number_of_the_text_is_computed_above_or_given():
    computed = (
        "0.009 0.02 0.23 0.24 0.2642 0.383 0.678 0.71 0.73 0.75 0.6340 0.0002 1.00 1.54 1.77 "
        "2.00 2.42 2.72 2.88 2.93 3.378 4.24 4.73 4.93 5.19 6.706 7.49 9.17 16.6 28.0 28.8 "
        "65.51"
    )
    given = "0.7 0.8 0.01 0.99 2.0 1"  # set by the text
    assert unheld("any_distribution", [], {*computed.split(), *given.split()}) == []
