"""Mend what sphinx-proof and sphinx-exercise leave: ids that occur twice, "Proof." in plain type.

They give all theorems, all exercises, ... of a page the same id, which no link uses.
"""

from docutils import nodes

REPEATED = {"proof", "proof-content", "exercise-content", "solution-content"}


def mend(app, doctree, docname):
    for node in doctree.findall(nodes.Element):
        node["ids"] = [each for each in node.get("ids", []) if each not in REPEATED]
    for proof in doctree.findall(nodes.admonition):
        word = proof.next_node(nodes.Text)
        if proof["classes"][:1] == ["proof"] and word.startswith("Proof. "):
            rest = nodes.Text(word.removeprefix("Proof."))
            word.parent.replace(word, [nodes.strong("", "Proof."), rest])


def setup(app):
    app.connect("doctree-resolved", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
