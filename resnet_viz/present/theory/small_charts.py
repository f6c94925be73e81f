"""Charts in the size of a card, as SVG text: lines, bars, squares of a heatmap, marks; without axes and words.

Colours are names of roles, so that branch and shortcut look as everywhere else. Values are scaled to the picture.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from resnet_viz.graph.roles import Role
from resnet_viz.present.blocks.svg import Svg, element
from resnet_viz.present.theme import PALETTES, SEQUENTIAL, Mode

WIDTH: Final = 280
HEIGHT: Final = 150
_EDGE: Final = 18


class Line(NamedTuple):
    """Curve through points of equal distance, or through the given places.

    Attributes:
        y: values.
        role: of its colour.
        x: places; none for 0, 1, 2, ...
        is_dashed: whether it is a line of a formula or of the background.
        has_dots: whether its points are marked.
    """

    y: Sequence[float]
    role: Role
    x: Sequence[float] = ()
    is_dashed: bool = False
    has_dots: bool = False


class Bar(NamedTuple):
    """Bar from zero.

    Attributes:
        value: its height, from 0.
        role: of its colour.
    """

    value: float
    role: Role


class ChartBox(NamedTuple):
    """Range of the values that a chart has room for."""

    left: float
    right: float
    low: float
    high: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Returns where a point lies in the picture."""
        across = (x - self.left) / (self.right - self.left)
        up = (min(max(y, self.low), self.high) - self.low) / (self.high - self.low)
        return _EDGE + across * (WIDTH - 2 * _EDGE), HEIGHT - _EDGE - up * (HEIGHT - 2 * _EDGE)


def picture(parts: Iterable[Svg]) -> str:
    """Returns a whole picture of elements."""
    return element("svg", parts, {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "xmlns": "http://www.w3.org/2000/svg"})


def line_chart(lines: Sequence[Line], mode: Mode, *, low: float | None = None, high: float | None = None) -> str:
    """Returns curves on a common scale, of all values or from `low` to `high`."""
    every = [value for line in lines for value in line.y]
    places = [place for line in lines for place in (line.x or range(len(line.y)))]
    box = ChartBox(
        min(places), max(places), min(every) if low is None else low, max(every) if high is None else high
    )  # fmt: skip
    return picture([_floor(mode), *(part for line in lines for part in draw_line(line, box, mode))])


def draw_line(line: Line, box: ChartBox, mode: Mode) -> list[Svg]:
    """Returns a curve's elements."""
    color = PALETTES[mode][line.role].line
    points = [box.place(x, y) for x, y in zip(line.x or range(len(line.y)), line.y, strict=True)]
    look = {"points": " ".join(f"{x:.1f},{y:.1f}" for x, y in points), "fill": "none", "stroke": color}
    dashes = {"stroke-dasharray": "3 4", "stroke-width": 2} if line.is_dashed else {"stroke-width": 3}
    parts = [element("polyline", (), {**look, **dashes, "stroke-linejoin": "round", "stroke-linecap": "round"})]
    if line.has_dots:
        parts += [dot(x, y, 4.5, line.role, mode) for x, y in points]
    return parts


def bar_chart(groups: Sequence[Sequence[Bar]], mode: Mode, *, high: float | None = None) -> str:
    """Returns bars in groups from left to right, with gaps between the groups."""
    every = [bar.value for group in groups for bar in group]
    top = max(every) if high is None else high
    step = (WIDTH - 2 * _EDGE) / (len(every) + 0.8 * (len(groups) - 1))
    parts, left = [_floor(mode)], float(_EDGE)
    for group in groups:
        for bar in group:
            tall = max(2.0, min(bar.value / top, 1) * (HEIGHT - 2 * _EDGE))
            at = {"x": left + 0.1 * step, "y": HEIGHT - _EDGE - tall, "width": 0.8 * step, "height": tall}
            parts.append(element("rect", (), {**at, "rx": min(2.0, step / 5), "fill": PALETTES[mode][bar.role].line}))
            left += step
        left += 0.8 * step
    return picture(parts)


def heatmap(rows: Sequence[Sequence[float]]) -> str:
    """Returns a field of squares, dark where values are small."""
    every = [value for row in rows for value in row]
    low, width = min(every), (max(every) - min(every)) or 1.0
    across, down = WIDTH / len(rows[0]), HEIGHT / len(rows)
    parts = []
    for top, row in enumerate(rows):
        for left, value in enumerate(row):
            color = SEQUENTIAL[min(len(SEQUENTIAL) - 1, int((value - low) / width * len(SEQUENTIAL)))]
            at = {"x": left * across, "y": top * down, "width": across + 0.5, "height": down + 0.5}
            parts.append(element("rect", (), {**at, "fill": color}))
    return picture(parts)


def dot(x: float, y: float, radius: float, role: Role, mode: Mode) -> Svg:
    """Returns a filled circle."""
    return element("circle", (), {"cx": x, "cy": y, "r": radius, "fill": PALETTES[mode][role].line})


def _floor(mode: Mode) -> Svg:
    y = HEIGHT - _EDGE
    look = {"stroke": PALETTES[mode][Role.DATA].fill, "stroke-width": 2}
    return element("line", (), {"x1": _EDGE, "x2": WIDTH - _EDGE, "y1": y, "y2": y, **look})
