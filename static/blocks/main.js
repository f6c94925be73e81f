// Drawing of blocks: SVG text from the server, shown as wide as there is room. A row lights up in all blocks at once.

const NEVER = "script, foreignObject, image, use, style, a, iframe";
const MOST = 1.3; // px per unit of the drawing
const LEAST = 0.8; // below it the drawing scrolls sideways
const SHARE = 78; // of the window's height

function parsed(text) {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (svg.nodeName !== "svg") return null; // the parser's own error message
  svg.querySelectorAll(NEVER).forEach((element) => element.remove());
  for (const element of [svg, ...svg.querySelectorAll("*")])
    for (const { name } of [...element.attributes]) if (/^on|href$/i.test(name)) element.removeAttribute(name);
  return document.importNode(svg, true);
}

function light(root, row) {
  root.querySelectorAll("g.layer").forEach((layer) => layer.classList.toggle("lit-row", layer.dataset.row === row));
}

export default function ({ data, parentElement: root }) {
  const here = new URL(import.meta.url);
  let room = root.querySelector(".room");
  if (!room) {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL(`./blocks.css${here.search}`, here).href;
    room = document.createElement("div");
    room.className = "room";
    room.tabIndex = 0; // so that the arrow keys scroll it
    room.addEventListener("pointerover", (event) => light(room, event.target.closest("g.layer")?.dataset.row));
    room.addEventListener("pointerleave", () => light(room));
    root.append(style, room);
  }
  const svg = parsed(data.svg);
  if (!svg) return () => {};
  const wide = `${data.width * MOST}px`;
  svg.style.width = `min(100%, ${wide}, ${(SHARE * data.width) / data.height}vh)`;
  svg.style.minWidth = `${data.width * (data.is_alone ? 0 : LEAST)}px`;
  room.setAttribute("aria-label", data.alt);
  room.replaceChildren(svg);
  return () => {};
}
