// Several seeds of one recipe as one line and a band: at each step, over the seeds that have reached it.

// Takes lines { xs, ys } of the same steps; returns { xs, middle, low, high }. What is not finite in a seed counts as
// infinitely bad for the middle and is left out of the band.
export function across(lines) {
  const xs = lines.reduce((longest, line) => (line.xs.length > longest.length ? line.xs : longest), []);
  const places = lines.map(() => 0);
  const [middle, low, high] = [[], [], []];
  for (const x of xs) {
    const found = [];
    lines.forEach((line, number) => {
      while (line.xs[places[number]] < x) places[number] += 1;
      if (line.xs[places[number]] === x) found.push(line.ys[places[number]]);
    });
    const finite = found.filter(Number.isFinite).sort((a, b) => a - b);
    const sorted = [...finite, ...Array(found.length - finite.length).fill(Infinity)];
    const half = (sorted.length - 1) / 2;
    const value = (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2;
    middle.push(Number.isFinite(value) ? value : NaN);
    low.push(finite[0] ?? NaN);
    high.push(finite.at(-1) ?? NaN);
  }
  return { xs, middle, low, high };
}
