// The answers of a scene, each a bar of the histogram of guesses.

const here = new URL(import.meta.url);
const { element, group, sentence } = await import(new URL(`./dom.js${here.search}`, here).href);

export class Answers {
  constructor(answers) {
    this.list = element("ol", "answers");
    this.rows = answers.map((answer) => {
      const row = element("li", answer.is_right ? "answer right" : "answer");
      row.dataset.letter = answer.letter;
      const bar = group("bar");
      const count = element("div", "count");
      const words = group("words", sentence("div", "text", answer.text));
      if (answer.note) words.append(element("div", "note", answer.note));
      row.append(bar, element("div", "letter", answer.letter), words, count);
      this.list.append(row);
      return { row, bar, count };
    });
  }

  // New counts; the bars grow to their share of all guesses.
  update(answers) {
    answers.forEach(({ num_guesses: number, share, alt }, place) => {
      const { row, bar, count } = this.rows[place];
      row.setAttribute("aria-label", alt);
      row.classList.toggle("empty", !number);
      bar.style.width = `${100 * share}%`;
      count.textContent = number;
    });
  }
}
