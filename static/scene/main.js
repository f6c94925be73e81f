// Parts of a lecture: `data.kind` says which.

const here = new URL(import.meta.url);
const part = (name) => import(new URL(`./${name}.js${here.search}`, here).href); // one version of all files
const [contents, screen, steps] = await Promise.all(["contents", "screen", "steps"].map(part));

const PARTS = {
  contents: contents.show,
  question: screen.show,
  reveal: screen.show,
  counts: screen.count,
  foot: steps.show,
  bar: steps.show,
};

export default function ({ data, parentElement: root, setTriggerValue }) {
  if (!root.querySelector("link")) {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL(`./scene.css${here.search}`, here).href;
    root.append(style);
  }
  return PARTS[data.kind](root, data, setTriggerValue);
}
