// An explorer on a static page. Every picture is in the page already, packed; this shows the one asked for.
(() => {
  // What a reader sees stands in a shadow root, where neither a page's styles nor a script that marks
  // words in its text can reach it.
  const STYLE = "svg{display:block;width:100%;max-width:28rem;height:auto}svg svg{width:auto;max-width:none}" +
    "@media print{svg{break-inside:avoid}}";
  let sheet = null;

  const enclose = (picture) => {
    if (picture.shadowRoot) return picture.shadowRoot;
    const root = picture.attachShadow({ mode: "open" });
    if (root.adoptedStyleSheets) {
      if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } else {
      root.append(make("style", { textContent: STYLE }));
    }
    root.append(...picture.querySelectorAll(":scope > svg"));
    return root;
  };

  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // The pictures: deflated text, whose first line says of each picture which of the others it has.
  const unpack = async (packed) => {
    const letters = atob(packed), bytes = new Uint8Array(letters.length);
    for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
    const text = "DecompressionStream" in window
      ? await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text()
      : new TextDecoder().decode(inflate(bytes));
    const lines = text.split("\n");
    return { pictures: JSON.parse(lines.shift()), lines };
  };

  // RFC 1951 behind the two bytes of RFC 1950, for browsers that do not unpack by themselves.
  const inflate = (bytes) => {
    const out = [];
    let place = 2, bit = 0, last = false;
    const take = (count) => {
      let value = 0;
      for (let i = 0; i < count; i++) {
        value |= ((bytes[place] >> bit) & 1) << i;
        if (++bit === 8) { bit = 0; place++; }
      }
      return value;
    };
    // A code is read bit by bit: of each length, the first code and how many there are.
    const codes = (lengths) => {
      const counts = new Array(16).fill(0), symbols = [];
      for (let length = 1; length < 16; length++) {
        lengths.forEach((one, symbol) => { if (one === length) { symbols.push(symbol); counts[length]++; } });
      }
      return () => {
        for (let length = 1, code = 0, first = 0, index = 0; ; length++) {
          code |= take(1);
          if (code - first < counts[length]) return symbols[index + code - first];
          index += counts[length];
          first = (first + counts[length]) << 1;
          code <<= 1;
        }
      };
    };
    const ranges = (first, extra) => extra.map((bits) => [(first += 1 << bits) - (1 << bits), bits]);
    const extraOfLength = [...new Array(8).fill(0), ...Array.from({ length: 20 }, (_, i) => (i >> 2) + 1)];
    const lengthsOf = [...ranges(3, extraOfLength), [258, 0]];
    const distancesOf = ranges(1, Array.from({ length: 30 }, (_, i) => Math.max(0, (i >> 1) - 1)));
    const fixed = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
    const own = () => {
      const [literals, distances, count] = [take(5) + 257, take(5) + 1, take(4) + 4];
      const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
      const short = new Array(19).fill(0), lengths = [];
      for (let i = 0; i < count; i++) short[order[i]] = take(3);
      const next = codes(short);
      while (lengths.length < literals + distances) {
        const symbol = next();
        if (symbol < 16) lengths.push(symbol);
        else if (symbol === 16) lengths.push(...new Array(take(2) + 3).fill(lengths.at(-1)));
        else lengths.push(...new Array(symbol === 17 ? take(3) + 3 : take(7) + 11).fill(0));
      }
      return [codes(lengths.slice(0, literals)), codes(lengths.slice(literals))];
    };
    while (!last) {
      last = take(1) === 1;
      const kind = take(2);
      if (kind === 0) {
        if (bit) { bit = 0; place++; }
        const end = place + 4 + bytes[place] + 256 * bytes[place + 1];
        for (place += 4; place < end; place++) out.push(bytes[place]);
        continue;
      }
      const [literal, distance] = kind === 2 ? own() : [codes(fixed), codes(new Array(30).fill(5))];
      for (let symbol; (symbol = literal()) !== 256; ) {
        if (symbol < 256) { out.push(symbol); continue; }
        const [base, bits] = lengthsOf[symbol - 257], length = base + take(bits);
        const [far, more] = distancesOf[distance()], back = far + take(more);
        for (let i = 0; i < length; i++) out.push(out[out.length - back]);
      }
    }
    return new Uint8Array(out);
  };

  const textOf = (lines, runs) => {
    const parts = [];
    for (let i = 0; i < runs.length; i += 2) parts.push(...lines.slice(runs[i], runs[i] + runs[i + 1]));
    return parts.join("\n");
  };

  // Give one element the children of another and leave alone those that are the same: ticks and names
  // of axes seldom change, and to lay a text out anew is what takes a browser longest.
  const become = (old, wanted) => {
    const here = [...old.childNodes], there = [...wanted.childNodes];
    there.forEach((child, i) => {
      if (!here[i]) old.append(child);
      else if (child.nodeName === "svg" && here[i].cloneNode().isEqualNode(child.cloneNode())) become(here[i], child);
      else if (!here[i].isEqualNode(child)) here[i].replaceWith(child);
    });
    here.slice(there.length).forEach((child) => child.remove());
  };

  const save = (blob, name) => {
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  const rowsOf = (csv) =>
    csv.split("\n").map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].slice(0, -1)
      .map((cell) => cell[1].replace(/^"|"$/g, "").replaceAll('""', '"')));

  const whenIdle = (work) =>
    window.requestIdleCallback ? requestIdleCallback(work, { timeout: 500 }) : setTimeout(work, 1);

  // Pictures are unpacked when their explorer comes near, and the browser has time; or at once when asked for.
  const nearby = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      if (!isIntersecting) continue;
      nearby.unobserve(target);
      whenIdle(() => target.ready);
    }
  }, { rootMargin: "50% 0px" });

  class Explorer extends HTMLElement {
    // Where the script comes before the element, its parts are still to come; the last one tells.
    connectedCallback() { this.querySelector("sg-end") && this.start(); }

    start() {
      if (this.form) return;
      this.form = this.querySelector("form");
      this.fields = [...this.form.querySelectorAll("[data-values]")];
      this.values = this.fields.map((field) => JSON.parse(field.dataset.values));
      this.picture = this.querySelector(".sg-picture");
      this.sentence = this.querySelector(".sg-sentence");
      this.panels = [...enclose(this.picture).querySelectorAll("svg")].filter((svg) => !svg.parentElement);
      this.starts = this.fields.map((field) => this.indexOf(field));
      this.name = this.ownName();
      this.id = this.name;
      this.addTools();
      this.form.addEventListener("input", () => { this.stop(); this.show(); });
      this.form.addEventListener("focusin", ({ target }) => { target.matches(":focus-visible") && this.showPicture(); });
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.fields.forEach((field, i) => this.letScroll(field, i));
      this.form.hidden = false;
      if (this.readAddress()) this.show();
      else nearby.observe(this);
    }

    // Who comes to a control by keyboard sees what it moves, and the control.
    showPicture() {
      const { top } = this.form.getBoundingClientRect(), { bottom } = this.picture.getBoundingClientRect();
      if (bottom <= innerHeight) return;
      if (bottom - top < innerHeight - 80) this.picture.scrollIntoView({ block: "nearest" });
      else this.form.scrollIntoView({ block: "start" });
    }

    // A swipe that begins on a slider moves it, and then the page: the slider goes back.
    letScroll(field, i) {
      let before = 0;
      field.addEventListener("pointerdown", () => { before = this.indexOf(field); });
      field.addEventListener("pointercancel", () => { this.set(i, before); this.show(); });
    }

    disconnectedCallback() { this.stop(); }

    get ready() {
      return (this.unpacked ??= unpack(this.dataset.pictures).then((data) => { this.data = data; }));
    }

    // The same figure may stand twice on a page: the second one is called race-2.
    ownName() {
      const same = [...document.querySelectorAll("sg-explorer")].filter((other) => other.dataset.name === this.dataset.name);
      const place = same.indexOf(this);
      return this.dataset.name + (place > 0 ? `-${place + 1}` : "");
    }

    indexOf(field) {
      if (field.type === "checkbox") return this.values[this.fields.indexOf(field)].indexOf(field.checked ? "True" : "False");
      return field.tagName === "SELECT" ? field.selectedIndex : Number(field.value);
    }

    indices() { return this.fields.map((field) => this.indexOf(field)); }

    set(i, index) {
      const field = this.fields[i];
      if (field.type === "checkbox") field.checked = this.values[i][index] === "True";
      else if (field.tagName === "SELECT") field.selectedIndex = index;
      else field.value = index;
    }

    async show() {
      await this.ready.catch((error) => this.say(`This browser cannot unpack the pictures (${error.message}).`));
      if (!this.data) return;
      const indices = this.indices();
      this.fields.forEach((field, i) => {
        if (field.type !== "range") return;
        field.setAttribute("aria-valuetext", this.values[i][indices[i]]);
        field.nextElementSibling.textContent = this.values[i][indices[i]];
      });
      const number = indices.reduce((sum, index, i) => sum * this.values[i].length + index, 0);
      const { lines, pictures } = this.data;
      const [sentence, ...parts] = pictures[number].map((runs) => textOf(lines, runs));
      this.panels.forEach((panel, i) => this.draw(panel, parts[i]));
      this.picture.setAttribute("aria-label", sentence);
      this.sentence.textContent = sentence;
      this.tables = parts.slice(this.panels.length);
      if (this.numbers.open) this.showNumbers();
      this.said.textContent = "";
    }

    draw(panel, svg) {
      if (panel.shown === svg) return;
      const wanted = make("template", { innerHTML: svg }).content.firstChild;
      panel.shown ? become(panel, wanted) : panel.replaceChildren(...wanted.childNodes);
      panel.shown = svg;
    }

    say(text) { this.said.textContent = text; }

    addTools() {
      const button = (text, act) => make("button", { type: "button", textContent: text, onclick: act });
      this.fields.forEach((field, i) => this.addPlay(field, i));
      this.tablesBox = make("div", { className: "sg-tables", tabIndex: 0, role: "group", ariaLabel: "The numbers of this picture" });
      this.numbers = make("details", { className: "sg-numbers" }, make("summary", { textContent: "Show the numbers" }), this.tablesBox);
      this.numbers.addEventListener("toggle", () => this.numbers.open && this.show());
      this.link = make("a", { href: "#" + this.name, textContent: "Link to this view" });
      ["focus", "pointerenter", "pointerdown"].forEach((kind) =>
        this.link.addEventListener(kind, () => { this.link.href = this.address(); }));
      this.link.addEventListener("click", (event) => this.putAddress(event));
      this.said = make("span", { className: "sg-said", role: "status" });
      const tools = make("div", { className: "sg-tools" },
        button("Reset", () => { this.stop(); this.starts.forEach((index, i) => this.set(i, index)); this.show(); }),
        this.link,
        button("Save SVG", () => save(new Blob([this.standalone()], { type: "image/svg+xml" }), `${this.name}.svg`)),
        button("Save PNG", () => this.savePNG().catch(() => this.say("This page's host allows no PNG; the SVG holds the same."))),
        this.said);
      this.sentence.after(tools, this.numbers);
    }

    // A control called time plays to its end, one called seed runs again.
    addPlay(field, i) {
      if (field.type !== "range" || !["time", "seed"].includes(field.name)) return;
      const last = this.values[i].length - 1, isSeed = field.name === "seed";
      const go = (index) => { this.set(i, index); this.show(); };
      const play = make("button", { type: "button", textContent: isSeed ? "Run again" : "Play" });
      const step = () => (this.indexOf(field) === last ? this.stop() : go(this.indexOf(field) + 1));
      play.onclick = () => {
        if (isSeed) return go((this.indexOf(field) + 1) % (last + 1));
        if (this.playing) return this.stop();
        if (this.indexOf(field) === last) go(0);
        this.playing = { play, timer: setInterval(step, 600) };
        play.textContent = "Pause";
        this.sentence.setAttribute("aria-live", "off"); // a reader hears where it ends, not each frame
      };
      field.closest("label").after(make("span", { className: "sg-control sg-play" }, play));
    }

    stop() {
      if (!this.playing) return;
      clearInterval(this.playing.timer);
      this.playing.play.textContent = "Play";
      this.playing = null;
      this.sentence.setAttribute("aria-live", "polite");
    }

    showNumbers() {
      this.tablesBox.replaceChildren(...this.tables.filter(Boolean).map((csv) => {
        const [head, ...rows] = rowsOf(csv);
        const headRow = make("tr", {}, ...head.map((text) => make("th", { scope: "col", textContent: text })));
        return make("table", {}, make("thead", {}, headRow),
          make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((text) => make("td", { textContent: text }))))));
      }));
    }

    // The page's address carries the values, of every explorer that has moved: ?race.m=20&race.rate=2#race
    address() {
      const query = new URLSearchParams(location.search);
      for (const one of document.querySelectorAll("sg-explorer")) {
        const indices = one.indices?.() ?? [];
        const moved = one === this || indices.some((index, i) => index !== one.starts[i]);
        indices.forEach((index, i) => {
          const key = `${one.name}.${one.fields[i].name}`;
          if (moved) query.set(key, one.values[i][index]);
          else query.delete(key);
        });
      }
      return `?${query}#${this.name}`;
    }

    putAddress(event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another tab or window: as ever
      this.link.href = this.address();
      try {
        history.replaceState(null, "", this.link.href);
      } catch {
        return; // a page without an address of its own, in a frame: the link is followed
      }
      event.preventDefault();
      this.say("The page's address now leads to this view.");
    }

    readAddress() {
      const query = new URLSearchParams(location.search);
      const found = this.fields.map((field, i) => this.values[i].indexOf(query.get(`${this.name}.${field.name}`)));
      found.forEach((index, i) => index >= 0 && this.set(i, index));
      return found.some((index) => index >= 0);
    }

    // The picture as a file of its own: panels side by side, the colours of the light theme, white paper.
    standalone() {
      const svgs = this.panels.map((svg) => svg.cloneNode(true));
      const sizes = svgs.map((svg) => svg.getAttribute("viewBox").split(" ").map(Number));
      const width = sizes.reduce((sum, size) => sum + size[2], 0);
      const height = Math.max(...sizes.map((size) => size[3]));
      let x = 0;
      svgs.forEach((svg, i) => {
        Object.entries({ x, width: sizes[i][2], height: sizes[i][3] }).forEach(([key, value]) => svg.setAttribute(key, value));
        x += sizes[i][2];
      });
      const inner = svgs.map((svg) => new XMLSerializer().serializeToString(svg)).join("");
      return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}pt" height="${height}pt" viewBox="0 0 ${width} ${height}"` +
        ` color="#1b1b1b"><rect width="100%" height="100%" fill="#fff"/>${inner}</svg>`;
    }

    async savePNG() {
      const image = new Image();
      image.src = "data:image/svg+xml," + encodeURIComponent(this.standalone());
      await image.decode();
      const canvas = make("canvas", { width: image.width * 2, height: image.height * 2 });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => save(blob, `${this.name}.png`));
    }
  }

  class End extends HTMLElement {
    connectedCallback() { this.parentElement.start?.(); }
  }

  if (!customElements.get("sg-explorer")) {
    customElements.define("sg-explorer", Explorer);
    customElements.define("sg-end", End);
  }
  const encloseAll = () => document.querySelectorAll(".sg-picture").forEach(enclose);
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", encloseAll);
  else encloseAll();
})();
