"""A layer graph as it is on the screen: where its boxes, arrows and frames are and what is written on them.

Places are in px of the drawing, whatever part of it shows: `View` maps them to the screen.
"""

import math
from itertools import chain, combinations, pairwise
from typing import Any, NamedTuple

from playwright.sync_api import Locator, Page

from tests.browser.drawn import graph
from tests.browser.reading_charts import Color, Point, color

# Reads a layer, which may be one on a page or one in a saved file.
READ = """layer => {
  const within = (one) => layer.getScreenCTM().inverse().multiply(one.getScreenCTM());
  const placed = (one, x, y) => {
    const { x: px, y: py } = new DOMPoint(x, y).matrixTransform(within(one));
    return [px, py];
  };
  const box = (one) => {
    const { x, y, width, height } = one.getBBox();
    return [...placed(one, x, y), ...placed(one, x + width, y + height)];
  };
  const along = (path) => {
    const length = path.getTotalLength();
    const count = Math.max(2, Math.ceil(length / 3));
    return Array.from({ length: count + 1 }, (_, index) => {
      const { x, y } = path.getPointAtLength((length * index) / count);
      return placed(path, x, y);
    });
  };
  const corners = (polygon) => [...polygon.points].map(({ x, y }) => placed(polygon, x, y));
  const beside = (turn) => (turn.nextElementSibling?.matches("text") ? [turn.nextElementSibling] : []);
  const words = (one) => (one.matches("path") ? beside(one) : [...one.querySelectorAll("text")]).map((text) => ({
    text: text.textContent, box: box(text), fill: text.getAttribute("fill"),
  }));
  const rows = [...layer.querySelectorAll("g.row")];
  return {
    nodes: [...layer.querySelectorAll("g.node")].map((node) => {
      const outline = node.querySelector(":scope > path, :scope > ellipse, :scope > polygon");
      return {
        id: node.dataset.id, box: box(outline), words: words(node), row: rows.indexOf(node.closest("g.row")),
        fill: outline.getAttribute("fill"), stroke: outline.getAttribute("stroke"),
        isDashed: outline.hasAttribute("stroke-dasharray"), isRound: outline.tagName === "ellipse",
        kind: node.getAttribute("class"), opacity: Number(getComputedStyle(node).opacity),
        cells: [...node.querySelectorAll(":scope polygon")].map((cell) => cell.getAttribute("fill")),
      };
    }),
    edges: [...layer.querySelectorAll("g.edge, path.turn")].map((edge) => {
      const path = edge.matches("path") ? edge : edge.querySelector("path");
      const head = edge.querySelector("polygon");
      return {
        id: edge.dataset.id, points: along(path), head: head ? corners(head) : [], words: words(edge),
        stroke: path.getAttribute("stroke"), width: Number(path.getAttribute("stroke-width")),
        isDashed: path.hasAttribute("stroke-dasharray"), kind: edge.getAttribute("class"),
      };
    }),
    frames: [...layer.querySelectorAll("g.frame")].map((frame) => ({
      id: frame.dataset.id, box: box(frame.querySelector("rect")), words: words(frame),
      kind: frame.getAttribute("class"),
    })),
  };
}"""

_VIEW = """root => {
  const [layer, canvas] = [root.querySelector(".layer"), root.querySelector(".canvas")];
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const { a, d, e, f } = layer.getScreenCTM();
  if (Math.abs(a - d) > 1e-6) throw new Error("stretched");
  return [e - left, f - top, a, width, height];
}"""


