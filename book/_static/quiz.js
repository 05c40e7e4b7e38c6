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
      this.form.addEventListener("submit", (event) => { event.preventDefault(); this.check(); });
      this.options.forEach(({ details }) => details.remove());
      this.append(this.form);
    }

    check() {
      const chosen = this.options.find(({ field }) => field.checked);
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

  customElements.define("sg-quiz", Quiz);
})();
