"""Move every control of an explorer as a reader does, and see that picture and sentence follow."""


def drive(page, explorer):
    """Move each control through both ends and the middle, by keyboard and by pointer.

    Asserts that the picture and the sentence change each time that the value does, that the
    sentence is the picture's accessible name, and that Reset restores the start. Returns the set
    of sentences seen.
    """
    explorer.scroll_into_view_if_needed()
    fields = [field for field in explorer.locator("[data-values]").all() if field.is_visible()]
    assert fields, "no control can be seen: the explorer is dead"
    seen = {sentence_of(explorer)}
    for field in fields:
        for move in moves(page, field):
            before = state(explorer)
            value = field.evaluate(
                "field => field.type === 'checkbox' ? field.checked : field.value"
            )
            move()
            after = field.evaluate(
                "field => field.type === 'checkbox' ? field.checked : field.value"
            )
            if after != value:
                seen.add(wait_for_change(page, explorer, before))
        explorer.get_by_role("button", name="Reset").click()
        page.wait_for_timeout(50)
    return seen


def moves(page, field):
    """Yield the ways to move a field, as functions."""
    kind = field.evaluate("field => field.type")
    if kind == "checkbox":
        return [lambda: field.press("Space"), field.click]
    if kind == "select-one":
        count = field.locator("option").count()
        by_key = [lambda: field.press("ArrowDown")]
        return by_key + [lambda i=i: field.select_option(index=i) for i in range(count)]
    return [
        *[lambda key=key: field.press(key) for key in ("Home", "End", "ArrowLeft")],
        *[lambda part=part: click_at(page, field, part) for part in (0.5, 0.02, 0.98)],
    ]


def click_at(page, field, part):
    """Click into a slider at a part of its width."""
    box = field.bounding_box()
    page.mouse.click(box["x"] + part * box["width"], box["y"] + box["height"] / 2)


def sentence_of(explorer):
    return explorer.locator(".sg-sentence").inner_text()


def state(explorer):
    return explorer.locator(".sg-picture").inner_html(), sentence_of(explorer)


def wait_for_change(page, explorer, before):
    """Return the new sentence once picture and sentence differ from `before`."""
    for _ in range(100):
        picture, sentence = state(explorer)
        if picture != before[0] and sentence != before[1]:
            break
        page.wait_for_timeout(20)
    assert sentence != before[1], f"the sentence did not change: {sentence}"
    assert picture != before[0], f"the picture did not change: {sentence}"
    assert explorer.locator(".sg-picture").get_attribute("aria-label") == sentence
    return sentence
