// What a page does, in place of the themes' two scripts: those measure every box of the page as soon
// as it is loaded, which on a long chapter takes a telephone most of a second.

const root = document.documentElement.dataset;
const all = (selector) => [...document.querySelectorAll(selector)];
const on = (selector, kind, act) => all(selector).forEach((part) => part.addEventListener(kind, act));

// Colours: as the system has them, or always light, or always dark; head.js has read the choice.
const systemDark = matchMedia("(prefers-color-scheme: dark)");
systemDark.addEventListener("change", () => setMode(root.mode));
on(".theme-switch-button", "click", () => {
  const order = systemDark.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
  setMode(order[(order.indexOf(root.mode) + 1) % 3]);
  localStorage.setItem("mode", root.mode);
});

// A dialog closes when one clicks beside it, or on a link in it.
const openDialog = (dialog) => dialog?.open || dialog?.showModal(); // slides have no search
on("dialog", "click", ({ currentTarget, target, clientX: x, clientY: y }) => {
  const { left, right, top, bottom } = currentTarget.getBoundingClientRect();
  if (target.closest("a") || x < left || x > right || y < top || y > bottom) currentTarget.close();
});

// Search: the field of the search page, elsewhere a dialog.
function search() {
  const field = document.querySelector("main form.bd-search input");
  field ? field.focus() : openDialog(document.getElementById("pst-search-dialog"));
}
on(".search-button__button", "click", search);
addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
    event.preventDefault();
    search();
  }
});

document.querySelector("#search-results") && document.querySelector("main form.bd-search input").focus();

// The words that one has searched for are marked on the page that one goes to: as a highlight, which
// changes nothing in the page, so that formulas and figures stay whole. Sphinx's search leaves them.
const UNMARKED = "script, style, svg, .sg-explorer, .katex, button, select, textarea";
function markWords() {
  if (document.querySelector("#search-results")) return;
  const asked = localStorage.getItem("sphinx_highlight_terms") ?? new URLSearchParams(location.search).get("highlight");
  localStorage.removeItem("sphinx_highlight_terms");
  const words = (asked ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length || !window.Highlight) return;
  const found = new Highlight();
  const accept = (node) =>
    node.nodeType === Node.TEXT_NODE ? NodeFilter.FILTER_ACCEPT
      : node.matches(UNMARKED) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
  const texts = document.createTreeWalker(document.querySelector(".bd-article"), NodeFilter.SHOW_ALL, { acceptNode:
    (node) => [Node.TEXT_NODE, Node.ELEMENT_NODE].includes(node.nodeType) ? accept(node) : NodeFilter.FILTER_SKIP });
  while (texts.nextNode()) {
    const node = texts.currentNode, text = node.data.toLowerCase();
    for (const word of words) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        found.add(new StaticRange({ startContainer: node, startOffset: at, endContainer: node, endOffset: at + word.length }));
      }
    }
  }
  CSS.highlights.set("searched", found);
}

// The lists of chapters and of sections: beside the text, or in a dialog where there is no room.
for (const [name, wide] of [["primary", 992], ["secondary", 1200]]) {
  const list = document.getElementById(`pst-${name}-sidebar`);
  const dialog = document.getElementById(`pst-${name}-sidebar-modal`);
  const move = (from, to) => {
    to.append(...from.childNodes);
    [to.className, from.className] = [from.className, ""];
  };
  on(`.${name}-toggle`, "click", () => {
    if (innerWidth >= wide) return list.classList.toggle("pst-sidebar-hidden");
    move(list, dialog);
    openDialog(dialog);
  });
  dialog?.addEventListener("close", () => move(dialog, list));
}

