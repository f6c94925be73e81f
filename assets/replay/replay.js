"use strict";
// Replays one run: three charts that follow a step. Text from the file goes through textContent only.
(() => {
  const run = JSON.parse(document.getElementById("run").textContent);
  const say = run.labels;
  const at = (id) => document.getElementById(id);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const last = Math.max(0, run.steps - 1);
  const PLAY_S = 12; // a whole run, however long it is
  const SMOOTHED = 20; // steps, as in the app
  const PAD = { left: 52, right: 14, top: 10, bottom: 40 };
  let step = last;
  let timer = null;

  const make = (name, attributes, parent, text) => {
    const svg = ["svg", "g", "line", "path", "circle", "text"].includes(name);
    const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    if (parent) parent.append(element);
    return element;
  };
  const color = (net) => (dark.matches ? net.dark : net.light);
  const dash = (net) => (net.dash === "solid" ? "none" : "6 4");
  const short = (value) => {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-3 || size >= 1e4) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  };
  const upTo = (steps, limit) => { // how many of these rising numbers are at most `limit`
    let low = 0, high = steps.length;
    while (low < high) { const middle = (low + high) >> 1; if (steps[middle] <= limit) low = middle + 1; else high = middle; }
    return low;
  };
  const smooth = (steps, values) => {
    let first = 0;
    return values.map((_, index) => {
      while (steps[first] <= steps[index] - SMOOTHED) first += 1;
      let sum = 0;
      for (let i = first; i <= index; i += 1) { if (values[i] === null) return null; sum += values[i]; }
      return sum / (index - first + 1);
    });
  };
  for (const net of run.nets) {
    net.lossLine = smooth(net.steps, net.loss);
    net.accuracyLine = smooth(net.steps, net.accuracy);
  }

  // ------------------------------------------------------------------------------------------------------- scales
  const extent = (values) => {
    const known = values.filter((value) => value !== null);
    return known.length ? [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))] : [0, 1];
  };
  const ticks = (low, high, count) => {
    const raw = (high - low) / count || 1;
    const power = 10 ** Math.floor(Math.log10(raw));
    const gap = [1, 2, 5, 10].map((part) => part * power).find((part) => part >= raw);
    const found = [];
    for (let value = Math.ceil(low / gap) * gap; value <= high + gap * 1e-6; value += gap) found.push(Number(value.toPrecision(12)));
    return found;
  };
  const scale = (low, high, isLog) => {
    if (!isLog) return { of: (value) => (value - low) / (high - low || 1), ticks: ticks(low, high, 5) };
    const bottom = Math.floor(Math.log10(low)), top = Math.max(bottom + 1, Math.ceil(Math.log10(high)));
    const gap = Math.max(1, Math.ceil((top - bottom) / 7));
    const found = [];
    for (let power = bottom; power <= top; power += gap) found.push(10 ** power);
    return { of: (value) => (value > 0 ? (Math.log10(value) - bottom) / (top - bottom) : null), ticks: found };
  };

  // ------------------------------------------------------------------------------------------------------- charts
  const frame = (id, xTitle, xMost, xLeast, y) => {
    const svg = at(id);
    const width = svg.clientWidth || 400, height = svg.clientHeight || 300;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren();
    const x = scale(xLeast, Math.max(xMost, xLeast + 1), false);
    const px = (value) => PAD.left + x.of(value) * (width - PAD.left - PAD.right);
    const py = (value) => {
      const share = value === null ? null : y.of(value);
      return share === null ? null : height - PAD.bottom - share * (height - PAD.top - PAD.bottom);
    };
    for (const value of y.ticks) {
      make("line", { class: "grid", x1: PAD.left, x2: width - PAD.right, y1: py(value), y2: py(value) }, svg);
      make("text", { x: PAD.left - 6, y: py(value) + 4, "text-anchor": "end" }, svg, short(value));
    }
    for (const value of x.ticks) make("text", { x: px(value), y: height - PAD.bottom + 16, "text-anchor": "middle" }, svg, short(value));
    make("text", { x: (PAD.left + width - PAD.right) / 2, y: height - 6, "text-anchor": "middle" }, svg, xTitle);
    return { svg, px, py, height };
  };
  const line = (chart, xs, ys, count, attributes) => {
    let path = "", isDown = false;
    for (let i = 0; i < count; i += 1) {
      const y = chart.py(ys[i]);
      if (y === null) { isDown = false; continue; }
      path += `${isDown ? "L" : "M"}${chart.px(xs[i]).toFixed(1)} ${y.toFixed(1)}`;
      isDown = true;
    }
    if (path) make("path", { d: path, fill: "none", "stroke-linejoin": "round", ...attributes }, chart.svg);
  };
  const dots = (chart, xs, ys, count, paint, radius) => {
    for (let i = 0; i < count; i += 1) {
      const y = chart.py(ys[i]);
      if (y !== null) make("circle", { cx: chart.px(xs[i]), cy: y, r: radius, fill: paint }, chart.svg);
    }
  };
  const now = (chart) => make("line", { class: "now", x1: chart.px(step), x2: chart.px(step), y1: PAD.top, y2: chart.height - PAD.bottom }, chart.svg);

  const drawLoss = () => {
    const [low, high] = extent(run.nets.flatMap((net) => net.loss));
    const isLog = low > 0 && high > 50 * Math.max(low, 0.05);
    const chart = frame("loss", say.step, last, 0, scale(isLog ? low : 0, high, isLog));
    for (const net of run.nets) {
      const count = upTo(net.steps, step);
      const look = { stroke: color(net), "stroke-dasharray": dash(net) };
      line(chart, net.steps, net.lossLine, net.steps.length, { ...look, "stroke-width": 1.5, opacity: 0.2 });
      line(chart, net.steps, net.lossLine, count, { ...look, "stroke-width": 2.5 });
      if (net.steps.length === 1) dots(chart, net.steps, net.loss, count, color(net), 4);
    }
    now(chart);
  };
  const drawAccuracy = () => {
    const chart = frame("accuracy", say.step, last, 0, scale(0, 1, false));
    for (const net of run.nets) {
      const look = { stroke: color(net), "stroke-dasharray": dash(net) };
      line(chart, net.steps, net.accuracyLine, net.steps.length, { ...look, "stroke-width": 1.5, opacity: 0.15 });
      line(chart, net.steps, net.accuracyLine, upTo(net.steps, step), { ...look, "stroke-width": 1.5, opacity: 0.55 });
      const count = upTo(net.testSteps, step);
      line(chart, net.testSteps, net.testAccuracy, count, { ...look, "stroke-width": 2.5 });
      dots(chart, net.testSteps, net.testAccuracy, count, color(net), 4);
    }
    now(chart);
  };
  const drawGradient = () => {
    const all = run.nets.flatMap((net) => net.probes.flatMap((probe) => probe[1])).filter((value) => value !== null && value > 0);
    const [low, high] = all.length ? extent(all) : [0.1, 1];
    const longest = Math.max(2, ...run.nets.flatMap((net) => net.probes.map((probe) => probe[1].length)));
    const chart = frame("gradient", say.depth, longest, 1, scale(low, high, true));
    const shown = new Set();
    for (const net of run.nets) {
      const count = upTo(net.probes.map((probe) => probe[0]), step);
      for (const [back, opacity] of [[2, 0.22], [1, 1]]) {
        const probe = net.probes[count - back];
        if (!probe) continue;
        const places = probe[1].map((_, index) => index + 1);
        line(chart, places, probe[1], places.length, { stroke: color(net), "stroke-dasharray": dash(net), "stroke-width": back === 1 ? 2.2 : 1.2, opacity });
        if (back === 1) { dots(chart, places, probe[1], places.length, color(net), 2); shown.add(probe[0]); }
      }
    }
    at("gradient-name").textContent = shown.size ? say.gradient.replace("{step}", [...shown].sort((a, b) => a - b).join(", ")) : say.noGradient;
  };
  const drawNumbers = () => {
    const table = at("numbers");
    table.replaceChildren();
    const head = make("tr", {}, make("thead", {}, table));
    for (const name of [say.net, say.loss, say.accuracy, say.testAccuracy, say.ratio]) make("th", { scope: "col" }, head, name);
    const body = make("tbody", {}, table);
    for (const net of run.nets) {
      const row = make("tr", {}, body);
      const count = upTo(net.steps, step), tested = upTo(net.testSteps, step);
      const probe = net.probes[upTo(net.probes.map((each) => each[0]), step) - 1];
      const inner = probe ? probe[1].slice(net.stem) : [];
      const ratio = inner.length && inner[0] !== null && inner[inner.length - 1] > 0 ? inner[0] / inner[inner.length - 1] : null;
      const cells = [net.label, short(net.lossLine[count - 1]), short(net.accuracyLine[count - 1]), short(net.testAccuracy[tested - 1]), short(ratio)];
      for (const cell of cells) make("td", {}, row, cell);
    }
  };
  const draw = () => {
    drawLoss(); drawAccuracy(); drawGradient(); drawNumbers();
    at("step").value = step;
    at("where").textContent = say.where.replace("{step}", step.toLocaleString("en")).replace("{last}", last.toLocaleString("en"));
  };

  // ------------------------------------------------------------------------------------------------------- player
  const label = () => { at("play").textContent = timer === null ? `▶ ${say.play}` : `⏸ ${say.pause}`; };
  const pause = () => { if (timer !== null) cancelAnimationFrame(timer); timer = null; label(); };
  const go = (to) => { step = Math.min(last, Math.max(0, Math.round(to))); draw(); };
  const play = () => {
    if (step >= last) go(0);
    const from = step, began = performance.now();
    const tick = (time) => {
      go(from + ((time - began) / 1000 / PLAY_S) * (last + 1));
      if (step >= last) { pause(); return; }
      timer = requestAnimationFrame(tick);
    };
    timer = requestAnimationFrame(tick);
    label();
  };
  at("play").addEventListener("click", () => (timer === null ? play() : pause()));
  at("step").addEventListener("input", (event) => { pause(); go(Number(event.target.value)); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const ways = { ArrowRight: step + (event.shiftKey ? 10 : 1), ArrowLeft: step - (event.shiftKey ? 10 : 1), Home: 0, End: last, r: 0, R: 0 };
    if (event.key === " " && event.target !== at("play")) { event.preventDefault(); at("play").click(); }
    else if (event.key in ways) { event.preventDefault(); pause(); go(ways[event.key]); }
  });

  // --------------------------------------------------------------------------------------------------------- page
  at("title").textContent = run.title;
  for (const sentence of run.sentences) make("p", {}, at("sentences"), sentence);
  for (const sentence of run.words) make("p", {}, at("words"), sentence);
  at("loss-name").textContent = say.lossChart;
  at("accuracy-name").textContent = say.accuracyChart;
  for (const id of ["loss", "accuracy", "gradient"]) at(id).setAttribute("aria-labelledby", `${id}-name`);
  at("step").setAttribute("aria-label", say.step);
  at("step").max = last;
  at("keys").textContent = say.keys;
  const legend = () => {
    at("legend").replaceChildren();
    for (const net of run.nets) {
      const item = make("li", {}, at("legend"));
      const key = make("svg", { viewBox: "0 0 26 8", "aria-hidden": "true" }, item);
      make("line", { x1: 0, x2: 26, y1: 4, y2: 4, stroke: color(net), "stroke-width": 3, "stroke-dasharray": dash(net) }, key);
      make("span", {}, item, net.label);
    }
  };
  dark.addEventListener("change", () => { legend(); draw(); });
  new ResizeObserver(() => draw()).observe(document.querySelector(".charts"));
  legend();
  label();
  draw();
})();
