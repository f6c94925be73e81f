// What a race shows: a Streamlit component. Called again with the same parentElement at every change of data or theme.
//
// Python sends what is new of the curves and of the measurements; which step is looked at is this script's to know, so
// that the slider moves everything at once and without the server.

const here = new URL(import.meta.url);
const part = (name) => import(new URL(`./${name}.js${here.search}`, here).href); // one version of all files
const names = ["buffer", "scale", "frame", "heat", "band", "views", "save"];
const [buffer, scale, frame, heat, band, { Views }, files] = await Promise.all(names.map(part));

const REPLAY_S = 8; // of a whole run
const SLOWEST_MS = 400;
const EXPLODED_NATS = 30; // guessing among ten classes costs 2.3
const ASK_AGAIN_MS = 2000;
const SKELETON = `
  <div class="bar main" role="toolbar">
    <button data-act="play" aria-pressed="false"></button>
    <input type="range" min="0" max="0" value="0" step="1">
    <output></output>
    <button data-act="newest"></button>
  </div>
  <div class="legend"></div>
  <div class="empty" role="status" hidden></div>
  <div class="charts"></div>
  <div class="bar">
    <label><span></span><select data-pick="quantity"></select></label>
    <label><span></span><select data-pick="loss"></select></label>
    <label><span></span><select data-pick="window"></select></label>
    <label><span></span><select data-pick="range"></select></label>
    <span class="grow"></span>
    <button data-act="table" aria-pressed="false"></button>
    <button data-act="curves"></button><button data-act="measured"></button>
  </div>
  <div class="heats"></div>
  <div class="key" hidden>
    <span class="what"></span><span class="low"></span><i class="ramp"></i><span class="high"></span><span class="tails"></span>
  </div>
  <div class="missing" hidden></div>
  <div class="numbers" hidden></div>
  <div class="tip" role="tooltip" hidden></div>`;

