"""Pin requirements.txt, .binder/requirements.txt and tests/graders.txt from pyproject.toml.

python -m tools.lock [--upgrade]     `make lock` does it; pins that still fit stay, if not told so
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOOK = "# Every package of the book, pinned exactly. Made by: make lock"
GRADERS = "# What otter-grader and nbgrader add, for the tests, pinned exactly. Made by: make lock"
BINDER = "# What chapters need beside Binder's own JupyterLab, pinned exactly. Made by: make lock"
LAB = ["jupyterlab-myst"]  # what Binder's JupyterLab gets to show a chapter
COMMON = ["--quiet", "--universal", "--python-version", "3.11", "--fork-strategy", "fewest"]
COMMON += ["--no-annotate", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
ALL = ["--extra", "dask", "--group", "book", "--group", "test"]


def compiled(root, options, kept=(), bounds=()):
    """Return the lines that uv resolves; raise CalledProcessError if it cannot.

    kept: lines of pins to keep where they still fit. bounds: lines of pins that must hold.
    """
    with tempfile.TemporaryDirectory() as folder:
        result, limits = Path(folder, "pins.txt"), Path(folder, "bounds.txt")
        result.write_text("\n".join(kept) + "\n", "utf-8")
        limits.write_text("\n".join(bounds) + "\n", "utf-8")
        command = [sys.executable, "-m", "uv", "pip", "compile", *COMMON, *options]
        command += ["--constraint", str(limits), "--output-file", str(result)]
        command += [str(root / "pyproject.toml")]
        subprocess.run(command, cwd=root, check=True)
        return [line for line in result.read_text("utf-8").splitlines() if "==" in line]


def pins(path):
    return [line for line in path.read_text("utf-8").splitlines() if "==" in line]


def lean(root, every):
    """Return the pins of what the package itself asks for: Binder has a JupyterLab of its own."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dask"], *LAB]
    names = {re.match(r"[\w-]+", text)[0] for text in wanted}
    return [line for line in every if line.partition("==")[0] in names]


def main(arguments=(), root=ROOT):
    """Write the lists, all or, if anything goes wrong, none."""
    book, graders = root / "requirements.txt", root / "tests" / "graders.txt"
    binder = root / ".binder" / "requirements.txt"
    keep = "--upgrade" not in arguments
    every = compiled(root, ALL, pins(book) if keep else ())
    more = compiled(
        root, [*ALL, "--extra", "otter", "--extra", "nbgrader"], pins(graders) * keep, every
    )
    texts = {
        book: [BOOK, *every, "-e ."],
        graders: [GRADERS, *(line for line in more if line not in every)],
        binder: [BINDER, *lean(root, every), "-e ."],
    }
    for path, lines in texts.items():
        path.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
