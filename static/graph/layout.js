// Rows laid out by Graphviz, one by one, and put below each other inside their frames.
// Lengths are in px of the drawing; a row's own layout is kept, so that a row which did not change costs nothing.

const here = new URL(import.meta.url);
const KEPT_ROWS = 600;
const PAD = 18; // between a frame and what it holds
const TITLE = 28; // height of a frame's title
const GAP = 30; // between rows, where a turn runs with its label
const GUTTER = 20; // left of everything, where the turns come down

let engine = null;
const laidOut = new Map(); // DOT -> { template, width, height }

export async function ready() {
  engine ??= import(new URL("./wasm-graphviz-1.29.2.js", here)).then((module) => module.Graphviz.load());
  return engine;
}

// Returns a row as an SVG group with its size. Graphviz must be ready.
function layRow(graphviz, dot) {
  let row = laidOut.get(dot);
  if (!row) {
    const text = graphviz.layout(dot, "svg", "dot");
    const source = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const [, , width, height] = source.getAttribute("viewBox").split(/\s+/).map(Number);
    row = { template: cleaned(source.querySelector("g.graph")), width, height };
    if (laidOut.size >= KEPT_ROWS) laidOut.delete(laidOut.keys().next().value);
  } else laidOut.delete(dot);
  laidOut.set(dot, row); // the last used come last
  return row;
}

// Takes out of Graphviz's drawing all that could act or that would clash with another row.
function cleaned(graph) {
  graph.querySelectorAll("script, foreignObject, image, use, style, a, iframe").forEach((element) => element.remove());
  graph.querySelectorAll(":scope > polygon, :scope > title").forEach((element) => element.remove());
  for (const element of [graph, ...graph.querySelectorAll("*")])
    for (const { name } of [...element.attributes])
      if (/^on|href$/i.test(name) || name === "id") element.removeAttribute(name);
  for (const group of graph.querySelectorAll("g.node, g.edge")) {
    const title = group.querySelector(":scope > title");
    group.dataset.id = title.textContent;
    title.remove();
    if (group.matches(".node")) centre(group);
    if (group.matches(".arc")) asArc(group);
  }
  return graph;
}

// The arc around a stage belongs to its box and is no arrow from layer to layer. Its line is wider for the pointer.
function asArc(group) {
  group.dataset.box = group.dataset.id.split("->")[0].replace(/:w$/, ""); // without the side where it begins
  delete group.dataset.id;
  group.classList.remove("edge");
  const reach = group.querySelector("path").cloneNode();
  for (const [name, value] of Object.entries({ stroke: "transparent", "stroke-width": 14 })) reach.setAttribute(name, value);
  group.append(reach);
}

// Words are centred in their box: the page's letters are a little wider than those that Graphviz knows.
function centre(node) {
  const outline = node.querySelector(":scope > path, :scope > ellipse, :scope > polygon");
  const xs = [...(outline.getAttribute("d") ?? "").matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map((point) => Number(point[1]));
  if (!xs.length) return;
  const middle = (Math.min(...xs) + Math.max(...xs)) / 2;
  for (const text of node.querySelectorAll("text")) {
    text.setAttribute("text-anchor", "middle");
    text.setAttribute("x", middle);
  }
}

// Returns { rows, frames, width, height }: every row with its place, every frame with its rectangle.
export function stack(graphviz, data) {
  const frames = new Map(data.frames.map((frame) => [frame.id, { ...frame, right: 0 }]));
  const pathOf = (id) => (id ? [...pathOf(frames.get(id).parent), id] : []);
  const rows = [];
  let open = [];
  let y = 0;
  const close = (count) => {
    while (open.length > count) {
      const frame = frames.get(open.pop());
      y += PAD - GAP;
      frame.bottom = y;
      y += GAP;
      const outer = frames.get(frame.parent);
      if (outer) outer.right = Math.max(outer.right, frame.right + PAD);
    }
  };
  for (const row of data.rows) {
    const path = pathOf(row.frame);
    let shared = 0;
    while (shared < open.length && open[shared] === path[shared]) shared += 1;
    close(shared);
    for (const id of path.slice(shared)) {
      const frame = frames.get(id);
      frame.depth = open.length;
      frame.left = GUTTER + frame.depth * PAD;
      frame.top = y;
      y += TITLE;
      open.push(id);
    }
    const { template, width, height } = layRow(graphviz, row.dot);
    const x = GUTTER + open.length * PAD;
    rows.push({ ...row, template, x, y, width, height });
    const inner = frames.get(open.at(-1));
    if (inner) inner.right = Math.max(inner.right, x + width + PAD);
    y += height + GAP;
  }
  close(0);
  for (const frame of frames.values()) frame.right = Math.max(frame.right, frame.left + titleWidth(frame));
  const right = Math.max(...rows.map((row) => row.x + row.width), ...[...frames.values()].map((frame) => frame.right));
  return { rows, frames: [...frames.values()], width: right + GUTTER, height: y - GAP };
}

// About as wide as the words of a title are.
const titleWidth = ({ title, note }) => 50 + 8 * title.length + 6.2 * note.length;

// The way from the end of one row to the beginning of the next, with round corners: right, down, left, down, right.
export function turnPath([x1, y1], [x2, y2], halfway) {
  const r = 7;
  const right = x1 + 11;
  const left = 6;
  return (
    `M${x1},${y1} H${right - r} q${r},0 ${r},${r} V${halfway - r} q0,${r} ${-r},${r} H${left + r} ` +
    `q${-r},0 ${-r},${r} V${y2 - r} q0,${r} ${r},${r} H${x2}`
  );
}

// The same drawing in larger type, for a slide.
export function enlarged(dot, factor) {
  const times = (match, before, points) => `${before}${Math.round(points * factor)}`;
  return dot.replace(/(POINT-SIZE=")(\d+)/g, times).replace(/(fontsize="?)(\d+)/g, times);
}
