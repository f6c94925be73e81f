// What has arrived of each run. It outlives the component, so that a page that is left and opened again need not ask.
//
// Python sends only what is new: each net says after which step its part begins. What overlaps is dropped, what is
// missing is asked for again.

const MOST_RUNS = 12;
const runs = new Map(); // newest use last
const heads = new Map();

export function run(key) {
  const found = runs.get(key) ?? { key, nets: new Map(), isOver: false };
  runs.delete(key);
  runs.set(key, found);
  while (runs.size > MOST_RUNS) runs.delete(runs.keys().next().value);
  return found;
}

export function head(id, sent) {
  if (sent) heads.set(id, sent);
  return heads.get(id);
}

// Takes a part of each net; returns whether all is there then: `until` says how far each net has been sent.
export function take(target, nets, until) {
  for (const part of nets) {
    const net = target.nets.get(part.label) ?? newNet(part.label);
    target.nets.set(part.label, net);
    if (part.after > (net.steps.at(-1) ?? -1) || part.probes?.after > (net.moments.at(-1) ?? -1)) return false;
    curves(net, part);
    if (part.probes) probes(net, part.probes);
  }
  return Object.entries(until).every(([label, [step, moment]]) => {
    const net = target.nets.get(label);
    return step <= (net?.steps.at(-1) ?? -1) && moment <= (net?.moments.at(-1) ?? -1);
  });
}

function newNet(label) {
  return { label, steps: [], loss: [], error: [], testSteps: [], testError: [], moments: [], names: {}, values: {} };
}

function curves(net, part) {
  const last = net.steps.at(-1) ?? -1;
  const lastTest = net.testSteps.at(-1) ?? -1;
  const { steps = [], test_steps: testSteps = [] } = part;
  const [loss, error, testError] = [part.loss, part.error, part.test_error].map((text) => numbers(text ?? "", 3));
  expanded(steps).forEach((step, index) => {
    if (step <= last) return;
    net.steps.push(step);
    net.loss.push(loss[index]);
    net.error.push(error[index]);
  });
  testSteps.forEach((step, index) => {
    if (step <= lastTest) return;
    net.testSteps.push(step);
    net.testError.push(testError[index]);
  });
}

function probes(net, part) {
  const last = net.moments.at(-1) ?? -1;
  for (const [place, names] of Object.entries(part.names ?? {})) if (names.length) net.names[place] = names;
  const steps = expanded(part.steps);
  const fresh = steps.map((step, index) => [step, index]).filter(([step]) => step > last);
  for (const [quantity, text] of Object.entries(part.values)) {
    const all = numbers(text, 2);
    const width = all.length / steps.length;
    const rows = (net.values[quantity] ??= new Map());
    for (const [step, index] of fresh) rows.set(step, all.subarray(index * width, (index + 1) * width));
  }
  net.moments.push(...fresh.map(([step]) => step));
}

function expanded(steps) {
  if (Array.isArray(steps)) return steps;
  const count = (steps.to - steps.from) / steps.by + 1;
  return Array.from({ length: count }, (_, index) => steps.from + index * steps.by);
}

// float32s cut short: their upper 24 bits, or the 16 below the sign.
function numbers(text, size) {
  const bytes = atob(text);
  const bits = new Uint32Array(bytes.length / size);
  for (let i = 0; i < bits.length; i += 1) {
    let value = 0;
    for (let place = 0; place < size; place += 1) value = (value << 8) | bytes.charCodeAt(size * i + place);
    bits[i] = value << (size === 3 ? 8 : 15);
  }
  return new Float32Array(bits.buffer);
}

// The steps at which any net was measured, rising.
export function moments(target) {
  return [...new Set([...target.nets.values()].flatMap((net) => net.moments))].sort((a, b) => a - b);
}

// The newest of `steps` that is not after `step`: its place, -1 where there is none.
export function placeOf(steps, step) {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// What was measured of a net at `step` or last before it: { step, values, earlier }, or undefined.
export function snapshot(net, quantity, step) {
  const rows = net.values[quantity];
  if (!rows) return undefined;
  let place = placeOf(net.moments, step);
  while (place >= 0 && !rows.has(net.moments[place])) place -= 1;
  if (place < 0) return undefined;
  let before = place - 1;
  while (before >= 0 && !rows.has(net.moments[before])) before -= 1;
  const earlier = before < 0 ? undefined : rows.get(net.moments[before]);
  return { step: net.moments[place], values: rows.get(net.moments[place]), earlier };
}

// Means over the values of the last `window` steps, in the same places; what is not finite leaves a gap.
export function smoothed(steps, values, window) {
  if (window <= 1) return values.map((value) => (Number.isFinite(value) ? value : NaN));
  let [first, sum, odd] = [0, 0, 0];
  return values.map((value, index) => {
    if (Number.isFinite(value)) sum += value;
    else odd += 1;
    for (; steps[first] <= steps[index] - window; first += 1) {
      if (Number.isFinite(values[first])) sum -= values[first];
      else odd -= 1;
    }
    return odd ? NaN : sum / (index - first + 1);
  });
}
