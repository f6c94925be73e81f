// Scales from numbers to pixels, their ticks, and numbers as text.

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const FEWEST_ON_LOG = 3; // ticks: two do not show that an axis is logarithmic
const MOST_TICKS = 100;
const MOST_DIGITS = 12;

export function linear([low, high], [from, to]) {
  const span = high - low || 1;
  const scale = (value) => from + ((value - low) / span) * (to - from);
  scale.invert = (px) => low + ((px - from) / (to - from || 1)) * span;
  scale.fits = (value) => Number.isFinite(value);
  scale.ticks = (count) => written(steps(low, high, count, 2));
  return scale;
}

// Zero and what is below have no place on it.
export function logarithmic([low, high], [from, to]) {
  const inner = linear([Math.log10(low), Math.log10(high)], [from, to]);
  const scale = (value) => inner(Math.log10(value));
  scale.invert = (px) => 10 ** inner.invert(px);
  scale.fits = (value) => value > 0 && Number.isFinite(value);
  scale.ticks = (count) => {
    const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    if (last - first >= FEWEST_ON_LOG - 1) return written(decades(first, last, count));
    const fine = [];
    for (let power = first - 1; power <= last; power += 1)
      for (const digit of [1, 2, 5]) fine.push(digit * 10 ** power);
    const within = fine.filter((value) => value >= low * 0.999 && value <= high * 1.001);
    return written(within.length < FEWEST_ON_LOG ? steps(low, high, count, FEWEST_ON_LOG) : within);
  };
  return scale;
}

function decades(first, last, count) {
  const stride = Math.max(1, Math.ceil((last - first) / count));
  const found = [];
  for (let power = last; power >= first; power -= stride) found.push(10 ** power);
  return found;
}

// Round numbers, evenly spaced: about `count`, and never fewer than `least`.
function steps(low, high, count, least) {
  const rough = (high - low) / count;
  const unit = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((size) => size >= rough * 0.999) ?? unit;
  const found = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index += 1) found.push(index * step);
  return found.length < least && count < MOST_TICKS ? steps(low, high, 2 * count, least) : found;
}

// The numbers of one axis, all in one way: plain where none is very small or large, else with powers of ten. They have
// as many digits as it takes to tell them apart.
function written(values) {
  const sizes = values.map(Math.abs).filter(Boolean);
  const isPlain = sizes.every(hasPlaces);
  const text = (digits) => values.map((value) => (isPlain ? plain(value, digits) : power(value, digits)));
  let digits = 3;
  while (digits < MOST_DIGITS && new Set(text(digits)).size < values.length) digits += 1;
  return text(digits).map((one, index) => [values[index], one]);
}

function power(value, digits) {
  const [factor, exponent] = value.toExponential(digits - 1).split("e").map(Number);
  if (!factor) return "0";
  const raised = [...`${Math.abs(exponent)}`].map((digit) => RAISED[digit]).join("");
  const ten = `10${exponent < 0 ? "⁻" : ""}${raised}`;
  return factor === 1 ? ten : `${`${factor}`.replace("-", "−")}·${ten}`;
}

const hasPlaces = (size) => size >= 1e-3 && size < 1e5;
const plain = (value, digits) => `${Number(value.toPrecision(digits))}`.replace("-", "−");

// Three digits, as a person would write them.
export function short(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  if (hasPlaces(Math.abs(value))) return plain(value, 3);
  return value.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e").replace(/-/g, "−");
}

export function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
