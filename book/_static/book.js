// A box that scrolls must be reachable by keyboard, one that does not must not be a stop on the way.
// The theme's script sees to tables and code, but before the fonts of the formulas in them have come.
const boxes = [...document.querySelectorAll(".katex-display, .pst-scrollable-table-container")];
const mark = () => {
  const scrolls = boxes.map((box) => box.scrollWidth > box.clientWidth);
  boxes.forEach((box, i) => (box.tabIndex = scrolls[i] ? 0 : -1));
};
addEventListener("load", mark);
addEventListener("resize", mark);
document.fonts.addEventListener("loadingdone", mark);

// A menu closes on Escape and when one turns to something else.
const menus = document.querySelectorAll(".page-menu");
const close = (wanted) => menus.forEach((menu) => wanted(menu) && (menu.open = false));
addEventListener("click", (event) => close((menu) => !menu.contains(event.target)));
addEventListener("keydown", (event) => event.key === "Escape" && close(() => true));
