// The card at the pointer, the card of the selected box, and the receptive field as a rectangle on the image.

const SIDE = 116; // px of the input image's longer side

// Returns height×width, or one number where they are equal.
const sidesText = ([height, width]) => (height === width ? `${height}` : `${height}×${width}`);

export class Cards {
  constructor(root, element) {
    this.element = element;
    this.card = root.querySelector(".card");
    this.detail = root.querySelector(".detail");
    this.canvas = root.querySelector(".canvas");
  }

  hover(card, event, data) {
    this.fill(this.card, card, data);
    const room = this.canvas.getBoundingClientRect();
    this.card.hidden = false;
    const x = event.clientX - room.left + 16;
    const y = event.clientY - room.top + 16;
    const { offsetWidth: width, offsetHeight: height } = this.card;
    this.card.style.left = `${Math.max(4, x + width > room.width ? x - width - 32 : x)}px`;
    this.card.style.top = `${y + height > innerHeight - room.top ? y - height - 32 : y}px`;
  }

  leave() {
    this.card.hidden = true;
  }

  select(data) {
    this.detail.hidden = !data.detail;
    if (data.detail) this.fill(this.detail, data.detail, data);
  }

  fill(target, { title, rows, field, image_sides: sides }, data) {
    const heading = document.createElement("strong");
    heading.textContent = title;
    const list = document.createElement("dl");
    for (const [name, value] of rows) {
      const pair = document.createElement("div");
      const [term, words] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      words.textContent = value;
      pair.append(term, words);
      list.append(pair);
    }
    const words = document.createElement("div");
    words.append(heading, list);
    target.replaceChildren(words, ...(field ? [this.fieldOnImage(field, sides, data)] : []));
  }

  // Returns the input image with the receptive field on it: in the middle, where no border cuts it.
  fieldOnImage(field, sides, data) {
    const scale = SIDE / Math.max(...sides);
    const [high, wide] = sides.map((side) => side * scale);
    const [height, width] = sides.map((side, axis) => Math.min(field[axis], side) * scale);
    const place = { x: (wide - width) / 2, y: (high - height) / 2 };
    const fit = { preserveAspectRatio: "xMidYMid slice", style: "image-rendering: pixelated" };
    const image = { href: data.image, width: wide, height: high, opacity: 0.55, ...fit };
    const region = { ...place, width, height, fill: data.colors.shortcut, "fill-opacity": 0.25 };
    const edge = { stroke: data.colors.shortcut, "stroke-width": 2 };
    const shown = this.element("svg", { viewBox: `-1 -1 ${wide + 2} ${high + 2}`, "aria-hidden": "true" });
    shown.append(this.element("image", image), this.element("rect", { ...region, ...edge }));
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const isMore = sides.every((side, axis) => field[axis] > side);
    const words = isMore ? data.words.field_more : data.words.field;
    caption.textContent = words.replace("{n}", sidesText(field)).replace("{all}", sidesText(sides));
    figure.append(shown, caption);
    return figure;
  }
}
