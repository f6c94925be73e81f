// The charts of a race. `draw` after a change of data or choices, `move` when another step is chosen.

export class Views {
  constructor({ charts, heats, bar }, parts, tell) {
    Object.assign(this, { parts, tell, heatHost: heats, bar });
    const { Frame } = parts.frame;
    this.loss = new Frame(charts, "loss");
    this.error = new Frame(charts, "error");
    this.profile = new Frame(charts, "profile", { left: 52 });
    this.heats = new Map();
    for (const frame of [this.loss, this.error]) this.listenSteps(frame);
    this.listenProfile();
  }

  draw(state) {
    this.state = state;
    const { head } = state;
    this.colors ??= new this.parts.heat.Colors(head.colors);
    this.loss.title.textContent = head.words.loss;
    this.error.title.textContent = head.words.error;
    this.curves();
    this.depth();
    this.maps();
    this.move(state);
  }

  move(state) {
    this.state = state;
    for (const frame of [this.loss, this.error]) frame.mark(state.step);
    for (const { frame } of this.heats.values()) frame.mark(state.step);
    this.lines();
    this.texts();
  }

  get net() {
    return Object.fromEntries(this.state.head.nets.map((net) => [net.label, net]));
  }

  titleOf(label) {
    return this.net[label].title;
  }

  curves() {
    const { nets, head, isLog, window: steps } = this.state;
    const { linear, logarithmic, extent } = this.parts.scale;
    const { smoothed } = this.parts.buffer;
    const look = this.net;
    this.means = this.over((net) => ({ xs: net.steps, ys: smoothed(net.steps, net.loss, steps) }));
    this.errors = this.over((net) => ({ xs: net.steps, ys: smoothed(net.steps, net.error, steps) }));
    this.tests = this.over((net) => ({ xs: net.testSteps, ys: net.testError }));
    const area = this.loss.area;
    const x = linear([0, Math.max(1, head.steps - 1)], area.x);
    const [low, high] = extent(this.means.flatMap((line) => line.all).filter((value) => !isLog || value > 0));
    const most = Number.isFinite(high) ? high * 1.04 : 1;
    const y = isLog && low < high ? logarithmic([low / 1.1, most], area.y) : linear([0, most], area.y);
    this.loss.frame({ x, y, xName: head.words.step });
    const hasBand = this.state.seeds.length > 0;
    const faint = nets.map((net) => ({ xs: net.steps, ys: net.loss, color: look[net.label].color, width: 1, opacity: 0.2 }));
    this.loss.draw(steps > 1 && !hasBand ? [...faint, ...this.means] : this.means, hasBand ? this.means : []);

    const [, worst] = extent([...this.errors, ...this.tests].flatMap((line) => line.all));
    const top = Number.isFinite(worst) ? Math.min(1, Math.ceil(worst * 10) / 10) : 1;
    const percent = linear([0, top], this.error.area.y);
    const ticks = percent.ticks(5).map(([value]) => [value, `${Math.round(value * 100)} %`]);
    this.error.frame({ x: linear([0, Math.max(1, head.steps - 1)], this.error.area.x), y: percent, xName: head.words.step, yTicks: ticks });
    const dashed = this.errors.map((line) => ({ ...line, dash: "5 4", width: 1.5 }));
    const dotted = this.tests.map((line) => ({ ...line, dots: 2.6 }));
    this.error.draw(dashed.flatMap((line, index) => [line, dotted[index]]), hasBand ? this.tests : []);
  }

  // One line for each net, from what `of` makes of it: its own, or the middle and the extent over all seeds.
  over(of) {
    const { head, nets, seeds } = this.state;
    const look = this.net;
    if (!seeds.length)
      return nets.map((net) => {
        const { xs, ys } = of(net);
        return { label: net.label, color: look[net.label].color, xs, ys, all: ys };
      });
    return head.nets.flatMap(({ label, color }) => {
      const lines = seeds.map((run) => run.nets.get(label)).filter(Boolean).map(of);
      if (!lines.length) return [];
      const { xs, middle, low, high } = this.parts.band.across(lines);
      return [{ label, color, xs, ys: middle, low, high, all: [...low, ...high] }];
    });
  }

  // The axes of the profile fit all steps, so that what moves is the measurement and not the axis.
  depth() {
    const { nets, head, quantity } = this.state;
    const { linear, logarithmic, extent } = this.parts.scale;
    const all = nets.flatMap((net) => [...(net.values[quantity.id]?.values() ?? [])].flatMap((row) => [...row]));
    const shown = quantity.is_log ? all.filter((value) => value > 0) : all;
    let [low, high] = quantity.is_log ? extent(shown) : [0, 1];
    const longest = Math.max(2, ...nets.map((net) => net.names[quantity.on]?.length ?? 0));
    const area = this.profile.area;
    if (!(low <= high)) [low, high] = [0.1, 1];
    if (quantity.is_log && high / low < 10) [low, high] = [low / 3, high * 3];
    this.profile.frame({
      x: linear([1, longest], area.x),
      y: quantity.is_log ? logarithmic([low / 1.2, high * 1.2], area.y) : linear([low, high], area.y),
      xName: quantity.on === "convs" ? head.words.convs : head.words.blocks,
    });
  }

