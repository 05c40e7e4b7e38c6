"""Build the book into _build/html with warnings as errors, if anything behind it has changed.

python -m tools.build     `make book` does it
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_extensions"))
import repository_links  # noqa: E402 - it is no package: Sphinx finds it by its folder

SOURCES = ("_config.yml", "_toc.yml", "requirements.txt", "book", "src", "coursework")
NONE_OF_IT = {"__pycache__", ".ipynb_checkpoints", "private"}


def sources(root):
    """Return {path: digest} of all that the book is made from, whatever the files are called."""
    found = {}
    for name in SOURCES:
        top = root / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            place = path.relative_to(root)
            is_made = NONE_OF_IT & set(place.parts) or ".egg-info" in str(place)
            if path.is_file() and not is_made:
                found[place.as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def state(root):
    """Return what the built book depends on: its sources, and the addresses that it names."""
    addresses = [repr(repository_links.find(root)), os.environ.get("STRAGGLERS_SITE_URL", "")]
    return {"sources": sources(root), "addresses": addresses}


def main(root=ROOT):
    """Build; return the exit code."""
    html, kept = root / "_build" / "html", root / "_build" / "built.json"
    now = state(root)
    before = json.loads(kept.read_text("utf-8")) if kept.exists() and html.exists() else None
    if before == now:
        return 0
    kept.unlink(missing_ok=True)
    if before and (gone := before["sources"].keys() - now["sources"].keys()):
        print(f"{len(gone)} files are no more: everything is made anew.")
        shutil.rmtree(html)
        shutil.rmtree(root / "_build" / ".doctrees", ignore_errors=True)
    pages = sum(path.endswith((".ipynb", ".md")) for path in now["sources"])
    print(f"Building the book, {pages} pages: two to eight minutes from the start.", flush=True)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", root]
    command += ["-W", "-n", "--keep-going"]
    done = subprocess.run(command, cwd=root, check=False)
    if done.returncode == 0:
        kept.write_text(json.dumps(now), "utf-8")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
