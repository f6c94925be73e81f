// Cards that lead to addresses of this page: a picture as SVG text from the server, a title and a question each.
// A click changes the page in place; with a modifier, or in a new tab, a card is an ordinary link.

const NEVER = "script, foreignObject, image, use, style, a, iframe";

function parsed(text) {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (svg.nodeName !== "svg") return null; // the parser's own error message
  svg.querySelectorAll(NEVER).forEach((element) => element.remove());
  for (const element of [svg, ...svg.querySelectorAll("*")])
    for (const { name } of [...element.attributes]) if (/^on|href$/i.test(name)) element.removeAttribute(name);
  return document.importNode(svg, true);
}

function words(name, text) {
  const element = document.createElement("div");
  element.className = name;
  element.textContent = text;
  return element;
}

function card({ id, address, title, question, svg }, choose) {
  const link = document.createElement("a");
  link.className = "card";
  link.dataset.id = id;
  link.href = new URL(address, document.baseURI).href;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    choose(id);
  });
  const frame = words("picture", "");
  frame.setAttribute("aria-hidden", "true"); // title and question say it
  const picture = parsed(svg);
  if (picture) frame.append(picture);
  const text = document.createElement("div");
  text.append(words("title", title), words("question", question));
  link.append(frame, text);
  return link;
}

export default function ({ data, parentElement: root, setTriggerValue }) {
  const here = new URL(import.meta.url);
  let cards = root.querySelector(".cards");
  if (!cards) {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL(`./cards.css${here.search}`, here).href;
    cards = document.createElement("div");
    cards.className = "cards";
    root.append(style, cards);
  }
  cards.replaceChildren(...data.cards.map((one) => card(one, (id) => setTriggerValue("chosen", id))));
  return () => {};
}
