// The two screens that are projected: the question while the class guesses, and the reveal.

const here = new URL(import.meta.url);
const part = (name) => import(new URL(`./${name}.js${here.search}`, here).href); // one version of all files
const [{ Answers }, { element, group, qrCode, sentence }, { fit }] = await Promise.all(["answers", "dom", "fit"].map(part));

const SMALLEST_PX = 14;
const MANY = 5; // answers
const WIDE_PX = 700; // below it all stands in one column and scrolls

class Screen {
  constructor(root, data) {
    this.box = group(`screen ${data.kind === "question" ? "asking" : "reveal"}`);
    this.answers = new Answers(data.answers);
    this.total = element("div", "total");
    this.total.setAttribute("role", "status");
    const question = sentence("h1", "question", data.question);
    this.box.append(question, data.kind === "question" ? this.asked(data) : this.revealed(data));
    root.append(this.box);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.box);
    document.fonts.ready.then(() => this.resize());
  }

  asked({ join, notice, answers }) {
    const left = group("column guesses", this.answers.list, this.total);
    if (notice) left.append(element("div", "notice", notice));
    if (!join) return group("columns alone", left);
    const link = element("div", "link", join.link);
    link.style.setProperty("--letters", Math.max(join.link.length, 12));
    const code = element("div", "code", join.code);
    const side = group("column join", qrCode(join), link, code);
    return group(answers.length >= MANY ? "columns many" : "columns", left, side);
  }

  revealed({ heading, messages, explanation, source, next }) {
    const left = group("column guesses", this.answers.list, this.total);
    if (next) left.append(group("following", element("span", "label", next.label), element("span", "", next.text)));
    const found = group("column found");
    if (heading) found.append(element("div", "heading", heading));
    messages.forEach((text, place) => found.append(sentence("p", place ? "message" : "message first", text)));
    if (explanation) found.append(sentence("p", "explanation", explanation));
    if (source) found.append(element("p", "source", source));
    return group("columns", left, found);
  }

  update(data) {
    for (const [name, color] of Object.entries(data.colors)) this.box.style.setProperty(`--${name}`, color);
    this.texts = data.answers.map((answer) => answer.text).join("\n");
    this.count(data);
    if (newest) this.count(newest);
    this.resize();
  }

  count({ answers, total }) {
    if (answers.map((answer) => answer.text).join("\n") !== this.texts) return; // of the scene before
    this.box.classList.toggle("unvoted", !answers.some((answer) => answer.num_guesses));
    this.answers.update(answers);
    this.total.textContent = total;
  }

  // Only what has changed its size is measured again: an update of counts costs nothing.
  resize() {
    const size = `${this.box.clientWidth} ${this.box.clientHeight} ${document.fonts.status}`;
    if (size === this.size) return;
    this.size = size;
    const { clientWidth: width, clientHeight: height } = this.box;
    if (width < WIDE_PX) this.box.style.fontSize = "";
    else fit(this.box, SMALLEST_PX, Math.min(width / 46, height / 29));
  }

  end() {
    this.observer.disconnect();
    this.box.remove();
  }
}

const screens = new WeakMap();
let current; // the screen on the page
let newest; // counts, which may have come before it

// New counts for the screen: what is polled is little.
export function count(_root, data) {
  newest = data;
  current?.count(data);
  return () => {
    newest = undefined;
  };
}

export function show(root, data) {
  const { answers, total, colors, ...rest } = data;
  const fixed = JSON.stringify([rest, answers.map(({ text, is_right, note }) => [text, is_right, note])]);
  let shown = screens.get(root);
  if (shown?.fixed !== fixed) {
    shown?.screen.end();
    shown = { fixed, screen: new Screen(root, data) };
    screens.set(root, shown);
  }
  current = shown.screen;
  current.update(data);
  return () => {
    if (current === shown.screen) current = undefined;
    shown.screen.end();
    screens.delete(root);
  };
}