  lines() {
    const { nets, quantity, step, head } = this.state;
    const look = this.net;
    this.shots = nets.map((net) => ({ net, shot: this.parts.buffer.snapshot(net, quantity.id, step) }));
    const ghosts = [];
    const firm = [];
    for (const { net, shot } of this.shots) {
      if (!shot) continue;
      const xs = Array.from(shot.values, (_, place) => place + 1);
      const { color } = look[net.label];
      if (shot.earlier) ghosts.push({ xs, ys: shot.earlier, color, width: 1.6, opacity: 0.32 });
      firm.push({ xs, ys: shot.values, color, dots: xs.length > 30 ? 1.8 : 2.6 });
    }
    this.profile.draw([...ghosts, ...firm]);
    const words = this.shots.some(({ shot }) => shot) ? head.words.at_step : head.words.not_measured;
    this.profile.title.textContent = words.replace("{quantity}", quantity.name).replace("{step}", step);
  }

  maps() {
    const { nets, head, quantity, isRecent } = this.state;
    const { heat, scale: scales } = this.parts;
    const measured = nets.filter((net) => net.values[quantity.id]);
    this.scale = heat.range(measured, quantity, isRecent);
    for (const [label, { frame }] of this.heats)
      if (!measured.some((net) => net.label === label)) {
        frame.box.remove();
        this.heats.delete(label);
      }
    this.heatHost.hidden = !measured.length;
    const frames = measured.map((net) => (this.heats.get(net.label) ?? this.newHeat(net.label)).frame);
    const isInPlace = frames.every((frame, index) => this.heatHost.children[index] === frame.box);
    if (!isInPlace) this.heatHost.append(...frames.map((frame) => frame.box)); // before anything measures its width
    measured.forEach((net, index) => {
      const frame = frames[index];
      const rows = net.values[quantity.id];
      const count = net.names[quantity.on]?.length ?? 1;
      const area = frame.area;
      const half = (area.y[0] - area.y[1]) / count / 2;
      const y = scales.linear([1, Math.max(2, count)], [area.y[0] - half, area.y[1] + half]);
      frame.frame({
        x: scales.linear([0, Math.max(1, head.steps - 1)], area.x),
        y,
        xName: head.words.step,
        yTicks: [...new Set([1, Math.round((count + 1) / 2), count])].map((place) => [place, `${place}`]),
      });
      frame.title.textContent = this.titleOf(net.label);
      frame.title.style.setProperty("--net", this.net[net.label].color);
      heat.paint(frame.canvas, frame, rows, this.scale, this.colors, Math.max(1, head.steps - 1), net.label);
    });
    this.legend();
  }

  newHeat(label) {
    const frame = new this.parts.frame.Frame(this.heatHost, "heat", { hasCanvas: true, left: 30 });
    frame.box.dataset.net = label;
    this.heats.set(label, { frame });
    this.listenHeat(frame, label);
    return { frame };
  }

  legend() {
    const { head, quantity } = this.state;
    const { heat, scale } = this.parts;
    this.bar.hidden = !this.scale;
    if (!this.scale) return;
    const [low, high, ramp, tails] = ["low", "high", "ramp", "tails"].map((name) => this.bar.querySelector(`.${name}`));
    const { above, below, silent } = this.scale;
    this.bar.querySelector(".what").textContent = quantity.name;
    low.textContent = (below.count ? "≤ " : "") + scale.short(this.scale.low);
    high.textContent = (above.count ? "≥ " : "") + scale.short(this.scale.high);
    ramp.style.background = `linear-gradient(90deg, ${head.colors.join(", ")})`;
    const titleOf = (label) => this.titleOf(label);
    const nameOf = (label, place) => this.nameAt(label, place);
    const beyond = [[above, head.words.above], [below, head.words.below], [{ value: 0, ...silent }, head.words.silent]];
    tails.textContent = beyond
      .map(([found, words]) => heat.tail(found, words, titleOf, nameOf, scale.short))
      .filter(Boolean)
      .join(" ");
  }

  nameAt(label, place) {
    const { nets, quantity } = this.state;
    return nets.find((net) => net.label === label)?.names[quantity.on]?.[place] ?? `${place + 1}`;
  }

