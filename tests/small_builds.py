"""Builds of small books, in copies of a process that has loaded Sphinx and what the book adds."""

import os
import subprocess
import sys
import tempfile

from . import copies

LOADED = (
    "jupyter_book.cli.main",
    "jupyter_book.sphinx",
    "myst_nb.sphinx_ext",
    "sphinx.builders.html",
    "sphinx.ext.autodoc",
    "sphinx_book_theme",
    "sphinx_exercise",
    "sphinx_proof",
    "sphinxcontrib.bibtex",
    __name__,
)


def build(source, output):
    """Build the book in `source` as `make book` does, and return the finished process."""
    arguments = ["build", str(source), "--path-output", str(output), "-W", "-n", "--keep-going"]
    asked = {"arguments": arguments, "env": dict(os.environ)}
    here, there = os.pipe()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said, os.fdopen(here) as answer:
        copies.start(f"{__name__}:become", asked, [there, said.fileno()], "Agg", LOADED)
        os.close(there)
        code = answer.read()  # when it has ended
        said.seek(0)
        return subprocess.CompletedProcess(arguments, int(code or 1), said.read(), "")


def become(asked, pipes):
    """Build as the program `jupyter-book` would, say all into a file, and the code into a pipe."""
    from jupyter_book.cli.main import main

    answer, said = pipes
    for number in (1, 2):
        os.dup2(said, number)
    os.environ.clear()
    os.environ |= asked["env"]
    sys.path[:] = copies.installed()
    sys.argv = ["jupyter-book", *asked["arguments"]]
    code = 1
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(answer, str(code).encode())
