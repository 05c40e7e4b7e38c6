"""The chapter "Any distribution": its values against the known facts, and its measured data."""

import json
import math

import pytest
from scipy import integrate

import stragglers as sg
from stragglers.figures import any_distribution, measured_job, measured_law, measured_laws
from stragglers.theorems import THEOREMS
from stragglers.theorems.any_distribution import gamma_tail

from ..conftest import FACTS, ROOT


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


def test_the_tail_of_the_slowest_gamma_time_integrates_to_the_known_mean():
    mean = integrate.quad(lambda t: gamma_tail(t, 1, 10), 0, 60)[0]
    assert mean == pytest.approx(float(FACTS["erlang2.max.m10"]["value"]), rel=1e-9)


def test_the_ceiling_that_the_register_writes_out_is_the_lowest_that_the_theorem_gives():
    ceiling = (math.log(100) - 2 * math.log(1 - 0.8)) / 0.8
    assert f"{ceiling:.2f}" == "9.78"
    assert "9.78" in THEOREMS["thm-growth"].checks[0].instance
    assert sg.verify("thm-growth").exact < ceiling
    others = [(math.log(100) - 2 * math.log(1 - s)) / s for s in (0.75, 0.79, 0.81, 0.85)]
    assert ceiling < min(others)


@pytest.mark.parametrize("label", ["thm-quantile-integral", "thm-mean-exists", "thm-growth"])
def test_the_exact_value_of_the_register_is_that_of_the_module(label):
    work, k, m = {
        "thm-quantile-integral": (sg.weibull(shape=2, scale=1), 15, 20),
        "thm-mean-exists": (sg.pareto(alpha=0.75, minimum=1), 17, 20),
        "thm-growth": (sg.gamma(shape=2, rate=1), 100, 100),
    }[label]
    exact = sg.order_statistic(work, k, m).mean()
    assert sg.verify(label).exact == pytest.approx(exact, rel=1e-9)


def test_the_measured_data_say_where_they_come_from_and_what_they_are_not():
    text = (ROOT / "src" / "stragglers" / "jobs" / "measured.json").read_text()
    data = json.loads(text)
    assert "ByteDance-Seed/StragglerAnalysis" in data["source"]
    assert data["licence"].startswith("Apache-2.0")
    assert "slowed on purpose" in data["caveats"]


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
