"""Write into the README where the book is: its address, badges and the line that clones it.

python -m tools.readme_links     `make readme` does it; the address is the checkout's origin, or
                                 STRAGGLERS_REPOSITORY and STRAGGLERS_SITE_URL
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_extensions"))
import repository_links  # noqa: E402 - it is no package: Sphinx finds it by its folder

BEGIN, END = "<!-- where it is: make readme -->\n", "<!-- so far -->\n"
UNKNOWN = """\
The book is a site: where this repository is published with GitHub Pages, at
`https://OWNER.github.io/NAME/`. (Its owner writes the address here, with `make readme`.)
"""


def links(repository, site):
    """Return the lines for a Repository, or for None, and the address of the built book."""
    if not repository:
        return f"**[Read the book]({site})**\n" if site else UNKNOWN
    shown = []
    if site:
        shown.append(f"**[Read the book]({site})**")
    shown.append(
        "[![on Binder](https://mybinder.org/badge_logo.svg)]"
        f"({repository.binder('book/race.ipynb')})"
    )
    if repository.host == "github.com":
        workflow = f"{repository.url}/actions/workflows/book.yml"
        shown.append(f"[![tests]({workflow}/badge.svg)]({workflow})")
    return "\n".join(shown) + f"\n\n`git clone {repository.url}`\n"


def filled(text, repository, site):
    """Return a README with these lines between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + links(repository, site) + END + after


def main(file=ROOT / "README.md"):
    repository = repository_links.find(ROOT)
    site = os.environ.get("STRAGGLERS_SITE_URL") or (repository and repository.site)
    file.write_text(filled(file.read_text("utf-8"), repository, site), "utf-8")


if __name__ == "__main__":
    main()
