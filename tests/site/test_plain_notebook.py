"""The notebooks that the book gives away: plain Markdown that says what the page says."""

import base64
import json
import re

import plain_notebook
import pytest
import quiz

from ..conftest import ROOT

CHAPTERS = sorted((ROOT / "book").glob("*.ipynb"))
RAW = re.compile(r"^ *:::.*$|\{[\w:]+\}`|\$\$ *\([\w-]+\)|^\([\w-]+\)=$", re.M)
SAID = re.compile(r"(?:Theorem|Exercise) \d+|\[[A-Z][\w+]*\d\d\w*\]")
OPTION = '<details class="{}"><summary>so</summary>\n\nBy half.\n\n</details>'


class Names:
    """Names as a page might have them."""

    def page(self, target):
        return f"The {target}", f"{target}.ipynb"

    def term(self, target):
        return f"notation.html#term-{target}"

    def equation(self, label):
        return {"eq-half": 1, "eq-two": 2}.get(label, 9)

    def numbered(self, label):
        return ("Theorem 3" if label.startswith("thm") else "Exercise 7"), f"#{label}"

    def options(self, target, question):
        return quiz.options_of(ROOT / "book" / f"{target}.ipynb", question)

    def citation(self, keys, textual):
        return "Dean and Barroso [DB13]" if textual else "[DB13]"


def plain(*lines):
    return plain_notebook.plain("\n".join(lines), Names())


def test_a_theorem_is_a_quotation_with_its_number_and_title():
    said = plain(
        ":::{prf:theorem} Of half",
        ":label: thm-half",
        "",
        "For $m$ workers,",
        "",
        "$$",
        r"a \\",
        "b",
        "$$ (eq-half)",
        ":::",
    )
    assert said == (
        '<a id="thm-half"></a>\n\n> **Theorem 3 (Of half)**\n>\n> For $m$ workers,\n>\n'
        "> $$ a \\\\ b $$ (eq-half)"
    ).replace("$$ (eq-half)", r"\tag{1}$$")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([":::{prf:proof}", "It is so.", ":::"], "*Proof.* It is so. ∎"),
        ([":::{prf:proof}", "", "$$a$$", ":::"], "*Proof.* \n\n$$a$$\n\n∎"),
        (
            [":::{exercise} Twice (5 min)", ":label: ex-t", "Why?", ":::"],
            '<a id="ex-t"></a>\n\n**Exercise 7 (Twice (5 min))**\n\nWhy?',
        ),
        ([":::{warning}", "Not so.", ":::"], "> **Warning**\n>\n> Not so."),
        (
            [":::{admonition} A trap", ":class: tip", "By {eq}`eq-two`.", ":::", "On."],
            "> **A trap**\n>\n> By (2).\nOn.",
        ),
        (
            ["::::{admonition} Out", ":::{prf:proof}", "In.", ":::", "::::"],
            "> **Out**\n>\n> *Proof.* In. ∎",
        ),
        (
            [
                ":::{admonition} Why?",
                ":class: quiz",
                "",
                OPTION.format("wrong"),
                "",
                OPTION.format("right"),
                "",
                ":::",
            ],
            "**Why?**\n\n"
            + OPTION.replace("By", "*No.* By").format("wrong")
            + "\n\n"
            + OPTION.replace("By", "*Right.* By").format("right"),
        ),
        (["{prf:ref}`thm-a` and {ref}`it <ex-b>`"], "[Theorem 3](#thm-a) and [it](#ex-b)"),
        (["{doc}`race`, {doc}`a race <race>`"], "[The race](race.ipynb), [a race](race.ipynb)"),
        (["{term}`hedging <hedge>`"], "[hedging](notation.html#term-hedge)"),
        (["{cite:t}`d` say; {cite:p}`d`"], "Dean and Barroso [DB13] say; [DB13]"),
        (["```", ":::{prf:proof} {eq}`x`", "```", "{eq}`eq-half`"], None),
    ],
)
def test_what_myst_adds_is_written_out(lines, said):
    if said is None:
        said = "\n".join([*lines[:3], "(1)"])
    assert plain(*lines) == said


@pytest.mark.parametrize("line", ["{guess}`x`", ":::{figure} x\n:::", ":::{warning}\nnever closed"])
def test_what_has_no_plain_form_is_named(line):
    with pytest.raises(plain_notebook.Unknown, match=r"no plain form|never closed"):
        plain(line)


def test_a_question_that_comes_back_has_the_options_of_its_chapter():
    question = "Four workers, rate 1. How long is the wait for the slowest, on average?"
    said = plain(
        ":::{admonition} Do you still know?",
        ":class: quiz-again",
        "",
        f"From {{doc}}`race`: {question}",
        ":::",
    )
    assert said.startswith(f"**Do you still know?** From [The race](race.ipynb): {question}\n\n")
    assert said.count("<details") == said.count("</details>") == 3
    assert '<details class="right"><summary>2.08</summary>\n\n*Right.* $H_4' in said


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_chapter_uses_what_has_no_plain_form(path):
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            assert not RAW.findall(plain("".join(cell["source"])))


# The built book


@pytest.fixture(scope="module")
def copies(built_book):
    """The notebooks as they are given away, by page."""
    return {
        f"book/{path.stem}.html": json.loads(path.read_text("utf-8"))
        for path in (built_book / "_sources" / "book").glob("*.ipynb")
    }


def markdown(notebook):
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["id"] != "cited")


def test_every_chapter_is_given_away_and_nothing_in_it_is_raw(copies):
    assert len(copies) == len(CHAPTERS)
    for name, notebook in copies.items():
        assert not RAW.findall(markdown(notebook)), name


def test_theorems_exercises_and_citations_are_those_of_the_page(copies, pages):
    for name, notebook in copies.items():
        article = pages[name].select_one("article")
        others = article.select(".cell, .katex, script, style")
        left_out = {id(text) for part in others for text in part.find_all(string=True)}
        said = "".join(text for text in article.strings if id(text) not in left_out)
        on_page = SAID.findall(" ".join(said.split()))
        text = re.sub(r"\[([^\[\]]*)\]\([^)]*\)", r"\1", markdown(notebook))
        assert SAID.findall(" ".join(text.split())) == on_page, name
        assert on_page


def test_every_figure_is_a_picture_with_its_sentence(copies, pages):
    for name, notebook in copies.items():
        outputs = [
            one["data"]
            for cell in notebook["cells"]
            if cell["cell_type"] == "code"
            for one in cell["outputs"]
            if "image/png" in one.get("data", {})
        ]
        labels = [figure["aria-label"] for figure in pages[name].select(".sg-picture")]
        assert [data["text/plain"] for data in outputs] == labels
        assert labels
        assert all(base64.b64decode(data["image/png"])[1:4] == b"PNG" for data in outputs)
        assert "<sg-" not in json.dumps(notebook["cells"]), name  # nothing that needs our script
