// A quick check: the options that open to a reason become a choice, which is answered with its reason.
(() => {
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  let quizzes = 0;

  class Quiz extends HTMLElement {
    connectedCallback() {
      if (this.form) return;
      const name = `quiz-${(quizzes += 1)}`, question = this.querySelector(".quiz-question");
      question.id = `${name}-question`;
      this.options = [...this.querySelectorAll("details")].map((details) => ({
        right: details.dataset.kind === "right",
        words: [...details.querySelector("summary").childNodes],
        reason: details.querySelector(".quiz-reason"),
        details,
      }));
      const rows = this.options.map((option, i) => {
        option.field = make("input", { type: "radio", name, value: i });
        option.label = make("span", {}, ...option.words);
        option.mark = make("span", { className: "quiz-mark" });
        return make("label", {}, option.field, option.label, option.mark);
      });
      const group = make("div", { className: "quiz-options", role: "radiogroup" }, ...rows);
      group.setAttribute("aria-labelledby", question.id);
      this.told = make("div", { className: "quiz-told", role: "status" });
      this.form = make("form", { autocomplete: "off" }, group, make("button", { textContent: "Check" }), this.told);
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (this.quiet) return;
        this.check();
        this.told.scrollIntoView({ block: "nearest" });
      });
      this.options.forEach(({ details }) => details.remove());
      this.append(this.form);
    }

    get chosen() { return this.options.find(({ field }) => field.checked); }

    // Within a test it is silent until all has been answered.
    hush() {
      this.quiet = true;
      this.form.querySelector("button").hidden = true;
    }

    check() {
      const chosen = this.chosen;
      if (!chosen) return this.told.replaceChildren(make("p", { textContent: "Choose one first." }));
      chosen.mark.textContent = chosen.right ? "✓ right" : "✗ not this";
      const told = [chosen.reason];
      if (chosen.right) {
        const others = this.options.filter((option) => option !== chosen);
        const why = others.map(({ label, reason }) =>
          make("li", {}, make("p", {}, ...[...label.childNodes].map((node) => node.cloneNode(true))), reason));
        told.push(make("details", {}, make("summary", { textContent: "Why not the others?" }), make("ul", {}, ...why)));
      }
      this.told.replaceChildren(...told);
    }
  }

  // A browser may keep nothing for a page: then a result lasts as long as the page does.
  const kept = {
    get(when) { try { return JSON.parse(localStorage.getItem(`ten questions ${when}`)); } catch { return null; } },
    set(when, result) { try { localStorage.setItem(`ten questions ${when}`, JSON.stringify(result)); } catch { /* so be it */ } },
    clear() { try { ["before", "after"].forEach((when) => localStorage.removeItem(`ten questions ${when}`)); } catch { /* so be it */ } },
  };

  // The same questions before and after the book: only the second time does each say why.
  class Test extends HTMLElement {
    connectedCallback() {
      if (this.told) return;
      this.quizzes = [...this.querySelectorAll("sg-quiz")];
      this.quizzes.forEach((quiz) => quiz.hush());
      const button = make("button", { type: "button", textContent: "Show my result" });
      button.addEventListener("click", () => this.finish());
      this.told = make("div", { className: "test-told", role: "status" });
      this.append(button, this.told);
    }

    finish() {
      const missing = this.quizzes.filter((quiz) => !quiz.chosen);
      this.quizzes.forEach((quiz) => quiz.told.replaceChildren());
      if (missing.length) {
        this.say(`${missing.length} of ${this.quizzes.length} are without an answer.`);
        missing[0].told.append(make("p", { textContent: "This one is without an answer." }));
        return missing[0].options[0].field.focus();
      }
      const result = this.quizzes.map((quiz) => quiz.chosen.right);
      kept.set(this.dataset.when, result);
      this.say(`${result.filter(Boolean).length} of ${result.length} are right.`);
      if (this.dataset.when !== "before") {
        this.quizzes.forEach((quiz) => quiz.check());
        this.told.append(this.table(kept.get("before") ?? [], result), this.forget());
      }
      this.told.scrollIntoView({ block: "nearest" });
    }

    say(text) { this.told.replaceChildren(make("p", { textContent: text })); }

    table(before, after) {
      const word = (right) => (right === undefined ? "–" : right ? "✓ right" : "✗ wrong");
      const row = (...cells) => make("tr", {}, ...cells);
      const head = (text, scope) => make("th", { textContent: text, scope });
      const rows = after.map((right, i) =>
        row(head(i + 1, "row"), make("td", { textContent: word(before[i]) }), make("td", { textContent: word(right) })));
      return make("table", {}, make("caption", { textContent: "Your two results" }),
        make("thead", {}, row(...["question", "before", "at the end"].map((text) => head(text, "col")))), make("tbody", {}, ...rows));
    }

    forget() {
      const button = make("button", { type: "button", textContent: "Forget both results" });
      button.addEventListener("click", () => {
        kept.clear();
        this.say("Both results are forgotten.");
        this.querySelector(":scope > button").focus();
      });
      return button;
    }
  }

  customElements.define("sg-quiz", Quiz);
  customElements.define("sg-test", Test);
})();
