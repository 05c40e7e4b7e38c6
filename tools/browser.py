"""Find a Chrome or Chromium, or install one: with Playwright, else with apt where that is allowed.

python tools/browser.py     prints the path of the browser that the tests will use
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
MAC = ["Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium"]
ADVICE = """\
The browser tests need Chrome or Chromium, and none was found or could be installed. Install one
(Debian, Ubuntu: `apt-get install chromium`; macOS: `brew install --cask chromium`; anywhere:
`.venv/bin/playwright install --with-deps chromium`), or set CHROME to the path of one."""


def installed():
    """Return the path of an installed browser, the one that CHROME names first, or None."""
    named = os.environ.get("CHROME")
    if named and not shutil.which(named):
        sys.exit(f"CHROME={named} is not a program that can be run.")
    candidates = [named] if named else NAMES + [f"/Applications/{app}" for app in MAC]
    found = (path for name in candidates if (path := shutil.which(name)))
    return next(found, None) or playwrights_own()


def playwrights_own():
    """Return the path of the Chromium that Playwright has downloaded, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def install():
    """Try the ways there are to install one, and return its path or None."""
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        commands += [["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]]
    for command in commands:
        subprocess.run(command, stdout=sys.stderr, check=False)
        if path := installed():
            return path
    return None


def find():
    """Return the path of a browser that can be started, installing one if need be; else exit."""
    return installed() or install() or sys.exit(ADVICE)


if __name__ == "__main__":
    print(find())
