// The layer graph: a Streamlit component. Called again with the same parentElement at every change of data or theme.
//
// Python sends rows of Graphviz text and the card of each box (the types are in present/architecture/graph_data.py), and
// it keeps what is open. A click goes there as { kind, net, name } and comes back as another drawing.

const here = new URL(import.meta.url);
const part = (name) => import(new URL(`./${name}.js${here.search}`, here).href); // one version of all files
const [layout, draw, { View }, { Cards }, { Selection }, files] = await Promise.all(
  ["layout", "draw", "view", "card", "select", "save"].map(part),
);

const LOWEST = 170; // px of the canvas
const HIGHEST = 640;
const HIGHEST_OF_SEVERAL = 960; // of nets below each other
const MARGIN = 10;
const MOST = 1.15; // scale of type, the page's being 1
const MOST_PRESENTED = 1.4;
const SLIDE_TYPE = 1.35;
const SKELETON = `
  <div class="bar" role="toolbar">
    <span class="hint"></span><span class="legend" hidden></span>
    <button data-act="out">−</button><button data-act="in">+</button><button data-act="fit"></button>
    <button data-act="up"></button><button data-act="list" aria-pressed="false"></button>
    <details class="menu"><summary></summary><div>
      <button data-save="svg">SVG</button><button data-save="png">PNG</button>
      <button data-save="slide"></button><button data-save="dot">DOT</button>
    </div></details>
  </div>
  <div class="canvas" tabindex="-1">
    <svg class="graph" role="group"><g class="layer"></g></svg>
    <div class="card" role="tooltip" hidden></div>
  </div>
  <div class="roles" hidden></div>
  <aside class="detail" aria-live="polite" hidden></aside>
  <div class="list" hidden></div>`;

