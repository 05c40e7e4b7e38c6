// What a page does, in place of the themes' two scripts: those measure every box of the page as soon
// as it is loaded, which on a long chapter takes a telephone most of a second.

const root = document.documentElement.dataset;
const all = (selector) => [...document.querySelectorAll(selector)];
const on = (selector, kind, act) => all(selector).forEach((part) => part.addEventListener(kind, act));

// Colours: as the system has them, or always light, or always dark. The page's head reads the choice.
const systemDark = matchMedia("(prefers-color-scheme: dark)");
function setMode(mode) {
  root.mode = localStorage.mode = mode;
  root.theme = mode === "auto" ? (systemDark.matches ? "dark" : "light") : mode;
}
systemDark.addEventListener("change", () => setMode(root.mode));
on(".theme-switch-button", "click", () => {
  const order = systemDark.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
  setMode(order[(order.indexOf(root.mode) + 1) % 3]);
});

// A dialog closes when one clicks beside it, or on a link in it.
const openDialog = (dialog) => dialog.open || dialog.showModal();
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
const whenIdle = window.requestIdleCallback ?? ((work) => setTimeout(work, 1));
const putOff = all(".bd-article section > :not(section)");
function layOut(howMany) {
  for (const part of putOff.splice(0, howMany)) part.style.contentVisibility = "visible";
  putOff.length ? whenIdle(() => layOut(6)) : whenIdle(markBoxes);
}
location.hash ? layOut(putOff.length) : addEventListener("load", () => whenIdle(() => layOut(6)));

// Then: a box that scrolls must be reachable by keyboard, one that does not must not be a stop on the
// way; and so again when a font has come or the width has changed.
const boxes = all(".katex-display, .pst-scrollable-table-container, pre, .cell_output > .output");
function markBoxes() {
  if (putOff.length) return;
  const scrolls = boxes.map(
    (box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight,
  );
  boxes.forEach((box, i) => (box.tabIndex = scrolls[i] ? 0 : -1));
  root.settled = "true"; // tests look at a page when it has come to rest
}
addEventListener("resize", () => whenIdle(markBoxes));
document.fonts.addEventListener("loadingdone", () => whenIdle(markBoxes));

// A menu closes when one turns to something else, and Escape closes what is open. (A dialog would
// close by itself, did not Sphinx's script for the words that were searched take the key.)
const closeMenus = (wanted) => all(".page-menu[open]").filter(wanted).forEach((menu) => (menu.open = false));
addEventListener("click", (event) => closeMenus((menu) => !menu.contains(event.target)));
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  closeMenus(() => true);
  all("dialog[open]").forEach((dialog) => dialog.close());
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
  return shown;
}

async function showPreview(link) {
  pointed = link;
  const target = await targetOf(link).catch(() => null);
  if (!target || pointed !== link) return;
  preview.replaceChildren(target);
  document.body.append(preview);
  const at = link.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - preview.offsetWidth - 8));
  const above = at.bottom + preview.offsetHeight > innerHeight && at.top > preview.offsetHeight;
  preview.style.left = `${left + scrollX}px`;
  preview.style.top = `${(above ? at.top - preview.offsetHeight : at.bottom) + scrollY}px`;
}

function hidePreview() {
  pointed = null;
  preview.remove();
}

const inPreview = () => preview.matches(":hover");
all('.bd-article a.internal[href*="#"]:not([title]):not(.headerlink)').forEach((link) => {
  link.addEventListener("mouseenter", () => showPreview(link));
  link.addEventListener("focus", () => link.matches(":focus-visible") && showPreview(link));
  link.addEventListener("blur", hidePreview);
  link.addEventListener("mouseleave", () => setTimeout(() => pointed === link && !inPreview() && hidePreview(), 150));
});
preview.addEventListener("mouseleave", hidePreview);
addEventListener("keydown", (event) => event.key === "Escape" && hidePreview());
