// Scales from numbers to pixels, their ticks, and numbers as text.

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export function linear([low, high], [from, to]) {
  const span = high - low || 1;
  const scale = (value) => from + ((value - low) / span) * (to - from);
  scale.invert = (px) => low + ((px - from) / (to - from || 1)) * span;
  scale.fits = (value) => Number.isFinite(value);
  scale.ticks = (count) => steps(low, high, count).map((value) => [value, short(value)]);
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
    if (last - first < 1) {
      const fine = [];
      for (let power = first - 1; power <= last; power += 1)
        for (const digit of [1, 2, 5]) fine.push(digit * 10 ** power);
      return fine.filter((value) => value >= low * 0.999 && value <= high * 1.001).map((value) => [value, short(value)]);
    }
    const stride = Math.max(1, Math.ceil((last - first) / count));
    const powers = [];
    for (let power = last; power >= first; power -= stride) powers.push(power);
    return powers.map((power) => [10 ** power, decade(power)]);
  };
  return scale;
}

function steps(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  const unit = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((size) => size >= rough * 0.999) ?? unit;
  const found = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index += 1) found.push(index * step);
  return found;
}

export function decade(power) {
  if (power >= -2 && power <= 3) return short(10 ** power);
  const digits = [...`${Math.abs(power)}`].map((digit) => RAISED[digit]).join("");
  return `10${power < 0 ? "⁻" : ""}${digits}`;
}

// Three digits, as a person would write them.
export function short(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) return `${Number(value.toPrecision(3))}`.replace("-", "−");
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
