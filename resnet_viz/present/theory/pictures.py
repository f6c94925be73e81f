"""Pictures of the instruments on their cards, each drawn from numbers: computed here, or measured by the instrument.

Measured numbers are those of the instrument's own default state, seed 0; its page computes them anew.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from math import comb, log10
from typing import Final

import numpy as np

from resnet_viz.graph.roles import Role
from resnet_viz.present.blocks.svg import Svg, element
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.theory.small_charts import (
    HEIGHT,
    WIDTH,
    Bar,
    Line,
    bar_chart,
    dot,
    line_chart,
    picture,
)
from resnet_viz.theory.function_classes import Target, best_constants, target_value

_PLAIN: Final = Role.BRANCH
_RESIDUAL: Final = Role.SHORTCUT


def _functions(mode: Mode) -> str:
    """Returns a target and its nearest function of five pieces."""
    means = best_constants(Target.SINE, 5)
    x = [place / 5 + end for place in range(5) for end in (0, 0.1999)]
    y = [mean for mean in means for _end in (0, 1)]
    places = np.linspace(0, 1, 81).tolist()
    target = Line([target_value(Target.SINE, place) for place in places], Role.DATA, places)
    return line_chart((target, Line(y, _RESIDUAL, x)), mode)


_OLD: Final = 3  # blocks of a stage before it grows to nine


def _construction(mode: Mode) -> str:
    """Returns a stage of three blocks grown to nine: new ones are only a line."""
    palette = PALETTES[mode]
    y, pitch = HEIGHT / 2, WIDTH / 10
    shortcut = {"stroke": palette[_RESIDUAL].line, "stroke-width": 3.5}
    parts = [element("line", (), {"x1": 10, "x2": WIDTH - 10, "y1": y + 26, "y2": y + 26, **shortcut})]
    for number in range(9):
        is_old = number < _OLD
        paint = palette[Role.BRANCH if is_old else Role.DATA]
        at = {"x": (number + 0.62) * pitch, "y": y - 34, "width": 0.76 * pitch, "height": 42, "rx": 5}
        look = {"fill": paint.fill if is_old else "none", "stroke": paint.line, "stroke-width": 2.2}
        parts.append(element("rect", (), {**at, **look, **({} if is_old else {"stroke-dasharray": "3 4"})}))
        parts.append(dot((number + 1) * pitch, y + 26, 5, _RESIDUAL, mode))
    return picture(parts)


# loss after 200 steps of 1, 3 and 9 blocks, plain and residual (instrument "nothing")
_NOTHING: Final = ((0.041, 0.0009), (0.070, 0.009), (0.13, 0.057))


def _nothing(mode: Mode) -> str:
    roles = (_PLAIN, _RESIDUAL)
    pairs = [[Bar(log10(loss) + 3.3, role) for loss, role in zip(pair, roles, strict=True)] for pair in _NOTHING]
    return bar_chart(pairs, mode)


def _layers(mode: Mode) -> str:
    """Returns the two layers with two units each, and the shortcut above them."""
    palette = PALETTES[mode]
    columns, rows = (50, 140, 230), (66, 116)
    parts: list[Svg] = []
    for start, end in pairwise(columns):
        for above in rows:
            for below in rows:
                look = {"stroke": palette[Role.BRANCH].line, "stroke-width": 2, "opacity": 0.8}
                parts.append(element("line", (), {"x1": start, "y1": above, "x2": end, "y2": below, **look}))
    arc = {"d": f"M{columns[0]} {rows[0]} C 90 2, 190 2, {columns[-1]} {rows[0]}", "fill": "none"}
    parts.append(element("path", (), {**arc, "stroke": palette[_RESIDUAL].line, "stroke-width": 4}))
    parts += [dot(x, y, 12, Role.DATA if x == columns[0] else Role.ACT, mode) for x in columns for y in rows]
    return picture(parts)


# training loss, mean of the last 50 of 400 steps (instrument "depth"; recipe degradation)
_DEPTHS: Final = (8, 14, 20, 32, 44, 56)
_DEPTH_PLAIN: Final = (0.494, 0.527, 0.601, 0.810, 1.27, 1.46)
_DEPTH_RESIDUAL: Final = (0.472, 0.445, 0.426, 0.448, 0.486, 0.435)


def _depth(mode: Mode) -> str:
    pairs = ((_DEPTH_PLAIN, _PLAIN), (_DEPTH_RESIDUAL, _RESIDUAL))
    return line_chart([Line(loss, role, _DEPTHS, has_dots=True) for loss, role in pairs], mode, low=0.3)


def _sum(mode: Mode) -> str:
    """Returns the shortcut of six blocks as a line, the branches as arcs over it."""
    palette, y = PALETTES[mode], 102
    look = {"stroke": palette[_RESIDUAL].line, "stroke-width": 4}
    parts = [element("line", (), {"x1": 14, "x2": WIDTH - 14, "y1": y, "y2": y, **look})]
    for number in range(6):
        left = 20 + number * 40
        arc = {"d": f"M{left} {y} C {left} {y - 66}, {left + 36} {y - 66}, {left + 36} {y}", "fill": "none"}
        parts.append(element("path", (), {**arc, "stroke": palette[Role.BRANCH].line, "stroke-width": 3}))
        parts.append(_plus(left + 36, y, mode))
    return picture(parts)


def _plus(x: float, y: float, mode: Mode) -> Svg:
    paint = PALETTES[mode][_RESIDUAL]
    cross = {"d": f"M{x - 5} {y} H{x + 5} M{x} {y - 5} V{y + 5}", "stroke": paint.text, "stroke-width": 2}
    ring = {"cx": x, "cy": y, "r": 8.5, "fill": paint.fill, "stroke": paint.line, "stroke-width": 2}
    return element("g", [element("circle", (), ring), element("path", (), cross)], {})


def _lambda(mode: Mode) -> str:
    """Returns powers of 0.5 to 2, logarithmic, over 54 blocks."""
    lines = [
        Line([n * log10(value) for n in range(55)], role, is_dashed=value == 1)
        for value, role in ((0.5, _PLAIN), (0.8, _PLAIN), (1.0, Role.DATA), (1.1, _RESIDUAL), (2.0, _RESIDUAL))
    ]
    return line_chart(lines, mode)


def _binomial(n: int, share: float) -> list[float]:
    return [comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]


def _paths(mode: Mode) -> str:
    """Returns lengths of the paths through 54 blocks, and how much of the gradient each has, if a block passes 0.25."""
    weighted = Line(_binomial(54, 0.25 / 1.25), _RESIDUAL)
    return line_chart((Line(_binomial(54, 0.5), Role.DATA, is_dashed=True), weighted), mode)


# accuracy after deleting each block that keeps the shape, plain-20 and ResNet-20 (instrument "lesions")
_LESIONS_PLAIN: Final = (0.169, 0.135, 0.120, 0.092, 0.083, 0.030, 0.205)
_LESIONS_RESIDUAL: Final = (0.274, 0.819, 0.885, 0.729, 0.875, 0.891, 0.734, 0.858, 0.879)


def _lesions(mode: Mode) -> str:
    groups = ([Bar(v, _PLAIN) for v in _LESIONS_PLAIN], [Bar(v, _RESIDUAL) for v in _LESIONS_RESIDUAL])
    return bar_chart(groups, mode, high=1.0)


_ORDERS: Final = (3.9, 0.24, 12.1, 0.0, 0.0)  # mean output after 30 units, orders a to e (instrument "orders")


def _orders(mode: Mode) -> str:
    return bar_chart([[Bar(mean, Role.ACT)] for mean in _ORDERS], mode)


# accuracy of ResNet-56's head behind each of the last 11 of 28 points, all later branches deleted (instrument "exits")
_EXITS: Final = (0.101, 0.101, 0.127, 0.156, 0.230, 0.320, 0.645, 0.839, 0.905, 0.912, 0.922)


def _exits(mode: Mode) -> str:
    return line_chart((Line((0.1,) * 17 + _EXITS, _RESIDUAL, has_dots=True),), mode, low=0.0, high=1.0)


def _shattering(mode: Mode) -> str:
    """Returns white noise above brown noise, what gradients of deep plain and of residual nets look like."""
    steps = np.random.default_rng(0).standard_normal(90)
    walk = np.cumsum(steps)
    white, brown = steps / np.abs(steps).max(), walk / np.abs(walk).max()
    return line_chart((Line((white + 1.2).tolist(), _PLAIN), Line((brown - 1.2).tolist(), _RESIDUAL)), mode)


def _tables(mode: Mode) -> str:
    """Returns the effective receptive field of 5 to 40 layers, a Gaussian of variance 2n/3."""
    x = np.linspace(-12, 12, 81)
    lines = [
        Line(np.exp(-(x**2) / (4 * n / 3)).tolist(), role, x.tolist())
        for n, role in ((5, Role.CONV), (10, Role.NORM), (20, Role.ACT), (40, Role.POOL))
    ]
    return line_chart(lines, mode)


PICTURES: Final[Mapping[str, Callable[[Mode], str]]] = {
    "functions": _functions,
    "construction": _construction,
    "nothing": _nothing,
    "layers": _layers,
    "depth": _depth,
    "sum": _sum,
    "lambda": _lambda,
    "paths": _paths,
    "lesions": _lesions,
    "orders": _orders,
    "exits": _exits,
    "shattering": _shattering,
    "tables": _tables,
}
