// From places to SVG: rows, frames and turns. A row that did not change is used again and only moves.

const SVG = "http://www.w3.org/2000/svg";
const MOVE_MS = 220;

export function element(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// One drawing on the screen. `layer` is the group that is panned and zoomed.
export class Drawing {
  constructor(layer) {
    this.layer = layer;
    this.rowOf = new Map(); // row id -> { dot, element, x, y }
    this.places = new Map(); // box id -> [left, top, right, bottom]
    this.nodes = new Map(); // box id -> its group
  }

  // Shows a stacked layout. `origin` is the id of the box or frame that was clicked, out of which new rows grow.
  show(stacked, data, turnPath, origin) {
    const before = this.rowOf;
    const from = this.places.get(origin);
    const frames = element("g", { class: "frames" });
    const turns = element("g", { class: "turns" });
    const rows = element("g", { class: "rows" });
    this.rowOf = new Map();
    const moves = [];
    for (const row of stacked.rows) {
      const old = before.get(row.id);
      const isSame = old?.dot === row.dot;
      const group = isSame ? old.element : element("g", { class: "row" }, row.template.cloneNode(true));
      group.setAttribute("transform", `translate(${row.x},${row.y})`);
      rows.append(group);
      this.rowOf.set(row.id, { dot: row.dot, element: group, x: row.x, y: row.y });
      if (isSame) moves.push([group, { transform: `translate(${old.x}px,${old.y}px)` }, row]);
      else if (from)
        moves.push([group, { transform: `translate(${from[0]}px,${from[1]}px) scale(.25)`, opacity: 0 }, row]);
    }
    for (const frame of stacked.frames) frames.append(this.frame(frame, data));
    this.layer.replaceChildren(frames, rows, turns);
    this.measure(stacked);
    for (const turn of data.turns) turns.append(...this.turn(turn, stacked, data, turnPath));
    for (const frame of stacked.frames)
      this.places.set(frame.id, [frame.left, frame.top, frame.right, frame.bottom]);
    if (before.size && !isCalm()) this.move(moves, [frames, turns]);
  }

  // Measures the place of each box, in px of the drawing.
  measure(stacked) {
    this.places = new Map();
    this.nodes = new Map();
    for (const row of stacked.rows) {
      const { element: group } = this.rowOf.get(row.id);
      const graph = group.firstElementChild;
      const shift = graph.transform.baseVal.consolidate()?.matrix ?? { e: 0, f: 0 };
      for (const node of graph.querySelectorAll(":scope > g.node")) {
        const { x, y, width, height } = node.getBBox();
        const left = row.x + shift.e + x;
        const top = row.y + shift.f + y;
        this.places.set(node.dataset.id, [left, top, left + width, top + height]);
        this.nodes.set(node.dataset.id, node);
      }
    }
  }

  frame(frame, data) {
    const group = element("g", { class: `frame ${frame.mark}`, "data-id": frame.id });
    const { left, top, right, bottom } = frame;
    const box = { x: left, y: top, width: right - left, height: bottom - top, rx: 8 };
    group.append(element("rect", { ...box, fill: data.colors.frame, "fill-opacity": 0.16, stroke: data.colors.line }));
    const title = element("text", { x: left + 12, y: top + 19, fill: data.colors.text, "font-size": 13 });
    const bold = element("tspan", { "font-weight": 650 }, frame.title);
    const note = element("tspan", { dx: 10, "font-size": 11, "fill-opacity": 0.75 }, frame.note);
    title.append(...(frame.closes ? [element("tspan", {}, "▾ ")] : []), bold, note);
    group.append(title);
    if (frame.closes) {
      group.classList.add("acts");
      group.setAttribute("role", "button");
      group.setAttribute("aria-expanded", "true");
      group.setAttribute("aria-label", `${frame.title}, ${frame.note}`);
    }
    return group;
  }

  turn({ source, target, row: rowId, label }, stacked, data, turnPath) {
    const from = this.places.get(source);
    const to = this.places.get(target);
    const row = stacked.rows.find(({ id }) => id === rowId);
    const outermost = stacked.frames.filter((frame) => frame.top < row.y && frame.top > from[3]);
    const top = Math.min(row.y, ...outermost.map((frame) => frame.top));
    const halfway = top - 10;
    const at = [from[2], (from[1] + from[3]) / 2];
    const end = [to[0], (to[1] + to[3]) / 2];
    const look = { fill: "none", stroke: data.colors.line, "stroke-width": 1.4 };
    const path = element("path", { ...look, d: turnPath(at, end, halfway), class: "turn" });
    path.dataset.id = `${source}->${target}`;
    const words = { x: 26, y: halfway - 4, fill: data.colors.text, "font-size": 11 };
    return [path, element("text", words, label)];
  }

  move(moves, fading) {
    const timing = { duration: MOVE_MS, easing: "ease-out" };
    for (const [group, start, { x, y }] of moves)
      group.animate([start, { transform: `translate(${x}px,${y}px)`, opacity: 1 }], timing);
    for (const group of fading) group.animate([{ opacity: 0 }, { opacity: 1 }], timing);
  }
}
