"""Drawing, message and rows of two layers with and without a shortcut: every vector at its place in the net."""

from collections.abc import Iterator
from typing import Final

from resnet_viz.graph.roles import Palette, Role
from resnet_viz.i18n import _
from resnet_viz.present.blocks.svg import Svg, element, text_in
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.theory.layers import W1, W2, ZERO, Pair, TwoLayers

WIDTH: Final = 1000
HEIGHT: Final = 515
_LEFT: Final = 60
_COLUMNS: Final = {"a": _LEFT, "z1": 255, "a1": 385, "z2": 580, "added": 745, "out": 890}
_UNITS: Final = (185, 275)  # heights of the two units
_PLAIN_UNITS: Final = (372, 444)
_RADIUS: Final = 31
_NUMBER_PX: Final = 20
_NAME_PX: Final = 19
_WEIGHT_PX: Final = 15


def vector_text(vector: Pair) -> str:
    """Returns a vector as text: (1, −2.5)."""
    return "(" + ", ".join(number_text(value) for value in vector) + ")"


def number_text(value: float) -> str:
    """Returns a number with a real minus sign and no zeros behind the point."""
    return f"{round(value, 4):g}".replace("-", "−")


def layers_text(found: TwoLayers, *, is_second_zero: bool) -> str:
    """Returns what both nets put out, and whether the input is still there."""
    plain, residual, a = map(vector_text, (found.plain, found.residual, found.a))
    if not is_second_zero:
        text = _("F(a) = {branch}. The plain net puts out g(F) = {plain}, the residual one g(F + a) = {residual}.")
        return text.format(branch=vector_text(found.z2), plain=plain, residual=residual)
    text = _("With W2 = 0 the plain net puts out {plain} for every input; the residual net puts out {residual}").format(
        plain=plain, residual=residual
    )
    if found.residual == found.a:
        return text + _(" = a: it does nothing, without having learnt anything.")
    return text + _(", which is g(a), not a = {a}: the ReLU behind the addition cuts what is negative.").format(a=a)


def vector_rows(found: TwoLayers) -> Rows:
    """Returns a row per vector on the way."""
    named = (
        ("a", found.a),
        ("z1 = W1 a + b1", found.z1),
        ("a1 = g(z1)", found.a1),
        ("z2 = W2 a1 + b2 = F(a)", found.z2),
        (_("plain: g(z2)"), found.plain),
        ("z2 + a", found.added),
        (_("residual: g(z2 + a)"), found.residual),
    )
    return [{_("vector"): name, _("first"): one, _("second"): two} for name, (one, two) in named]


def draw_layers(found: TwoLayers, mode: Mode, *, is_second_zero: bool) -> str:
    """Returns the drawing as SVG text: from left to right, the residual net's end above that of the plain one."""
    palette = PALETTES[mode]
    parts = [
        *_weights("a", "z1", W1, palette),
        *_straight("z1", "a1", palette),
        *_weights("a1", "z2", ZERO if is_second_zero else W2, palette),
        *_straight("z2", "added", palette),
        *_straight("added", "out", palette),
        *_to_plain(palette),
        *_shortcut(palette),
        *_units("a", "a", found.a, Role.DATA, palette),
        *_units("z1", "z₁ = W₁a + b₁", found.z1, Role.CONV, palette),
        *_units("a1", "a₁ = g(z₁)", found.a1, Role.ACT, palette),
        *_units("z2", "z₂ = W₂a₁ = F(a)", found.z2, Role.BRANCH, palette),
        *_units("added", "z₂ + a", found.added, Role.SHORTCUT, palette),
        *_units("out", _("residual: g(z₂ + a)"), found.residual, Role.SHORTCUT, palette),
        *_units("out", _("plain: g(z₂)"), found.plain, Role.BRANCH, palette, _PLAIN_UNITS),
    ]
    look = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "xmlns": "http://www.w3.org/2000/svg", "role": "img"}
    return element("svg", parts, look)


def _units(
    column: str, name: str, values: Pair, role: Role, palette: Palette, heights: tuple[int, int] = _UNITS
) -> Iterator[Svg]:
    x, paint = _COLUMNS[column], palette[role]
    above = heights is _UNITS
    y = heights[0] - _RADIUS - 16 if above else heights[1] + _RADIUS + 24
    yield text_in(name, x, y, 2 * (WIDTH - x), _NAME_PX, fill=paint.text, **{"font-weight": 600})
    for height, value in zip(heights, values, strict=True):
        circle = {"cx": x, "cy": height, "r": _RADIUS, "fill": paint.fill, "stroke": paint.line, "stroke-width": 2.5}
        shown = text_in(
            number_text(value), x, height + 7, 1.7 * _RADIUS, _NUMBER_PX, fill=palette[Role.DATA].text,
            **{"font-weight": 650},
        )  # fmt: skip
        yield element("g", [element("circle", (), circle), shown], {"class": "unit", "data-vector": column})


def _weights(start: str, end: str, weights: tuple[tuple[float, float], ...], palette: Palette) -> Iterator[Svg]:
    """Yields a line per weight, as thick as the weight, dashed where it is negative, with its number."""
    left, right = _COLUMNS[start] + _RADIUS, _COLUMNS[end] - _RADIUS
    for to, row in zip(_UNITS, weights, strict=True):
        for origin, weight in zip(_UNITS, row, strict=True):
            look = {"stroke": palette[Role.CONV].line, "stroke-width": 1 + 2.5 * abs(weight)}
            dashes = {"stroke-dasharray": "7 6"} if weight < 0 else {"opacity": 0.35} if weight == 0 else {}
            yield element("line", (), {"x1": left, "y1": origin, "x2": right, "y2": to, **look, **dashes})
            share = 0.5 if origin == to else 0.27
            x, y = left + share * (right - left), origin + share * (to - origin) - 7
            yield text_in(number_text(weight), x, y, 60, _WEIGHT_PX, fill=palette[Role.CONV].text)


def _straight(start: str, end: str, palette: Palette) -> Iterator[Svg]:
    for y in _UNITS:
        line = {"x1": _COLUMNS[start] + _RADIUS, "x2": _COLUMNS[end] - _RADIUS, "y1": y, "y2": y}
        yield element("line", (), {**line, "stroke": palette[Role.DATA].line, "stroke-width": 2})


def _to_plain(palette: Palette) -> Iterator[Svg]:
    x, right = _COLUMNS["z2"] + 0.7 * _RADIUS, _COLUMNS["out"] - _RADIUS
    for start, end in zip(_UNITS, _PLAIN_UNITS, strict=True):
        path = {"d": f"M{x} {start + 0.7 * _RADIUS} C {x + 70} {end}, {x + 90} {end}, {right} {end}", "fill": "none"}
        yield element("path", (), {**path, "stroke": palette[Role.BRANCH].line, "stroke-width": 2, "opacity": 0.7})


def _shortcut(palette: Palette) -> Iterator[Svg]:
    """Yields the shortcut as an arc over both layers, from a to the addition in front of g."""
    x, end = _COLUMNS["a"], _COLUMNS["added"]
    top = 34
    left = f"M{x} 118 C {x} {top}, {x + 40} {top}, {x + 120} {top}"
    right = f"L {end - 120} {top} C {end - 40} {top}, {end} {top}, {end} 118"
    yield element(
        "path", (), {"d": f"{left} {right}", "fill": "none", "stroke": palette[Role.SHORTCUT].line, "stroke-width": 4.5}
    )
    words = _("shortcut: a, over two weight layers")
    yield text_in(words, (x + end) / 2, top - 10, 520, _NAME_PX, fill=palette[Role.SHORTCUT].text)
