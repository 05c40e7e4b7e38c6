"""The map of the chapters: the question of each, which others it needs, how long it takes to read.

:::{chapter-map}
race: How long do we wait for the slowest of $m$ workers?
:::

What a chapter needs is what its own "What you need" names; the minutes are counted from its words,
displays and figures, without folded answers and problems.
"""

import json
import math
import re
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

WORDS_A_MINUTE, MINUTES_A_FIGURE, MINUTES_A_DISPLAY, STEP = 120, 3, 1, 5
NEEDS = re.compile(r"\*\*What you need\.\*\*(.*?)(?:\n\n|$)", re.S)
FOLDED = re.compile(r"<details.*?</details>", re.S)
HEAD = ["| chapter | minutes | the question it answers | needs |", "|---|--:|---|---|"]


def cells(path, kind):
    """Return the sources of a notebook's cells of a kind."""
    kept = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in kept if cell["cell_type"] == kind]


def needed(path):
    """Return the names of the chapters that a chapter says it needs, in its order.

    A chapter that another of them needs already is named too: a reader who comes from outside
    looks for all.
    """
    found = NEEDS.search("\n\n".join(cells(path, "markdown")))
    return list(dict.fromkeys(re.findall(r"{doc}`(\w+)`", found[1]))) if found else []


def minutes(path):
    """Return how long a chapter takes to read, without its answers and problems."""
    text = "\n\n".join(cells(path, "markdown")).partition("\n## Problems\n")[0]
    text = FOLDED.sub("", text)
    displays = text.count("$$") // 2
    words = len(re.findall(r"\w+", re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " x ", text, flags=re.S)))
    figures = sum("sg.explore(" in source for source in cells(path, "code"))
    spent = words / WORDS_A_MINUTE + displays * MINUTES_A_DISPLAY + figures * MINUTES_A_FIGURE
    return STEP * math.ceil(spent / STEP)


class ChapterMap(SphinxDirective):
    has_content = True

    def run(self):
        folder, rows = Path(self.env.doc2path(self.env.docname)).parent, []
        for line in filter(str.strip, self.content):
            name, _, question = line.partition(": ")
            path = folder / f"{name}.ipynb"
            self.env.note_dependency(str(path))
            links = ", ".join(f"{{doc}}`{need}`" for need in needed(path)) or "–"
            rows.append(f"| {{doc}}`{name}` | {minutes(path)} | {question.strip()} | {links} |")
        place = nodes.container(classes=["chapter-map"])
        self.state.nested_parse(StringList(HEAD + rows), self.content_offset, place)
        return [place]


def setup(app):
    app.add_directive("chapter-map", ChapterMap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
