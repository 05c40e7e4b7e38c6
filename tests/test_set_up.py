"""What is needed to set the project up: the pins, and what they promise."""

import ast
import tomllib
from importlib import metadata

from hypothesis import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical

from .conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def pins(file):
    """Return {name: version} of the lines of a list of pins that hold for this Python."""
    lines = (ROOT / file).read_text("utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line[0] not in "#-"]
    return {
        canonical(one.name): str(one.specifier).removeprefix("==")
        for one in wanted
        if one.marker is None or one.marker.evaluate()
    }


def closure(wanted):
    """Return the names of all that the requirements `wanted` bring, with their extras."""
    todo, seen = [Requirement(text) for text in wanted], set()
    while todo:
        one = todo.pop()
        for extra in ("", *one.extras):
            if (one.name, extra) in seen:
                continue
            seen.add((one.name, extra))
            for text in metadata.requires(one.name) or []:
                need = Requirement(text)
                if need.marker is None or need.marker.evaluate({"extra": extra}):
                    todo.append(need)
    return {canonical(name) for name, _ in seen}


def wanted():
    """Return all that requirements.txt is made from."""
    groups, project = PROJECT["dependency-groups"], PROJECT["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *extras["dask"], *groups["book"], *groups["test"]]


def test_what_is_installed_is_what_is_pinned():
    pinned = pins("requirements.txt")
    installed = {name: metadata.version(name) for name in closure(wanted())}
    assert installed == pinned


def test_the_pins_keep_within_the_bounds_of_the_package():
    pinned = pins("requirements.txt")
    for text in wanted():
        one = Requirement(text)
        assert pinned[canonical(one.name)] in one.specifier


def test_no_example_is_wrong_because_the_machine_was_busy():
    assert settings.default.deadline is None
    for file in (ROOT / "tests").rglob("*.py"):
        named = [
            keyword.arg
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "settings"
            for keyword in node.keywords
        ]
        assert "deadline" not in named or file.name == "conftest.py", file