  // The same in words, for who does not see the picture.
  texts() {
    const { head, step, quantity } = this.state;
    const { short } = this.parts.scale;
    const { placeOf } = this.parts.buffer;
    const at = (net, values, steps) => short(values[placeOf(steps, step)] ?? NaN);
    const nets = this.state.nets;
    const told = (words, list) => `${words.replace("{step}", step)}: ${list.join("; ")}`;
    const losses = nets.map((net) => `${this.titleOf(net.label)} ${at(net, net.loss, net.steps)}`);
    const errors = nets.map((net) => `${this.titleOf(net.label)} ${at(net, net.error, net.steps)}`);
    const ends = this.shots
      .filter(({ shot }) => shot)
      .map(({ net, shot }) =>
        head.words.ends
          .replace("{net}", this.titleOf(net.label))
          .replace("{first}", short(shot.values[0]))
          .replace("{last}", short(shot.values.at(-1))),
      );
    this.loss.svg.setAttribute("aria-label", told(head.words.loss_at, losses));
    this.error.svg.setAttribute("aria-label", told(head.words.error_at, errors));
    this.profile.svg.setAttribute("aria-label", told(`${quantity.name}, ${head.words.step} {step}`, ends));
    for (const [label, { frame }] of this.heats)
      frame.svg.setAttribute("aria-label", head.words.map.replace("{net}", this.titleOf(label)).replace("{quantity}", quantity.name));
  }

  listenSteps(frame) {
    frame.point({
      at: (px, _py, event) => {
        if (!frame.x) return;
        const step = Math.max(0, Math.round(frame.x.invert(px)));
        this.tell.hover(this.rowsAt(frame, step), event);
      },
      leave: () => this.tell.leave(),
      click: (px) => frame.x && this.tell.choose(frame.x.invert(px)),
    });
  }

  rowsAt(frame, step) {
    const { head, nets } = this.state;
    const { short } = this.parts.scale;
    const { placeOf } = this.parts.buffer;
    const isLoss = frame === this.loss;
    const percent = (value) => (value === undefined || Number.isNaN(value) ? "–" : `${(value * 100).toFixed(1)} %`);
    const rows = this.state.seeds.length ? this.bandRows(isLoss, step, percent) : nets.map((net) => {
      const place = placeOf(net.steps, step);
      if (isLoss) return [this.titleOf(net.label), short(net.loss[place] ?? NaN)];
      const test = net.testError[placeOf(net.testSteps, step)];
      return [this.titleOf(net.label), `${percent(net.error[place])} · ${percent(test)}`];
    });
    const title = `${head.words.step} ${step}`;
    return { title: isLoss ? title : `${title} · ${head.words.both_errors}`, rows };
  }

  // The middle of all seeds, and from where to where they reach.
  bandRows(isLoss, step, percent) {
    const { short } = this.parts.scale;
    const { placeOf } = this.parts.buffer;
    const at = (line, write) => {
      const place = placeOf(line.xs, step);
      const [middle, low, high] = [line.ys, line.low, line.high].map((values) => write(values[place] ?? NaN));
      return `${middle} (${low} – ${high})`;
    };
    if (isLoss) return this.means.map((line) => [this.titleOf(line.label), at(line, short)]);
    return this.errors.map((line, index) => [this.titleOf(line.label), `${at(line, percent)} · ${at(this.tests[index], percent)}`]);
  }

  listenProfile() {
    const { profile } = this;
    profile.point({
      at: (px, py, event) => {
        let best;
        for (const { net, shot } of this.shots ?? [])
          shot?.values.forEach((value, place) => {
            if (!profile.y.fits(value)) return;
            const [x, y] = [profile.x(place + 1), profile.y(value)];
            const far = Math.hypot(x - px, (y - py) * 0.7);
            if (!best || far < best.far) best = { far, x, y, net, place, value, step: shot.step };
          });
        if (!best || best.far > 60) {
          profile.pointed.replaceChildren();
          this.tell.leave();
          return;
        }
        profile.ring(best.x, best.y, this.net[best.net.label].color);
        this.tell.hover(this.cell(best.net.label, best.place, best.step, best.value), event);
      },
      leave: () => this.tell.leave(),
      click: () => {},
    });
  }

  listenHeat(frame, label) {
    frame.point({
      at: (px, py, event) => {
        const net = this.state.nets.find((one) => one.label === label);
        const step = frame.x ? frame.x.invert(px) : NaN;
        const shot = net && this.parts.buffer.snapshot(net, this.state.quantity.id, Math.max(0, step));
        const place = Math.round(frame.y?.invert(py) ?? NaN) - 1;
        if (!shot || !(place in shot.values)) this.tell.leave();
        else this.tell.hover(this.cell(label, place, shot.step, shot.values[place]), event);
      },
      leave: () => this.tell.leave(),
      click: (px) => frame.x && this.tell.choose(frame.x.invert(px)),
    });
  }

  cell(label, place, step, value) {
    const { head, quantity } = this.state;
    const rows = [[quantity.name, this.parts.scale.short(value)], [head.words.step, `${step}`]];
    return { title: `${this.titleOf(label)} · ${this.nameAt(label, place)}`, rows };
  }
}
