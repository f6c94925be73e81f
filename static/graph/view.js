// Pan and zoom of one layer inside its canvas: drag, pinch, ctrl + wheel; a plain wheel scrolls a tall drawing.

const MARGIN = 10;
const MOST = 6;
const LEAST = 0.02;

export class View {
  constructor(canvas, layer) {
    this.canvas = canvas;
    this.layer = layer;
    this.at = { x: 0, y: 0, k: 1 };
    this.size = { width: 1, height: 1 };
    this.isFitted = true; // until the first pan or zoom
    this.most = 1.15; // scale of type, the page's being 1
    this.pointers = new Map();
    this.travelled = 0;
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel", "pointerleave"])
      canvas.addEventListener(end, (event) => this.up(event));
  }

  get isDragged() {
    return this.travelled > 4; // px; less is a click with an unsteady hand
  }

  // The scale at which the drawing is as wide as the canvas, type never larger than `most` times the page's.
  widthScale(most = this.most) {
    return Math.max(LEAST, Math.min(most, (this.canvas.clientWidth - 2 * MARGIN) / this.size.width));
  }

  // Shows the drawing as wide as the canvas, from its top.
  fitWidth() {
    const k = this.widthScale();
    this.set({ k, x: this.centred(k), y: MARGIN });
    this.isFitted = true;
  }

  // Shows all of the drawing.
  fitAll() {
    const k = Math.min(this.widthScale(), (this.canvas.clientHeight - 2 * MARGIN) / this.size.height);
    this.set({ k, x: this.centred(k), y: MARGIN });
    this.isFitted = false;
  }

  centred(k) {
    return Math.max(MARGIN, (this.canvas.clientWidth - this.size.width * k) / 2);
  }

  // Brings a rectangle of the drawing into view with the smallest move.
  reveal([left, top, right, bottom]) {
    const { x, y, k } = this.at;
    const { clientWidth, clientHeight } = this.canvas;
    const nudge = (start, end, room) =>
      start < MARGIN ? MARGIN - start : end > room - MARGIN ? Math.max(MARGIN - start, room - MARGIN - end) : 0;
    const dx = nudge(x + left * k, x + right * k, clientWidth);
    const dy = nudge(y + top * k, y + bottom * k, clientHeight);
    if (dx || dy) this.set({ k, x: x + dx, y: y + dy });
  }

  zoom(factor, cx = this.canvas.clientWidth / 2, cy = this.canvas.clientHeight / 2) {
    const k = Math.min(MOST, Math.max(LEAST, this.at.k * factor));
    const by = k / this.at.k;
    this.isFitted = false;
    this.set({ k, x: cx - (cx - this.at.x) * by, y: cy - (cy - this.at.y) * by }, false);
  }

  set(at, isSmooth = true) {
    this.at = at;
    this.layer.classList.toggle("smooth", isSmooth);
    this.layer.style.transform = `translate(${at.x}px,${at.y}px) scale(${at.k})`;
  }

  wheel(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.004), event.clientX - left, event.clientY - top);
      return;
    }
    const lowest = Math.min(MARGIN, this.canvas.clientHeight - MARGIN - this.size.height * this.at.k);
    const y = Math.min(MARGIN, Math.max(lowest, this.at.y - event.deltaY));
    const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (isSideways || Math.abs(y - this.at.y) < 1) return; // at an end the page scrolls on
    event.preventDefault();
    this.set({ ...this.at, y }, false);
  }

  down(event) {
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.pointers.size === 1) this.travelled = 0;
  }

  drag(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const [dx, dy] = [event.clientX - last[0], event.clientY - last[1]];
    if (this.pointers.size === 1) {
      this.travelled += Math.hypot(dx, dy);
      if (this.isDragged) {
        if (!this.canvas.hasPointerCapture(event.pointerId)) this.canvas.setPointerCapture(event.pointerId);
        this.isFitted = false;
        this.set({ ...this.at, x: this.at.x + dx, y: this.at.y + dy }, false);
      }
    } else this.pinch(event, last);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
  }

  pinch(event, last) {
    const [, other] = [...this.pointers].find(([id]) => id !== event.pointerId);
    const { left, top } = this.canvas.getBoundingClientRect();
    const apart = (x, y) => Math.hypot(x - other[0], y - other[1]);
    this.travelled = Infinity;
    const middle = [(event.clientX + other[0]) / 2 - left, (event.clientY + other[1]) / 2 - top];
    this.zoom(apart(event.clientX, event.clientY) / Math.max(1, apart(...last)), ...middle);
  }

  up(event) {
    this.pointers.delete(event.pointerId);
  }
}
