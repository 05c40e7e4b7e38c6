"""Find the browsers of the tests, or install them: with Playwright, else with apt where allowed.

python -m tools.browser           prints the paths of the browsers that the tests will use
python -m tools.browser --apt     installs what is missing where apt is quickest: as root on Debian
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Kind:
    """A kind of browser: the variable that names one, its usual names, its place on a Mac."""

    name: str
    variable: str
    programs: tuple
    mac: tuple
    package: str


CHROMIUM = Kind(  # the one without a window first: it takes half the time of the whole browser
    name="chromium",
    variable="CHROME",
    programs=(
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    ),
    mac=("Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium"),
    package="chromium-headless-shell",
)
FIREFOX = Kind(
    name="firefox",
    variable="FIREFOX",
    programs=("firefox-esr", "firefox"),
    mac=("Firefox.app/Contents/MacOS/firefox",),
    package="firefox-esr",
)
ADVICE = """\
The browser tests need Chrome or Chromium, and none was found or could be installed. Install one
(Debian, Ubuntu: `apt-get install chromium`; macOS: `brew install --cask chromium`; anywhere:
`.venv/bin/playwright install --with-deps chromium`), or set CHROME to the path of one."""
NO_FIREFOX = "no Firefox was found or could be installed (FIREFOX= names one)"


def installed(kind):
    """Return the path of an installed browser, the one that is named first, or None."""
    return within_reach(kind) or playwrights_own(kind)


def within_reach(kind):
    """Return the path of a browser that is named or has one of its usual names, or None."""
    named = os.environ.get(kind.variable)
    if named and not shutil.which(named):
        sys.exit(f"{kind.variable}={named} is not a program that can be run.")
    usual = [*kind.programs, *(f"/Applications/{app}" for app in kind.mac)]
    found = (path for name in ([named] if named else usual) if (path := shutil.which(name)))
    return next(found, None)


def playwrights_own(kind):
    """Return the path of the browser that Playwright has downloaded, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = getattr(playwright, kind.name).executable_path
    return path if Path(path).is_file() else None


def install(kind):
    """Try the ways there are to install one, and return its path or None."""
    commands = [[sys.executable, "-m", "playwright", "install", kind.name]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        commands += [["apt-get", "update"], ["apt-get", "install", "-y", kind.package]]
    for command in commands:
        subprocess.run(command, stdout=sys.stderr, check=False)
        if path := installed(kind):
            return path
    return None


def install_with_apt(about="/etc/os-release"):
    """Install what is missing, with its fonts, as root on Debian; elsewhere do nothing.

    It needs no package of Python, so it can go on while those are set up. Ubuntu's package of this
    name is no browser.
    """
    missing = [kind.package for kind in (CHROMIUM, FIREFOX) if not within_reach(kind)]
    system = Path(about).read_text("utf-8").splitlines() if Path(about).exists() else []
    if missing and "ID=debian" in system and shutil.which("apt-get") and os.geteuid() == 0:
        packages = ["--no-install-recommends", *missing, "fonts-liberation"]
        for words in (["update"], ["install", "-y", *packages]):
            subprocess.run(["apt-get", *words], stdout=subprocess.DEVNULL, check=False)


def find():
    """Return the path of a Chromium that can be started, installing one if need be; else exit."""
    return installed(CHROMIUM) or install(CHROMIUM) or sys.exit(ADVICE)


if __name__ == "__main__":
    if "--apt" in sys.argv:
        sys.exit(install_with_apt())
    print(find())
    print(installed(FIREFOX) or install(FIREFOX) or NO_FIREFOX)
