"""Install otter-grader and nbgrader for the tests, apart from the packages of the book.

python -m tools.graders     prints the folder in which they are
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tools.set_up import with_uv

PINS = Path(__file__).parent.parent / "tests" / "graders.txt"
FOLDER = Path(sys.prefix) / "graders"


def find():
    """Return the folder with both graders, as pinned; install them if they are not there yet.

    Put it on PYTHONPATH, and its bin on PATH.
    """
    kept = FOLDER / PINS.name
    if not kept.exists() or kept.read_text() != PINS.read_text():
        shutil.rmtree(FOLDER, ignore_errors=True)
        words = ["--target", FOLDER, "-r", PINS]
        if subprocess.run([*with_uv(sys.executable), *words], check=False).returncode:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            pip += ["--no-deps", "--no-compile"]
            subprocess.run([*pip, *words], check=True)
        shutil.copy(PINS, kept)
    return FOLDER


if __name__ == "__main__":
    print(find())
