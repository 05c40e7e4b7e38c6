"""The build of the book, which other tests wait for: it stands apart so that it can begin first."""

import json
import shutil

from ..conftest import ROOT, build

RACE = ROOT / "book" / "race.ipynb"
CODE = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}


def test_the_book_builds_with_warnings_as_errors(built_book):
    chapters = {path.stem for path in (ROOT / "book").glob("*.ipynb")}
    assert chapters <= {path.stem for path in (built_book / "book").glob("*.html")}


PLANTED = """
import stragglers as sg
def planted(ax, m):
    ax.plot([0, 1 / (m - 2)])
    return f"m is {m}"
sg.explore(planted, m=[1, 2, 3], start={"m": 1})
"""


def test_an_explorer_whose_draw_fails_stops_the_build_and_names_the_values(tmp_path):
    for name in (
        "_config.yml",
        "book/_extensions",
        "book/_static",
        "book/_templates",
        "book/_vendor",
    ):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (tmp_path / name).parent.mkdir(exist_ok=True)
        copy(ROOT / name, tmp_path / name)
    (tmp_path / "book" / "references.bib").touch()
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/planted\n")
    notebook = json.loads(RACE.read_text())
    notebook["cells"] = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Planted"},
        {**CODE, "id": "b", "source": PLANTED},
    ]
    (tmp_path / "book" / "planted.ipynb").write_text(json.dumps(notebook))
    done = build(tmp_path, tmp_path)
    assert done.returncode != 0
    assert "planted(m=2) failed: ZeroDivisionError" in done.stdout + done.stderr
