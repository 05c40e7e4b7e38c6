"""The package as a whole: imports, docstrings and their examples."""

import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys

import pytest

import stragglers as sg

from .conftest import ROOT

MODULES = ["stragglers"] + [
    found.name for found in pkgutil.walk_packages(sg.__path__, "stragglers.")
]


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name):
    failed, _ = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert failed == 0


@pytest.mark.parametrize("name", [name for name in sg.__all__ if callable(getattr(sg, name))])
def test_every_public_name_has_a_sentence_and_an_example(name):
    text = inspect.getdoc(getattr(sg, name)) or ""
    assert text.split("\n")[0].endswith(".")
    assert ">>> " in text


@pytest.mark.slow
def test_importing_the_package_loads_no_front_end():
    heavy = ["matplotlib", "ipywidgets", "IPython", "dask", "tqdm"]
    assert run(f"import sys, stragglers; print([m for m in {heavy} if m in sys.modules])") == "[]"


@pytest.mark.slow
def test_src_at_the_root_gives_the_same_objects():
    same = "import src, stragglers; print(src.explore is stragglers.explore and src is stragglers)"
    assert run(same) == "True"


def test_what_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = sg.nothing


def test_every_public_name_is_on_the_page_of_the_package():
    page = (ROOT / "book" / "api.md").read_text()
    listed = re.findall(r"^\.\. auto\w+:: stragglers\.(\w+)$", page, flags=re.M)
    assert sorted(listed) == sorted(sg.__all__)
