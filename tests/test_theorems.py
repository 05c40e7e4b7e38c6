"""The register of theorems: it and the chapters hold the same labels, and its values are right."""

import json
import re

import numpy as np
import pytest

import stragglers as sg
from stragglers.theorems import THEOREMS

from .conftest import ROOT

FACTS = json.loads((ROOT / "tests" / "facts.json").read_text())
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
    ],
)
def test_the_exact_value_of_a_theorem_is_the_fact_that_is_known(label, fact):
    assert THEOREMS[label].exact() == pytest.approx(float(FACTS[fact]["value"]), rel=1e-12)
