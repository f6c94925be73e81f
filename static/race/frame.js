// One chart: a titled box with axes as SVG, lines in it, a marker at the chosen step, and what the pointer is at.

const SVG = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

const LEFT = 46; // px
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 34;

let type = 1;

// Sets how much larger than usual the type is, for which the axes leave room.
export function enlarge(factor) {
  type = factor;
}

export class Frame {
  constructor(host, name, { hasCanvas = false, left = LEFT } = {}) {
    this.left = left;
    this.box = document.createElement("figure");
    this.box.dataset.chart = name;
    this.title = document.createElement("figcaption");
    this.field = document.createElement("div");
    this.field.className = "field";
    if (hasCanvas) {
      this.canvas = document.createElement("canvas");
      this.field.append(this.canvas);
    }
    this.svg = element("svg", { role: "img" });
    this.axes = element("g", { class: "axes" });
    this.lines = element("g", { class: "lines", fill: "none" });
    this.marker = element("line", { class: "marker" });
    this.pointed = element("g", { class: "pointed" });
    this.svg.append(this.axes, this.lines, this.marker, this.pointed);
    this.field.append(this.svg);
    this.box.append(this.title, this.field);
    host.append(this.box);
  }

  get inner() {
    const width = Math.max(120, this.field.clientWidth);
    const height = Math.max(80, this.field.clientHeight);
    return { left: this.left * type, right: width - RIGHT, top: TOP, bottom: height - BOTTOM * type };
  }

  get area() {
    const { left, right, top, bottom } = this.inner;
    return { x: [left, right], y: [bottom, top] };
  }

  // Draws axes for two scales; `xTicks` and `yTicks` name the ticks where the scale's own will not do.
  frame({ x, y, xName, xTicks, yTicks }) {
    const { left, right, top, bottom } = this.inner;
    const parts = [];
    const tick = (at, text, isX) => {
      if (isX) parts.push(element("text", { x: at, y: bottom + 15 * type, "text-anchor": anchor(at, left, right) }, text));
      else {
        parts.push(element("line", { x1: left, x2: right, y1: at, y2: at, class: "grid" }));
        parts.push(element("text", { x: left - 6, y: at + 4 * type, "text-anchor": "end" }, text));
      }
    };
    for (const [value, text] of yTicks ?? y.ticks(Math.max(2, Math.floor((bottom - top) / (30 * type))))) tick(y(value), text, false);
    for (const [value, text] of xTicks ?? x.ticks(Math.max(2, Math.floor((right - left) / (70 * type))))) tick(x(value), text, true);
    parts.push(element("line", { x1: left, x2: right, y1: bottom, y2: bottom, class: "base" }));
    parts.push(element("text", { x: (left + right) / 2, y: bottom + 30 * type, "text-anchor": "middle", class: "name" }, xName));
    this.axes.replaceChildren(...parts);
    Object.assign(this, { x, y });
  }

  // Draws areas: { xs, low, high, color }, and over them lines: { xs, ys, color, width, dash, opacity, dots }. What the
  // scales have no place for leaves a gap.
  draw(lines, areas = []) {
    const { x, y } = this;
    const { top, bottom } = this.inner;
    const clipped = (px) => Math.min(bottom + 4, Math.max(top - 6, px));
    const made = areas.map((each) => this.fill(each, clipped));
    for (const line of lines) {
      let path = "";
      let isOpen = false;
      line.xs.forEach((value, index) => {
        const height = line.ys[index];
        if (!y.fits(height)) {
          isOpen = false;
          return;
        }
        const [px, py] = [x(value), clipped(y(height))];
        path += `${isOpen ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`;
        isOpen = true;
        if (line.dots) made.push(element("circle", { cx: px, cy: py, r: line.dots, fill: line.color, stroke: "none" }));
      });
      const { color, width = 2.2, opacity = 1, dash } = line;
      const look = { d: path, stroke: color, "stroke-width": width, "stroke-opacity": opacity, "stroke-linejoin": "round" };
      made.push(element("path", dash ? { ...look, "stroke-dasharray": dash } : look));
    }
    this.lines.replaceChildren(...made);
  }

  fill({ xs, low, high, color }, clipped) {
    const { x, y } = this;
    let path = "";
    let open = [];
    const close = () => {
      const corners = [...open.map(([px, , top]) => [px, top]), ...open.reverse().map(([px, bottom]) => [px, bottom])];
      if (corners.length) path += `M${corners.map(([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`).join("L")}Z`;
      open = [];
    };
    xs.forEach((value, index) => {
      if (y.fits(low[index]) && y.fits(high[index])) open.push([x(value), clipped(y(low[index])), clipped(y(high[index]))]);
      else close();
    });
    close();
    return element("path", { d: path, class: "band", fill: color, stroke: "none", "fill-opacity": 0.2 });
  }

  mark(value) {
    const { top, bottom } = this.inner;
    const isShown = this.x && Number.isFinite(value);
    this.marker.toggleAttribute("hidden", !isShown);
    if (!isShown) return;
    const px = this.x(value);
    for (const [name, at] of Object.entries({ x1: px, x2: px, y1: top, y2: bottom })) this.marker.setAttribute(name, at);
  }

  // Calls `at(px, py)` for a pointer over the field, `leave()` when it has gone and `click(px)` when it is pressed.
  point({ at, leave, click }) {
    const place = (event) => {
      const room = this.svg.getBoundingClientRect();
      return [event.clientX - room.left, event.clientY - room.top];
    };
    this.svg.addEventListener("pointermove", (event) => at(...place(event), event));
    this.svg.addEventListener("pointerleave", () => {
      this.pointed.replaceChildren();
      leave();
    });
    this.svg.addEventListener("click", (event) => click(...place(event), event));
  }

  ring(px, py, color) {
    this.pointed.replaceChildren(element("circle", { cx: px, cy: py, r: 5, fill: "none", stroke: color, "stroke-width": 2 }));
  }
}

function anchor(at, left, right) {
  if (at < left + 12) return "start";
  return at > right - 12 ? "end" : "middle";
}
