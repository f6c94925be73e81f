"""Drawing of nets in columns: a band for each output size, boxes of layers and blocks, arcs of shortcuts."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from resnet_viz.analysis.report import Analysis
from resnet_viz.graph.drawing import Level
from resnet_viz.graph.labels import short_count, sides_text
from resnet_viz.graph.roles import Palette, Role
from resnet_viz.i18n import _, ngettext
from resnet_viz.present.architecture.columns import Band, Item, bands, sums
from resnet_viz.present.blocks.svg import Svg, element, text_in
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.units import exact
from resnet_viz.spec.titles import title

_FONT: Final = 15
_SMALL: Final = 13
_LEFT: Final = 80  # px: room of the output sizes
_COLUMN: Final = 232
_BESIDE: Final = 52  # room of the arcs and their counts
_HEAD: Final = 80
_ROW: Final = 21
_GAP: Final = 4
_PAD: Final = 5  # of a band, above and below its boxes
_COST: Final = 20  # height of a band's costs
_BAR: Final = 8
_ARC: Final = 20  # px that an arc reaches beyond its box


class ColumnsPicture(NamedTuple):
    """SVG text with its size in px, and the drawing in one phrase."""

    svg: Svg
    width: int
    height: int
    alt: str


class _Place(NamedTuple):
    """A band with its place in the drawing."""

    band: Band
    top: int
    height: int


class _Canvas(NamedTuple):
    """Colours, level and costs, on which the looks of all depend."""

    palette: Palette
    level: Level
    totals: tuple[int, ...]  # multiply-adds of each net

    @property
    def width(self) -> int:
        return _LEFT + len(self.totals) * (_COLUMN + _BESIDE)

    @property
    def has_costs(self) -> bool:
        """Whether each band has its costs in words."""
        return self.level is Level.STAGE

    def left(self, column: int) -> int:
        return _LEFT + column * (_COLUMN + _BESIDE)

    def boxes(self, item: Item) -> tuple[str, ...]:
        """Returns the words of an item's boxes: of one, or of one for each layer."""
        if self.level is Level.LAYER and item.times == 1:
            return item.lines
        words = " · ".join(item.lines)
        if item.times == 1:
            return (words,)
        return (f"{item.times} × ({words})" if len(item.lines) > 1 else f"{item.times} × {words}",)

    def height(self, items: Sequence[Item]) -> int:
        """Returns the height of a column's boxes in a band."""
        return sum(len(self.boxes(item)) * (_ROW + _GAP) for item in items) - _GAP if items else 0


def draw_columns(analyses: Sequence[Analysis], level: Level, mode: Mode) -> ColumnsPicture:
    """Returns nets side by side, their rows aligned by output size.

    Args:
        analyses: the nets, from left to right.
        level: a box for equal blocks of a size, for each block, or for each convolution.
        mode: light or dark.
    """
    canvas = _Canvas(PALETTES[mode], level, tuple(analysis.totals.macs for analysis in analyses))
    places, top = [], _HEAD
    for band in bands(analyses, level):
        height = max(map(canvas.height, band.columns)) + 2 * _PAD + _COST * canvas.has_costs
        places.append(_Place(band, top, height))
        top += height
    names = ", ".join(title(analysis.plan.spec) for analysis in analyses)
    alt = _("{nets} in columns, rows aligned by output size").format(nets=names)
    columns = range(len(analyses))
    inside = [
        *(part for number, place in enumerate(places) for part in _ground(canvas, place, is_shaded=number % 2 == 0)),
        *(part for column in columns for part in _spine(canvas, places, column)),
        *(part for column in columns for part in _head(canvas, analyses[column], column)),
        *(part for place in places for column in columns for part in _cell(canvas, place, column)),
    ]
    look = {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {canvas.width} {top + 4}", "width": canvas.width,
        "height": top + 4, "role": "img", "aria-label": alt,
        "font-family": "Inter, Helvetica, Arial, sans-serif", "font-size": _FONT,
    }  # fmt: skip
    return ColumnsPicture(element("svg", inside, look), canvas.width, top + 4, alt)


def _ground(canvas: _Canvas, place: _Place, *, is_shaded: bool) -> Iterator[Svg]:
    """Yields the area of a band and the size of its outputs; above the first one the word for it."""
    data = canvas.palette[Role.DATA]
    area = {"x": 0, "y": place.top, "width": canvas.width, "height": place.height, "rx": 6}
    yield element("rect", (), {**area, "fill": data.fill, "fill-opacity": 0.32 if is_shaded else 0, "class": "band"})
    words = {"x": 10, "y": place.top + _PAD + 16, "fill": data.text, "font-weight": 650, "class": "size"}
    yield element("text", sides_text(place.band.sides), words)
    if place.top == _HEAD:
        heading = {"x": 10, "y": 63, "fill": data.text, "font-size": _SMALL}
        yield element("text", _("output, px"), heading)


def _spine(canvas: _Canvas, places: Sequence[_Place], column: int) -> Iterator[Svg]:
    """Yields the line of the signal behind the boxes of a column."""
    held = [place for place in places if place.band.columns[column]]
    x = canvas.left(column) + _COLUMN / 2
    costs = _COST * canvas.has_costs
    start, end = held[0].top + _PAD + costs, held[-1].top + _PAD + costs + canvas.height(held[-1].band.columns[column])
    look = {"stroke": canvas.palette[Role.DATA].line, "stroke-width": 1.6, "class": "spine"}
    yield element("line", (), {"x1": x, "x2": x, "y1": start, "y2": end, **look})


