// Keys of a lecture: space goes on, the arrows lead to the scenes before and after, Esc leaves.
//
// A key belongs to what has the focus: a field, a slider, a button and all that can be focused keep theirs. A button
// that was clicked with the mouse gives the focus back, else the next space would press it again.

const STEPS = { " ": "on", ArrowLeft: "before", ArrowRight: "after", Escape: "leave" };
const CLICKED = "button, summary, label, [role=tab], [role=radio], [role=switch]";
const TYPED = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], [role=slider]";

const listeners = new Set();

// Calls `act` with the step of each key, and returns a function that ends this.
export function listen(act) {
  if (!listeners.size) {
    window.addEventListener("keydown", onKey);
    window.addEventListener("click", onClick);
  }
  listeners.add(act);
  return () => {
    listeners.delete(act);
    if (listeners.size) return;
    window.removeEventListener("keydown", onKey);
    window.removeEventListener("click", onClick);
  };
}

function onKey(event) {
  const step = STEPS[event.key];
  if (!step || event.defaultPrevented || event.repeat || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (focused() || isCovered()) return;
  event.preventDefault(); // space would scroll the page
  [...listeners].at(-1)(step);
}

function onClick(event) {
  if (!event.detail) return; // pressed by a key: the focus is where its owner wants it
  const path = event.composedPath().filter((node) => node instanceof Element);
  if (path.some((node) => node.matches(TYPED)) || !path.some((node) => node.matches(CLICKED))) return;
  const owner = focused();
  if (owner && !owner.matches(TYPED)) owner.blur();
}

// The element that has the focus, inside components too; null for the page itself.
function focused() {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  const isPage = !found || found === document.body || found === document.documentElement;
  return isPage || found.getAttribute("tabindex") === "-1" ? null : found;
}

function isCovered() {
  return Boolean(document.querySelector("[role=dialog], [role=listbox], [role=menu]"));
}
