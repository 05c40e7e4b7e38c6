"""Quick checks: a question, options of which one is right, and for each the reason.

:::{admonition} How many legs has a race of three?
:class: quiz

<details class="wrong"><summary>two</summary>

That many lie *between* the three finishes.

</details>

<details class="right"><summary>three</summary>

The first one begins at the start.

</details>
:::

The block is what a reader sees who has no scripts, or reads the notebook elsewhere: a question, and
options that open to a reason. JupyterLab knows admonitions, so it is one, of the class "quiz".
`quiz.js` makes it a choice. The build warns where not exactly one option is right, where a reason
is missing, and of text that belongs to nothing.
"""

import re

from docutils import nodes
from docutils.parsers.rst.directives.admonitions import Admonition
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

OPTION = re.compile(
    r'^<details class="(right|wrong)"><summary>(.*?)</summary>$(.*?)^</details>$', re.M | re.S
)
FORMULA = re.compile(r"\$[^$]*\$")
VERDICTS = {"right": "Right.", "wrong": "Not this."}
log = logging.getLogger(__name__)


class quiz(nodes.General, nodes.Element):
    """A question (its first child) and its options."""


class quiz_option(nodes.General, nodes.Element):
    """What can be chosen (its first child), and the reason; `kind` is "right" or "wrong"."""


class Quiz(Admonition, SphinxDirective):
    """The block of an author; its first line is the question. Other admonitions are as always."""

    def run(self):
        if "quiz" not in self.options.get("class", ()):
            return super().run()
        text = "\n".join(self.content)
        options = list(OPTION.finditer(text))
        for fault in faults(text, options):
            log.warning("quiz: %s", fault, location=self.get_location(), type="quiz")
        self.env.metadata[self.env.docname]["has_quiz"] = True
        shown = quiz("", self.words(self.arguments[0], classes=["quiz-question"]))
        for match in options:
            kind, words, reason = match.groups()
            told = nodes.container(classes=["quiz-reason"])
            line = text[: match.start()].count("\n")
            self.state.nested_parse(
                StringList(reason.strip().split("\n")), self.content_offset + line, told
            )
            if not told.children or not isinstance(told[0], nodes.paragraph):
                told.insert(0, nodes.paragraph())
            told[0].insert(0, [nodes.strong("", VERDICTS[kind]), nodes.Text(" ")])
            shown += quiz_option("", self.words(words), told, kind=kind)
        return [shown]

    def words(self, text, classes=()):
        """Return a line of text as a paragraph."""
        found, messages = self.state.inline_text(text, self.lineno)
        return nodes.paragraph(text, "", *found, *messages, classes=list(classes))


def faults(text, options):
    """Yield what is wrong with a block, as text."""
    right = sum(match[1] == "right" for match in options)
    if right != 1:
        yield f"exactly one option must be right, not {right}"
    if len(options) < 2:
        yield f"at least two options are needed, not {len(options)}"
    if len({match[2] for match in options}) < len(options):
        yield "an option stands twice"
    for match in options:
        if not match[2].strip() or not match[3].strip():
            yield f"the option {match[2]!r} needs words and a reason"
        elif not FORMULA.sub("", match[2]).strip():
            yield f"the option {match[2]!r} needs a word beside its formula, as its name"
    if rest := OPTION.sub("", text).strip():
        yield f"this is no part of an option: {rest.splitlines()[0]!r}"


def visit_quiz(self, node):
    self.body.append(self.starttag(node, "sg-quiz", CLASS="quiz"))


def depart_quiz(self, node):
    self.body.append("</sg-quiz>\n")


def visit_option(self, node):
    """Write the option itself; the reason follows as the writer goes on to it."""
    self.body.append(f'<details class="quiz-option" data-kind="{node["kind"]}"><summary>')
    for part in node[0].children:
        part.walkabout(self)
    self.body.append("</summary>\n")
    node[1].walkabout(self)
    self.body.append("</details>\n")
    raise nodes.SkipNode


def add_script(app, pagename, templatename, context, doctree):
    if app.env.metadata.get(pagename, {}).get("has_quiz"):
        app.add_js_file("quiz.js", loading_method="defer")


def setup(app):
    app.add_node(quiz, html=(visit_quiz, depart_quiz))
    app.add_node(quiz_option, html=(visit_option, None))
    app.add_directive("admonition", Quiz, override=True)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
