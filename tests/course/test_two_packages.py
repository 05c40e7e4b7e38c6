"""The course and the library: two packages that know nothing of each other."""

import ast
import doctest
import importlib
import pkgutil
import shutil
from pathlib import Path

import pytest
import rebuild

import stragglers
import stragglers_course
from stragglers_course.grading.folder import digest

LIBRARY, COURSE = (Path(package.__file__).parent for package in (stragglers, stragglers_course))


MODULES = [m.name for m in pkgutil.walk_packages(stragglers_course.__path__, "stragglers_course.")]


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_examples_in_docstrings_are_true(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def imported(path):
    """Return the packages that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize(("package", "other"), [(LIBRARY, COURSE), (COURSE, LIBRARY)])
def test_neither_package_imports_the_other(package, other):
    files = list(package.rglob("*.py"))
    assert len(files) > 30
    assert [path for path in files if other.name in imported(path)] == []


def test_an_import_in_a_function_is_seen(tmp_path):
    (tmp_path / "a.py").write_text("def f():\n    from stragglers.laws import named\n")
    assert imported(tmp_path / "a.py") == {"stragglers"}


def test_no_folder_of_the_course_holds_one_file_only():
    folders = [folder for folder in COURSE.rglob("*") if (folder / "__init__.py").exists()]
    assert len(folders) == 8
    assert all(len(list(folder.glob("*.py"))) > 2 for folder in folders)


@pytest.mark.parametrize(
    ("file", "grades_anew"),
    [
        ("course/sets/race.py", True),
        ("course/sandbox/child.py", True),
        ("library/__init__.py", True),
        ("library/figures/race.py", False),
        ("library/theorems/race.py", False),
        ("library/explorer/page.py", False),
    ],
)
def test_a_comment_grades_anew_only_where_answers_rest_on_the_code(tmp_path, file, grades_anew):
    for name, package in (("course", COURSE), ("library", LIBRARY)):
        shutil.copytree(package, tmp_path / name)
    before = digest(tmp_path / "course", tmp_path / "library")
    with (tmp_path / file).open("a") as text:
        text.write("# a comment\n")
    assert (digest(tmp_path / "course", tmp_path / "library") != before) == grades_anew


def test_a_comment_in_a_problem_set_draws_no_explorer_anew(monkeypatch):
    read = []
    whole = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path) or whole(path))
    rebuild.digest()
    assert any(path.is_relative_to(LIBRARY) for path in read)
    assert not any(path.is_relative_to(COURSE) for path in read)