class Rectangle(NamedTuple):
    """Four edges in px."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> Point:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def holds(self, other: "Rectangle", slack: float = 0.5) -> bool:
        return (
            self.left - slack <= other.left
            and self.top - slack <= other.top
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def overlaps(self, other: "Rectangle", slack: float = 0.5) -> bool:
        is_beside = other.left > self.right - slack or self.left > other.right - slack
        return not is_beside and not (other.top > self.bottom - slack or self.top > other.bottom - slack)

    def is_inside(self, point: Point, slack: float = 1.5) -> bool:
        """Whether a point is well within."""
        x, y = point
        return self.left + slack < x < self.right - slack and self.top + slack < y < self.bottom - slack


class Word(NamedTuple):
    """A line of text."""

    text: str
    box: Rectangle
    color: Color


class Box(NamedTuple):
    """A node.

    Attributes:
        id: its name.
        box: where it is.
        row: number of its row, from 0.
        words: on it.
        fill: colour of its area.
        line: colour of its outline.
        is_dashed: whether the outline is.
        is_round: whether it is a circle.
        classes: that its look depends on.
        opacity: 1 for what is not dimmed.
        cells: colours of the small squares in it.
    """

    id: str
    box: Rectangle
    row: int
    words: list[Word]
    fill: Color
    line: Color
    is_dashed: bool
    is_round: bool
    classes: frozenset[str]
    opacity: float
    cells: list[Color]

    @property
    def texts(self) -> list[str]:
        return [word.text for word in self.words]

    def to_border(self, point: Point) -> float:
        """Returns how far a point is from the outline."""
        x, y = point
        if self.is_round:
            cx, cy = self.box.middle
            return abs(math.hypot(x - cx, y - cy) - self.box.width / 2)
        left, top, right, bottom = self.box
        outside = math.hypot(max(left - x, 0, x - right), max(top - y, 0, y - bottom))
        return outside or min(x - left, right - x, y - top, bottom - y)


class Edge(NamedTuple):
    """An arrow, or a turn from one row to the next.

    Attributes:
        source: id of the box at which it begins.
        target: id of the box at which it ends.
        points: along its line, a few px apart.
        head: corners of its tip; none for a turn.
        words: beside it.
        line: its colour.
        width: of its line.
        is_dashed: whether the line is.
        is_shortcut: whether it is drawn as one.
        is_turn: whether it leads to another row.
    """

    source: str
    target: str
    points: list[Point]
    head: list[Point]
    words: list[Word]
    line: Color
    width: float
    is_dashed: bool
    is_shortcut: bool
    is_turn: bool

    @property
    def start(self) -> Point:
        return self.points[0]

    @property
    def end(self) -> Point:
        """The tip, or where a turn ends: what is farthest from the start along the way."""
        if not self.head:
            return self.points[-1]
        x, y = self.points[-1]
        return max(self.head, key=lambda corner: math.hypot(corner[0] - x, corner[1] - y))


class Frame(NamedTuple):
    """A rectangle around what is open."""

    id: str
    box: Rectangle
    words: list[Word]
    classes: frozenset[str]


class Drawing(NamedTuple):
    """All of a drawing."""

    boxes: dict[str, Box]
    edges: list[Edge]
    frames: dict[str, Frame]

    def row(self, number: int) -> list[Box]:
        """Returns the boxes of a row from left to right."""
        return sorted((box for box in self.boxes.values() if box.row == number), key=lambda box: box.box.middle)

    @property
    def rows(self) -> list[list[Box]]:
        return [self.row(number) for number in range(1 + max(box.row for box in self.boxes.values()))]

    def arrows(self) -> set[tuple[str, str]]:
        """Returns what leads to what, followed through the points at which rows begin."""
        before = {edge.target: edge.source for edge in self.edges if edge.is_turn}
        return {(before.get(edge.source, edge.source), edge.target) for edge in self.edges if not edge.is_turn}


class View(NamedTuple):
    """Part of a drawing that shows: px of the canvas = (x, y) + k times px of the drawing."""

    x: float
    y: float
    k: float
    width: float
    height: float

    def on_canvas(self, point: Point) -> Point:
        return self.x + self.k * point[0], self.y + self.k * point[1]

    def shown(self, box: Rectangle) -> Rectangle:
        return Rectangle(*chain(self.on_canvas(box[:2]), self.on_canvas(box[2:])))

    def in_drawing(self, point: Point) -> Point:
        return (point[0] - self.x) / self.k, (point[1] - self.y) / self.k


def read_graph(page: Page) -> Drawing:
    """Returns the graph on a page as it is drawn now."""
    return read_layer(graph(page).locator(".layer"))


def read_layer(layer: Locator) -> Drawing:
    """Returns the drawing in an SVG group."""
    return drawing_of(layer.evaluate(READ))


def drawing_of(found: Any) -> Drawing:
    """Returns what `READ` read."""
    return Drawing(
        boxes={node["id"]: _box(node) for node in found["nodes"]},
        edges=[_edge(edge) for edge in found["edges"]],
        frames={
            frame["id"]: Frame(frame["id"], Rectangle(*frame["box"]), _words(frame), _classes(frame))
            for frame in found["frames"]
        },
    )


def assert_apart(drawing: Drawing) -> None:
    """Rows are below each other, and no two boxes overlap."""
    for above, below in pairwise(drawing.rows):
        assert max(box.box.bottom for box in above) + 10 < min(box.box.top for box in below)
    for one, other in combinations(drawing.boxes.values(), 2):
        assert not one.box.overlaps(other.box), (one.id, other.id)


def read_view(page: Page) -> View:
    """Returns which part of the graph shows."""
    return View(*graph(page).evaluate(_VIEW))


def _box(node: dict[str, Any]) -> Box:
    return Box(
        id=node["id"],
        box=Rectangle(*node["box"]),
        row=node["row"],
        words=_words(node),
        fill=color(node["fill"]),
        line=color(node["stroke"]),
        is_dashed=node["isDashed"],
        is_round=node["isRound"],
        classes=_classes(node),
        opacity=node["opacity"],
        cells=[color(cell) for cell in node["cells"]],
    )


def _edge(edge: dict[str, Any]) -> Edge:
    source, target = edge["id"].split("->")
    return Edge(
        source=source,
        target=target,
        points=[(x, y) for x, y in edge["points"]],
        head=[(x, y) for x, y in edge["head"]],
        words=_words(edge),
        line=color(edge["stroke"]),
        width=edge["width"],
        is_dashed=edge["isDashed"],
        is_shortcut="shortcut" in edge["kind"].split(),
        is_turn="turn" in edge["kind"].split(),
    )


def _words(found: dict[str, Any]) -> list[Word]:
    return [Word(word["text"], Rectangle(*word["box"]), color(word["fill"])) for word in found["words"]]


def _classes(found: dict[str, Any]) -> frozenset[str]:
    return frozenset(found["kind"].split())
