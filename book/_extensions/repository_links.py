"""Links from a page to its source, to Binder and to Colab, wherever the repository lives.

The address is not written in the book: it is STRAGGLERS_REPOSITORY in the environment, else the
checkout's remote "origin"; the branch is STRAGGLERS_BRANCH, else the origin's own. Without a known
public host the links that need it are left out. STRAGGLERS_SITE_URL says where the built book is.
"""

import json
import os
import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

BINDER = {"github.com": "gh", "gitlab.com": "gl", "bitbucket.org": "git"}
INSIDE = {"-", "tree", "blob", "src", "edit"}  # what follows a repository's name in a web address
ADDRESS = "ADDRESS-OF-THE-BOOK"  # as a page writes it in a command
BLANK = 'REPOSITORY = ""'
LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
SETUP = """\
# What follows needs the package of the book. Colab installs it here; elsewhere you are told how.
from importlib.util import find_spec

{repository}
if not find_spec("stragglers"):
    if REPOSITORY and "google.colab" in str(get_ipython()):
        %pip install -q git+{{REPOSITORY}}
    else:
        raise ModuleNotFoundError("This notebook needs the book's package. To install it: {how}")"""


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

    @property
    def site(self):
        """The address that GitHub Pages gives to the built book; None elsewhere."""
        if self.host == "github.com":
            domain = f"{self.owner.lower()}.github.io"
            return f"https://{domain}/" + f"{self.name}/" * (self.name.lower() != domain)

    def binder(self, path):
        place = {
            "github.com": f"{self.owner}/{self.name}",
            "gitlab.com": quote(f"{self.owner}/{self.name}", safe=""),
            "bitbucket.org": quote(self.url, safe=""),
        }[self.host]
        branch = quote(self.branch, safe="")
        return (
            f"https://mybinder.org/v2/{BINDER[self.host]}/{place}/{branch}?urlpath=lab/tree/{path}"
        )

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

    What a browser shows may be given as it is: of a page within the repository, only the branch is
    kept.

    >>> parse("git@github.com:owner/name.git").url
    'https://github.com/owner/name'
    >>> parse("https://github.com/owner/name/tree/next/book?plain=1").branch
    'next'
    """
    match = re.fullmatch(
        r"(?:\w+://)?(?:[^@/]+@)?(?:www\.)?([^:/]+)(?::\d+)?[:/]+([^?#]+)(?:[?#].*)?",
        address.strip(),
    )
    if not match or match[1].lower() not in BINDER:
        return None
    host, parts = match[1].lower(), [part for part in match[2].split("/") if part]
    end = 2  # owner and name; on GitLab the owner may be a group within a group
    while host == "gitlab.com" and end < len(parts) and parts[end] not in INSIDE:
        end += 1
    inside = [part for part in parts[end:] if part != "-"]
    if len(parts) < 2:
        return None
    if len(inside) > 1 and inside[0] in INSIDE:
        branch = inside[1]
    *owner, name = parts[:end]
    return Repository(host, "/".join(owner), name.removesuffix(".git"), branch)


def git(folder, *arguments):
    """Return what git says, or "" where there is no git, no checkout or no answer."""
    try:
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def find(folder):
    """Return the Repository that the environment names, else the checkout's origin, or None.

    A folder within another project's checkout has no origin of its own.
    """
    address = os.environ.get("STRAGGLERS_REPOSITORY", "")
    top = git(folder, "rev-parse", "--show-toplevel")
    is_own = top and Path(top).resolve() == Path(folder).resolve()
    branch = ""
    if not address and is_own:
        address = git(folder, "remote", "get-url", "origin")
        branch = git(folder, "rev-parse", "--abbrev-ref", "origin/HEAD").removeprefix("origin/")
    found = parse(address, branch or "main")
    if found and (named := os.environ.get("STRAGGLERS_BRANCH")):
        found = replace(found, branch=named)
    return found


def find_addresses(app, config):
    config.repository = find(app.srcdir)
    site = os.environ.get("STRAGGLERS_SITE_URL") or (config.repository and config.repository.site)
    config.html_baseurl = site.rstrip("/") + "/" if site else ""


def add_menus(app, pagename, templatename, context, doctree):
    """Give the page's head its menus: run it (a notebook), improve it."""
    context["page_menus"] = menus = []
    if not doctree:
        return
    repository = app.config.repository
    path = Path(app.env.doc2path(pagename)).relative_to(app.srcdir).as_posix()
    if path.endswith(".ipynb"):
        links = [
            ("on Binder", repository and repository.binder(path)),
            ("on Colab", repository and repository.colab(path)),
            ("here: download it", context["pathto"](f"_sources/{context['sourcename']}", 1)),
        ]
        menus.append(("Run", [(text, url) for text, url in links if url]))
    if repository:
        links = [
            ("Suggest an edit", repository.edit(path)),
            ("Report a problem with this page", repository.report(f"{context['pagetitle']}: ")),
            ("The repository", repository.url),
        ]
        menus.append(("Improve", links))


def fill_addresses(app, docname, source):
    """Write the address into the commands of a page, where it is known."""
    if app.config.repository:
        source[0] = source[0].replace(ADDRESS, app.config.repository.url)


def fill_downloads(app, exception):
    """Tell the notebooks that readers download, or open in Colab, where the package is."""
    if exception or app.builder.format != "html":
        return
    url = app.config.repository.url if app.config.repository else ""
    for file in Path(app.outdir, "_sources").rglob("*.ipynb"):
        notebook = json.loads(file.read_text("utf-8"))
        notebook["metadata"]["language_info"] = LANGUAGE  # or `nbconvert --to script` writes a .txt
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["source"] = filled("".join(cell["source"]), url)
        text = json.dumps(notebook, ensure_ascii=False, indent=1)
        file.write_text(text + "\n", "utf-8")


def filled(source, url):
    """Return a cell with the address; the one that installs the package says how, if it cannot."""
    if BLANK not in source:
        return source
    filled = f'REPOSITORY = "{url}"'
    if "%pip install" not in source:
        return source.replace(BLANK, filled)
    how = f"%pip install git+{url}" if url else "pip install . (in the folder of the book)"
    return SETUP.format(repository=filled, how=how)


def setup(app):
    app.add_config_value("repository", None, "html")  # "html": another address, other pages
    app.connect("config-inited", find_addresses)
    app.connect("source-read", fill_addresses)
    app.connect("html-page-context", add_menus, priority=950)  # after the page has its title
    app.connect("build-finished", fill_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
