"""The ten questions that a reader answers before the book, and once more at its end.

`:::{ten-questions} before` and `after` show the quick checks of one file; `quiz.js` keeps the two
results in the reader's own browser and puts them side by side.
"""

from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

FILE = "_ten_questions.md"
WHEN = ("before", "after")


class ten_questions(nodes.General, nodes.Element):
    """The quick checks, with `when` they are answered."""


class TenQuestions(SphinxDirective):
    required_arguments = 1

    def run(self):
        when = directives.choice(self.arguments[0], WHEN)
        path = Path(self.env.doc2path(self.env.docname)).with_name(FILE)
        self.env.note_dependency(str(path))
        place = ten_questions("", when=when)
        lines = StringList(path.read_text("utf-8").split("\n"), str(path))
        self.state.nested_parse(lines, 0, place)
        return [place]


def visit(self, node):
    self.body.append(f'<sg-test class="ten-questions" data-when="{node["when"]}">\n')


def depart(self, node):
    self.body.append("</sg-test>\n")


def setup(app):
    app.add_node(ten_questions, html=(visit, depart))
    app.add_directive("ten-questions", TenQuestions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
