"""A chart as it is on the screen: its axes, curves, bands and cells, read back into numbers."""

import math
import re
from collections.abc import Iterable
from typing import Any, NamedTuple, Self

import pytest
from playwright.sync_api import Locator

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
POINT_PX = 0.06  # to what a path is written
Color = tuple[int, int, int]
Point = tuple[float, float]

_READ = """figure => {
  const svg = figure.querySelector("svg");
  const look = (one) => ({ color: getComputedStyle(one).stroke, fill: getComputedStyle(one).fill });
  const named = (one) => Object.fromEntries([...one.attributes].map(({ name, value }) => [name, value]));
  const described = (one) => ({ ...named(one), ...look(one), text: one.textContent });
  const all = (selector) => [...svg.querySelectorAll(selector)].map(described);
  const marker = svg.querySelector(".marker");
  return {
    title: figure.querySelector("figcaption").textContent,
    label: svg.getAttribute("aria-label"),
    size: [svg.clientWidth, svg.clientHeight],
    texts: all(".axes text:not(.name)"),
    names: all(".axes text.name").map(({ text }) => text),
    grid: all(".axes .grid"),
    base: all(".axes .base")[0],
    bands: all(".lines path.band"),
    paths: all(".lines path:not(.band)"),
    dots: all(".lines circle"),
    ring: all(".pointed circle"),
    marker: marker.hasAttribute("hidden") ? null : Number(marker.getAttribute("x1")),
  };
}"""

_PLACE = """figure => {
  const canvas = figure.querySelector("canvas");
  const [inner, outer] = [canvas, figure.querySelector("svg")].map((one) => one.getBoundingClientRect());
  return [inner.left - outer.left, inner.top - outer.top, inner.width, inner.height];
}"""

_PIXELS = """(figure, places) => {
  const canvas = figure.querySelector("canvas");
  const [inner, outer] = [canvas, figure.querySelector("svg")].map((one) => one.getBoundingClientRect());
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return places.map(([px, py]) => {
    const column = Math.floor(((px + outer.left - inner.left) * canvas.width) / inner.width);
    const row = Math.floor(((py + outer.top - inner.top) * canvas.height) / inner.height);
    if (column < 0 || row < 0 || column >= canvas.width || row >= canvas.height) throw new RangeError(`${px}, ${py}`);
    const [red, green, blue, opacity] = data.slice(4 * (row * canvas.width + column));
    return opacity ? [red, green, blue] : null;
  });
}"""


def number(text: str) -> float:
    """Returns the number that a person reads in a text: "20 %", "10⁻³", "2·10⁻⁵", "−0.5", "1.2e5"."""
    shown = text.replace("−", "-").strip()
    if shown.endswith("%"):
        return float(shown.removesuffix("%")) / 100
    power = re.fullmatch(r"(?:(-?[\d.]+)·)?10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", shown)
    return float(f"{power[1] or 1}e{power[2].translate(RAISED)}") if power else float(shown)


def color(text: str) -> Color:
    """Returns the channels of a colour that is written as #RRGGBB or rgb(...)."""
    if text.startswith("#"):
        red, green, blue = (int(text[at : at + 2], 16) for at in (1, 3, 5))
    else:
        red, green, blue = (round(float(part)) for part in re.findall(r"[\d.]+", text)[:3])
    return red, green, blue


class Axis(NamedTuple):
    """A scale, known from two of its labelled ticks.

    Attributes:
        ticks: px and value of each, rising by value.
        is_log: whether equal ratios are equally far apart.
        labels: as they are written.
    """

    ticks: tuple[Point, ...]
    is_log: bool
    labels: tuple[str, ...]

    @classmethod
    def of(cls, places: Iterable[tuple[float, str]]) -> Self:
        """Returns the axis of these labels with their px; it is logarithmic where no straight line fits."""
        found = sorted(((px, number(text), text) for px, text in places), key=lambda tick: tick[1])
        ticks, labels = tuple((px, value) for px, value, _text in found), tuple(text for _px, _value, text in found)
        assert len(ticks) >= 2, f"no scale can be read from {labels}"
        fits = [kind for kind in (False, True) if cls(ticks, kind, labels).is_even()]
        assert fits, f"neither a linear nor a logarithmic scale: {ticks}"
        return cls(ticks, fits[0], labels)

    def is_even(self) -> bool:
        """Whether every tick is where the first and the last one place it."""
        if self.is_log and self.ticks[0][1] <= 0:
            return False
        return all(abs(self.px(value) - px) < POINT_PX for px, value in self.ticks)

    def px(self, value: float) -> float:
        """Returns where a value belongs."""
        (start, low), (end, high) = self.ticks[0], self.ticks[-1]
        return start + (self._along(value) - self._along(low)) / (self._along(high) - self._along(low)) * (end - start)

    def value(self, px: float) -> float:
        """Returns what is drawn at a place."""
        (start, low), (end, high) = self.ticks[0], self.ticks[-1]
        along = self._along(low) + (px - start) / (end - start) * (self._along(high) - self._along(low))
        return 10.0**along if self.is_log else along

    def near(self, values: Iterable[float], px: float = 2 * POINT_PX) -> Any:
        """Returns what equals values that were read to within so many px."""
        expected = list(values)
        start = self.ticks[0][0]
        low, high = sorted((self.value(start), self.value(start + px)))
        return pytest.approx(expected, rel=high / low - 1) if self.is_log else pytest.approx(expected, abs=high - low)

    def _along(self, value: float) -> float:
        return math.log10(value) if self.is_log else value


