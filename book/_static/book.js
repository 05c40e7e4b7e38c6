// A box that scrolls must be reachable by keyboard; one that does not must not be a stop on the way.
const boxes = document.querySelectorAll(".katex-display, .pst-scrollable-table-container, pre");
const mark = (box) =>
  box.scrollWidth > box.clientWidth ? (box.tabIndex = 0) : box.removeAttribute("tabindex");
const observer = new ResizeObserver((entries) => entries.forEach((entry) => mark(entry.target)));
boxes.forEach((box) => observer.observe(box));
