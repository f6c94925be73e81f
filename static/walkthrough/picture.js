// The visitor's own image: cells to type into, and a pen to draw with.

const here = new URL(import.meta.url);
const { element } = await import(new URL(`./tensors.js${here.search}`, here).href);

const PENS = ["4", "2", "1", "0", "-2"];

export class Picture {
  constructor(bar, changed) {
    this.bar = bar;
    this.changed = changed;
    this.pen = PENS[0];
    this.words = [];
    this.onUp = () => this.lift();
    window.addEventListener("pointerup", this.onUp);
  }

  update(data) {
    this.data = data;
    const received = data.cells.map(({ text }) => text).join("|");
    const isNews = received !== this.received && received !== this.sent && !this.isDown; // a drawn line is newer
    if (isNews) this.words = data.cells.map(({ text }) => text);
    this.received = received;
    this.tools(data.words);
  }

  // Pens and "usual image" are made once: an answer of the server between press and release would swallow the click.
  tools(words) {
    const texts = JSON.stringify(words);
    if (texts === this.texts) return;
    this.texts = texts;
    const pens = PENS.map((pen) => {
      const button = element("button", { textContent: pen, onclick: () => this.choose(pen) });
      button.dataset.pen = pen;
      return button;
    });
    const again = element("button", { textContent: words.reset, onclick: () => this.put(this.data.usual_cells) });
    again.dataset.act = "reset";
    const group = element("span", { className: "pens", role: "group", "aria-label": words.pen }, `${words.pen} `, ...pens);
    this.bar.replaceChildren(group, again, element("span", { className: "keys", textContent: words.draw }));
    this.choose(this.pen);
  }

  choose(pen) {
    this.pen = pen;
    for (const button of this.bar.querySelectorAll("[data-pen]"))
      button.setAttribute("aria-pressed", String(button.dataset.pen === pen));
  }

  put(words) {
    this.words = [...words];
    this.inputs?.forEach((input, place) => this.show(input, place));
    this.tell();
  }

  tell() {
    this.sent = this.words.join("|");
    this.changed([...this.words]);
  }

  // The cells; `colorOf` gives a value its colour.
  table({ height, width }, colorOf) {
    const made = element("table", { className: "own" });
    this.inputs = [];
    for (let row = 0; row < height; row++) {
      const line = made.insertRow();
      for (let column = 0; column < width; column++) line.insertCell().append(this.cell(row, column, width));
    }
    this.recolor(colorOf);
    made.addEventListener("pointerdown", (event) => this.press(event));
    made.addEventListener("pointermove", (event) => this.move(event));
    return made;
  }

  cell(row, column, width) {
    const name = this.data.words.cell.replace("{row}", row + 1).replace("{column}", column + 1);
    const input = element("input", { type: "text", autocomplete: "off", "aria-label": name });
    input.inputMode = "decimal";
    const place = row * width + column;
    this.inputs[place] = input;
    input.addEventListener("input", () => (this.words[place] = input.value));
    input.addEventListener("change", () => this.tell());
    input.addEventListener("keydown", (event) => {
      const way = { ArrowUp: -width, ArrowDown: width, Enter: width }[event.key];
      const next = way && this.inputs[place + way];
      if (!next) return;
      event.preventDefault();
      next.focus();
      next.select();
    });
    return input;
  }

  recolor(colorOf) {
    this.colorOf = colorOf;
    this.inputs.forEach((input, place) => this.show(input, place));
  }

  show(input, place) {
    const word = this.words[place] ?? "";
    const { text, is_refused: isRefused } = this.data.cells[place];
    if (input.value !== word) input.value = word;
    const value = Number(word);
    input.parentElement.style.background = Number.isFinite(value) ? this.colorOf(value) : "";
    input.ariaInvalid = String(isRefused && text === word);
  }

  press(event) {
    const place = this.inputs.indexOf(event.target);
    if (place < 0 || event.button) return;
    this.isDown = true;
    this.inks = this.words[place] === this.pen ? "0" : this.pen;
    this.paint(place);
    event.target.select();
    event.preventDefault(); // no selection of text while the pen is down
    event.target.focus({ preventScroll: true });
  }

  move(event) {
    if (!this.isDown) return;
    const under = this.bar.getRootNode().elementFromPoint(event.clientX, event.clientY);
    const place = this.inputs.indexOf(under);
    if (place >= 0) this.paint(place);
  }

  paint(place) {
    this.words[place] = this.inks;
    this.show(this.inputs[place], place);
  }

  end() {
    window.removeEventListener("pointerup", this.onUp);
  }

  lift() {
    if (!this.isDown) return;
    this.isDown = false;
    this.tell();
  }
}
