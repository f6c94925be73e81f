// The drawing as a file: SVG or PNG as shown, a slide in larger type on no background, or Graphviz's text.

const MOST_PX = 12000;
const SLIDE_PX = 3840;

// Returns the drawing as an SVG document that needs no style sheet. `background` is a colour, or "" for none.
export function standalone(layer, width, height, background) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  const copy = layer.cloneNode(true);
  copy.removeAttribute("style");
  copy.removeAttribute("class");
  const live = layer.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, place) => {
    const { opacity } = getComputedStyle(live[place]);
    if (opacity !== "1") element.setAttribute("opacity", opacity);
    for (const name of ["style", "tabindex", "role", "aria-expanded", "aria-label", "aria-selected"])
      element.removeAttribute(name);
    if (element.tagName === "text") element.setAttribute("font-family", "Helvetica, Arial, sans-serif");
  });
  if (background) {
    const ground = document.createElementNS(svg.namespaceURI, "rect");
    for (const [name, value] of Object.entries({ width, height, fill: background })) ground.setAttribute(name, value);
    svg.append(ground);
  }
  svg.append(copy);
  return new XMLSerializer().serializeToString(svg);
}

export async function png(text, width, height, isSlide) {
  const image = new Image();
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  image.src = address;
  await image.decode();
  const scale = Math.min(isSlide ? SLIDE_PX / width : 2, MOST_PX / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
