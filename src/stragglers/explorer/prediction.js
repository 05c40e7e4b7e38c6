// A question before a figure: the figure is covered until a reader commits or asks to be shown.
(() => {
  if (customElements.get("sg-prediction")) return;
  const ABOUT_RIGHT = 1.05, NARROWEST = 1;

  // A browser may keep nothing for a page: then an answer lasts as long as the page does.
  const storage = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* nothing is kept */ } },
    remove(key) { try { localStorage.removeItem(key); } catch { /* nothing was kept */ } },
  };

  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // A comma and a per cent sign are allowed.
  const read = (text) => {
    const plain = text.replaceAll(",", ".").replace(/[\s%]/g, "");
    return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null;
  };

  const times = (factor) => (factor < 9.95 ? String(Number(factor.toPrecision(2))) : factor.toFixed(0));

  class Prediction extends HTMLElement {
    connectedCallback() {
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => this.start());
      else this.start();
    }

    start() {
      if (this.form) return;
      this.form = this.querySelector("form");
      this.told = this.querySelector(".sg-told");
      this.folded = this.querySelector("details");
      this.figure = this.nextFigure();
      this.key = `prediction ${location.pathname.split("/").pop()} ${this.dataset.name}`;
      this.form.addEventListener("submit", (event) => { event.preventDefault(); this.commit(); });
      this.form.elements.show.addEventListener("click", () => this.answer("shown"));
      this.folded.classList.add("sg-covered");
      const kept = storage.get(this.key);
      if (kept !== null) this.open(kept);
      else if (this.isAskedFor()) this.open("shown");
      else this.cover();
    }

    nextFigure() {
      return [...document.querySelectorAll(".sg-explorer")].find((figure) =>
        this.compareDocumentPosition(figure) & Node.DOCUMENT_POSITION_FOLLOWING);
    }

    // An address may lead to a view of the figure: whoever was sent it is to see it.
    isAskedFor() {
      const name = this.figure?.dataset.name;
      return Boolean(name) && (location.search.includes(`${name}.`) || location.hash === `#${name}`);
    }

    cover() {
      this.form.hidden = false;
      this.figure?.classList.add("sg-covered");
      this.told.replaceChildren(make("p", { textContent: "The figure is covered until you have said a number." }));
    }

    commit() {
      const guess = read(this.form.elements.guess.value);
      if (guess === null) {
        this.told.replaceChildren(make("p", { textContent: "A number, please, such as 12 or 0.5." }));
        this.form.elements.guess.focus();
      } else {
        this.answer(String(guess));
      }
    }

    answer(said) {
      storage.set(this.key, said);
      this.open(said);
      this.again.focus({ preventScroll: true });
    }

    open(said) {
      const guess = said === "shown" ? null : Number(said);
      this.form.hidden = true;
      this.figure?.classList.remove("sg-covered");
      this.again = make("button", { type: "button", textContent: "Ask me again" });
      this.again.addEventListener("click", () => {
        storage.remove(this.key);
        this.cover();
        this.form.elements.guess.focus();
      });
      const missed = this.folded.querySelector("p:last-child").textContent;
      this.told.replaceChildren(
        make("p", { textContent: this.verdict(guess) }),
        ...(guess > 0 ? [this.bars(guess)] : []),
        make("p", { textContent: missed }),
        this.again,
      );
    }

    number(text) { return this.dataset.unit ? `${text} ${this.dataset.unit}` : text; }

    verdict(guess) {
      const right = Number(this.dataset.answer), is = `It is ${this.number(this.dataset.shown)}`;
      if (guess === null) return `${is}.`;
      const said = `You said ${this.number(guess)}. ${is}`;
      if (guess <= 0) return `${said}: no factor leads from your number to it.`;
      const factor = Math.max(guess / right, right / guess);
      if (factor <= ABOUT_RIGHT) return `${said}: you are right, within 5 %.`;
      return `${said}: you are ${times(factor)} times too ${guess > right ? "high" : "low"}.`;
    }

    // Both numbers as bars of one scale; the sentence above says the same.
    bars(guess) {
      const right = Number(this.dataset.answer), most = Math.max(guess, right);
      const rows = [["you", guess, "sg-yours"], ["computed", right, "sg-right"]].map(([name, value, kind], i) => {
        const width = Math.max(NARROWEST, (220 * value) / most), y = 22 * i;
        return `<text x="66" y="${y + 14}" text-anchor="end">${name}</text>`
          + `<rect class="${kind}" x="72" y="${y + 3}" width="${width.toFixed(1)}" height="14"></rect>`;
      });
      return make("template", {
        innerHTML: `<svg viewBox="0 0 300 44" width="300" height="44" aria-hidden="true">${rows.join("")}</svg>`,
      }).content.firstChild;
    }
  }

  customElements.define("sg-prediction", Prediction);
})();
