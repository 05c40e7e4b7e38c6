// What must have happened before a page is first seen.
(() => {
  // Where a browser keeps nothing for a page, in a frame of another site say, asking is an error. The
  // search and the choice of colours then last as long as the page does.
  try {
    localStorage.length;
  } catch {
    const kept = {};
    const storage = {
      getItem: (key) => kept[key] ?? null,
      setItem: (key, value) => { kept[key] = String(value); },
      removeItem: (key) => { delete kept[key]; },
    };
    Object.defineProperty(window, "localStorage", { value: storage });
  }

  // A reader who has not chosen gets the colours that the system has; so does one whose system puts
  // its own in the place of a page's.
  const { dataset } = document.documentElement;
  const says = (query) => matchMedia(query).matches;
  window.setMode = (mode) => {
    const system = says("(prefers-color-scheme: dark)") ? "dark" : "light";
    dataset.mode = mode;
    dataset.theme = mode === "auto" || says("(forced-colors: active)") ? system : mode;
  };
  setMode(localStorage.getItem("mode") || "auto");

  // The fonts that nearly every formula needs are asked for at once. A browser forbids it in a folder.
  const { src, dataset: { fonts } } = document.currentScript;
  if (location.protocol === "file:" || !fonts) return;
  for (const name of fonts.split(" ")) {
    const font = { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "" };
    const href = new URL(`katex/fonts/KaTeX_${name}.woff2`, src).href;
    document.head.append(Object.assign(document.createElement("link"), font, { href }));
  }
})();
