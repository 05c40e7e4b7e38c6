// One slide at a time, by keys, buttons or a swipe; the address says which (#5). Without this script
// the slides stand one below the other.
(() => {
  const slides = [...document.querySelectorAll(".slide")];
  const bar = document.querySelector(".slides-bar"), said = bar.querySelector("[role=status]");
  const buttons = [...bar.querySelectorAll("[data-step]")];
  const SWIPE = 60, STEPS = {
    ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, End: Infinity,
    ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Home: -Infinity,
  };
  const within = (place) => Math.max(0, Math.min(slides.length - 1, place));
  let here = -1;

  function show(place) {
    here = place;
    slides.forEach((slide, i) => slide.classList.toggle("here", i === here));
    said.textContent = `${here + 1} of ${slides.length}`;
    buttons.forEach((button) => button.setAttribute("aria-disabled", within(here + Number(button.dataset.step)) === here));
    dispatchEvent(new Event("resize")); // book.js then looks at what goes beyond the edge of its box
  }

  function move(step) {
    const place = within(here + step);
    if (place === here) return;
    show(place);
    slides[here].scrollTop = step === -1 ? slides[here].scrollHeight : 0;
    try {
      history.replaceState(null, "", `#${here + 1}`);
    } catch { /* a page without an address of its own, in a frame */ }
  }

  // The address may lead to a slide, or to something on one: a theorem, a view of a figure.
  function follow() {
    const found = document.getElementById(location.hash.slice(1));
    const place = slides.indexOf(found?.closest(".slide"));
    show(place >= 0 ? place : Math.max(here, 0));
    if (place >= 0 && !slides.includes(found)) found.scrollIntoView({ block: "nearest" });
  }

  // A slide that is longer than the screen is read to its end first.
  function scroll(step) {
    const slide = slides[here], { scrollTop: top, scrollHeight, clientHeight } = slide;
    if (step > 0 ? top + clientHeight >= scrollHeight - 2 : top <= 2) return false;
    slide.scrollBy({ top: step * 0.85 * clientHeight });
    return true;
  }

  // Fields, buttons and boxes that scroll keep the keys that move them. Page Up and Page Down are
  // never theirs: whoever has moved a slider goes on with a presenter's two buttons.
  function isTheirs(target, key) {
    if (key.startsWith("Page")) return false;
    if (target.closest("input, select, textarea")) return true;
    if (key === " ") return Boolean(target.closest("button, summary, a"));
    const box = target.closest("[tabindex='0']");
    return Boolean(box) && !slides.includes(box) && (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight);
  }

  addEventListener("keydown", (event) => {
    const { key, target } = event, isBack = key === " " && event.shiftKey, step = isBack ? -1 : STEPS[key];
    if (!step || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if ((event.shiftKey && !isBack) || isTheirs(target, key)) return;
    event.preventDefault();
    if (Number.isFinite(step) && !/Left|Right/.test(key) && scroll(step)) return;
    move(step);
    slides[here].focus({ preventScroll: true });
  });
  buttons.forEach((button) => button.addEventListener("click", () => move(Number(button.dataset.step))));

  let began = null;
  addEventListener("touchstart", ({ touches, target }) => {
    const isFree = touches.length === 1 && !target.closest("input, select, [data-more=left], [data-more=right], [data-more=leftright]");
    began = isFree ? touches[0] : null;
  }, { passive: true });
  addEventListener("touchend", ({ changedTouches: [touch] }) => {
    if (!began) return;
    const across = touch.clientX - began.clientX, down = touch.clientY - began.clientY;
    if (Math.abs(across) > Math.max(SWIPE, 2 * Math.abs(down))) move(across < 0 ? 1 : -1);
    began = null;
  }, { passive: true });

  slides.forEach((slide) => { slide.tabIndex = 0; });
  bar.hidden = false;
  document.querySelector(".slides-keys").hidden = false;
  document.documentElement.classList.add("one-by-one");
  addEventListener("hashchange", follow);
  follow();
})();
