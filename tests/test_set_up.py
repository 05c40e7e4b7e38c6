"""What is needed to set the project up: pins, Binder, workflows, and what `make` does first."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import repository_links
import yaml
from hypothesis import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical

import stragglers as sg
from tools import build, house, lock, readme_links, set_up

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


# Binder and the workflows


def test_binder_gets_what_the_pins_say_and_the_chapters_need():
    lines = (ROOT / ".binder" / "requirements.txt").read_text("utf-8").splitlines()
    assert lines[-1] == "-e ."
    assert [line for line in lines if line[0] not in "#-"] == lock.lean(
        ROOT, lock.pins(ROOT / "requirements.txt")
    )
    assert not {"jupyterlab", "notebook", "ipykernel"} & set(pins(".binder/requirements.txt"))


def workflows():
    folder = ROOT / ".github" / "workflows"
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in folder.glob("*.yml")}


def jobs():
    return [
        (f"{name}: {job}", what)
        for name in workflows()
        for job, what in workflows()[name]["jobs"].items()
    ]


def test_binder_has_a_python_that_is_tested():
    python = (ROOT / ".binder" / "runtime.txt").read_text("utf-8").strip()
    tested = workflows()["book"]["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert python.removeprefix("python-") in tested
    least = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert least == tested[0]
    names = [f"Programming Language :: Python :: {version}" for version in tested]
    assert set(names) <= set(PROJECT["project"]["classifiers"])


@pytest.mark.parametrize(("name", "job"), jobs())
def test_a_job_has_the_least_rights_a_limit_of_time_and_actions_that_cannot_change(name, job):
    assert job["timeout-minutes"] <= 60
    rights = {} if name == "book: how-to-publish" else {"contents": "read"}
    assert job["permissions"] == ({"contents": "write"} if name == "book: publish" else rights)
    for step in job["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


def test_workflows_give_no_right_by_default_and_do_not_pile_up():
    for workflow in workflows().values():
        assert workflow["permissions"] == {}
        assert workflow["concurrency"]["group"]


def test_only_an_owner_who_says_so_publishes():
    publish = workflows()["book"]["jobs"]["publish"]
    assert publish["needs"] == "test"
    for condition in ("vars.PUBLISH == 'true'", "!github.event.repository.private"):
        assert condition in publish["if"]
    assert not [step for step in publish["steps"] if "checkout" in step.get("uses", "")]


# What `make` does before it makes anything


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder with a list of two packages, in which programs are noted instead of started."""
    (tmp_path / "requirements.txt").write_text("one==1\nuv==2\n-e .\n")
    (tmp_path / "pyproject.toml").touch()
    started = []

    def start(command, **_):
        started.append([str(word) for word in command])
        if "venv" in started[-1]:
            made = Path(started[-1][-1])
            made.mkdir(exist_ok=True)
            version = ".".join(map(str, sys.version_info[:3]))
            (made / "pyvenv.cfg").write_text(f"version = {version}\n")
        return subprocess.CompletedProcess(command, tmp_path.joinpath("fails").exists())

    monkeypatch.setattr(subprocess, "run", start)
    return tmp_path, started


def test_setting_up_says_what_it_takes_and_happens_once(checkout, capsys):
    folder, started = checkout
    set_up.main([], folder)
    said = capsys.readouterr().out
    assert said.startswith("Setting up .venv with 2 packages: about 900 MB on disk, up to five")
    assert [command[2] for command in started] == ["venv", "pip", "uv", "compileall"]
    assert started[1][-1] == "uv==2"
    assert started[2][-2:] == ["-r", "requirements.txt"]
    set_up.main(["--this-python", "serve"], folder)
    assert (len(started), capsys.readouterr().out) == (4, "")
    (folder / "requirements.txt").write_text("one==2\nuv==2\n-e .\n")
    set_up.main([], folder)
    assert len(started) == 8


def test_a_folder_that_has_moved_is_set_up_anew(checkout, capsys):
    folder, started = checkout
    set_up.main([], folder)
    (folder / ".venv" / "old").touch()
    moved = folder / "moved"
    moved.mkdir()
    for name in ("requirements.txt", "pyproject.toml", ".venv"):
        (folder / name).rename(moved / name)
    set_up.main([], moved)
    assert f"This folder was {folder} when .venv was made." in capsys.readouterr().out
    assert len(started) == 8
    assert not (moved / ".venv" / "old").exists()


def test_another_python_is_taken_if_it_is_named(checkout, capsys, monkeypatch):
    folder, started = checkout
    set_up.main([], folder)
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    set_up.main([], folder)
    assert len(started) == 4
    set_up.main(["--this-python"], folder)
    assert "PYTHON= names Python 3.99, and .venv has another." in capsys.readouterr().out
    assert len(started) == 8


def test_what_could_not_be_installed_is_tried_again(checkout):
    folder, _ = checkout
    (folder / "fails").touch()
    with pytest.raises(SystemExit, match="pip could not install"):
        set_up.main([], folder)
    (folder / "fails").unlink()
    set_up.main([], folder)
    assert (folder / ".venv" / "installed").read_text() == set_up.wanted(folder)


@pytest.mark.parametrize("lost", ["uv==2", "uv"], ids=["uv is not there", "uv was killed"])
def test_pip_installs_what_uv_could_not(checkout, monkeypatch, capsys, lost):
    folder, started = checkout
    start = subprocess.run

    def killed(command, **options):
        done = start(command, **options)
        return subprocess.CompletedProcess(command, -9 if lost in command else done.returncode)

    monkeypatch.setattr(subprocess, "run", killed)
    set_up.main([], folder)
    assert "uv could not install everything: pip is asked." in capsys.readouterr().out
    assert started[-2][2] == "pip"
    assert started[-2][-2:] == ["-r", "requirements.txt"]
    assert (folder / ".venv" / "installed").exists()


