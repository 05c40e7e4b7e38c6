"""Make .venv with every package as pinned: once, and anew when the folder or Python is another.

python3 -m tools.set_up [--this-python] [make's goal]     `make` calls it first, whatever is made
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEAST = (3, 11)
TESTS = r"[/\\]tests?[/\\]"  # of other packages: nobody here imports them
SIZE = "about 900 MB on disk, one to five minutes, once"


def refusal(version, goal):
    """Return why this Python will not do, with a command that names another; "" if it will."""
    if tuple(version[:2]) >= LEAST:
        return ""
    found = ".".join(str(part) for part in version[:3])
    return (
        f"Python 3.11 or newer is needed, and this is {found}. "
        f"PYTHON= names one: make {goal or 'serve'} PYTHON=python3.11"
    )


def wanted(root):
    """Return what .venv/installed says when everything is installed: where, and which packages."""
    files = b"".join((root / name).read_bytes() for name in ("requirements.txt", "pyproject.toml"))
    return f"{root}\n{hashlib.sha256(files).hexdigest()}\n"


def why_anew(root, this_python):
    """Return why the environment that is there cannot be kept, or "" if it can.

    The commands in a virtual environment hold its path: they end when the folder moves.
    """
    settings = root / ".venv" / "pyvenv.cfg"
    if not settings.exists():
        return ""
    stamp = root / ".venv" / "installed"
    place = stamp.read_text("utf-8").partition("\n")[0] if stamp.exists() else ""
    if place and place != str(root):
        return f"This folder was {place} when .venv was made"
    major, minor = sys.version_info[:2]
    if this_python and f"version = {major}.{minor}." not in settings.read_text("utf-8"):
        return f"PYTHON= names Python {major}.{minor}, and .venv has another"
    return ""


def python(root):
    """Return the path of the environment's Python, on each system."""
    folder = "Scripts" if sys.platform == "win32" else "bin"
    return root / ".venv" / folder / "python"


def install(root):
    """Install what requirements.txt lists, on every core, and return pip's exit code.

    It lists everything, so no part of it waits for another.
    """
    lines = (root / "requirements.txt").read_text("utf-8").splitlines()
    listed = [line for line in lines if line.strip() and not line.startswith("#")]
    cores = min(os.cpu_count() or 1, 4)
    parts = [part for i in range(cores) if (part := listed[i::cores])]

    def pip(part):
        command = [str(python(root)), "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--no-compile", "--disable-pip-version-check"]
        words = [word for line in part for word in (line.split() if line[0] == "-" else [line])]
        return subprocess.run([*command, *words], cwd=str(root), check=False).returncode

    with ThreadPoolExecutor(cores) as pool:
        failed = next(filter(None, pool.map(pip, parts)), 0)  # -9 of one that was killed, too
    if not failed:
        compiler = [str(python(root)), "-m", "compileall", "-q", "-j", "0", "-x", TESTS]
        subprocess.run([*compiler, str(root / ".venv")], stdout=subprocess.DEVNULL, check=False)
    return failed


def main(arguments, root=ROOT):
    this_python = "--this-python" in arguments
    goals = [argument for argument in arguments if not argument.startswith("--")]
    if said := refusal(sys.version_info, goals[0] if goals else ""):
        sys.exit(said)
    stamp, why = root / ".venv" / "installed", why_anew(root, this_python)
    if not why and stamp.exists() and stamp.read_text("utf-8") == wanted(root):
        return
    number = (root / "requirements.txt").read_text("utf-8").count("==")
    print(f"{why}.\n" * bool(why) + f"Setting up .venv with {number} packages: {SIZE}.", flush=True)
    began = time.monotonic()
    if why:
        shutil.rmtree(root / ".venv")
    subprocess.run([sys.executable, "-m", "venv", str(root / ".venv")], check=True)
    stamp.unlink(missing_ok=True)
    if failed := install(root):
        sys.exit(f"pip could not install what requirements.txt lists (exit {failed}).")
    stamp.write_text(wanted(root), "utf-8")
    print(f"Set up in {time.monotonic() - began:.0f} s.", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
