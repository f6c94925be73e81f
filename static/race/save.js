// What is shown, as CSV: numbers with the digits that arrived, more than four for curves and three by depth.

function digits(value, count) {
  return value === undefined || Number.isNaN(value) ? "" : `${Number(value.toPrecision(count))}`;
}

function line(cells) {
  return cells.map((cell) => (/[",\n]/.test(`${cell}`) ? `"${`${cell}`.replaceAll('"', '""')}"` : cell)).join(",");
}

// Takes { seed, nets } of each run; the column of seeds is there where there are several.
export function curves(runs) {
  const hasSeeds = runs.length > 1;
  const lines = [line([...(hasSeeds ? ["seed"] : []), "net", "step", "training_loss", "training_error", "test_error"])];
  for (const { seed, net } of runs.flatMap(({ seed, nets }) => nets.map((net) => ({ seed, net })))) {
    const tests = new Map(net.testSteps.map((step, index) => [step, net.testError[index]]));
    net.steps.forEach((step, index) => {
      const values = [net.loss[index], net.error[index], tests.get(step)].map((value) => digits(value, 5));
      lines.push(line([...(hasSeeds ? [seed] : []), net.label, step, ...values]));
    });
  }
  return `${lines.join("\r\n")}\r\n`;
}

export function measured(nets, quantity) {
  const lines = [line(["net", "step", "place", "name", quantity.id])];
  for (const net of nets) {
    const names = net.names[quantity.on] ?? [];
    for (const [step, row] of net.values[quantity.id] ?? [])
      row.forEach((value, place) => lines.push(line([net.label, step, place + 1, names[place] ?? "", digits(value, 3)])));
  }
  return `${lines.join("\r\n")}\r\n`;
}

export function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
