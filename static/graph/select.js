// Classes of boxes: the selected one, its inputs and readers, and the layers that are identical to it.

export class Selection {
  constructor(drawing) {
    this.drawing = drawing;
    this.id = "";
  }

  show(id, data) {
    this.id = data.boxes[id] ? id : "";
    const reads = this.around(data, 1, 0);
    const readers = this.around(data, 0, 1);
    const kind = data.boxes[this.id]?.kind;
    const twin = this.twins(data);
    for (const [name, node] of this.drawing.nodes) {
      const box = data.boxes[name];
      node.classList.toggle("selected", name === this.id || twin.has(name));
      node.classList.toggle("input", reads.has(name));
      node.classList.toggle("output", readers.has(name));
      node.classList.toggle("alike", Boolean(kind) && name !== this.id && box?.kind === kind);
      node.setAttribute("aria-selected", String(name === this.id));
    }
  }

  around(data, mine, theirs) {
    return new Set(data.arrows.filter((arrow) => this.id && arrow[mine] === this.id).map((arrow) => arrow[theirs]));
  }

  // The same layer in the other nets of a comparison.
  twins(data) {
    const own = data.boxes[this.id];
    if (!own) return new Set();
    return new Set(Object.keys(data.boxes).filter((id) => data.boxes[id].name === own.name));
  }

  // The box that an arrow key leads to from `id`, or undefined.
  next(key, id, data) {
    const { places, nodes } = this.drawing;
    const isFrame = !nodes.has(id); // what it holds lies below its title
    if (key === "ArrowRight" && !isFrame) return this.along(id, data, 0, 1);
    if (key === "ArrowLeft") return this.along(id, data, 1, 0);
    const [left, top, right, bottom] = places.get(id) ?? [0, 0, 0, 0];
    const middle = isFrame ? [left, top] : [(left + right) / 2, (top + bottom) / 2];
    const way = key === "ArrowUp" ? -1 : 1;
    let best;
    for (const name of nodes.keys()) {
      if (!data.boxes[name]) continue; // a mere point takes no focus
      const place = places.get(name);
      const dx = Math.abs((place[0] + place[2]) / 2 - middle[0]);
      const dy = ((place[1] + place[3]) / 2 - middle[1]) * way;
      const far = dy * 2 + dx;
      if (dy > 8 && (!best || far < best.far)) best = { name, far };
    }
    return best?.name;
  }

  // Follows an arrow; past a mere point to the box after it.
  along(id, data, mine, theirs) {
    const arrow = data.arrows.find((one) => one[mine] === id);
    if (!arrow) return undefined;
    return data.boxes[arrow[theirs]] ? arrow[theirs] : this.along(arrow[theirs], data, mine, theirs);
  }
}