class Graph {
  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "graph-root";
    this.root.dataset.testid = "layer-graph";
    this.root.innerHTML = SKELETON; // our own text; what Python sends goes in as text content only
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL(`./graph.css${here.search}`, here).href;
    this.styled = new Promise((resolve) => (style.onload = style.onerror = resolve));
    parent.append(style, this.root);
    this.find = (selector) => this.root.querySelector(selector);
    this.canvas = this.find(".canvas");
    this.layer = this.find(".layer");
    this.drawing = new draw.Drawing(this.layer);
    this.view = new View(this.canvas, this.layer);
    this.cards = new Cards(this.root, draw.element);
    this.selection = new Selection(this.drawing);
    this.drawn = 0;
    this.listen();
    this.watcher = new ResizeObserver(() => this.view.isFitted && this.data && this.settle());
    this.watcher.observe(this.canvas);
  }

  listen() {
    this.canvas.addEventListener("click", (event) => !this.view.isDragged && this.click(event));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("pointermove", (event) => this.hover(event));
    this.canvas.addEventListener("pointerleave", () => this.cards.leave());
    this.canvas.addEventListener("focusin", (event) => this.focused(event));
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.act) this.act(button.dataset.act, button);
      if (button?.dataset.save) this.save(button.dataset.save);
    });
  }

  async update(args) {
    this.args = args;
    const { data } = args;
    const turn = (this.newest = (this.newest ?? 0) + 1);
    const [graphviz] = await Promise.all([layout.ready(), this.styled]);
    if (turn !== this.newest) return; // newer data came while Graphviz was loading
    this.graphviz = graphviz;
    const isSame = this.text === JSON.stringify([data.rows, data.frames, data.turns]);
    this.text = JSON.stringify([data.rows, data.frames, data.turns]);
    this.data = data;
    this.root.toggleAttribute("inert", Boolean(data.still)); // takes no clicks
    this.root.classList.toggle("still", Boolean(data.still));
    this.words();
    if (!isSame) this.draw();
    this.selection.show(data.selected, data);
    this.cards.select(data);
    this.cards.leave();
    this.root.dataset.ready = "true";
  }

  draw() {
    const { data, view } = this;
    const isFirst = !this.drawn;
    this.stacked = layout.stack(this.graphviz, data);
    this.drawing.show(this.stacked, data, layout.turnPath, this.clicked);
    view.size = this.stacked;
    this.roles();
    if (isFirst || view.isFitted) this.settle();
    else this.height(view.at.k);
    const place = this.drawing.places.get(this.clicked);
    if (place) view.reveal(place);
    if (this.clicked) this.focusable(this.clicked)?.focus({ preventScroll: true });
    this.clicked = "";
    this.list();
    this.drawn += 1;
    requestAnimationFrame(() => (this.root.dataset.drawn = this.drawn));
  }

  // The canvas is as high as the drawing needs, within bounds; the scale follows from the width.
  settle() {
    this.enlarge();
    this.height(this.view.widthScale());
    this.view.fitWidth();
  }

  // In a presentation type is as much larger as the page's, and a drawing may fill the screen.
  enlarge() {
    const page = getComputedStyle(document.documentElement);
    const isPresented = page.getPropertyValue("--resnet-viz-presented").trim() === "1";
    this.type = isPresented ? parseFloat(page.fontSize) / 16 : 1;
    this.view.most = isPresented ? MOST_PRESENTED * this.type : MOST;
    this.root.classList.toggle("presented", isPresented);
  }

  height(k) {
    const lowest = this.data.still ? 80 : LOWEST;
    const isOne = this.data.frames.every((frame) => frame.closes);
    const most = (isOne ? HIGHEST : HIGHEST_OF_SEVERAL) * this.type;
    const needed = Math.min(most, Math.max(lowest, this.stacked.height * k + 2 * MARGIN));
    this.canvas.style.height = `${Math.round(needed)}px`;
  }

  words() {
    const { words, legend } = this.data;
    for (const act of ["fit", "up", "list"]) this.find(`[data-act=${act}]`).textContent = words[act];
    for (const act of ["in", "out"]) this.find(`[data-act=${act}]`).setAttribute("aria-label", words[act]);
    for (const act of ["in", "out", "fit", "up", "list"]) this.find(`[data-act=${act}]`).title = words[`${act}_help`];
    this.find("summary").textContent = words.save;
    this.find("[data-save=slide]").textContent = words.slide;
    this.find(".hint").textContent = words.hint;
    this.find("svg.graph").setAttribute("aria-label", words.alt);
    const scale = this.find(".legend");
    scale.hidden = !legend;
    if (legend) {
      const bar = document.createElement("i");
      bar.style.background = `linear-gradient(90deg, ${legend.colors.join(", ")})`;
      scale.replaceChildren(legend.title, " ", legend.low, bar, legend.high);
    }
    this.roleColors();
  }

  // The legend of the palette's own colours.
  roleColors() {
    const { roles, still } = this.data;
    const entries = roles.map(({ name, line, fill }) => {
      const entry = document.createElement("span");
      const swatch = document.createElement("i");
      swatch.style.cssText = `background: ${fill}; border-color: ${line}`;
      entry.append(swatch, name);
      return entry;
    });
    this.find(".roles").hidden = still || !roles.length;
    this.find(".roles").replaceChildren(...entries);
  }

  // Names and states for screen readers and for the keyboard.
  roles() {
    for (const [id, node] of this.drawing.nodes) {
      const box = this.data.boxes[id];
      if (!box) continue;
      node.setAttribute("tabindex", "-1");
      node.setAttribute("role", "button");
      node.setAttribute("aria-label", this.label(box));
      node.classList.toggle("acts", true);
      if (box.opens) node.setAttribute("aria-expanded", "false");
    }
    for (const frame of this.layer.querySelectorAll(".frame.acts")) frame.setAttribute("tabindex", "-1");
    const first = this.layer.querySelector("[tabindex]");
    first?.setAttribute("tabindex", "0");
  }

  label(box) {
    return [box.card.title, ...box.card.rows.map(([name, value]) => `${name} ${value}`)].join(", ");
  }

  target(event) {
    const arc = event.target.closest("g.arc");
    return arc ? this.drawing.nodes.get(arc.dataset.box) : event.target.closest("g.node, g.frame.acts");
  }

  click(event) {
    const target = this.target(event);
    const isKnown = target && (target.matches(".frame") || this.data.boxes[target.dataset.id]);
    if (!target) this.send(this.selection.id ? "select" : "up", "");
    else if (isKnown) this.activate(target.dataset.id, event.altKey);
  }

  activate(id, isDeep) {
    const box = this.data.boxes[id];
    this.clicked = id;
    if (box && !box.opens) this.send("select", id === this.selection.id ? "" : id);
    else this.send(isDeep ? "below" : "toggle", id);
  }

  send(kind, id) {
    if (kind === "select") {
      this.clicked = "";
      this.selection.show(id, this.data);
    }
    const { net, name } = this.referenceOf(id);
    this.args.setTriggerValue("act", { kind, net, name, at: Date.now() });
  }

  // Net and name of a box or a frame; any other id is none.
  referenceOf(id) {
    const { boxes, frames } = this.data;
    return boxes[id] ?? frames.find((frame) => frame.id === id) ?? { net: 0, name: "" };
  }

  act(name, button) {
    const { view } = this;
    if (name === "in") view.zoom(1.3);
    if (name === "out") view.zoom(1 / 1.3);
    if (name === "fit") view.isFitted ? view.fitAll() : this.settle();
    if (name === "up") this.send("up", "");
    if (name === "list") {
      const list = this.find(".list");
      list.hidden = !list.hidden;
      this.canvas.hidden = !list.hidden;
      button.setAttribute("aria-pressed", String(!list.hidden));
    }
  }

  key(event) {
    const id = event.target.dataset?.id;
    const isPlain = !event.ctrlKey && !event.metaKey;
    if (event.key === "Escape") this.send(this.selection.id ? "select" : "up", "");
    else if (event.key === " " && isPlain) this.act("fit");
    else if (event.key === "Enter" && id) this.activate(id, event.altKey);
    else if (event.key.startsWith("Arrow") && id) {
      const next = this.focusable(this.selection.next(event.key, id, this.data));
      if (!next) return;
      next.focus({ preventScroll: true });
    } else return;
    event.preventDefault();
  }

  focusable(id) {
    const frame = [...this.layer.querySelectorAll(".frame.acts")].find((one) => one.dataset.id === id);
    return this.drawing.nodes.get(id) ?? frame;
  }

  focused(event) {
    const id = event.target.dataset?.id;
    if (!id) return;
    this.layer.querySelectorAll('[tabindex="0"]').forEach((other) => other.setAttribute("tabindex", "-1"));
    event.target.setAttribute("tabindex", "0");
    const place = this.drawing.places.get(id);
    if (place && !event.target.matches(".frame")) this.view.reveal(place);
  }

  hover(event) {
    const boxes = this.data?.boxes ?? {};
    const around = event.target.closest("g.arc")?.dataset.box;
    const card = around ? boxes[around]?.arc : boxes[event.target.closest("g.node")?.dataset.id]?.card;
    if (card && event.pointerType !== "touch" && !this.view.pointers.size) this.cards.hover(card, event, this.data);
    else this.cards.leave();
  }

  // The same structure as a nested list, for screen readers.
  list() {
    const lists = new Map([["", document.createElement("ul")]]);
    const item = (words) => {
      const made = document.createElement("li");
      made.textContent = words;
      return made;
    };
    const frames = new Map(this.data.frames.map((frame) => [frame.id, frame]));
    const listOf = (id) => {
      if (!lists.has(id)) {
        const frame = frames.get(id);
        const made = item([frame.title, frame.note].filter(Boolean).join(", "));
        made.append(document.createElement("ul"));
        listOf(frame.parent).append(made);
        lists.set(id, made.lastChild);
      }
      return lists.get(id);
    };
    for (const row of this.data.rows)
      for (const id of row.boxes)
        if (this.data.boxes[id]) listOf(row.frame).append(item(this.label(this.data.boxes[id])));
    this.find(".list").replaceChildren(lists.get(""));
  }

  async save(kind) {
    const { data } = this;
    this.find(".menu").open = false;
    let blob;
    if (kind === "dot") blob = new Blob([data.rows.map(({ dot }) => dot).join("")], { type: "text/vnd.graphviz" });
    else if (kind === "slide") blob = await this.slide();
    else {
      const ground = getComputedStyle(this.root).getPropertyValue("--st-background-color").trim();
      const text = files.standalone(this.layer, this.stacked.width, this.stacked.height, ground);
      const { width, height } = this.stacked;
      blob = kind === "svg" ? new Blob([text], { type: "image/svg+xml" }) : await files.png(text, width, height, false);
    }
    files.save(blob, `${data.name}.${kind === "slide" ? "slide.png" : kind}`);
  }

  // Laid out once more, in larger type and out of sight.
  async slide() {
    const rows = this.data.rows.map((row) => ({ ...row, dot: layout.enlarged(row.dot, SLIDE_TYPE) }));
    const data = { ...this.data, rows };
    const stacked = layout.stack(this.graphviz, data);
    const layer = draw.element("g");
    this.find("svg.graph").append(layer);
    new draw.Drawing(layer).show(stacked, data, layout.turnPath, "");
    const text = files.standalone(layer, stacked.width, stacked.height, "");
    layer.remove();
    return files.png(text, stacked.width, stacked.height, true);
  }

  end() {
    this.watcher.disconnect();
    this.root.remove();
  }
}

const graphs = new WeakMap();

export default function show(args) {
  const parent = args.parentElement;
  if (!graphs.has(parent)) graphs.set(parent, new Graph(parent));
  const graph = graphs.get(parent);
  graph.update(args).catch((error) => {
    console.error(error);
    graph.find(".hint").textContent = `${error}`;
  });
  return () => {
    graph.end();
    graphs.delete(parent);
  };
}
