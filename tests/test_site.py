"""The site: its links into the repository, wherever that lives."""

import pytest
import repository


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/owner/name",
        "https://github.com/owner/name.git",
        "https://www.github.com/owner/name/",
        "https://user:secret@github.com/owner/name.git\n",
        "git@github.com:owner/name.git",
        "ssh://git@github.com:22/owner/name.git",
        "git://GitHub.com/owner/name",
    ],
)
def test_every_form_of_an_address_gives_the_same_web_address(address):
    assert repository.parse(address).url == "https://github.com/owner/name"


@pytest.mark.parametrize("address", ["", "none", "/srv/git/name.git", "https://example.org/a/b"])
def test_an_address_on_no_known_public_host_is_none(address):
    assert repository.parse(address) is None


def test_the_environment_wins_over_the_checkout(monkeypatch, tmp_path):
    monkeypatch.setenv("STRAGGLERS_REPOSITORY", "git@gitlab.com:group/subgroup/name.git")
    monkeypatch.setenv("STRAGGLERS_BRANCH", "next")
    found = repository.find(tmp_path)
    assert found == repository.Repository("gitlab.com", "group/subgroup", "name", "next")
    monkeypatch.delenv("STRAGGLERS_REPOSITORY")
    assert repository.find(tmp_path) is None  # not a checkout, and no origin


def test_links_lead_to_the_page_on_each_host():
    github = repository.parse("https://github.com/owner/name")
    page = "book/race.ipynb"
    assert github.binder(page) == (
        "https://mybinder.org/v2/gh/owner/name/main?urlpath=lab/tree/book/race.ipynb"
    )
    assert github.colab(page) == (
        "https://colab.research.google.com/github/owner/name/blob/gh-pages/_sources/book/race.ipynb"
    )
    assert github.edit(page) == "https://github.com/owner/name/edit/main/book/race.ipynb"
    assert github.report("a b") == "https://github.com/owner/name/issues/new?title=a%20b"
    gitlab = repository.parse("https://gitlab.com/owner/name", branch="next")
    assert gitlab.binder(page).startswith("https://mybinder.org/v2/gl/owner%2Fname/next?")
    assert gitlab.colab(page) is None
    assert gitlab.edit(page) == "https://gitlab.com/owner/name/-/edit/next/book/race.ipynb"
