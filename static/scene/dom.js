// Elements whose text is text: nothing that a scene brings is ever read as markup.

export function element(tag, name, text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}

// A text in which names such as plain-56 stay on one line.
export function sentence(tag, name, text) {
  const made = element(tag, name);
  for (const part of text.split(/([\p{L}\d]+-\d[\p{L}\d]*)/u))
    made.append(/-\d/.test(part) ? element("span", "unbroken", part) : part);
  return made;
}

export function group(name, ...children) {
  const made = element("div", name);
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

// A QR code with its quiet zone: `path` has the dark modules, `size` is the side in modules.
export function qrCode({ path, size, alt }) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", alt);
  const dark = document.createElementNS(SVG, "path");
  dark.setAttribute("d", path);
  svg.append(dark);
  const frame = group("qr");
  frame.append(svg);
  return frame;
}

// A button of the lecture; `key` is the key that does the same.
export function button(name, { label, key }, act) {
  const made = element("button", name);
  made.type = "button";
  made.append(element("span", "", label));
  if (key) made.append(element("kbd", "", key));
  made.addEventListener("click", act);
  return made;
}
