// The way through a lecture: the foot of a screen, and the bar on a page that a scene has opened. Both hear the keys.

const here = new URL(import.meta.url);
const part = (name) => import(new URL(`./${name}.js${here.search}`, here).href); // one version of all files
const [{ button, element, group }, { listen }] = await Promise.all(["dom", "keys"].map(part));

const ECHO_MS = 1500;

function foot(data, act) {
  const arrows = group("arrows");
  for (const step of ["before", "after"]) {
    const made = button("arrow", { label: step === "before" ? "‹" : "›" }, () => act(step));
    made.setAttribute("aria-label", data[step].label);
    made.title = data[step].label;
    made.disabled = !data[step].is_there;
    arrows.append(made);
  }
  const place = group("place", element("span", "number", data.place), element("span", "title", data.title));
  const leave = button("leave", data.leave, () => act("leave"));
  const made = group("foot", arrows, place);
  if (data.class_run) made.append(button("leave class", data.class_run, () => act("class")));
  made.append(leave);
  made.append(button("on", data.on, () => act("on")));
  return made;
}

function bar(data, act) {
  const words = group("words", element("div", "question", data.question));
  const hints = group("hints");
  for (const { label, text } of data.hints) {
    const hint = group("hint", element("span", "label", label), element("span", "", text));
    hints.append(hint);
  }
  if (data.hints.length) words.append(hints);
  const made = group("lookbar", words);
  made.append(button("on", data.on, () => act("on")));
  return made;
}

const shown = new WeakMap();

export function show(root, data, setTriggerValue) {
  shown.get(root)?.();
  let last = -Infinity; // a second press before the server has answered is the first one's echo
  const act = (step) => {
    if (performance.now() - last < ECHO_MS || data[step]?.is_there === false) return;
    last = performance.now();
    setTriggerValue("step", step);
  };
  const made = (data.kind === "bar" ? bar : foot)(data, act);
  root.append(made);
  const unlisten = listen(act);
  const end = () => {
    unlisten();
    made.remove();
    if (shown.get(root) === end) shown.delete(root);
  };
  shown.set(root, end);
  return () => shown.get(root)?.();
}
