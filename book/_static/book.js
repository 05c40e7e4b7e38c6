// A formula that scrolls in its box must be reachable by keyboard, one that does not must not be a
// stop on the way. (The theme's script does the same for tables and code.)
const watcher = new ResizeObserver((boxes) => {
  for (const { target } of boxes) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
});
document.querySelectorAll(".katex-display").forEach((box) => watcher.observe(box));

// A menu closes on Escape and when one turns to something else.
const menus = document.querySelectorAll(".page-menu");
const close = (wanted) => menus.forEach((menu) => wanted(menu) && (menu.open = false));
addEventListener("click", (event) => close((menu) => !menu.contains(event.target)));
addEventListener("keydown", (event) => event.key === "Escape" && close(() => true));
