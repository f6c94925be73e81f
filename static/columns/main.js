// Nets in columns: SVG text from the server, shown as wide as there is room and, where it can still be read, all of it.

const NEVER = "script, foreignObject, image, use, style, a, iframe";
const MOST = 1.25; // px per unit of the drawing
const LEGIBLE = 0.93; // less only where the page is narrower
const LEAST = 0.75; // below it the drawing scrolls sideways
const SHARE = 92; // of the window's height

function parsed(text) {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (svg.nodeName !== "svg") return null; // the parser's own error message
  svg.querySelectorAll(NEVER).forEach((element) => element.remove());
  for (const element of [svg, ...svg.querySelectorAll("*")])
    for (const { name } of [...element.attributes]) if (/^on|href$/i.test(name)) element.removeAttribute(name);
  return document.importNode(svg, true);
}

export default function ({ data, parentElement: root }) {
  const here = new URL(import.meta.url);
  let room = root.querySelector(".room");
  if (!room) {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL(`./columns.css${here.search}`, here).href;
    room = document.createElement("div");
    room.className = "room";
    room.dataset.testid = "columns";
    room.tabIndex = 0; // so that the arrow keys scroll it
    root.append(style, room);
  }
  const svg = parsed(data.svg);
  if (!svg) return () => {};
  const { width, height } = data;
  svg.style.width = `min(100%, ${width * MOST}px, max(${width * LEGIBLE}px, ${(SHARE * width) / height}vh))`;
  svg.style.minWidth = `${width * LEAST}px`;
  room.setAttribute("aria-label", data.alt);
  room.replaceChildren(svg);
  return () => {};
}
