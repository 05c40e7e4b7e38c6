"""Buttons from a page to its source, to Binder and to Colab, wherever the repository lives.

The address is not written in the book: it is STRAGGLERS_REPOSITORY in the environment, else the
checkout's remote "origin". Without a known public host the buttons that need it are left out.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

BINDER_PROVIDERS = {"github.com": "gh", "gitlab.com": "gl", "bitbucket.org": "git"}
BLANK, FILLED = r"REPOSITORY = \"\"", r"REPOSITORY = \"{}\""  # as JSON writes them in a notebook


@dataclass(frozen=True)
class Repository:
    """A repository on a public host, and the links into it."""

    host: str
    owner: str
    name: str
    branch: str = "main"

    @property
    def url(self):
        return f"https://{self.host}/{self.owner}/{self.name}"

    def binder(self, path):
        if self.host == "github.com":
            place = f"{self.owner}/{self.name}"
        elif self.host == "gitlab.com":
            place = quote(f"{self.owner}/{self.name}", safe="")
        else:
            place = quote(self.url, safe="")
        provider = BINDER_PROVIDERS[self.host]
        branch = quote(self.branch, safe="")
        return f"https://mybinder.org/v2/{provider}/{place}/{branch}?urlpath=lab/tree/{path}"

    def colab(self, path):
        """Return the link to the published copy, whose first cell knows this address, or None."""
        if self.host == "github.com":
            place = f"{self.owner}/{self.name}/blob/gh-pages/_sources/{path}"
            return f"https://colab.research.google.com/github/{place}"

    def edit(self, path):
        steps = {
            "github.com": f"edit/{self.branch}/{path}",
            "gitlab.com": f"-/edit/{self.branch}/{path}",
            "bitbucket.org": f"src/{self.branch}/{path}?mode=edit",
        }
        return f"{self.url}/{steps[self.host]}"

    def report(self, title):
        steps = {
            "github.com": "issues/new?title=",
            "gitlab.com": "-/issues/new?issue[title]=",
            "bitbucket.org": "issues/new?title=",
        }
        return f"{self.url}/{steps[self.host]}{quote(title)}"


def parse(address, branch="main"):
    """Return the Repository of a git or web address, or None if its host is not a known one.

    >>> parse("git@github.com:owner/name.git").url
    'https://github.com/owner/name'
    """
    pattern = r"(?:\w+://)?(?:[^@/]+@)?(?:www\.)?([^:/]+)(?::\d+)?[:/]+(.+)/([^/]+?)(?:\.git)?/?"
    match = re.fullmatch(pattern, address.strip())
    if match and match[1].lower() in BINDER_PROVIDERS:
        return Repository(match[1].lower(), match[2], match[3], branch)


def find(folder):
    """Return the Repository that the environment names, else the checkout's origin, or None."""
    address = os.environ.get("STRAGGLERS_REPOSITORY")
    if not address:
        git = ["git", "-C", folder, "remote", "get-url", "origin"]
        try:
            address = subprocess.run(git, capture_output=True, text=True).stdout
        except FileNotFoundError:  # no git on this machine
            address = ""
    return parse(address, os.environ.get("STRAGGLERS_BRANCH") or "main")


def remember(app, config):
    config.repository = find(app.srcdir)


def button(text, tooltip, icon, url, label):
    return {
        "type": "link",
        "text": text,
        "tooltip": tooltip,
        "icon": icon,
        "url": url,
        "label": label,
    }


def add_buttons(app, pagename, templatename, context, doctree):
    """Put the buttons before those of the theme."""
    repository = app.config.repository
    if not (repository and doctree):
        return
    path = Path(app.env.doc2path(pagename)).relative_to(app.srcdir).as_posix()
    groups = []
    if path.endswith(".ipynb"):
        launch = [
            button(
                "Binder",
                "Run this page on Binder",
                "_static/images/logo_binder.svg",
                repository.binder(path),
                "launch-binder",
            ),
        ]
        if colab := repository.colab(path):
            launch.append(
                button(
                    "Colab",
                    "Run this page on Colab",
                    "_static/images/logo_colab.png",
                    colab,
                    "launch-colab",
                ),
            )
        groups.append(
            {
                "type": "group",
                "label": "launch-buttons",
                "icon": "fas fa-rocket",
                "tooltip": "Run this page",
                "buttons": launch,
            }
        )
    title = f"On the page {app.env.titles[pagename].astext()}: "
    groups.append(
        {
            "type": "group",
            "label": "source-buttons",
            "icon": "fas fa-pencil-alt",
            "tooltip": "Improve this page",
            "buttons": [
                button(
                    "Suggest an edit",
                    "Suggest an edit",
                    "fas fa-pencil-alt",
                    repository.edit(path),
                    "source-edit-button",
                ),
                button(
                    "Report a problem with this page",
                    "Report a problem with this page",
                    "fas fa-lightbulb",
                    repository.report(title),
                    "source-issues-button",
                ),
                button(
                    "Repository",
                    "The book's repository",
                    "fas fa-code",
                    repository.url,
                    "source-repository-button",
                ),
            ],
        }
    )
    context["header_buttons"][:0] = groups


def fill_downloads(app, exception):
    """Tell the notebooks that readers download, or open in Colab, where the package is."""
    if exception or app.builder.format != "html" or not app.config.repository:
        return
    for notebook in Path(app.outdir, "_sources").rglob("*.ipynb"):
        text = notebook.read_text("utf-8")
        notebook.write_text(text.replace(BLANK, FILLED.format(app.config.repository.url)), "utf-8")


def setup(app):
    app.add_config_value("repository", None, "html")  # "html": another address, other pages
    app.connect("config-inited", remember)
    app.connect("html-page-context", add_buttons, priority=900)  # after the theme has made its list
    app.connect("build-finished", fill_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
