// Equations of blocks, written as text whose terms are the layers of the drawing.

const here = new URL(import.meta.url);
const { join, leave, listen, placeOf } = await import(new URL(`./light.js${here.search}`, here).href);

const BREAKS = "=+∗⊙−,"; // a line may end after these

const LOOKS = { ",": "comma", σ: "letter" };

function span(name, text) {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  return made;
}

function symbol({ text, kind, low, high, color }) {
  const isOperator = kind === "sign" && BREAKS.includes(text);
  const [letter, prime] = text.split(/(?=\u2032)/);
  const made = span(LOOKS[text] ?? (isOperator ? "operator" : kind), letter);
  if (prime) made.append(span("prime", prime));
  if (color) made.style.color = color;
  for (const [name, words] of [["sub", low], ["sup", high]])
    if (words) made.append(Object.assign(document.createElement(name), { textContent: words }));
  return made;
}

// One side: pieces of one term are together in an element that gets the focus.
function side(pieces, block) {
  const made = span("side", "");
  let term, number;
  for (const piece of pieces) {
    if (piece.term < 0) {
      made.append(symbol(piece));
      term = undefined;
    } else {
      if (!term || piece.term !== number) {
        term = span("term", "");
        term.dataset.block = block;
        term.layers = piece.layers;
        term.setAttribute("role", "button");
        term.setAttribute("tabindex", "-1");
        made.append(term);
      }
      term.append(symbol(piece));
      number = piece.term;
    }
    if (BREAKS.includes(piece.text)) made.append(document.createElement("wbr"));
  }
  return made;
}

export class EquationView {
  constructor(parent) {
    this.room = document.createElement("div");
    this.room.className = "equations";
    this.room.setAttribute("role", "group");
    parent.append(this.room);
    listen(this.room, (target) => this.placesAt(target), (term, key) => this.next(term, key));
    join(this);
  }

  update(data) {
    this.room.setAttribute("aria-label", data.label);
    const lines = data.blocks.flatMap(({ title, number, rows }) => {
      const made = rows.map(({ left, relation, right }) => {
        const line = span("equation", "");
        line.append(side(left, number), span("operator", relation), document.createElement("wbr"), side(right, number));
        return line;
      });
      made.filter((_, at) => rows[at].relation !== "=").forEach((line) => line.classList.add("weight"));
      return data.is_titled ? [span("name", title), ...made] : made;
    });
    this.room.classList.toggle("titled", data.is_titled && data.blocks.every(({ rows }) => rows.length === 1));
    this.room.replaceChildren(...lines);
    this.room.querySelector(".term")?.setAttribute("tabindex", "0");
  }

  placesAt(target) {
    const term = target.closest?.(".term");
    return term ? term.layers.map((name) => placeOf(term.dataset.block, name)) : [];
  }

  // A term is lit when all that it is, lines apart, is lit: conv1 alone does not light F.
  show(lit) {
    for (const term of this.room.querySelectorAll(".term")) {
      const places = this.placesAt(term);
      term.classList.toggle("lit-term", places.length > 0 && places.every((place) => lit.has(place)));
    }
  }

  next(term, key) {
    const terms = [...this.room.querySelectorAll(".term")];
    return terms[terms.indexOf(term) + (key === "ArrowRight" || key === "ArrowDown" ? 1 : -1)];
  }

  end() {
    leave(this);
  }
}
