"""The register of theorems: it and the chapters hold the same labels, and its values are right."""

import json
import re

import numpy as np
import pytest

import stragglers as sg
from stragglers.theorems import CHAPTERS, THEOREMS
from stragglers.theorems.theorem import AtLeast, AtMost, Equal, Tends, Theorem

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
    assert sorted(proved) == sorted(CHAPTERS.get(path.stem, []))
    assert VERIFIED.findall(text_of(path, "code")) == proved


def test_every_module_of_theorems_is_a_chapter_and_no_label_is_given_twice():
    assert set(CHAPTERS) <= {path.stem for path in NOTEBOOKS}
    assert len(THEOREMS) == sum(len(labels) for labels in CHAPTERS.values())


@pytest.mark.parametrize("label", THEOREMS)
def test_a_theorem_holds_with_dice_that_the_book_does_not_throw(label):
    found = sg.verify(label, rng=np.random.default_rng(1)).findings
    assert found
    assert len(found) == len(THEOREMS[label].checks)


def test_one_check_of_equality_lends_its_numbers_to_the_theorem():
    seen = sg.verify("thm-slowest")
    assert seen.exact == pytest.approx(sum(1 / j for j in range(1, 21)) / 2, rel=1e-12)
    assert seen.distance == (seen.simulated - seen.exact) / seen.standard_error
    assert seen._repr_markdown_().startswith("**Check.** The slowest of 20 workers")
    assert "*Equal:* exact 1.79887, simulated" in seen._repr_markdown_()


def ones(rng):
    return 1 + rng.standard_normal(1000) / 100


LADDER = {1: 2.0, 1000: 1.5, 10_000: 1.25}
CASES = [  # a check, whether it holds, and the numbers that it shows
    (Equal("e", exact=lambda: 1, simulate=ones), True, "exact 1, simulated 0.999"),
    (Equal("e", exact=lambda: 1.01, simulate=ones), False, "exact 1.01"),
    (Equal("e", exact=lambda: 1, again=lambda: 1 + 1e-12), True, "1 in one way, 1 in another"),
    (Equal("e", exact=lambda: 1, again=lambda: 1 + 1e-6), False, "1.000001 in another"),
    (AtMost("b", bound=lambda: 1, simulate=ones), True, "≤ 1"),
    (AtMost("b", bound=lambda: 0.99, simulate=ones), False, "≤ 0.99"),
    (AtMost("b", bound=lambda: 2, exact=lambda: 2), True, "exact 2 ≤ 2"),
    (AtMost("b", bound=lambda: 2, exact=lambda: 2.1), False, "exact 2.1 ≤ 2"),
    (AtLeast("b", bound=lambda: 1, simulate=ones), True, "≥ 1"),
    (AtLeast("b", bound=lambda: 1.01, simulate=ones), False, "≥ 1.01"),
    (AtLeast("b", bound=lambda: 2, exact=lambda: 1.9), False, "exact 1.9 ≥ 2"),
    (
        Tends("t", lambda: 1, lambda: LADDER, within=0.3),
        True,
        "2 (1), 1.5 (1000), 1.25 (10\u202f000) → 1",
    ),
    (Tends("t", lambda: 1, lambda: LADDER, within=0.2), False, "→ 1"),
    (Tends("t", lambda: 1.8, lambda: LADDER, within=1), False, "→ 1.8"),
    (Tends("t", lambda: np.inf, lambda: {1: 1, 2: 10, 3: 99}, within=0.02), True, "→ infinity"),
    (Tends("t", lambda: np.inf, lambda: {1: 1, 2: 10, 3: 9}, within=1), False, "→ infinity"),
]


@pytest.mark.parametrize(("check", "holds", "numbers"), CASES)
def test_a_check_says_what_it_compares_and_whether_the_claim_stands(check, holds, numbers):
    found = check.test(np.random.default_rng(1))
    assert found.holds is holds
    assert numbers in str(found)


def test_a_claim_that_fails_stops_the_page(monkeypatch):
    false = Equal("one is two", exact=lambda: 1, again=lambda: 2)
    monkeypatch.setitem(THEOREMS, "thm-false", Theorem(source="nowhere", checks=[false]))
    with pytest.raises(AssertionError, match="thm-false: One is two"):
        sg.verify("thm-false")


def test_a_check_needs_two_ways_and_not_three():
    for ways in ({}, {"simulate": ones, "again": lambda: 1}):
        with pytest.raises(TypeError, match="a simulation or a second exact value"):
            Equal("e", exact=lambda: 1, **ways).test(np.random.default_rng(1))


def exact_of(label):
    """Return the exact value of the first check of equality of a theorem."""
    return next(each.exact() for each in THEOREMS[label].checks if isinstance(each, Equal))


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
    ],
)
def test_the_exact_value_of_a_theorem_is_the_fact_that_is_known(label, fact):
    assert exact_of(label) == pytest.approx(float(FACTS[fact]["value"]), rel=1e-12)


def test_the_median_of_the_slowest_of_100_is_the_known_quantile_of_one():
    level = float(FACTS["tail.quantile.median"]["value"])
    work = sg.pareto(alpha=2, minimum=1)
    slowest = sg.order_statistic(work, k=100, m=100)
    assert slowest.median() == pytest.approx(work.ppf(level), rel=1e-9)


def test_the_chance_between_the_rules_of_thumb_is_the_known_one():
    known = float(FACTS["tail.1e-4.2000"]["value"])
    low, high, _ = THEOREMS["thm-fan-out-bounds"].checks
    assert low.exact() == pytest.approx(known, rel=1e-12)
    assert low.bound() < known < high.bound() == 0.2


def test_the_harmonic_numbers_grow_as_the_known_residual_says():
    residual = float(FACTS["exp.gumbel.resid.m100"]["value"])
    exact = np.log(100) + np.euler_gamma + residual
    low, high, *_ = THEOREMS["thm-harmonic-growth"].checks
    assert low.exact() == pytest.approx(exact, rel=1e-12)
    assert low.bound() < exact < high.bound()


def test_what_dropping_four_saves_is_missing_from_the_known_mean_of_the_96_fastest():
    known = float(FACTS["backup.exp.N96b4"]["value"])
    assert sg.harmonic(100) - exact_of("thm-backup") == pytest.approx(known, rel=1e-12)


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
    checks = [check for theorem in THEOREMS.values() for check in theorem.checks]
    exact = [check.exact() for check in checks if isinstance(check, Equal)]
    for text in precise:
        places = len(text.split(".")[1])
        assert text not in {f"{value:.{places}f}" for value in exact}, text
