"""The page for instructors: its commands are there, and its blanks are filled."""

import re
import shlex
from types import SimpleNamespace

import pytest
import repository_links

from stragglers_course import command
from stragglers_course.reports import gradebooks
from stragglers_course.sandbox import wall
from stragglers_course.sets import NAMES
from tests.conftest import ROOT

GUIDE = (ROOT / "book" / "instructors.md").read_text("utf-8")
LINES = sorted(set(re.findall(r"`?(stragglers-course [a-z][^`#\n]*)", GUIDE)))


@pytest.mark.parametrize("line", [line for line in LINES if len(line.split()) > 2])
def test_every_command_of_the_guide_is_one(line):
    words = shlex.split(line)[1:]
    if "--help" not in words:
        assert command.parser().parse_args(words).run


def test_every_option_that_the_guide_names_is_there(capsys):
    said = ""
    for name in ("grade", "release"):
        with pytest.raises(SystemExit):
            command.main([name, "--help"])
        said += capsys.readouterr().out
    options = set(re.findall(r"`(?:[^`\n]* )?(--[a-z]+)", GUIDE.partition("## What the grader")[0]))
    own = {"--lms", "--sheet", "--assignment", "--only", "--roster", "--install"}
    assert own <= options
    assert all(option in said for option in options)


def test_the_address_of_the_book_is_written_into_the_commands():
    repository = repository_links.parse("https://github.com/owner/name")
    app = SimpleNamespace(config=SimpleNamespace(repository=repository))
    source = [GUIDE]
    repository_links.fill_addresses(app, "book/instructors", source)
    assert "ADDRESS-OF-THE-BOOK" not in source[0]
    assert "pip install git+https://github.com/owner/name" in source[0]
    app.config.repository = None
    source = [GUIDE]
    repository_links.fill_addresses(app, "book/instructors", source)
    assert source == [GUIDE]
    assert "`git remote get-url origin`" in GUIDE


def test_the_guide_says_what_an_id_is_and_where_the_tables_come_from():
    for words in ("SIS Login ID", "ID number", "e-mail address", "gradescope.zip"):
        assert words in GUIDE
    for menu in gradebooks.WHERE.values():
        assert menu.rpartition(", ")[2] in GUIDE
    for stands in (wall.BUBBLEWRAP, wall.USER, wall.LIMITS):
        assert f"\n| {stands} |" in GUIDE
    assert "apt install bubblewrap" in GUIDE
    assert all(f"`{name}`" in GUIDE for name in NAMES)
