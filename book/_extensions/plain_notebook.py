"""The notebooks that readers download, or open on GitHub and Colab: plain Markdown, with outputs.

There nobody knows MyST. Theorems, exercises and references are written out as the page shows them,
with its numbers; a figure is the picture with which it starts.
"""

import html
import json
import os
import re
from pathlib import Path

from pybtex.plugin import find_plugin
from sphinx.util import logging

log = logging.getLogger(__name__)
OPENS = re.compile(r"(:{3,})\{([\w:]+)\} *(.*)")
OPTION = re.compile(r":(\w+): *(.*)")
ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
TITLED = re.compile(r"(.+?)\s*<([^<>]+)>", re.S)
EQUATION = re.compile(r"(\$\$)(?P<tex>(?:(?!\$\$).)+)\$\$ *\((?P<label>[\w-]+)\)", re.S)
DISPLAY = re.compile(r"\$\$(?:(?!\$\$).)+\$\$", re.S)
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)
OPTION_OF_QUIZ = re.compile(r'<details class="(\w+)"><summary>.*?</summary>\n\n')
PLAIN = find_plugin("pybtex.backends", "plaintext")()
SENTENCE = re.compile(r'class="sg-picture" role="img" aria-label="([^"]*)"')

ASKED = re.compile(r'<p class="sg-asked">(.*?)</p>.*?(<details.*?</details>)', re.S)


class Unknown(ValueError):
    """Something in a notebook that has no plain form; the message says what."""


# From MyST to Markdown


def plain(source, names):
    """Return the Markdown of a cell; `names` knows what is referred to (see Names).

    Raises Unknown for a role or a directive that has no plain form.
    """
    parts, end = [], 0
    for code in FENCED.finditer(source):  # left as it is
        parts += [written_out(source[end : code.start()], names), code[0]]
        end = code.end()
    return "".join([*parts, written_out(source[end:], names)])


def written_out(text, names):
    text = blocks(text.split("\n"), names)
    text = EQUATION.sub(lambda match: equation(match["tex"], names.equation(match["label"])), text)
    return ROLE.sub(lambda match: role(match[1], match[2], names), text)


def equation(tex, number):
    return rf"$${tex.rstrip()} \tag{{{number}}}$$"


def role(kind, content, names):
    """Return what stands for a reference: its text, linked where there is something to link to."""
    titled = TITLED.fullmatch(content)
    text, target = titled.groups() if titled else ("", content)
    if kind in ("cite:t", "cite:p"):
        return names.citation(target, textual=kind == "cite:t")
    if kind == "term":
        return link(text or target, names.term(target))
    if kind == "doc":
        title, place = names.page(target)
        return link(text or title, place)
    if kind == "eq":
        return f"({names.equation(target)})"
    if kind in ("prf:ref", "ref", "numref"):
        name, place = names.numbered(target)
        return link(text or name, place)
    raise Unknown(f"the role {kind} has no plain form")


def link(text, place):
    return f"[{text}]({place})" if place else text


def blocks(lines, names):
    """Return the text of lines, with their directives written out."""
    result, lines = [], list(lines)
    while lines:
        line = lines.pop(0)
        opens = OPENS.fullmatch(line.rstrip())
        if not opens:
            result.append(line)
            continue
        colons, kind, title = opens.groups()
        body = []
        while lines and lines[0].rstrip() != colons:
            body.append(lines.pop(0))
        if not lines:
            raise Unknown(f"{line} is never closed")
        lines.pop(0)
        options = {}
        while body and (option := OPTION.fullmatch(body[0].rstrip())):
            options[option[1]] = option[2]
            body.pop(0)
        inside = blocks(body, names).strip("\n")
        kind = "quiz" if options.get("class") == "quiz" else kind
        result.append(block(kind, title, options.get("label"), inside, names))
    return "\n".join(result)


def block(kind, title, label, body, names):
    """Return the Markdown of a directive."""
    anchor = f'<a id="{label}"></a>\n\n' if label else ""
    if kind == "prf:proof":
        inside = body if starts_with_text(body) else f"\n\n{body}"
        return f"*Proof.* {inside}" + ("\n\n∎" if body.endswith(("$$", ">")) else " ∎")
    if kind in ("prf:theorem", "exercise"):
        name, _ = names.numbered(label)
        head = f"**{name}" + (f" ({title})" if title else "") + "**"
        return anchor + (f"{head}\n\n{body}" if kind == "exercise" else quote(f"{head}\n\n{body}"))
    if kind == "quiz":
        return f"**{title}**\n\n" + OPTION_OF_QUIZ.sub(
            lambda found: f"{found[0]}*{'Right.' if found[1] == 'right' else 'No.'}* ", body
        )
    if kind in ("admonition", "warning", "note", "tip"):
        return anchor + quote(f"**{title or kind.capitalize()}**\n\n{body}")
    raise Unknown(f"the directive {kind} has no plain form")


def starts_with_text(body):
    return not re.match(r"\$\$|[-*] |\d+\. |\||<|:::", body)


def quote(text):
    """Return a quotation; its displays in one line, or Jupyter takes the `>` for mathematics."""
    text = DISPLAY.sub(lambda match: " ".join(match[0].split()), text)
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


# What is referred to