// The list of sections marks the one that is read: of those that reach into the page's upper third
// the last, which is the innermost.
const links = new Map(all("#pst-page-toc-nav a").map((link) => [link.hash.slice(1), link]));
const read = new Set();
const reader = new IntersectionObserver(
  (changes) => {
    for (const { target, isIntersecting } of changes) read[isIntersecting ? "add" : "delete"](target.id);
    const current = [...links.keys()].findLast((id) => read.has(id));
    links.forEach((link, id) => {
      link.classList.toggle("active", id === current);
      id === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
    });
  },
  { rootMargin: "0px 0px -66% 0px" },
);
all("section[id]").forEach((section) => links.has(section.id) && reader.observe(section));

// book.css puts off the layout of what is far from the eye, so that a long chapter is there at once.
// It is made up for when there is time, a few parts after the others; at once where a link leads to a
// place further down, which would move when what is above it gets its height.
const whenIdle = (work) =>
  window.requestIdleCallback ? requestIdleCallback(work, { timeout: 500 }) : setTimeout(work, 1);
const putOff = all(".bd-article section > :not(section)");
function layOut(howMany) {
  for (const part of putOff.splice(0, howMany)) part.style.contentVisibility = "visible";
  if (putOff.length) return whenIdle(() => layOut(6));
  whenIdle(markWords);
  whenIdle(offerCopies);
  whenIdle(markBoxes);
}
location.hash ? layOut(putOff.length) : addEventListener("load", () => whenIdle(() => layOut(6)));

// Then: a box that scrolls must be reachable by keyboard and show that it goes on, one that does not
// must not be a stop on the way; and so again when a font has come or the width has changed.
const boxes = all(".katex-display, .pst-scrollable-table-container, pre, .cell_output > .output");
const hidden = ({ scrollLeft: left, scrollWidth, clientWidth }) =>
  (left > 1 ? "left" : "") + (left + clientWidth < scrollWidth - 1 ? "right" : "");
boxes.forEach((box) => box.addEventListener("scroll", () => (box.dataset.more = hidden(box)), { passive: true }));
const formulas = all(".bd-article :not(.katex-display) > .katex");
function markFormulas() {
  formulas.forEach((formula) => formula.classList.remove("wide"));
  const edge = document.documentElement.clientWidth;
  const wide = formulas.filter((formula) => formula.getBoundingClientRect().right > edge);
  wide.forEach((formula) => { formula.classList.add("wide"); formula.tabIndex = 0; });
}
function markBoxes() {
  if (putOff.length) return;
  markFormulas();
  const seen = boxes.map((box) => {
    const more = hidden(box);
    return [more, more || (!box.matches(".katex-display") && box.scrollHeight > box.clientHeight)];
  });
  boxes.forEach((box, i) => {
    box.dataset.more = seen[i][0];
    box.tabIndex = seen[i][1] ? 0 : -1;
  });
  root.settled = "true"; // tests look at a page when it has come to rest
}
addEventListener("resize", () => whenIdle(markBoxes));
document.fonts.addEventListener("loadingdone", () => whenIdle(markBoxes));

// A menu closes when one turns to something else, and Escape closes what is open. (A dialog would
// close by itself, did not Sphinx's script for the words that were searched take the key.)
const closeMenus = (wanted) => all(".page-menu[open]").filter(wanted).forEach((menu) => {
  if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  menu.open = false;
});
addEventListener("click", (event) => closeMenus((menu) => !menu.contains(event.target)));
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  closeMenus(() => true);
  all("dialog[open]").forEach((dialog) => dialog.close());
  window.CSS?.highlights?.delete("searched");
});

// Code can be copied by a button; a formula is copied as the TeX that it was written in, once.
async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.innerText);
  } catch { // a frame, or a site without encryption
    getSelection().selectAllChildren(code);
    document.execCommand("copy");
  }
}
function offerCopies() {
  for (const box of all("div.highlight")) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "copybtn", textContent: "Copy" });
    button.addEventListener("click", () => copy(box.querySelector("pre")).then(() => {
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    }));
    box.append(button);
  }
}
document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (selection.isCollapsed || event.target.closest?.("input, textarea")) return;
  const range = selection.getRangeAt(0).cloneRange();
  const formula = (node) => {
    const part = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
    return part.closest(".katex-display") ?? part.closest(".katex");
  };
  const [first, last] = [formula(range.startContainer), formula(range.endContainer)];
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  const copied = document.createElement("div");
  copied.append(range.cloneContents());
  const formulas = [...copied.querySelectorAll(".katex")];
  if (!formulas.length) return;
  for (const one of formulas) {
    const sign = one.closest(".katex-display") ? "$$" : "$";
    one.replaceWith(sign + one.querySelector("annotation").textContent + sign);
  }
  document.body.append(copied); // or its lines would run together
  event.clipboardData.setData("text/plain", copied.innerText);
  event.clipboardData.setData("text/html", copied.innerHTML);
  copied.remove();
  event.preventDefault();
});

