"""The rules of the house, and that each of them is felt when it is broken."""

import ast
import re
from functools import cache

import pytest

from tools import house

from .conftest import ROOT

TEXTS = house.sources(ROOT / "src")
CHAPTERS = set(house.chapters_of(ROOT).values())


@cache
def broken():
    return frozenset(house.violations(TEXTS, CHAPTERS))


def test_no_rule_of_the_house_is_broken():
    assert sorted(broken()) == []


def added_by(module, text):
    """Return the violations that one more module, or another text of one, brings."""
    return sorted({*house.violations(TEXTS | {module: text}, CHAPTERS, module)} - broken())


@pytest.mark.parametrize(
    ("module", "planted", "said"),
    [
        ("stragglers.attic", "", "'attic' one in tools/house.py"),
        ("stragglers.attic.box", "", "'attic' one in tools/house.py"),
        ("stragglers_course.attic", "", "'attic' one in tools/house.py"),
        (
            "stragglers.laws.new",
            "from ..protocols import synchronous",
            "'protocols' does not stand",
        ),
        ("stragglers.laws.new", "import stragglers.order_statistics", "does not stand below"),
        ("stragglers.simulation.new", "from ..order_statistics import limits", "does not stand"),
        ("stragglers.numerics.new", "def f():\n    from ..laws import check", "does not stand"),
        ("stragglers.laws.new", "from .. import figures", "'figures' does not stand below"),
        ("stragglers.protocols.new", "import matplotlib.pyplot", "takes numpy and scipy only"),
        ("stragglers.laws.new", "from tqdm.auto import tqdm", "takes numpy and scipy only"),
        ("stragglers.theorems.new", "from ..laws.finite import FiniteLaw", "stands alone"),
        ("stragglers.theorems.new", "import stragglers", "stands alone"),
        ("stragglers.explorer.new", "from ..laws.named import uniform", "stands alone"),
        ("stragglers.figures.new", "import stragglers_course", "know nothing of each other"),
        ("stragglers_course.sets.new", "from stragglers import race", "know nothing of each other"),
        (
            "stragglers_course.sets.new",
            "import stragglers.laws.named",
            "know nothing of each other",
        ),
        ("stragglers.protocols.new", "x = work.dist._parse_args()", "private _parse_args"),
        ("stragglers.order_statistics.new", "y = type(d)._isf", "private _isf"),
        ("stragglers.laws.new", '"""In the chapters "The race" and "No such"."""', '"No such"'),
    ],
)
def test_a_planted_violation_is_named(module, planted, said):
    (found,) = added_by(module, planted)
    assert said in found
    assert found.startswith(module)


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("stragglers.laws.new", "from ..checks import check_count\nimport scipy.stats, math"),
        ("stragglers.theorems.new", "from ..laws.named import uniform\nfrom . import theorem"),
        ("stragglers.figures.new", "import matplotlib\nfrom ..explorer.style import label"),
        ("stragglers.laws.new", "def f(law):\n    return law._parse_args()"),
        ("stragglers.protocols.new", "class C(D):\n    def f(self):\n        return self._sf()"),
        ("stragglers.simulation.progress", "from tqdm.auto import tqdm"),
        ("stragglers.laws.new", '"""In the chapter "The race"; not yet in any other."""'),
    ],
)
def test_what_is_allowed_is_not_named(module, allowed):
    assert added_by(module, allowed) == []


def test_every_floor_has_somebody_and_no_folder_has_one_file():
    on_floors = {name for names in house.FLOORS for name in names}
    assert on_floors == {
        house.shelf_of(name)
        for name in TEXTS
        if name.startswith("stragglers") and not name.startswith("stragglers_course")
    }
    for folder in {path.parent for path in (ROOT / "src").rglob("*.py")} - {ROOT / "src"}:
        assert len([path for path in folder.iterdir() if path.suffix != ".pyc"]) > 1, folder


def length(function):
    """Return the lines of a function without those of its docstring."""
    text = function.body[0] if ast.get_docstring(function) else None
    inside = text.end_lineno - text.lineno + 1 if text else 0
    return function.end_lineno - function.lineno + 1 - inside


def test_nothing_is_named_utils_and_functions_stay_short():
    for module, text in TEXTS.items():
        assert not re.search(r"\b(utils?|helpers?|misc|common)$", module), module
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert length(node) <= 60, f"{module}: {node.name} has {length(node)} lines"


def test_the_readme_lists_the_shelves_with_their_sizes():
    readme = (ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z_]+)/?(?:\.py)?` \| .+? \| (\d+) \| (\d+) \|$", readme, re.M)
    listed = {shelf: (int(files), int(lines)) for shelf, files, lines in rows}
    for package in ("stragglers", "stragglers_course"):
        own = {name: text for name, text in TEXTS.items() if name.split(".")[0] == package}
        for shelf, modules, lines, *_ in house.table(own):
            if shelf.startswith("__"):
                continue
            files, about = listed[shelf]
            assert abs(files - modules) <= 2, f"{shelf} has {modules} files: mend the README"
            assert abs(about - lines) <= max(60, lines // 4), f"{shelf} has {lines} lines"


def test_the_tests_mirror_the_shelves():
    for names in house.FLOORS:
        for shelf in set(names) - {"checks", "__init__"}:
            assert list((ROOT / "tests" / shelf).glob("test_*.py")), shelf


def test_titles_in_docstrings_are_found_wherever_a_line_ends():
    text = 'Derived in the chapters "The\n    race", "The family" and "Copies and codes" (Dutta).'
    assert house.chapters_named(text) == ["The race", "The family", "Copies and codes"]
    assert house.chapters_named('a figure called "The race"') == []
