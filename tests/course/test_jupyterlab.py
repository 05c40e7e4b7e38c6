"""A student in a real JupyterLab: two answers, the feedback, the file to hand in, its grade."""

from stragglers_course.grading import files
from stragglers_course.grading.submission import Course, grade
from stragglers_course.questions import personal_numbers
from tests.jupyterlab import jupyterlab, run_all

from .works import SALT, dump, master, student_notebook

STUDENT = "Zoë Müller"
WRONG = 'p = parameters("q1")\nq1 = p.n * p.slow'
RIGHT = 'p = parameters("q2")\nq2 = 1 - (1 - p.share) ** (1 / p.n)'


def type_into(page, question, source):
    """Replace the source of a question's answer cell, as a student does."""
    cell = page.locator(".jp-CodeCell").filter(has_text=f"{question} = None").first
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)


def test_a_student_answers_reads_the_feedback_and_hands_in(browser, tmp_path):
    notebook = student_notebook("race", STUDENT, solved=lambda question: False)
    (tmp_path / "race.ipynb").write_bytes(dump(notebook))
    with jupyterlab(tmp_path) as url:
        page = browser.new_page(viewport={"width": 1200, "height": 1200})
        page.goto(f"{url}/lab/tree/race.ipynb")
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        type_into(page, "q1", WRONG)
        type_into(page, "q2", RIGHT)
        run_all(page)
        page.get_by_text("Hand in this file: race-zoe-muller-handin.ipynb").wait_for()
        said = " ".join(page.locator(".jp-OutputArea-output").all_inner_texts())
        page.close()
    assert "q1 ✗ n · slow only bounds the probability from above" in said
    assert "q2 ✓ right." in said
    assert "Answered: q1, q2." in said
    assert "Not answered: q3, q4, q5, q6, q7." in said
    name = "race-zoe-muller-handin.ipynb"
    handed_in = files.Submission(name, 0.0, (tmp_path / name).read_bytes())
    result = grade(handed_in, Course("race", SALT, master("race")))
    marks = {q: (mark["status"], mark["mistake"]) for q, mark in result["questions"].items()}
    assert personal_numbers.normal(result["student"]) == "zoë müller"
    assert (marks["q1"], marks["q2"]) == (("wrong", "union-bound"), ("right", ""))
    assert {status for status, _ in list(marks.values())[2:]} == {"unanswered"}
    assert (result["points"], result["notes"]) == (1.0, [])
