"""The page of the problem sets: what each asks, from its master, and a notebook to practise with.

The masters stay outside the book, with their solutions. `{{ problem_sets }}` on a page is replaced
by the outlines; the notebooks go among the downloads, where `repository_links` fills in its
address.
"""

import json
from pathlib import Path

import stragglers_course
from stragglers_course.masters import practice, release
from stragglers_course.notebooks import reading
from stragglers_course.sets import NAMES

PLACE = "{{ problem_sets }}"
SECTION = """({name}-set)=
## {title}

{count} questions, {points} points, about {minutes} minutes. It rests on {chapters}.

Afterwards you can

{goals}

| name | question | points | minutes |
|---|---|--:|--:|
{questions}

To practise: {links}.
"""


def masters(app):
    """Return the master notebooks by the names of their sets."""
    folder = Path(app.srcdir, "coursework")
    return {name: release.read_master(folder / f"{name}.ipynb") for name in NAMES}


def section(name, master, links):
    """Return what the page says of one set, as MyST."""
    asked = practice.outline(name, master)
    rows = [f"| {' | '.join(map(str, question))} |" for question in asked.questions]
    return SECTION.format(
        name=name,
        title=asked.title,
        count=len(asked.questions),
        points=asked.points,
        minutes=asked.minutes,
        chapters=joined([f"{{doc}}`{chapter}`" for chapter in asked.chapters]),
        goals="\n".join(f"- {goal}" for goal in asked.goals),
        questions="\n".join(rows),
        links=joined(links, "or"),
    )


def joined(parts, word="and"):
    """Return parts as one phrase.

    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = parts
    return f"{', '.join(most)} {word} {last}" if most else last


def links(app, name):
    """Return the ways to the practice notebook of a set, as HTML."""
    path = f"practice/{name}.ipynb"
    yield f'<a href="../_sources/{path}" download>download {name}.ipynb</a>'
    if app.config.repository and (colab := app.config.repository.colab(path)):
        yield f'<a href="{colab}">open {name}.ipynb in Colab</a>'


def describe(app, docname, source):
    """Put the outlines where a page asks for them."""
    if PLACE in source[0]:
        app.env.shows_problem_sets = True
        for name in NAMES:
            app.env.note_dependency(Path(app.srcdir, "coursework", f"{name}.ipynb"))
        for file in Path(stragglers_course.__file__).parent.rglob("*.py"):
            app.env.note_dependency(file)
        sections = [section(name, m, list(links(app, name))) for name, m in masters(app).items()]
        source[0] = source[0].replace(PLACE, "\n".join(sections))


def write(app, exception):
    """Write the practice notebooks."""
    asked = getattr(app.env, "shows_problem_sets", False)
    if exception or app.builder.format != "html" or not asked:
        return
    folder = Path(app.outdir, "_sources", "practice")
    folder.mkdir(parents=True, exist_ok=True)
    chapter = json.loads(Path(app.srcdir, "book", "race.ipynb").read_text("utf-8"))
    install = reading.code_cells(chapter)[0]
    for name, master in masters(app).items():
        notebook = practice.practice_notebook(name, master, install)
        text = json.dumps(notebook, ensure_ascii=False, indent=1)
        (folder / f"{name}.ipynb").write_text(text + "\n", "utf-8")


def setup(app):
    app.connect("source-read", describe)
    app.connect("build-finished", write, priority=400)  # before `repository_links`
    return {"parallel_read_safe": True, "parallel_write_safe": True}
