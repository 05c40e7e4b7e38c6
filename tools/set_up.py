"""Make .venv with every package as pinned: once, and anew when the folder or Python is another.

python3 -m tools.set_up [--this-python] [make's goal]     `make` calls it first, whatever is made
"""

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEAST = (3, 11)
SELDOM = r"[/\\](tests?|pip|setuptools|fontTools)[/\\]"  # hardly imported here
ALL = ["-r", "requirements.txt"]
SIZE = "about 900 MB on disk, up to five minutes, once"


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
    """Install what requirements.txt lists, which is everything, and return the exit code.

    uv takes seconds for what takes pip half a minute. Where uv cannot, pip does it: it alone knows
    how it has been set to reach its index, and can build what is not there ready-made.
    """
    pip = [python(root), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--no-compile", "--no-deps"]
    listed = (root / "requirements.txt").read_text("utf-8").splitlines()
    (uv,) = (line for line in listed if line.startswith("uv=="))

    def run(*words):
        return subprocess.run(list(map(str, words)), cwd=str(root), check=False).returncode

    failed = run(*pip, uv) or run(*with_uv(python(root)), *ALL)
    if failed:
        print("uv could not install everything: pip is asked.", flush=True)
        failed = run(*pip, *ALL)
    if not failed:
        compiler = [python(root), "-m", "compileall", "-q", "-j", "0", "-x", SELDOM, root / ".venv"]
        subprocess.run(list(map(str, compiler)), stdout=subprocess.DEVNULL, check=False)
    return failed


def with_uv(python):
    """Return the words that install what a list names, ready-made, with an environment's uv."""
    words = [python, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--python", python]
    return [*words, "--only-binary", ":all:", "--no-binary", "stragglers"]


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