class Names:
    """What the references of a page say, and where they lead: as in the built book."""

    def __init__(self, env, docname, site):
        self.env, self.docname, self.site = env, docname, site
        self.cited = {}  # label: the whole entry, as plain text
        self.citations = {one.key: one for one in env.get_domain("cite").citations}

    def place(self, docname, anchor=""):
        """Return where a page, or a place on it, is to be found from this notebook; "" if not."""
        anchor = f"#{anchor}" if anchor else ""
        if docname == self.docname:
            return anchor
        if self.site:
            return f"{self.site}{docname}.html{anchor}"
        is_notebook = self.env.doc2path(docname).endswith(".ipynb")
        return f"{docname.rpartition('/')[2]}.ipynb" if is_notebook else ""

    def page(self, target):
        docname = target.lstrip("/") if target.startswith("/") else self.beside(target)
        if docname not in self.env.titles:
            raise Unknown(f"no page {target}")
        return self.env.titles[docname].astext(), self.place(docname)

    def beside(self, target):
        return os.path.normpath(f"{self.docname}/../{target}")

    def term(self, target):
        domain = self.env.get_domain("std")
        place = domain._terms.get(target.lower()) or domain.objects["term", target]
        return self.place(*place)

    def equation(self, label):
        return self.env.get_domain("math").equations[label][1]

    def numbered(self, label):
        """Return ("Theorem 3", where it is) for the label of a theorem or an exercise."""
        theorems, exercises = self.env.proof_list, self.env.sphinx_exercise_registry
        kind = "theorem" if label in theorems else "exercise"
        docname = (theorems.get(label) or exercises[label])["docname"]
        number = self.env.toc_fignumbers[docname][kind][label]
        name = f"{kind.capitalize()} {'.'.join(map(str, number))}"
        return name, self.place(docname, label)

    def citation(self, keys, textual):
        """Return "Dean and Barroso [DB13]" or "[DB13]", and remember the entries for the end."""
        said = []
        for key in keys.split(","):
            one = self.citations[key.strip()]
            label = one.formatted_entry.label
            self.cited[label] = one.tooltip_entry.text.render(PLAIN).replace("\\url ", "")
            place = self.place(one.bibliography_key.docname, one.citation_id)
            shown = link(label, place)
            said.append(f"{authors(one.entry)} [{shown}]" if textual else shown)
        return ", ".join(said) if textual else f"[{', '.join(said)}]"


def authors(entry):
    """Return the names by which a text speaks of its authors: A, A and B, or A et al."""
    people = entry.persons.get("author") or entry.persons["editor"]
    last = [
        " ".join(map(str, person.rich_prelast_names + person.rich_last_names)) for person in people
    ]
    return f"{last[0]} *et al.*" if len(last) > 2 or last[-1] == "others" else " and ".join(last)


# Cells with their outputs


def output(one):
    """Return an output as one sees it where no script of a page runs: a figure as a picture."""
    data = one.get("data", {})
    shown = "".join(data.get("text/html", ""))
    if "image/png" in data and (sentence := SENTENCE.search(shown)):
        said = html.unescape(sentence[1])
        return one | {"data": {"image/png": data["image/png"], "text/plain": said}}
    if asked := ASKED.search(shown):  # before a figure: the question, and its answer folded
        said = f"{asked[1]}\n\n{asked[2]}"
        return one | {"data": {"text/markdown": said, "text/plain": data["text/plain"]}}
    return one


def with_outputs(notebook, executed, names):
    """Return a notebook in plain Markdown, with the outputs that its cells have in `executed`.

    A last cell lists what is cited. Raises Unknown, which names the cell.
    """
    cells = []
    for cell, run in zip(notebook["cells"], executed["cells"], strict=True):
        cell = dict(cell)
        if cell["cell_type"] == "markdown":
            try:
                cell["source"] = plain("".join(cell["source"]), names)
            except (Unknown, KeyError) as error:
                raise Unknown(f"{error}, in: {''.join(cell['source'])[:60]!r}") from error
        elif cell["cell_type"] == "code":
            cell["outputs"] = [output(one) for one in run["outputs"]]
            cell["execution_count"] = run["execution_count"]
        cells.append(cell)
    if names.cited:
        entries = [f"- [{label}] {text}" for label, text in sorted(names.cited.items())]
        source = "\n".join(["## Cited here", "", *entries])
        cells.append({"cell_type": "markdown", "id": "cited", "metadata": {}, "source": source})
    return notebook | {"cells": cells}


def write_plain(app, exception):
    """Write the notebooks that the pages give away, and that Colab opens, anew."""
    if exception or app.builder.format != "html":
        return
    for docname in app.env.found_docs:
        file = Path(app.outdir, "_sources", f"{docname}.ipynb")
        run = Path(app.env.mystnb_config.output_folder, f"{docname}.ipynb")
        if not (file.exists() and run.exists()):
            continue
        notebook = json.loads(Path(app.env.doc2path(docname)).read_text("utf-8"))
        names = Names(app.env, docname, app.config.html_baseurl)
        try:
            written = with_outputs(notebook, json.loads(run.read_text("utf-8")), names)
        except Unknown as error:
            log.warning("%s", error, location=docname, type="plain_notebook")
            continue
        file.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")


def setup(app):
    os.environ["STRAGGLERS_STILLS"] = "1"  # figures bring a picture for these notebooks
    app.connect("build-finished", write_plain, priority=400)  # before addresses are filled in
    return {"parallel_read_safe": True, "parallel_write_safe": True}
