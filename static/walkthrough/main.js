// Walk of an input through a block: Streamlit components. Called again with the same parentElement at every change.
//
// Python sends all tensors of all steps and settings once. Steps and settings are drawn here, without the server, which
// hears of them when they are at rest, to write them into the address, and computes an image of the visitor's own.

const here = new URL(import.meta.url);
const part = (name) => import(new URL(`./${name}.js${here.search}`, here).href); // one version of all files
const [{ element, table, kernel, channelOf, largestOf, colorOf, shown, sources }, { Picture }] = await Promise.all(
  ["tensors", "picture"].map(part),
);

const REST_MS = 400; // of steps: the address follows
const SOON_MS = 120; // of what the server computes: own images, and the page without norm
const NAMES = ["step", "input", "zero", "norm", "sample", "channel"];
const SKELETON = `
  <div class="bar settings">
    <div class="inputs" role="radiogroup"></div>
    <label class="zero"><input type="checkbox" data-switch="zero"><span></span></label>
    <label class="norm"><input type="checkbox" data-switch="norm"><span></span></label>
    <label class="sample"><span></span> <select data-pick="sample"></select></label>
    <label class="channel"><span></span> <select data-pick="channel"></select></label>
  </div>
  <div class="bar draws" hidden></div>
  <p class="refusal" role="alert" hidden></p>
  <div class="bar moves">
    <button data-go="start">«</button><button data-go="back">‹</button>
    <input type="range" min="0" step="1">
    <button data-go="next">›</button><button data-go="end">»</button>
    <span class="hint"></span>
    <span class="legend" aria-hidden="true"><span class="low"></span><i></i><span class="high"></span></span>
  </div>
  <ol class="cards"></ol>
  <div class="told">
    <p class="step" aria-live="polite"><strong></strong> <span></span></p>
    <div class="weights"></div>
    <p class="outcome"></p>
  </div>`;

class Walk {
  constructor(parent) {
    this.root = element("div", { className: "walk-root", role: "group" });
    this.root.dataset.testid = "walk";
    this.root.innerHTML = SKELETON; // our own text; what Python sends goes in as text content only
    const style = element("link", { rel: "stylesheet", href: new URL(`./walk.css${here.search}`, here).href });
    style.onload = style.onerror = () => {
      this.isStyled = true; // before that, tensors of later steps would be seen
      if (this.at) this.show();
    };
    parent.append(style, this.root);
    this.find = (selector) => this.root.querySelector(selector);
    this.slider = this.find("input[type=range]");
    this.awaited = [];
    this.drawn = 0;
    this.picture = new Picture(this.find(".draws"), (words) => this.rest(SOON_MS, words));
    this.listen();
  }

  listen() {
    this.root.addEventListener("click", (event) => {
      const { go, step, input } = event.target.closest("button")?.dataset ?? {};
      if (go) this.go({ start: 0, back: this.step - 1, next: this.step + 1, end: this.last }[go]);
      if (step) this.go(Number(step));
      if (input) this.set({ input });
    });
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
    this.root.addEventListener("change", ({ target }) => {
      const { pick, switch: name } = target.dataset;
      if (name) this.set({ [name]: target.checked });
      if (pick) this.set({ [pick]: Number(target.value) });
    });
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    for (const kind of ["pointerover", "pointerleave"])
      this.root.addEventListener(kind, (event) => this.trace(kind === "pointerover" ? event.target : null));
  }

  update(args) {
    this.args = args;
    this.isOther ||= args.data.id !== this.data?.id;
    this.data = args.data;
    this.picture.update(args.data);
    if (this.at && !this.isOther) this.show();
    else if (place) this.placed();
  }

  // What the address says: it is followed, unless it is what this script has sent, or is about to change.
  placed() {
    if (place.id !== this.data?.id) return;
    const told = this.text(place.at);
    const echo = this.awaited.indexOf(told);
    if (this.isOther) clearTimeout(this.timer), (this.timer = 0);
    if (this.isOther || (echo < 0 && told !== this.told && !this.timer)) this.at = { ...place.at };
    this.awaited.splice(0, this.isOther ? this.awaited.length : echo + 1);
    this.told = told;
    this.isOther = false;
    this.show();
  }

  show() {
    if (!this.isStyled) return;
    this.words();
    this.draw();
  }

  text(at) {
    return JSON.stringify(NAMES.map((name) => at[name]));
  }

  // A change of a setting: everything is drawn again.
  set(change) {
    this.at = { ...this.at, ...change };
    this.draw();
    this.rest("norm" in change ? SOON_MS : REST_MS);
  }

