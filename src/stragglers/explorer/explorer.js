// An explorer on a static page. Every picture is in the page already, packed; this shows the one asked for.
(() => {
  const unpack = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  };

  const textOf = (lines, runs) => {
    const parts = [];
    for (let i = 0; i < runs.length; i += 2) parts.push(lines.slice(runs[i], runs[i] + runs[i + 1]).join("\n"));
    return parts.join("\n");
  };

  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  const save = (blob, name) => {
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  const rowsOf = (csv) =>
    csv.split("\n").map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].slice(0, -1)
      .map((cell) => cell[1].replace(/^"|"$/g, "").replaceAll('""', '"')));

  class Explorer extends HTMLElement {
    connectedCallback() {
      if (this.form) return;
      this.form = this.querySelector("form");
      this.fields = [...this.form.querySelectorAll("[data-values]")];
      this.values = this.fields.map((field) => JSON.parse(field.dataset.values));
      this.picture = this.querySelector(".sg-picture");
      this.sentence = this.querySelector(".sg-sentence");
      this.panels = this.picture.children.length;
      this.starts = this.fields.map((field) => this.indexOf(field));
      this.name = this.ownName();
      this.id = this.name;
      this.addTools();
      this.form.addEventListener("input", () => this.show());
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.hidden = false;
      this.ready = unpack(this.querySelector('script[type="text/plain"]').textContent).then((data) => {
        this.data = data;
        if (this.readAddress()) this.show();
      });
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

    set(i, index) {
      const field = this.fields[i];
      if (field.type === "checkbox") field.checked = this.values[i][index] === "True";
      else if (field.tagName === "SELECT") field.selectedIndex = index;
      else field.value = index;
    }

    async show() {
      await this.ready;
      const indices = this.fields.map((field) => this.indexOf(field));
      this.fields.forEach((field, i) => {
        if (field.type !== "range") return;
        field.setAttribute("aria-valuetext", this.values[i][indices[i]]);
        field.nextElementSibling.textContent = this.values[i][indices[i]];
      });
      const number = indices.reduce((sum, index, i) => sum * this.values[i].length + index, 0);
      const { lines, pictures } = this.data;
      const [sentence, ...parts] = pictures[number].map((runs) => textOf(lines, runs));
      this.picture.innerHTML = parts.slice(0, this.panels).join("");
      this.picture.setAttribute("aria-label", sentence);
      this.sentence.textContent = sentence;
      this.tables = parts.slice(this.panels);
      if (this.numbers.open) this.showNumbers();
      this.link.href = this.address(indices);
    }

    addTools() {
      const button = (text, act) => make("button", { type: "button", textContent: text, onclick: act });
      this.fields.forEach((field, i) => this.addPlay(field, i));
      this.tablesBox = make("div", { className: "sg-tables", tabIndex: 0, role: "group", ariaLabel: "The numbers of this picture" });
      this.numbers = make("details", { className: "sg-numbers" }, make("summary", { textContent: "Show the numbers" }), this.tablesBox);
      this.numbers.addEventListener("toggle", () => this.numbers.open && this.show());
      this.link = make("a", { href: this.address(this.starts), textContent: "Link to this view" });
      const tools = make("div", { className: "sg-tools" },
        button("Reset", () => { this.starts.forEach((index, i) => this.set(i, index)); this.show(); }),
        this.link,
        button("Save SVG", () => save(new Blob([this.standalone()], { type: "image/svg+xml" }), `${this.name}.svg`)),
        button("Save PNG", () => this.savePNG()));
      this.sentence.after(tools, this.numbers);
    }

    // A control called time plays, one called seed runs again.
    addPlay(field, i) {
      if (field.type !== "range" || !["time", "seed"].includes(field.name)) return;
      const step = () => { this.set(i, (this.indexOf(field) + 1) % this.values[i].length); this.show(); };
      const isSeed = field.name === "seed";
      const play = make("button", { type: "button", textContent: isSeed ? "Run again" : "Play" });
      let timer = null;
      play.onclick = () => {
        if (isSeed) return step();
        timer = timer ? clearInterval(timer) : setInterval(step, 600);
        play.textContent = timer ? "Pause" : "Play";
      };
      field.closest("label").after(make("span", { className: "sg-control sg-play" }, play));
    }

    showNumbers() {
      this.tablesBox.replaceChildren(...this.tables.filter(Boolean).map((csv) => {
        const [head, ...rows] = rowsOf(csv);
        const headRow = make("tr", {}, ...head.map((text) => make("th", { scope: "col", textContent: text })));
        return make("table", {}, make("thead", {}, headRow),
          make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((text) => make("td", { textContent: text }))))));
      }));
    }

    // The page's address carries the values: ?race.m=20&race.rate=2#race
    address(indices) {
      const query = new URLSearchParams(location.search);
      this.fields.forEach((field, i) => query.set(`${this.name}.${field.name}`, this.values[i][indices[i]]));
      return `?${query}#${this.name}`;
    }

    readAddress() {
      const query = new URLSearchParams(location.search);
      const found = this.fields.map((field, i) => this.values[i].indexOf(query.get(`${this.name}.${field.name}`)));
      found.forEach((index, i) => index >= 0 && this.set(i, index));
      return found.some((index) => index >= 0);
    }

    // The picture as a file of its own: panels side by side, the colours of the light theme, white paper.
    standalone() {
      const svgs = [...this.picture.children].map((svg) => svg.cloneNode(true));
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
        ` style="color: #1b1b1b"><style>*{stroke-linejoin:round;stroke-linecap:butt}</style>` +
        `<rect width="100%" height="100%" fill="#fff"/>${inner}</svg>`;
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

  // Elements that stand in the page already must be whole before they start.
  const define = () => customElements.get("sg-explorer") || customElements.define("sg-explorer", Explorer);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", define);
  else define();
})();
