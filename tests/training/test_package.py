"""What the shelf offers: its names, its page, and what importing it costs."""

import inspect
import re
import subprocess
import sys

import pytest

import stragglers as sg
from stragglers import training

from ..conftest import ROOT


def test_every_name_is_on_the_page_of_the_package():
    page = (ROOT / "book" / "api.md").read_text()
    listed = re.findall(r"^\.\. auto\w+:: stragglers\.training\.(\w+)$", page, flags=re.M)
    assert sorted(listed) == sorted(training.__all__)


@pytest.mark.parametrize("name", training.__all__)
def test_every_name_has_a_sentence(name):
    assert inspect.getdoc(getattr(training, name)).split("\n")[0].endswith(".")


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import stragglers.training", ["matplotlib", "ipywidgets", "IPython", "dask", "tqdm"]),
        pytest.param("import stragglers", ["stragglers.training"], marks=pytest.mark.slow),
    ],
)
def test_importing_stays_light(code, heavy):
    code += f"; import sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_shelf_is_an_attribute_of_the_package():
    assert sg.training is training
