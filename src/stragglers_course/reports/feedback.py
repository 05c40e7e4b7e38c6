"""One page of feedback for every student: plain HTML that needs nothing else."""

from html import escape
from pathlib import Path

from .tables import file_name, said

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}: feedback</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 45rem; margin: 2rem auto;
  padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid; padding: .4rem; text-align: left; vertical-align: top; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>For <bdi>{student}</bdi>. <strong>{points:g} of {of:g} points.</strong></p>
<table>
<thead>
<tr><th scope="col">Question</th><th scope="col">Points</th><th scope="col">Feedback</th></tr>
</thead>
<tbody>
{rows}
</tbody>
</table>
{notes}
</main>
</body>
</html>
"""
WORDS = {
    "right": "Right.",
    "partly": "Partly.",
    "wrong": "Not yet.",
    "unanswered": "",
    "unreadable": "",
}


def page(person, title):
    """Return the feedback on one student's submission as an HTML page."""
    rows = [
        f'<tr><th scope="row">{escape(name)}</th><td>{mark["points"]:g} of {mark["of"]:g}</td>'
        f"<td>{escape(_said(mark))}</td></tr>"
        for name, mark in person["questions"].items()
    ]
    notes = "".join(f"<li><bdi>{escape(note)}</bdi></li>\n" for note in person["notes"])
    return PAGE.format(
        title=escape(title),
        student=escape(person["id"] or "an unnamed student"),
        points=person["points"],
        of=person["of"],
        rows="\n".join(rows),
        notes=f"<h2>Notes</h2>\n<ul>\n{notes}</ul>" if notes else "",
    )


def _said(mark):
    words = "" if mark["message"].startswith("right") else WORDS[mark["status"]]
    return f"{words} {said(mark)}".strip()


def write_pages(students, title, out):
    """Write one page a student into `out`/feedback and return the paths."""
    folder = Path(out) / "feedback"
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for person in students.values():
        paths.append(folder / f"{file_name(person['id'])}.html")
        paths[-1].write_text(page(person, title), encoding="utf-8")
    return paths