def _head(canvas: _Canvas, analysis: Analysis, column: int) -> Iterator[Svg]:
    """Yields the name of a net, its costs, and a bar of its multiply-adds as a share of the largest."""
    data, branch, x = canvas.palette[Role.DATA], canvas.palette[Role.BRANCH], canvas.left(column)
    totals = analysis.totals
    costs = _("{macs} MACs · {params} params").format(macs=short_count(totals.macs), params=short_count(totals.params))
    middle = x + _COLUMN / 2
    yield text_in(title(analysis.plan.spec), middle, 20, _COLUMN + _BESIDE, 19, fill=data.text, **{"font-weight": 700})
    yield text_in(costs, middle, 42, _COLUMN + _BESIDE, _FONT, fill=data.text)
    bar, longest = {"x": x, "y": 54, "height": _BAR, "rx": 3}, _COLUMN - _SMALL  # beside it "100.0 %" has its room
    yield element("rect", (), {**bar, "width": longest, "fill": data.fill})
    share = longest * totals.macs / max(canvas.totals)
    yield element("rect", (), {**bar, "width": share, "fill": branch.line, "class": "share"})
    words = {"x": x + longest + 6, "y": 63, "fill": data.text, "font-size": _SMALL, "class": "percent"}
    yield element("text", _percent(totals.macs, canvas.totals[0]), words)


def _cell(canvas: _Canvas, place: _Place, column: int) -> Iterator[Svg]:
    """Yields the boxes of one net in a band, and above them their costs."""
    items, y = place.band.columns[column], place.top + _PAD
    if items and canvas.has_costs:
        yield from _cost(canvas, items, column, y + 12)
    y += _COST * canvas.has_costs
    for item in items:
        yield _item(canvas, item, canvas.left(column), y)
        y += canvas.height([item]) + _GAP


def _cost(canvas: _Canvas, items: Sequence[Item], column: int, y: int) -> Iterator[Svg]:
    """Yields the multiply-adds of a band's items, and right of the line of the signal their share of the net's."""
    _params, macs = sums(items)
    middle = canvas.left(column) + _COLUMN / 2
    look = {"y": y, "fill": canvas.palette[Role.DATA].text, "font-size": _SMALL, "class": "cost"}
    if macs:
        words = _("{n} MACs").format(n=short_count(macs))
        yield element("text", words, {**look, "x": middle - 8, "text-anchor": "end"})
        yield element("text", _percent(macs, canvas.totals[column]), {**look, "x": middle + 8})


def _item(canvas: _Canvas, item: Item, x: int, y: int) -> Svg:
    """Returns the boxes of an item with its shortcut; hovering them shows its costs."""
    paint, ink = canvas.palette[item.role], canvas.palette[Role.DATA].text
    parts = [element("title", _tip(item), {})]
    for number, words in enumerate(canvas.boxes(item)):
        top = y + number * (_ROW + _GAP)
        box = {"x": x, "y": top, "width": _COLUMN, "height": _ROW, "rx": 5}
        parts.append(element("rect", (), {**box, "fill": paint.fill, "stroke": paint.line, "stroke-width": 1.4}))
        parts.append(text_in(words, x + _COLUMN / 2, top + 15.5, _COLUMN - 12, _FONT, fill=ink))
    if item.shortcut:
        parts += _arc(canvas, item, x + _COLUMN, y)
    return element("g", parts, {"class": "item"})


def _arc(canvas: _Canvas, item: Item, x: int, y: int) -> Iterator[Svg]:
    """Yields the shortcut from above an item's first box to below its last, and how often it is there."""
    paint = canvas.palette[Role.SHORTCUT]
    top, bottom = y + 3, y + canvas.height([item]) - 3
    reach = x + _ARC * 4 / 3  # where the control points of a curve lie that bulges by `_ARC`
    look = {"fill": "none", "stroke": paint.line, "stroke-width": 2.2, "class": "shortcut"}
    dashes = {"stroke-dasharray": "5 3"} if item.is_dashed else {}
    yield element("path", (), {"d": f"M{x} {top} C{reach} {top} {reach} {bottom} {x + 3} {bottom}", **look, **dashes})
    tip = f"M{x} {bottom} l8 -4 v8 z"
    yield element("path", (), {"d": tip, "fill": paint.line})
    if item.times > 1:
        words = {"x": x + _ARC + 6, "y": (top + bottom) / 2 + 5, "fill": paint.text, "font-size": _SMALL}
        yield element("text", f"× {item.times}", {**words, "class": "count"})


def _tip(item: Item) -> str:
    """Returns layers, size, shortcut and exact costs of an item."""
    layers = ngettext("{n} block", "{n} blocks", item.times).format(n=item.times) + ": " if item.times > 1 else ""
    lines = [layers + " · ".join(item.lines), _("output {size} px").format(size=sides_text(item.sides))]
    if item.shortcut:
        lines.append(_("shortcut: {kind}").format(kind=item.shortcut))
    lines.append(_("{n} params").format(n=exact(item.params)))
    lines.append(_("{n} MACs").format(n=exact(item.macs)))
    return "\n".join(lines)


def _percent(part: int, whole: int) -> str:
    percent = 100 * part / whole
    return f"{percent:.1f} %" if percent >= 1 else f"{percent:.2g} %"
