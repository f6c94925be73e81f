// Tensors as tables: numbers, colours, and which cells a cell was computed from.

const SMALLEST = 1e-3; // below it a value is shown as 0

export function shown(value) {
  const rounded = Math.round(value * 100) / 100 + 0; // no minus before a zero
  if (!rounded && value) return Math.abs(value) >= SMALLEST ? value.toPrecision(1) : "0";
  return Number.isInteger(rounded) ? String(rounded) : rounded.toFixed(2);
}

export const largestOf = (steps) => Math.max(...steps.map(({ values }) => Math.max(...values.map(Math.abs)))) || 1;

export function colorOf(value, largest, colors) {
  const share = Math.round(100 * Math.min(1, Math.abs(value) / largest));
  const end = value > 0 ? colors.positive : colors.negative;
  return share ? `color-mix(in srgb, ${end} ${share}%, ${colors.zero})` : colors.zero;
}

export function element(name, look = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(look)) {
    if (key in made && key !== "role") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...inside);
  return made;
}

// Height, width and values of one channel of one image; of the last where the tensor has fewer.
export function channelOf({ shape, values }, sample, channel) {
  const [images, channels, height, width] = shape;
  const place = Math.min(sample, images - 1) * channels + Math.min(channel, channels - 1);
  const size = height * width;
  return { height, width, values: values.slice(place * size, (place + 1) * size) };
}

// A table of one channel; `color` gives a value its colour.
export function table(map, color) {
  const made = element("table");
  for (let row = 0; row < map.height; row++) {
    const line = made.insertRow();
    for (let column = 0; column < map.width; column++) {
      const value = map.values[row * map.width + column];
      const cell = line.insertCell();
      cell.style.background = color(value);
      cell.title = String(value);
      cell.append(element("span", { textContent: shown(value) }));
    }
  }
  return made;
}

// A kernel between brackets: a small table per input channel, and the bias.
export function kernel({ shape, values, bias }, channel, words) {
  const [outputs, inputs, side] = shape;
  const output = Math.min(channel, outputs - 1);
  const made = element("div", { className: "kernel" }, "W =");
  for (let input = 0; input < inputs; input++) {
    const start = (output * inputs + input) * side * side;
    const grid = element("table");
    for (let row = 0; row < side; row++) {
      const line = grid.insertRow();
      for (let column = 0; column < side; column++)
        line.insertCell().textContent = shown(values[start + row * side + column]);
    }
    made.append(grid);
  }
  if (bias.length) made.append(`${words.bias} ${shown(bias[output])}`);
  return made;
}

// Rows and columns that a value of `step` was computed from, in a tensor of this height and width; none where all.
export function sources(step, row, column, height, width) {
  const [, , ownHeight, ownWidth] = step.shape;
  if (!step.kernel) return height === ownHeight && width === ownWidth ? [[row, column]] : [];
  const { shape, stride, padding } = step.kernel;
  const found = [];
  for (let down = 0; down < shape[2]; down++)
    for (let right = 0; right < shape[3]; right++) {
      const [y, x] = [row * stride + down - padding, column * stride + right - padding];
      if (y >= 0 && x >= 0 && y < height && x < width) found.push([y, x]);
    }
  return found;
}