class Curve(NamedTuple):
    """A line of a chart.

    Attributes:
        color: of the line, or of an area's filling.
        parts: its points in px, one list for each part between gaps.
        opacity: 1 for what is firm.
        is_dashed: whether the line is.
        width: of the line in px.
    """

    color: Color
    parts: list[list[Point]]
    opacity: float
    is_dashed: bool
    width: float

    @property
    def points(self) -> list[Point]:
        return [point for part in self.parts for point in part]


class Chart(NamedTuple):
    """One chart.

    Attributes:
        title: above it.
        label: the same in words, for a screen reader.
        size: width and height in px.
        x: the axis below.
        y: the axis at the left.
        x_name: what the axis below is called.
        left: where the axes begin, in px.
        right: where the axis below ends.
        bottom: where the axis below lies.
        curves: lines in the order in which they are drawn.
        bands: areas in that order.
        dots: places and colours of the dots.
        marker: px of the chosen step; None where it is hidden.
        ring: places and colours of what rings a point under the pointer.
    """

    title: str
    label: str
    size: Point
    x: Axis
    y: Axis
    x_name: str
    left: float
    right: float
    bottom: float
    curves: list[Curve]
    bands: list[Curve]
    dots: list[tuple[Point, Color]]
    marker: float | None
    ring: list[tuple[Point, Color]]

    def firm(self, ink: Color, *, is_dashed: bool = False) -> Curve:
        """Returns the one whole line of a colour."""
        (found,) = [c for c in self.curves if c.color == ink and c.opacity == 1 and c.is_dashed == is_dashed]
        return found

    def faint(self, ink: Color) -> Curve:
        """Returns the one pale line of a colour."""
        (found,) = [curve for curve in self.curves if curve.color == ink and curve.opacity < 1]
        return found

    def band(self, ink: Color) -> Curve:
        """Returns the one area of a colour."""
        (found,) = [area for area in self.bands if area.color == ink]
        return found

    def xs(self, curve: Curve) -> list[float]:
        return [self.x.value(px) for px, _py in curve.points]

    def ys(self, curve: Curve) -> list[float]:
        return [self.y.value(py) for _px, py in curve.points]

    def dots_of(self, ink: Color) -> list[Point]:
        return [place for place, color in self.dots if color == ink]


class Place(NamedTuple):
    """Rectangle of the painted part of a chart, in px of the chart."""

    left: float
    top: float
    width: float
    height: float


def points(path: str) -> list[list[Point]]:
    """Returns the points of a path of straight lines, one list for each part."""
    parts = [part for part in path.split("M") if part]
    return [[(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", part)] for part in parts]


def read_chart(figure: Locator) -> Chart:
    """Returns a chart as it is drawn now."""
    found = figure.evaluate(_READ)
    base = {name: float(found["base"][name]) for name in ("x1", "x2", "y1")}
    is_below = [float(text["y"]) > base["y1"] + 10 for text in found["texts"]]
    below = [text for text, is_x in zip(found["texts"], is_below, strict=True) if is_x]
    beside = [text for text, is_x in zip(found["texts"], is_below, strict=True) if not is_x]
    for text, line in zip(beside, found["grid"], strict=True):  # a label is in the middle of its line
        assert float(text["y"]) - 4 == pytest.approx(float(line["y1"]))
    x_name, *_others = found["names"]
    return Chart(
        title=found["title"],
        label=found["label"],
        size=tuple(found["size"]),
        x=Axis.of((float(text["x"]), text["text"]) for text in below),
        y=Axis.of((float(line["y1"]), text["text"]) for text, line in zip(beside, found["grid"], strict=True)),
        x_name=x_name,
        left=base["x1"],
        right=base["x2"],
        bottom=base["y1"],
        curves=[_curve(path, path["color"]) for path in found["paths"]],
        bands=[_curve(path, path["fill"]) for path in found["bands"]],
        dots=[_dot(dot, "fill") for dot in found["dots"]],
        marker=found["marker"],
        ring=[_dot(dot, "color") for dot in found["ring"]],
    )


def place_of_cells(figure: Locator) -> Place:
    """Returns where the canvas of a chart is."""
    return Place(*figure.evaluate(_PLACE))


def read_cells(figure: Locator, places: Iterable[Point]) -> list[Color | None]:
    """Returns the colours that are painted at these px of a chart; None where nothing is."""
    found = figure.evaluate(_PIXELS, [list(place) for place in places])
    return [None if cell is None else (cell[0], cell[1], cell[2]) for cell in found]


def _curve(path: dict[str, str], ink: str) -> Curve:
    return Curve(
        color=color(ink),
        parts=points(path["d"]),
        opacity=float(path.get("stroke-opacity", 1)),
        is_dashed="stroke-dasharray" in path,
        width=float(path.get("stroke-width", 0)),
    )


def _dot(dot: dict[str, str], ink: str) -> tuple[Point, Color]:
    return (float(dot["cx"]), float(dot["cy"])), color(dot[ink])
