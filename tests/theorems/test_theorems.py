"""The register of theorems: it and the chapters hold the same labels, and its values are right."""

import json
import re

import numpy as np
import pytest

import stragglers as sg
from stragglers.theorems import THEOREMS

from ..conftest import FACTS, ROOT

NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))
PROVED = re.compile(r"^:::+\{prf:(?:theorem|lemma|proposition|corollary)\}.*\n:label: (\S+)", re.M)
VERIFIED = re.compile(r"""sg\.verify\(["'](.+?)["']\)""")


def text_of(path, kind):
    cells = json.loads(path.read_text())["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == kind)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_theorem_of_a_chapter_is_registered_and_verified_there(path):
    proved = PROVED.findall(text_of(path, "markdown"))
    registered = [label for label, theorem in THEOREMS.items() if theorem.chapter == path.stem]
    assert sorted(proved) == sorted(registered)
    assert sorted(set(VERIFIED.findall(text_of(path, "code")))) == sorted(registered)


def test_every_registered_theorem_has_a_chapter():
    assert {theorem.chapter for theorem in THEOREMS.values()} <= {path.stem for path in NOTEBOOKS}


@pytest.mark.parametrize("label", THEOREMS)
def test_a_theorem_holds_with_dice_that_the_book_does_not_throw(label):
    assert abs(sg.verify(label, rng=np.random.default_rng(1)).distance) < 5


@pytest.mark.parametrize(
    ("label", "fact"),
    [
        ("thm-fastest", "exp.min.seed.m20"),
        ("thm-slowest", "exp.max.seed.m20"),
        ("thm-two-speeds", "bern.max.m20"),
        ("thm-hedging", "hedge.ideal.100"),
        ("thm-kth-mean", "approx.log.P20K19"),
        ("thm-kth-variance", "exp.var.k5m10"),
        ("thm-covariance", "exp.cov.3.7.10"),
        ("thm-gumbel", "exp.gumbel.cdf0.m20"),
        ("thm-tail-integral", "hetero.max.9fast1slow"),
        ("thm-inclusion-exclusion", "hetero.max.123"),
        ("thm-backup", "backup.exp.N96b4"),
    ],
)
def test_the_exact_value_of_a_theorem_is_the_fact_that_is_known(label, fact):
    assert THEOREMS[label].exact() == pytest.approx(float(FACTS[fact]["value"]), rel=1e-12)


def test_the_median_of_the_slowest_of_100_is_the_known_quantile_of_one():
    level = float(FACTS["tail.quantile.median"]["value"])
    work = sg.pareto(alpha=2, minimum=1)
    slowest = sg.order_statistic(work, k=100, m=100)
    assert slowest.median() == pytest.approx(work.ppf(level), rel=1e-9)


def test_the_rule_of_thumb_for_2000_servers_is_near_the_known_share():
    known = float(FACTS["tail.1e-4.2000"]["value"])
    assert THEOREMS["thm-fan-out-bounds"].exact() == pytest.approx(known, abs=1e-5)
    assert THEOREMS["thm-fan-out-bounds"].exact() < known < 0.2


def test_the_harmonic_numbers_grow_as_the_known_residual_says():
    residual = float(FACTS["exp.gumbel.resid.m100"]["value"])
    exact = THEOREMS["thm-harmonic-growth"].exact()
    assert exact == pytest.approx(np.log(100) + np.euler_gamma + residual, abs=1e-5)


def test_integral_and_inclusion_and_exclusion_agree():
    from stragglers.theorems.exponential import (
        slowest_by_inclusion_and_exclusion,
        slowest_by_integral,
    )

    for rates in ([1, 2, 3], [2], [1, 1, 1, 1], [5, 1, 1, 3, 2, 2]):
        both = slowest_by_integral(rates), slowest_by_inclusion_and_exclusion(rates)
        assert both[0] == pytest.approx(both[1], rel=1e-9)


NUMBER = re.compile(r"(?<![\w.])\d+\.\d+(?![\w.])")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_number_that_the_register_has_is_typed_in_prose(path):
    prose = re.sub(r"<details.*?</details>", "", text_of(path, "markdown"), flags=re.S)
    precise = [text for text in NUMBER.findall(prose) if len(text.lstrip("0.")) > 4]
    exact = [theorem.exact() for theorem in THEOREMS.values()]
    for text in precise:
        places = len(text.split(".")[1])
        assert text not in {f"{value:.{places}f}" for value in exact}, text