  // A step: only which tensors are known changes.
  go(step) {
    const next = Math.max(0, Math.min(this.last, step));
    if (next === this.step) return;
    this.at.step = next === this.last ? null : next;
    this.mark();
    this.rest(REST_MS);
  }

  rest(wait, cells = this.unsent) {
    clearTimeout(this.timer);
    this.unsent = cells;
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.unsent = undefined;
      const { norm, ...at } = this.at;
      this.awaited.push(this.text(this.at));
      const sent = { ...at, ...(this.data.has_norm_choice && { norm }), ...(cells && { cells }) };
      this.args.setTriggerValue("rest", { ...sent, at: Date.now() });
    }, wait);
  }

  get state() {
    const { input, zero, norm } = this.at;
    const { states, has_norm_choice: hasChoice } = this.data;
    const rest = `${Number(zero)}.${Number(norm || !hasChoice)}`;
    return states[`${input}.${rest}`] ?? states[`usual.${rest}`];
  }

  get last() {
    return this.state.steps.length - 1;
  }

  get step() {
    return Math.min(this.at.step ?? this.last, this.last);
  }

  words() {
    const { words, has_norm_choice: hasNorm, has_own: hasOwn, refusal } = this.data;
    this.root.setAttribute("aria-label", words.group);
    for (const name of ["zero", "norm", "sample", "channel"])
      this.find(`.${name} span`).textContent = words[name === "sample" ? "image" : name];
    for (const button of this.root.querySelectorAll("[data-go]")) {
      button.title = words[button.dataset.go];
      button.setAttribute("aria-label", words[button.dataset.go]);
    }
    this.slider.setAttribute("aria-label", words.step);
    this.find(".hint").textContent = words.keys;
    this.find(".norm").hidden = !hasNorm;
    this.find(".refusal").textContent = refusal;
    this.inputs(["usual", "lower", ...(hasOwn ? ["own"] : [])], words);
    this.choices("sample", 0);
    this.choices("channel", 1);
  }

  // Inputs to choose from; their buttons stay where nothing changes, so that they keep the focus.
  inputs(names, words) {
    const inputs = this.find(".inputs");
    inputs.setAttribute("aria-label", words.input);
    if (inputs.textContent === names.map((name) => words[name]).join("")) return;
    const buttons = names.map((name) => {
      const button = element("button", { role: "radio", textContent: words[name] });
      button.dataset.input = name;
      return button;
    });
    inputs.replaceChildren(...buttons);
  }

  // Images or channels to choose from, where there are several.
  choices(name, axis) {
    const most = Math.max(...this.state.steps.map(({ shape }) => shape[axis]));
    const select = this.find(`.${name} select`);
    this.find(`.${name}`).hidden = most === 1;
    if (select.length === most) return;
    const options = Array.from({ length: most }, (_, at) => element("option", { value: at + 1, textContent: at + 1 }));
    select.replaceChildren(...options);
  }

  draw() {
    const { colors, refusal } = this.data;
    const { steps } = this.state;
    const { input, zero, norm } = this.at;
    const largest = largestOf(steps);
    this.find("[data-switch=zero]").checked = zero;
    this.find("[data-switch=norm]").checked = norm;
    for (const button of this.root.querySelectorAll("[data-input]"))
      button.setAttribute("aria-checked", String(button.dataset.input === input));
    for (const select of this.root.querySelectorAll("[data-pick]"))
      select.value = Math.min(this.at[select.dataset.pick], select.length);
    this.find(".draws").hidden = input !== "own";
    this.find(".refusal").hidden = !(input === "own" && refusal);
    this.lay(steps, (value) => colorOf(value, largest, colors));
    this.root.style.setProperty("--zero", colors.zero);
    const ends = [colors.negative, colors.zero, colors.positive];
    this.find(".legend i").style.background = `linear-gradient(90deg, ${ends.join(", ")})`;
    this.find(".low").textContent = shown(-largest);
    this.find(".high").textContent = shown(largest);
    this.slider.max = this.last;
    this.mark();
  }

  // Cells of the visitor's own image stay while what is computed from them is drawn anew; the focus stays on its card.
  lay(steps, color) {
    const kept = this.at.input === "own" && this.cards?.[0].querySelector(".own") ? this.cards[0] : null;
    const made = steps.map((step, number) => (kept && !number ? kept : this.card(step, number, color)));
    const focused = this.cards?.findIndex((card) => card.contains(this.root.getRootNode().activeElement)) ?? -1;
    if (kept) {
      this.picture.recolor(color);
      this.cards.slice(1).forEach((card) => card.remove());
      this.find(".cards").append(...made.slice(1));
    } else this.find(".cards").replaceChildren(...made);
    this.cards = made;
    if (focused >= 0 && !(kept && !focused))
      made[Math.min(focused, made.length - 1)].querySelector(".head").focus({ preventScroll: true }); // keys go on
  }

  card(step, number, color) {
    const head = element("button", { className: "head", textContent: `${number} · ${step.title}` });
    head.dataset.step = number;
    const made = element("li", { className: "card" }, head);
    made.style.setProperty("--layer", step.color);
    made.style.setProperty("--columns", step.shape[3]);
    const map = channelOf(step, this.at.sample - 1, this.at.channel - 1);
    const isDrawn = this.at.input === "own" && !number;
    const values = isDrawn ? this.picture.table(map, color) : table(map, color);
    values.setAttribute("aria-label", step.title);
    made.append(values);
    if (step.shape[1] > 1 || step.shape[0] > 1)
      made.append(element("small", { textContent: `(${step.shape.join(", ")})` }));
    return made;
  }

  mark() {
    const { step, last } = this;
    const shownStep = this.state.steps[step];
    this.cards.forEach((card, number) => {
      card.classList.toggle("later", number > step);
      card.querySelector("table").ariaHidden = number > step ? "true" : null;
      if (number === step) card.setAttribute("aria-current", "step");
      else card.removeAttribute("aria-current");
    });
    this.slider.value = step;
    this.slider.setAttribute("aria-valuetext", `${step} · ${shownStep.title}`);
    for (const button of this.root.querySelectorAll("[data-go]"))
      button.disabled = step === (["start", "back"].includes(button.dataset.go) ? 0 : last);
    this.find(".step strong").textContent = `${shownStep.title}.`;
    this.find(".step span").textContent = shownStep.text;
    const weights = shownStep.kernel ? [kernel(shownStep.kernel, this.at.channel - 1, this.data.words)] : [];
    this.find(".weights").replaceChildren(...weights);
    this.find(".outcome").textContent = step === last ? this.state.outcome : "";
    this.reveal(this.cards[step]);
    this.root.dataset.step = step;
    this.root.dataset.drawn = ++this.drawn;
  }

  // On a phone the cards are a strip.
  reveal(card) {
    const strip = this.find(".cards");
    if (strip.scrollWidth <= strip.clientWidth) return;
    const middle = card.offsetLeft - (strip.clientWidth - card.offsetWidth) / 2; // the strip is its offset parent
    strip.scrollTo({ left: middle });
  }

  key(event) {
    if (!this.cards) return; // nothing is drawn yet
    const move = { ArrowLeft: this.step - 1, ArrowRight: this.step + 1, Home: 0, End: this.last }[event.key];
    if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const focused = this.root.getRootNode().activeElement;
    if (focused?.matches("td input, select")) return;
    if (!focused && !(event.key.startsWith("Arrow") && this.isFree())) return;
    event.preventDefault();
    this.go(move);
  }

  // Whether nothing else on the page wants the arrow keys, and the walk is on the screen.
  isFree() {
    const focused = document.activeElement;
    const wants = "input, textarea, select, button, a, summary, canvas, [role], [contenteditable]";
    if (focused && focused !== document.body && (focused.shadowRoot || focused.matches(wants))) return false;
    const { top, bottom } = this.find(".cards").getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  }

  // Lights what a value was computed from.
  trace(target) {
    for (const cell of this.root.querySelectorAll("td.source")) cell.classList.remove("source");
    const cell = target?.closest("td");
    const number = (this.cards ?? []).indexOf(cell?.closest(".card"));
    if (number < 1 || number > this.step) return;
    const step = this.state.steps[number];
    for (const read of step.reads) {
      const grid = this.cards[read].querySelector("table");
      const found = sources(step, cell.parentElement.rowIndex, cell.cellIndex, grid.rows.length, grid.rows[0].cells.length);
      for (const [row, column] of found) grid.rows[row].cells[column].classList.add("source");
    }
  }

  end() {
    document.removeEventListener("keydown", this.onKey);
    this.picture.end();
    clearTimeout(this.timer);
  }
}

// Two components: the walk, and its place, which the server says apart so that tensors are sent once.
let place;
const walks = new Map();

export default function (args) {
  const root = args.parentElement;
  if (args.data.at) {
    place = args.data;
    for (const walk of walks.values()) walk.placed();
    return () => {};
  }
  if (!walks.has(root)) walks.set(root, new Walk(root));
  walks.get(root).update(args);
  return () => {
    walks.get(root)?.end();
    walks.delete(root);
  };
}