class Race {
  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "race-root";
    this.root.dataset.testid = "race";
    this.root.innerHTML = SKELETON; // our own text; what Python sends goes in as text content only
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL(`./race.css${here.search}`, here).href;
    this.styled = new Promise((resolve) => (style.onload = style.onerror = resolve));
    parent.append(style, this.root);
    this.find = (selector) => this.root.querySelector(selector);
    this.slider = this.find("input");
    this.choices = { loss: "", window: "20", range: "recent" }; // of the loss: whichever fits, until it is chosen
    this.isFollowing = true;
    const hosts = { charts: this.find(".charts"), heats: this.find(".heats"), bar: this.find(".key") };
    this.views = new Views(hosts, { buffer, scale, frame, heat, band }, {
      hover: (told, event) => this.hover(told, event),
      leave: () => (this.find(".tip").hidden = true),
      choose: (step) => this.choose(buffer.placeOf(this.moments, Math.max(0, step))),
    });
    this.listen();
    this.enlarge();
    this.watcher = new ResizeObserver(() => this.resized());
    this.watcher.observe(this.root);
  }

  listen() {
    this.slider.addEventListener("input", () => this.choose(Number(this.slider.value)));
    this.root.addEventListener("change", (event) => {
      const { pick } = event.target.dataset ?? {};
      if (!pick) return;
      this.choices[pick] = event.target.value;
      this.hasPicked ||= pick === "quantity";
      this.draw();
    });
    this.root.addEventListener("click", (event) => {
      const act = event.target.closest("button")?.dataset.act;
      if (act) this.act(act);
    });
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.tabIndex = -1; // a click on a chart gives it the keys
  }

  async update(args) {
    this.args = args;
    await this.styled;
    const { data } = args;
    const head = buffer.head(data.head_id, data.head);
    const run = buffer.run(data.run);
    const others = (data.band ?? []).map((part) => ({ part, run: buffer.run(part.run) }));
    const fits = [{ part: data, run }, ...others]
      .map(({ part, run }) => buffer.take(run, part.nets, part.until))
      .every(Boolean);
    clearTimeout(this.asking);
    if (!head || !fits) this.ask();
    if (!head) return;
    if (this.run !== run) {
      this.isFollowing = true;
      this.ghost = this.run && buffer.idOf(this.run) === buffer.idOf(run) ? (buffer.isEmpty(this.run) ? this.ghost : this.run) : undefined;
    }
    const isOther = this.head !== head;
    Object.assign(this, { run, head, seed: data.seed, others: others.map((other) => other.run) });
    this.numbersOfOthers = others.map(({ part }) => part.seed);
    if (isOther) this.words();
    this.note(data.seed);
    this.draw();
    this.root.dataset.ready = "true";
  }

  // Something was lost on the way: Python then sends all. Asks again until an update fits.
  ask() {
    const wait = Math.max(0, (this.asked ?? 0) + ASK_AGAIN_MS - Date.now());
    this.asking = setTimeout(() => {
      this.asked = Date.now();
      this.args.setTriggerValue("resync", { at: this.asked });
      this.ask();
    }, wait);
  }

  words() {
    const { words, quantities } = this.head;
    for (const act of ["newest", "table", "curves", "measured"]) this.find(`[data-act=${act}]`).textContent = words[act];
    this.slider.setAttribute("aria-label", words.step);
    this.find(".bar.main").setAttribute("aria-label", words.replay);
    this.slider.title = words.replay;
    this.root.style.colorScheme = this.head.mode; // of the page, which need not be the system's
    const isKept = this.hasPicked && quantities.some(({ id }) => id === this.choices.quantity);
    if (!isKept) this.choices.quantity = this.head.opens;
    const options = { ...words.options, quantity: quantities.map(({ id, name }) => [id, name]) };
    for (const select of this.root.querySelectorAll("select")) {
      const { pick } = select.dataset;
      select.previousElementSibling.textContent = words.picks[pick];
      select.replaceChildren(...options[pick].map(([value, text]) => new Option(text, value)));
      select.value = this.choices[pick];
    }
    const chips = this.head.nets.map(({ title, color }) => {
      const chip = document.createElement("span");
      chip.className = "chip";
      chip.style.setProperty("--net", color);
      chip.textContent = title;
      return chip;
    });
    const note = document.createElement("span");
    note.className = "note";
    this.find(".legend").replaceChildren(...chips, note);
    this.playing();
  }

  note(seed) {
    const { words } = this.head;
    const band = words.band.replace("{n}", this.others.length + 1).replace("{seed}", seed);
    this.find(".note").textContent = this.others.length ? `${words.lines}; ${band}` : words.lines;
  }

  // Of a run that was rewound, what it was before, until it has a first step again.
  get shown() {
    return this.ghost && buffer.isEmpty(this.run) ? this.ghost : this.run;
  }

  get state() {
    const { head, shown: run, choices } = this;
    const nets = head.nets.map(({ label }) => run.nets.get(label)).filter(Boolean);
    return {
      head,
      nets,
      seeds: this.others.length ? [run, ...this.others] : [],
      quantity: head.quantities.find(({ id }) => id === choices.quantity),
      step: this.moments[this.at] ?? nets[0]?.steps.at(-1) ?? 0,
      isLog: this.lossAxis(nets) === "log",
      window: Number(choices.window),
      isRecent: choices.range === "recent",
    };
  }

  // Seed and nets of the runs whose curves are shown, by seed.
  get bySeed() {
    const named = this.head.nets.map(({ label }) => label);
    return [this.shown, ...this.others]
      .map((run, place) => ({
        seed: place ? this.numbersOfOthers[place - 1] : this.seed,
        isOwn: place === 0,
        nets: named.map((label) => run.nets.get(label)).filter(Boolean),
      }))
      .sort((a, b) => a.seed - b.seed);
  }

  // A net that explodes would press all the others flat on a linear axis.
  lossAxis(nets) {
    const highest = Math.max(0, ...nets.flatMap((net) => net.loss.filter(Number.isFinite)));
    return this.choices.loss || (highest > EXPLODED_NATS ? "log" : "linear");
  }

  draw() {
    if (!this.head || !this.root.clientWidth) return;
    const chosen = this.moments?.[this.at];
    this.moments = buffer.moments(this.shown);
    this.root.classList.toggle("ghost", this.shown !== this.run);
    const last = Math.max(0, this.moments.length - 1);
    this.at = this.isFollowing ? last : Math.min(last, Math.max(0, buffer.placeOf(this.moments, chosen)));
    this.slider.max = last;
    this.views.draw(this.state);
    this.find("[data-pick=loss]").value = this.state.isLog ? "log" : "linear";
    this.missing();
    this.moved();
  }

  missing() {
    const { nets, quantity } = this.state;
    const without = nets.filter((net) => net.moments.length && !net.values[quantity.id]).map(({ label }) => this.views.titleOf(label));
    const { nothing, rewound } = this.head.words;
    const first = this.shown !== this.run ? rewound : buffer.isEmpty(this.run) ? nothing : "";
    this.find(".empty").hidden = !first;
    this.find(".empty").textContent = first;
    this.find(".missing").hidden = !without.length;
    this.find(".missing").textContent = `${quantity.missing} ${without.join(", ")}`;
  }

  choose(place) {
    if (!this.head) return; // nothing has come yet
    this.isFollowing = false;
    this.at = Math.min(this.moments.length - 1, Math.max(0, place));
    this.views.move(this.state);
    this.moved();
  }

  moved() {
    const { step } = this.state;
    const { words } = this.head;
    this.slider.value = this.at;
    this.slider.style.setProperty("--part", `${(100 * this.at) / Math.max(1, this.moments.length - 1)}%`);
    const text = words.position.replace("{step}", step).replace("{steps}", this.head.steps - 1);
    this.find("output").textContent = text;
    this.slider.setAttribute("aria-valuetext", text);
    this.root.dataset.step = step;
    const isNewest = this.at >= this.moments.length - 1;
    this.find("[data-act=newest]").disabled = isNewest && this.isFollowing;
    if (!this.find(".numbers").hidden) this.numbers(step);
  }

  act(name) {
    if (!this.head) return; // as in `choose`
    const { nets, quantity } = this.state;
    if (name === "play") this.timer ? this.stop() : this.play();
    if (name === "newest") {
      this.stop();
      this.isFollowing = true;
      this.draw();
    }
    if (name === "curves") files.save(files.curves(this.bySeed), "race-curves.csv");
    if (name === "measured") files.save(files.measured(nets, quantity), `race-${quantity.id}.csv`);
    if (name === "table") {
      const table = this.find(".numbers");
      table.hidden = !table.hidden;
      this.find("[data-act=table]").setAttribute("aria-pressed", String(!table.hidden));
      this.moved();
    }
  }

  play() {
    if (this.at >= this.moments.length - 1) this.choose(0);
    const pause = Math.min(SLOWEST_MS, (REPLAY_S * 1000) / Math.max(1, this.moments.length));
    this.timer = setInterval(() => {
      this.choose(this.at + 1);
      if (this.at >= this.moments.length - 1) this.stop();
    }, pause);
    this.playing();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.playing();
  }

  playing() {
    if (!this.head) return; // taken off the page before anything came
    const button = this.find("[data-act=play]");
    button.textContent = this.timer ? this.head.words.pause : this.head.words.play;
    button.setAttribute("aria-pressed", String(Boolean(this.timer)));
  }

  key(event) {
    const isElsewhere = event.target.closest("select, button") || event.ctrlKey || event.metaKey || event.altKey;
    if (isElsewhere || !this.head) return;
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10 }[event.key];
    if (event.key === " ") this.act("play");
    else if (event.key === "Home") this.choose(0);
    else if (event.key === "End") this.choose(this.moments.length - 1);
    else if (by) this.choose(this.at + by);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  hover({ title, rows }, event) {
    const tip = this.find(".tip");
    const heading = document.createElement("strong");
    heading.textContent = title;
    const list = rows.map(([name, value]) => {
      const row = document.createElement("div");
      for (const text of [name, value]) row.appendChild(document.createElement("span")).textContent = text;
      return row;
    });
    tip.replaceChildren(heading, ...list);
    tip.hidden = false;
    const room = this.root.getBoundingClientRect();
    const [x, y] = [event.clientX - room.left + 14, event.clientY - room.top + 14];
    tip.style.left = `${Math.max(4, x + tip.offsetWidth > room.width ? x - tip.offsetWidth - 28 : x)}px`;
    tip.style.top = `${y}px`;
  }

  // The numbers behind the charts at the chosen step; by depth there are those of this run's seed alone.
  numbers(step) {
    const { words } = this.head;
    const { quantity } = this.state;
    const table = document.createElement("table");
    table.createCaption().textContent = this.find("output").textContent;
    const heading = table.createTHead().insertRow();
    const hasSeeds = this.others.length > 0;
    for (const word of [words.net, ...(hasSeeds ? [words.seed] : []), words.loss, ...words.errors, ...words.columns.map((text) => text.replace("{quantity}", quantity.name))])
      heading.appendChild(document.createElement("th")).textContent = word;
    const body = table.createTBody();
    const rows = this.bySeed.flatMap(({ nets, ...of }) => nets.map((net, place) => ({ net, place, ...of })));
    for (const { net, seed, isOwn } of rows.sort((a, b) => a.place - b.place)) {
      const shot = isOwn ? buffer.snapshot(net, quantity.id, step) : undefined;
      const [first, last] = shot ? [shot.values[0], shot.values.at(-1)] : [NaN, NaN];
      const at = (values, steps) => values[buffer.placeOf(steps, step)] ?? NaN;
      const cells = [at(net.loss, net.steps), at(net.error, net.steps), at(net.testError, net.testSteps), first, last, first / last];
      const row = body.insertRow();
      row.appendChild(document.createElement("th")).textContent = this.views.titleOf(net.label);
      if (hasSeeds) row.insertCell().textContent = seed;
      for (const value of cells) row.insertCell().textContent = scale.short(value);
    }
    this.find(".numbers").replaceChildren(table);
  }

  resized() {
    if (this.width === this.root.clientWidth || !this.head) return;
    this.width = this.root.clientWidth;
    this.enlarge();
    this.draw();
  }

  // In a presentation type is as much larger as the page's.
  enlarge() {
    const page = getComputedStyle(document.documentElement);
    const isPresented = page.getPropertyValue("--resnet-viz-presented").trim() === "1";
    const type = isPresented ? parseFloat(page.fontSize) / 16 : 1;
    this.root.classList.toggle("presented", isPresented);
    frame.enlarge(type);
  }

  end() {
    clearTimeout(this.asking);
    this.stop();
    this.watcher.disconnect();
    this.root.remove();
  }
}

const races = new WeakMap();

export default function show(args) {
  const parent = args.parentElement;
  if (!races.has(parent)) races.set(parent, new Race(parent));
  const race = races.get(parent);
  race.update(args).catch((error) => {
    console.error(error);
    race.find(".legend").textContent = `${error}`;
  });
  return () => {
    race.end();
    races.delete(parent);
  };
}
