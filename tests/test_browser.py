"""How the browsers of the tests are found and installed."""

import subprocess

import pytest

from tools import browser


@pytest.fixture
def told(monkeypatch, tmp_path):
    """What programs are started, as root on a machine with apt-get and a Firefox."""
    started = []
    monkeypatch.delenv("CHROME", raising=False)
    monkeypatch.delenv("FIREFOX", raising=False)
    there = {"apt-get", "firefox-esr"}
    monkeypatch.setattr(browser.shutil, "which", lambda name: name if name in there else None)
    monkeypatch.setattr(browser.os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: started.append(command))
    return started


def system(folder, name):
    (folder / "os-release").write_text(f"NAME=a system\nID={name}\nID_LIKE=debian\n")
    return folder / "os-release"


def test_as_root_on_debian_apt_installs_what_is_missing(told, tmp_path):
    browser.install_with_apt(system(tmp_path, "debian"))
    assert told[0] == ["apt-get", "update"]
    assert told[1][:2] == ["apt-get", "install"]
    assert "chromium-headless-shell" in told[1]
    assert "firefox-esr" not in told[1]


@pytest.mark.parametrize("case", ["ubuntu", "no such file", "not root", "nothing is missing"])
def test_elsewhere_nothing_is_installed_without_being_asked_for(told, tmp_path, monkeypatch, case):
    about = system(tmp_path, "ubuntu" if case == "ubuntu" else "debian")
    if case == "no such file":
        about.unlink()
    if case == "not root":
        monkeypatch.setattr(browser.os, "geteuid", lambda: 1000)
    if case == "nothing is missing":
        monkeypatch.setattr(browser.shutil, "which", lambda name: name)
    browser.install_with_apt(about)
    assert told == []


def test_a_browser_without_a_window_is_taken_before_a_whole_one(told, monkeypatch):
    there = {"chromium", "google-chrome"}
    monkeypatch.setattr(browser.shutil, "which", lambda name: name if name in there else None)
    assert browser.installed(browser.CHROMIUM) == "chromium"
    there.add("chromium-headless-shell")
    assert browser.installed(browser.CHROMIUM) == "chromium-headless-shell"


def test_a_browser_that_is_named_and_is_not_there_is_an_error(told, monkeypatch):
    monkeypatch.setenv("CHROME", "/no/such/program")
    with pytest.raises(SystemExit, match="CHROME=/no/such/program is not a program"):
        browser.find()
