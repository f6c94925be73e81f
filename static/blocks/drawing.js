// Drawing of blocks: SVG text from the server, shown as wide as there is room. A row lights up in all blocks at once.

const here = new URL(import.meta.url);
const { join, leave, listen, placeOf } = await import(new URL(`./light.js${here.search}`, here).href);

const NEVER = "script, foreignObject, image, use, style, a, iframe";
const MOST = 1.3; // px per unit of the drawing
const LEAST = 0.8; // below it the drawing scrolls sideways
const SHARE = 78; // of the window's height
const LAYERS = "g.layer, g.end";

function parsed(text) {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (svg.nodeName !== "svg") return null; // the parser's own error message
  svg.querySelectorAll(NEVER).forEach((element) => element.remove());
  for (const element of [svg, ...svg.querySelectorAll("*")])
    for (const { name } of [...element.attributes]) if (/^on|href$/i.test(name)) element.removeAttribute(name);
  return document.importNode(svg, true);
}

const placeAt = (element) => placeOf(element.closest("g.block").dataset.block, element.dataset.name);

export class DrawingView {
  constructor(parent) {
    this.room = document.createElement("div");
    this.room.className = "room";
    parent.append(this.room);
    this.drawn = 0;
    listen(this.room, (target) => this.placesAt(target), (layer, key) => this.next(layer, key));
    join(this);
  }

  update(data) {
    const svg = parsed(data.svg);
    if (!svg) return;
    const isPresented = "var(--resnet-viz-presented, 0)"; // then the page's type is the measure, and more of the window
    const wide = `calc(${data.width * MOST}px + ${isPresented} * 100vw)`;
    const high = `calc(${(SHARE * data.width) / data.height}vh + ${isPresented} * ${(8 * data.width) / data.height}vh)`;
    svg.style.width = `min(100%, ${wide}, ${high})`;
    svg.style.minWidth = `${data.width * (data.is_alone ? 0 : LEAST)}px`;
    svg.setAttribute("role", "group"); // an image has no parts that get the focus
    for (const layer of svg.querySelectorAll(LAYERS)) {
      layer.setAttribute("tabindex", "-1");
      layer.setAttribute("role", "button");
      layer.setAttribute("aria-label", (layer.querySelector("title") ?? layer).textContent);
    }
    svg.querySelector(LAYERS)?.setAttribute("tabindex", "0");
    this.room.setAttribute("aria-label", data.alt);
    this.room.replaceChildren(svg);
    this.room.dataset.drawn = ++this.drawn;
  }

  // The layer, and those beside it in the other blocks; of a line only itself.
  placesAt(target) {
    const element = target.closest?.("[data-name]");
    if (!element) return [];
    const { row, lane } = element.dataset;
    if (!row) return [placeAt(element)];
    return [...this.room.querySelectorAll(`:is(${LAYERS})[data-row="${row}"][data-lane="${lane}"]`)].map(placeAt);
  }

  show(lit) {
    for (const element of this.room.querySelectorAll("[data-name]"))
      element.classList.toggle("lit-row", lit.has(placeAt(element)));
  }

  // Up and down a block; left and right to the block beside it.
  next(layer, key) {
    const blocks = [...this.room.querySelectorAll("g.block")];
    const block = layer.closest("g.block");
    const layers = (one) => [...(one?.querySelectorAll(LAYERS) ?? [])];
    const ways = { ArrowUp: -1, ArrowDown: 1 };
    if (key in ways) return layers(block)[layers(block).indexOf(layer) + ways[key]];
    const beside = layers(blocks[blocks.indexOf(block) + (key === "ArrowRight" ? 1 : -1)]);
    const distance = (other) => Math.abs(other.dataset.row - layer.dataset.row);
    return beside.reduce((best, other) => (best && distance(best) <= distance(other) ? best : other), undefined);
  }

  end() {
    leave(this);
  }
}