// What a link within the book leads to is shown beside it while one points at it: a theorem, an
// equation, what a word means. A page that is not here is fetched, which a USB stick does not allow.
const preview = document.createElement("div");
preview.className = "preview";
preview.setAttribute("role", "tooltip");
let pointed = null;

const pages = new Map([[location.pathname, Promise.resolve(document)]]);
function pageAt(path) {
  const read = (answer) => answer.text().then((text) => new DOMParser().parseFromString(text, "text/html"));
  if (!pages.has(path)) pages.set(path, fetch(path).then(read));
  return pages.get(path);
}

async function targetOf(link) {
  const page = await pageAt(link.pathname);
  const found = page.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!found || found.tagName === "SECTION") return null; // a heading says what the link has said
  const shown = document.createElement("div");
  const meaning = found.tagName === "DT" && found.nextElementSibling.cloneNode(true).childNodes;
  shown.append(...(meaning || [found.cloneNode(true)]));
  shown.querySelectorAll("[id]").forEach((part) => part.removeAttribute("id"));
  shown.querySelectorAll("a").forEach((part) => part.removeAttribute("href"));
  if (touched) shown.append(Object.assign(document.createElement("a"), { href: link.href, textContent: "Go there" }));
  return shown;
}

async function showPreview(link) {
  pointed = link;
  const target = await targetOf(link).catch(() => null);
  if (!target || pointed !== link) return target;
  preview.replaceChildren(target);
  document.body.append(preview);
  const at = link.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - preview.offsetWidth - 8));
  const above = at.bottom + preview.offsetHeight > innerHeight && at.top > preview.offsetHeight;
  preview.style.left = `${left + scrollX}px`;
  preview.style.top = `${(above ? at.top - preview.offsetHeight : at.bottom) + scrollY}px`;
  return target;
}

function hidePreview() {
  pointed = tapped = null;
  preview.remove();
}

// A finger cannot point without a tap: the first one shows, the second one follows the link.
let touched = false, tapped = null;
addEventListener("pointerdown", (event) => {
  touched = event.pointerType === "touch";
  if (touched && !preview.contains(event.target) && !tapped?.contains(event.target)) hidePreview();
}, true);
async function tap(event, link) {
  if (!touched || tapped === link) return;
  event.preventDefault();
  tapped = link;
  if (!(await showPreview(link))) location.assign(link.href);
}

const inPreview = () => preview.matches(":hover");
const LEADS = '.bd-article a.internal[href*="#"]:not([title]):not(.headerlink)';
const onLinks = (kind, act) => addEventListener(kind, (event) => {
  const link = event.target.closest?.(LEADS); // some come only when a question has been answered
  if (link) act(link, event);
});
onLinks("mouseover", (link) => touched || pointed === link || showPreview(link));
onLinks("focusin", (link) => touched || (link.matches(":focus-visible") && showPreview(link)));
onLinks("focusout", () => touched || hidePreview());
onLinks("mouseout", (link, { relatedTarget: to }) => link.contains(to) || setTimeout(() =>
  !touched && pointed === link && !inPreview() && hidePreview(), 150));
onLinks("click", (link, event) => tap(event, link));
preview.addEventListener("mouseleave", () => touched || hidePreview());
addEventListener("keydown", (event) => event.key === "Escape" && hidePreview());
