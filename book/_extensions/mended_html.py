"""Mend what other extensions leave in a page.

sphinx-proof and sphinx-exercise give all theorems, all exercises, ... the same id, which no link
uses, and print "Proof." in plain type. Docutils gives references a role that is no longer allowed,
and makes the empty corner of a table a heading. Myst-nb names what opens hidden code otherwise than
it reads.
"""

import re

from docutils import nodes

REPEATED = {"proof", "proof-content", "exercise-content", "solution-content"}


def mend_proofs(app, doctree, docname):
    for node in doctree.findall(nodes.Element):
        node["ids"] = [each for each in node.get("ids", []) if each not in REPEATED]
    for proof in doctree.findall(nodes.admonition):
        word = proof.next_node(nodes.Text)
        if proof["classes"][:1] == ["proof"] and word.startswith("Proof. "):
            rest = nodes.Text(word.removeprefix("Proof."))
            word.parent.replace(word, [nodes.strong("", "Proof."), rest])


def mend_html(app, pagename, templatename, context, doctree):
    body = context.get("body", "").replace('role="doc-biblioentry"', 'role="listitem"')
    body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    context["body"] = re.sub(r"<th( [^>]*)?>(?:<p></p>)?</th>", r"<td\1></td>", body)


def setup(app):
    app.connect("doctree-resolved", mend_proofs)
    app.connect("html-page-context", mend_html)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