def test_the_advice_for_an_old_python_is_a_command_that_works():
    said = set_up.refusal((3, 9, 1), "test")
    assert said.endswith("this is 3.9.1. PYTHON= names one: make test PYTHON=python3.11")
    assert set_up.refusal(sys.version_info, "") == ""
    done = subprocess.run(
        ["make", "-n", "test", "PYTHON=python3.11"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "python3.11 -m tools.set_up --this-python test" in done.stdout


def test_files_of_any_name_are_sources_and_one_that_goes_starts_anew(tmp_path, monkeypatch):
    for name in ("_config.yml", "_toc.yml", "requirements.txt"):
        (tmp_path / name).touch()
    odd = ["a b.md", "a: b$(c)'d\".md", "#.ipynb", "ü%.png"]
    for folder in ("book", "src", "coursework"):
        (tmp_path / folder).mkdir()
    for name in odd:
        (tmp_path / "book" / name).write_text(name)
    assert {f"book/{name}" for name in odd} < set(build.sources(tmp_path))
    built = []

    def start(command, **_):
        built.append(command)
        (tmp_path / "_build" / "html").mkdir(parents=True, exist_ok=True)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", start)
    monkeypatch.setattr(repository_links, "find", lambda _: None)
    assert [build.main(tmp_path), build.main(tmp_path)] == [0, 0]
    assert len(built) == 1
    stale = tmp_path / "_build" / "html" / "a b.html"
    stale.touch()
    (tmp_path / "book" / "a b.md").unlink()
    build.main(tmp_path)
    assert len(built) == 2
    assert not stale.exists()
    monkeypatch.setenv("STRAGGLERS_SITE_URL", "https://book.example/")
    build.main(tmp_path)
    assert len(built) == 3


def test_pins_that_cannot_be_made_leave_the_old_ones(tmp_path, monkeypatch):
    for name in ("pyproject.toml", "requirements.txt", "tests/graders.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    before = (tmp_path / "requirements.txt").read_text("utf-8")
    calls = []

    def fails(command, **_):
        calls.append(command)
        if len(calls) == 2:
            raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(subprocess, "run", fails)
    with pytest.raises(subprocess.CalledProcessError):
        lock.main([], tmp_path)
    assert (tmp_path / "requirements.txt").read_text("utf-8") == before


# What a stranger sees first

README = (ROOT / "README.md").read_text("utf-8")


def test_the_readme_lists_every_chapter():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    titles = house.chapters_of(ROOT)
    for part in toc["parts"]:
        if part["caption"] != "Reference":
            files = [chapter["file"] for chapter in part["chapters"]]
            suffix = {file: next(ROOT.glob(f"{file}.[im]*")).suffix for file in files}
            listed = ", ".join(f"[{titles[file]}]({file}{suffix[file]})" for file in files)
            assert f"- **{part['caption']}.** {listed}\n" in README


def test_what_the_readme_points_to_is_there():
    for place in re.findall(r"\]\(([^)]+)\)", README):
        if ":" not in place and not place.startswith("../"):
            assert (ROOT / place).exists(), place


def test_every_setting_in_the_environment_is_in_the_readme():
    files = [
        *ROOT.glob("src/**/*.py"),
        *ROOT.glob("book/_extensions/*.py"),
        *ROOT.glob("tools/*.py"),
    ]
    asked = {
        name
        for file in files
        for name in re.findall(r"environ[^\n]*?\"(STRAGGLERS_\w+)\"", file.read_text("utf-8"))
    }
    assert {"STRAGGLERS_BRANCH", "STRAGGLERS_SITE_URL", "STRAGGLERS_CACHE"} <= asked
    for name in asked:
        assert f"| `{name}` |" in README


def test_the_readme_says_where_the_book_is_once_that_is_known():
    github = repository_links.parse("git@github.com:Owner/name.git")
    told = readme_links.filled(README, github, github.site)
    assert "**[Read the book](https://owner.github.io/name/)**" in told
    assert "(https://github.com/Owner/name/actions/workflows/book.yml)" in told
    assert "`git clone https://github.com/Owner/name`" in told
    assert readme_links.filled(told, None, None) == readme_links.filled(README, None, None)
    assert "(https://book.example/)" in readme_links.filled(README, None, "https://book.example/")
    gitlab = readme_links.filled(README, repository_links.parse("https://gitlab.com/o/n"), None)
    assert "mybinder.org/v2/gl/o%2Fn/main" in gitlab
    assert "workflows/book.yml/badge" not in gitlab


def test_the_description_of_the_package_needs_no_file_beside_it():
    text = PROJECT["project"]["readme"]["text"]
    assert "](" not in text
    assert f"{sg.Sync(20).time_per_update(sg.exponential(rate=2)):.15g}" in text


def test_the_forms_for_issues_are_whole():
    folder = ROOT / ".github" / "ISSUE_TEMPLATE"
    forms = [yaml.safe_load(path.read_text("utf-8")) for path in folder.glob("*.yml")]
    assert sum("body" in form for form in forms) == 3
    for form in forms:
        for field in form.get("body", []):
            assert field["type"] in ("input", "textarea", "checkboxes")
            assert field["id"]
            assert field["attributes"]["label"]


def test_the_page_on_jupyter_book_2_counts_the_extensions():
    number = len(list((ROOT / "book" / "_extensions").glob("*.py")))
    contributing = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert f"| {number} extensions in `book/_extensions/` |" in contributing
