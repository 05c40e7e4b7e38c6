"""A real JupyterLab on a folder, for tests that use it in the browser."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request


@contextlib.contextmanager
def jupyterlab(folder):
    """Give the address of a JupyterLab on `folder` (a Path), without a token, until the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    settings += [f"--ServerApp.port={port}", "--IdentityProvider.token=", "--ServerApp.password="]
    settings += [
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTERLAB_SETTINGS_DIR": "settings"}
    home = os.environ | {name: str(folder / place) for name, place in own.items()}
    tracker = folder / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text('{"windowingMode": "none"}')  # else the page holds only what is in view
    with (folder / "log").open("w") as log:
        command = [sys.executable, "-m", "jupyterlab", *settings]
        lab = subprocess.Popen(command, cwd=folder, env=home, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{url}/api", timeout=2)
            break
        except OSError:
            assert lab.poll() is None, (folder / "log").read_text()[-2000:]
            time.sleep(0.5)
    try:
        yield url
    finally:
        lab.terminate()
        lab.wait(20)


def run_all(page):
    """Run all cells; a Lab that has not started the kernel yet asks for it, or forgets the rest."""
    from playwright.sync_api import TimeoutError as TooSlow

    for _ in range(12):
        with contextlib.suppress(TooSlow):  # a question about the kernel came up in between
            if page.locator("dialog .jp-mod-accept").count():
                page.locator("dialog .jp-mod-accept").click(timeout=5000)
            page.get_by_text("Run", exact=True).first.click(timeout=5000)
            page.get_by_text("Run All Cells", exact=True).click(timeout=5000)
            page.wait_for_timeout(5000)
            if not page.locator(".jp-InputPrompt").get_by_text("[ ]:").first.is_visible():
                return
