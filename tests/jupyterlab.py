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
        "--LabApp.expose_app_in_browser=True",  # the menu can be too early for the kernel
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


RUN_ALL = """async () => {
    await jupyterapp.restored;
    const { sessionContext } = jupyterapp.shell.currentWidget;
    await sessionContext.ready;
    await sessionContext.session.kernel.info;
    return jupyterapp.commands.execute("notebook:run-all-cells");
}"""


def run_all(page):
    """Run all cells of the notebook in view, when its kernel is ready, and wait for their end."""
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext")
    page.evaluate(RUN_ALL)
