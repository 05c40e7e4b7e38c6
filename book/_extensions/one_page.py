"""The formula sheet: what every chapter says of itself under "In one page", gathered on one page.

A chapter ends with such a section, in plain words. `:::{formula-sheet}` on a page is replaced by
all of them, in the order of the book, so that nothing is written twice.
"""

from docutils import nodes
from site_files import pages_in_order
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

TITLE = "In one page"


class formula_sheet(nodes.General, nodes.Element):
    """The place that the summaries come to."""


class FormulaSheet(SphinxDirective):
    def run(self):
        self.env.formula_sheet = self.env.docname
        return [formula_sheet()]


def summary(doctree):
    """Return the parts of a chapter's summary, without its title; none where it has none."""
    for section in doctree.findall(nodes.section):
        if section[0].astext() == TITLE:
            return [part.deepcopy() for part in section[1:]]
    return []


class Gather(SphinxPostTransform):
    """Put the summaries in their place, before references are resolved."""

    default_priority = 5

    def run(self, **kwargs):
        for place in list(self.document.findall(formula_sheet)):
            found = []
            for page in pages_in_order(self.app):
                if page != self.env.docname and (parts := summary(self.env.get_doctree(page))):
                    title = self.env.titles[page]
                    link = nodes.reference("", "", *[part.deepcopy() for part in title.children])
                    link["refuri"] = self.app.builder.get_relative_uri(self.env.docname, page)
                    link["internal"] = True
                    name = f"sheet-{page.rsplit('/', 1)[-1]}"
                    section = nodes.section("", nodes.title("", "", link), *parts, ids=[name])
                    found.append(section)
            place.replace_self(found)


def write_anew(app, env):
    """The sheet changes with every chapter."""
    return [env.formula_sheet] if getattr(env, "formula_sheet", None) in env.found_docs else []


def setup(app):
    app.add_node(formula_sheet)
    app.add_directive("formula-sheet", FormulaSheet)
    app.add_post_transform(Gather)
    app.connect("env-updated", write_anew)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
