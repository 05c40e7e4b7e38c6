"""Predictions and quick checks as a reader meets them: by keyboard, and where little works."""

from ..conftest import settle, watched
from .test_hostile_places import FORBID_STORAGE, strict_url  # noqa: F401 (a fixture)

GUESS, FIGURE = "sg-prediction input", "sg-explorer"


def opened(page, url):
    page.goto(f"{url}/book/race.html")
    settle(page)


def test_a_number_is_said_by_keyboard_kept_and_asked_for_again(browser, book_url):
    page, faults = watched(browser, 1280, "light")
    opened(page, book_url)
    figure, told = page.locator(FIGURE).first, page.locator(".sg-told")
    assert not figure.is_visible()
    page.locator(GUESS).fill("twenty")
    page.locator(GUESS).press("Enter")
    assert "A number, please" in told.inner_text()
    assert not figure.is_visible()
    page.locator(GUESS).fill("3,6")
    page.locator(GUESS).press("Enter")
    assert "You said 3.6 units of time. It is 1.8 units of time: you are 2 times too high." in (
        told.inner_text()
    )
    assert figure.is_visible()
    opened(page, book_url)
    assert "You said 3.6" in told.inner_text()
    assert figure.is_visible()
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Ask me again").press("Enter")
    assert page.evaluate("document.activeElement.name") == "guess"
    page.emulate_media(media="print")
    assert figure.is_visible()
    assert page.locator("sg-prediction details").is_visible()
    page.emulate_media(media="screen")
    assert not figure.is_visible()
    page.goto(f"{book_url}/book/race.html?slowest_and_fastest.m=3#slowest_and_fastest")
    assert figure.is_visible()
    assert faults == []
    page.context.close()


def test_a_quick_check_is_answered_by_keyboard(browser, book_url):
    page, faults = watched(browser, 1280, "light")
    opened(page, book_url)
    quiz = page.locator("sg-quiz").first
    group = quiz.get_by_role("radiogroup")
    assert group.get_attribute("aria-labelledby") == quiz.locator("p").first.get_attribute("id")
    quiz.get_by_role("button", name="Check").press("Enter")
    told = quiz.get_by_role("status")
    assert told.inner_text().strip() == "Choose one first."
    quiz.get_by_role("radio").first.press("Space")
    page.keyboard.press("Enter")
    assert told.inner_text().startswith("Not this.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert told.inner_text().startswith("Right.")
    assert quiz.get_by_text("Why not the others?").is_visible()
    assert quiz.locator(".quiz-mark").all_inner_texts() == ["✗ not this", "✓ right", ""]
    assert faults == []
    page.context.close()


def test_under_a_strict_policy_and_without_storage_both_work(browser, strict_url):  # noqa: F811
    page, faults = watched(browser, 390, "dark")
    page.add_init_script(FORBID_STORAGE)
    opened(page, strict_url)
    page.locator(GUESS).fill("10")
    page.get_by_role("button", name="Look").click()
    assert page.locator(".sg-told svg rect").count() == 2
    assert page.locator(".sg-told svg rect").first.evaluate("one => one.getBBox().width") == 220
    assert page.locator(FIGURE).first.is_visible()
    quiz = page.locator("sg-quiz").first
    quiz.get_by_role("radio").nth(1).check()
    quiz.get_by_role("button", name="Check").click()
    assert quiz.get_by_role("status").inner_text().startswith("Right.")
    assert faults == []
    page.context.close()


def test_without_scripts_nothing_is_covered_and_answers_are_folded(browser, book_url):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{book_url}/book/race.html")
    assert page.locator(".sg-explorer .sg-picture").first.is_visible()
    assert not page.locator(GUESS).is_visible()
    answer = page.locator("sg-prediction details")
    assert not answer.locator("p").first.is_visible()
    answer.locator("summary").click()
    assert "It is 1.8 units of time." in answer.inner_text()
    option = page.locator("sg-quiz details").first
    option.locator("summary").click()
    assert "Not this." in option.inner_text()
    context.close()


def test_a_picture_below_the_screen_comes_when_its_control_is_reached_by_keyboard(
    browser, book_url
):
    page, faults = watched(browser, 1280, "light")
    opened(page, book_url)
    slider = page.locator("sg-explorer#legs input[type=range]").first
    slider.evaluate("one => scrollBy(0, one.getBoundingClientRect().top - innerHeight + 60)")
    page.keyboard.press("Shift")  # who comes by keyboard
    slider.focus()
    picture = page.locator("#legs .sg-picture")
    seen = picture.evaluate("one => one.getBoundingClientRect().bottom <= innerHeight + 1")
    assert seen
    assert slider.evaluate("one => one.getBoundingClientRect().top > 0")
    assert faults == []
    page.context.close()


def test_a_theorem_in_the_reason_of_an_answer_is_shown_beside_it(browser, book_url):
    page, faults = watched(browser, 1280, "light")
    page.goto(f"{book_url}/book/family.html")
    settle(page)
    quiz = page.locator("sg-quiz").first
    quiz.locator("label").nth(1).click()
    quiz.get_by_role("button", name="Check").click()
    quiz.locator(".quiz-told a").first.hover()
    page.locator(".preview .proof").wait_for()
    assert faults == []
    page.context.close()
