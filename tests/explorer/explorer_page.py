"""Move every control of an explorer as a reader does, and see that picture and sentence follow."""

VALUE = "field => field.type === 'checkbox' ? field.checked : field.value"
SEEN = """explorer => {
    const picture = explorer.querySelector('.sg-picture').shadowRoot.innerHTML;
    const sentence = explorer.querySelector('.sg-sentence').textContent;
    explorer.seen = { picture, sentence };
    explorer.first ??= explorer.seen;
    return sentence;
}"""
IS_FIRST = """explorer => ["picture", "sentence"].every(
    (part) => explorer.seen[part] === explorer.first[part])"""
CHANGED = """async (explorer, patience) => {
    const picture = explorer.querySelector('.sg-picture');
    const sentence = explorer.querySelector('.sg-sentence');
    const end = performance.now() + patience;
    let same = {};
    while (performance.now() < end) {
        await new Promise((go) => setTimeout(go, 5));
        same = { sentence: sentence.textContent === explorer.seen.sentence };
        if (same.sentence) continue;
        same.picture = picture.shadowRoot.innerHTML === explorer.seen.picture;
        if (!same.picture) break;
    }
    return { same, sentence: sentence.textContent, name: picture.getAttribute('aria-label') };
}"""
UNCOVER = """async () => {
    const all = [...document.querySelectorAll("sg-prediction")];
    if (all.length) await customElements.whenDefined("sg-prediction");
    all.forEach((one) => one.open("shown"));
}"""


def uncover(page):
    """Show the figures that a page covers until its reader has said a number."""
    page.evaluate(UNCOVER)


def drive(page, explorer, patience=30_000, few=False):
    """Move each control through both ends and the middle, by keyboard and by pointer.

    Asserts that the picture and the sentence change each time that the value does, that the
    sentence is the picture's accessible name, and that Reset restores the start. Returns the set
    of sentences seen. With `few`, a control is moved by one key and one click at most.
    """
    uncover(page)
    button = explorer.get_by_role("button", name="Reset")
    explorer = explorer.element_handle()  # a locator looks through the whole page each time
    explorer.scroll_into_view_if_needed()
    fields = [each for each in explorer.query_selector_all("[data-values]") if each.is_visible()]
    assert fields, "no control can be seen: the explorer is dead"
    sentence = explorer.evaluate(SEEN)
    explorer.evaluate("explorer => explorer.show().then(() => delete explorer.first)")
    start = explorer.evaluate(SEEN)
    assert start == sentence, "the first picture is not the one that the page holds"
    seen, reset = {start}, button.element_handle()
    for field in fields:
        value = field.evaluate(VALUE)
        for move in few_moves(page, field) if few else moves(page, field):
            explorer.evaluate(SEEN)
            move()
            before, value = value, field.evaluate(VALUE)
            if value != before:
                seen.add(wait_for_change(explorer, patience))
        if not few or field is fields[-1]:
            reset.click()
            explorer.evaluate("explorer => explorer.show()")
            explorer.evaluate(SEEN)
            assert explorer.evaluate(IS_FIRST), "Reset does not lead back to the start"
    return seen


def moves(page, field):
    """Yield the ways to move a field, as functions."""
    kind = field.evaluate("field => field.type")
    if kind == "checkbox":
        return [lambda: field.press("Space"), field.click]
    if kind == "select-one":
        last = len(field.query_selector_all("option")) - 1
        by_key = [lambda: field.press("ArrowDown")]
        return by_key + [lambda i=i: field.select_option(index=i) for i in (0, last // 2, last)]
    return [
        *[lambda key=key: field.press(key) for key in ("Home", "End", "ArrowLeft")],
        *[lambda part=part: click_at(page, field, part) for part in (0.5, 0.02, 0.98)],
    ]


def few_moves(page, field):
    """Return two ways to move a field from wherever it stands, a switch one."""
    kind = field.evaluate("field => field.type")
    if kind == "checkbox":
        return [lambda: field.press("Space")]
    if kind == "select-one":
        last = len(field.query_selector_all("option")) - 1
        return [lambda: field.press("ArrowDown"), lambda: field.select_option(index=last)]
    return [lambda: field.press("End"), lambda: click_at(page, field, 0.02)]


def click_at(page, field, part):
    """Click into a slider at a part of its width."""
    box = field.bounding_box()
    page.mouse.click(box["x"] + part * box["width"], box["y"] + box["height"] / 2)


def wait_for_change(explorer, patience):
    """Return the new sentence once picture and sentence differ from what was seen before."""
    now = explorer.evaluate(CHANGED, patience)
    assert not now["same"]["sentence"], f"the sentence did not change: {now['sentence']}"
    assert not now["same"]["picture"], f"the picture did not change: {now['sentence']}"
    assert now["name"] == now["sentence"], "the sentence is not the picture's accessible name"
    return now["sentence"]
