// Depth against step as colours: one picture per net, all on one scale.

const TAIL = 0.02; // of the recent values lie beyond either end of the scale
const RECENT = 0.5; // the newest half of the steps
const NARROWEST = 10; // high / low of a logarithmic scale
const SILENT = [213, 94, 0]; // vermillion (Okabe and Ito 2008), which the scale does not have

// Returns the scale of all nets: { low, high, isLog, above, below }, the last two naming what is beyond.
export function range(nets, quantity, isRecent) {
  const { id, is_log: isLog } = quantity;
  const cells = nets.map((net) => [...(net.values[id] ?? [])]);
  const newest = Math.max(0, ...cells.map((rows) => rows.at(-1)?.[0] ?? 0));
  const values = [];
  for (const rows of cells)
    for (const [step, row] of rows)
      if (!isRecent || step >= newest * (1 - RECENT))
        for (const value of row) if (Number.isFinite(value) && (!isLog || value > 0)) values.push(value);
  if (!values.length) return undefined;
  let [low, high] = isLog ? ends(values, isRecent ? TAIL : 0) : [0, 1];
  if (isLog && high / low < NARROWEST) {
    const middle = Math.sqrt(high * low);
    [low, high] = [middle / Math.sqrt(NARROWEST), middle * Math.sqrt(NARROWEST)];
  }
  const silent = silentCells(nets, quantity);
  return { low, high, isLog, silent, ...beyond(nets, id, low, high, silent) };
}

// Cells of branches that put out exactly 0 and do so up to the newest of several steps, whose weights get no gradient:
// { count, net, place, step } of all and of the first, and by net the places of each step. A branch that begins at 0 and
// leaves it, as with zero_init_residual, is none of them.
function silentCells(nets, { id, on }) {
  const found = { count: 0, cells: new Map() };
  for (const net of nets) {
    const blocks = (net.names[on] ?? []).map((name) => net.names.blocks?.indexOf(name.split(".").slice(0, 2).join(".")));
    const rows = [...(net.values[id] ?? [])].filter(([step]) => net.values.branch_share?.has(step));
    const steps = new Map();
    let still = rows.length > 1 ? blocks.map((_block, place) => place) : [];
    for (const [step, row] of rows.reverse()) {
      const shares = net.values.branch_share.get(step);
      still = still.filter((place) => row[place] === 0 && shares[blocks[place]] === 0);
      steps.set(step, new Set(still));
      found.count += still.length;
      if (still.length && !(step >= found.step)) Object.assign(found, { net: net.label, place: still[0], step });
    }
    found.cells.set(net.label, steps);
  }
  return found;
}

function ends(values, tail) {
  const sorted = Float64Array.from(values).sort();
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  return [at(tail), at(1 - tail)];
}

function beyond(nets, id, low, high, silent) {
  const above = { count: 0, value: high };
  const below = { count: 0, value: low };
  for (const net of nets)
    for (const [step, row] of net.values[id] ?? [])
      row.forEach((value, place) => {
        const isOver = value > high;
        if (!isOver && !(value < low)) return;
        if (silent.cells.get(net.label)?.get(step)?.has(place)) return;
        const tail = isOver ? above : below;
        tail.count += 1;
        if (isOver ? value > tail.value : value < tail.value) Object.assign(tail, { value, net: net.label, place, step });
      });
  return { above, below };
}

// Where a value lies on the scale, 0 to 1; beyond the ends it is at the end, NaN where it is no number.
export function share(value, { low, high, isLog }) {
  if (Number.isNaN(value) || (isLog && value < 0)) return NaN;
  const part = isLog ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(1, Math.max(0, part));
}

// Colours for shares: 256 steps between the stops that Python sends.
export class Colors {
  constructor(stops) {
    const parsed = stops.map((stop) => [1, 3, 5].map((at) => parseInt(stop.slice(at, at + 2), 16)));
    this.table = Array.from({ length: 256 }, (_, index) => {
      const at = (index / 255) * (parsed.length - 1);
      const first = Math.min(parsed.length - 2, Math.floor(at));
      return parsed[first].map((channel, c) => Math.round(channel + (parsed[first + 1][c] - channel) * (at - first)));
    });
  }

  at(part) {
    return this.table[Math.round(part * 255)];
  }
}

// Paints a net's measurements on the canvas: a column for each, up to the next one; the first layer at the bottom.
export function paint(canvas, frame, rows, scale, colors, lastStep, label) {
  const { left, right, top, bottom } = frame.inner;
  const ratio = devicePixelRatio || 1;
  Object.assign(canvas, { width: (right - left) * ratio, height: (bottom - top) * ratio });
  Object.assign(canvas.style, {
    left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px`,
  });
  const steps = [...rows.keys()];
  const height = rows.get(steps[0])?.length ?? 0;
  if (!scale || !height) return;
  const source = document.createElement("canvas");
  Object.assign(source, { width: steps.length, height });
  source.getContext("2d").putImageData(pixels(steps, rows, height, scale, colors, label), 0, 0);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  const usual = steps.length > 1 ? steps[1] - steps[0] : 1;
  steps.forEach((step, index) => {
    const until = steps[index + 1] ?? Math.min(lastStep, step + usual);
    const from = Math.floor((frame.x(step) - left) * ratio);
    const to = Math.max(from + 1, Math.ceil((frame.x(until) - left) * ratio));
    context.drawImage(source, index, 0, 1, height, Math.min(from, canvas.width - ratio), 0, to - from, canvas.height);
  });
}

function pixels(steps, rows, height, scale, colors, label) {
  const image = new ImageData(steps.length, height);
  const silent = scale.silent.cells.get(label);
  steps.forEach((step, column) =>
    rows.get(step).forEach((value, place) => {
      const part = share(value, scale);
      if (Number.isNaN(part)) return; // the grey of the page shows
      const color = silent?.get(step)?.has(place) ? SILENT : colors.at(part);
      image.data.set([...color, 255], 4 * ((height - 1 - place) * steps.length + column));
    }),
  );
  return image;
}

// Says how many cells lie beyond one end of the scale, and which is farthest out: `titleOf` its net, `nameOf` its place.
export function tail(found, words, titleOf, nameOf, short) {
  if (!found.count) return "";
  return words
    .replace("{n}", found.count)
    .replace("{value}", short(found.value))
    .replace("{where}", `${titleOf(found.net)}, ${nameOf(found.net, found.place)}`)
    .replace("{step}", found.step);
}
