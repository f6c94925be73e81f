// What is lit in the drawing and in the equations: both are components of their own, with this module in common.
//
// A place is a block's number and a layer's name. What is pinned, by a click, a tap or Enter, stays lit until it is
// clicked again or Escape is pressed.

const views = new Set();
let pinned = "";

export const join = (view) => views.add(view);
export const leave = (view) => views.delete(view);
export const placeOf = (block, name) => `${block} ${name}`;

function show(places) {
  const lit = new Set(places);
  for (const view of views) view.show(lit);
}

export const light = (places) => show(places.length ? places : pinned.split("|"));

export function pin(places) {
  const wanted = places.join("|");
  pinned = pinned === wanted ? "" : wanted;
  show(pinned.split("|"));
}

// Pointer, focus and keys of a view: `placesAt` gives the places of an element, `next` its neighbour in a direction.
export function listen(room, placesAt, next) {
  room.addEventListener("pointerover", (event) => light(placesAt(event.target)));
  room.addEventListener("pointerleave", () => light([]));
  room.addEventListener("focusin", (event) => light(placesAt(event.target)));
  room.addEventListener("focusout", () => light([]));
  room.addEventListener("click", (event) => {
    const places = placesAt(event.target);
    if (places.length) pin(places);
  });
  room.addEventListener("keydown", (event) => {
    const places = placesAt(event.target);
    if (event.key === "Escape") pinned && pin(pinned.split("|"));
    else if ((event.key === "Enter" || event.key === " ") && places.length) pin(places);
    else if (event.key.startsWith("Arrow")) focus(room, next(event.target, event.key));
    else return;
    event.preventDefault();
  });
}

// One stop for the tab key in a view; the arrow keys go on from there.
export function focus(room, element) {
  if (!element) return;
  room.querySelectorAll('[tabindex="0"]').forEach((other) => other.setAttribute("tabindex", "-1"));
  element.setAttribute("tabindex", "0");
  element.focus();
}
