"""Shattered gradients on the page: the derivative along the line, its autocorrelation by lag, and both in words."""

from collections.abc import Sequence
from math import ceil
from statistics import fmean, stdev
from typing import Final

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.theory.line_options import Axes, ChartOptions, chart, dots, kind_color, level, line
from resnet_viz.present.theory.numbers import short
from resnet_viz.theory.shattering import MOST_LAG, REACH, ShatterCurve, independent_gates
from resnet_viz.theory.shattering import line as places
from resnet_viz.training.lab_nets import NetType

_SHATTERED: Final = 0.15  # correlation of neighbours below which a curve looks like noise
_SMOOTH: Final = 0.75  # above which it does not


def kind_name(kind: NetType) -> str:
    """Returns the name of a net on this page."""
    return _("feed-forward") if kind is NetType.PLAIN else _("residual")


def derivative_chart(records: Sequence[ShatterCurve], kind: NetType, mode: Mode) -> ChartOptions:
    """Returns the derivative of one net along the line, of the first seed, in standard deviations."""
    first = next((one for one in records if one.kind is kind), None)
    reach = 2.0 * ceil(max(map(abs, first.derivative)) / 2) if first else 2.0
    name = _("{net}: dy/dx, in standard deviations").format(net=kind_name(kind))
    axes = Axes(x="x", y=name, x_ends=(-REACH, REACH), y_ends=(-reach, reach), y_step=reach / 2)
    if first is None:
        return chart([], axes=axes)
    points = zip(places(), first.derivative, strict=True)
    drawn = chart([line(kind_name(kind), points, kind_color(kind, mode), axes=axes, width=1.8)], axes=axes)
    return drawn | {"legend": {"show": False}, "grid": drawn["grid"] | {"bottom": 32}}


def correlation_chart(records: Sequence[ShatterCurve], mode: Mode) -> ChartOptions:
    """Returns the autocorrelation of both nets by lag: mean of the seeds, and from least to largest as a band."""
    axes = Axes(
        x=_("lag, points of the line"),
        y=_("autocorrelation of dy/dx"),
        x_ends=(0, MOST_LAG),
        y_ends=(-0.5, 1),
        y_step=0.25,
    )
    series = []
    for kind in NetType:
        own = [one.correlations for one in records if one.kind is kind]
        if not own:
            continue
        at_lags, color = list(zip(*own, strict=True)), kind_color(kind, mode)
        series += [line("", enumerate(values), color, axes=axes, is_faint=True) for values in own]
        series.append(dots(line(kind_name(kind), enumerate(map(fmean, at_lags)), color, axes=axes), size=6))
    if series:
        series[-1] = level(series[-1], 0.0, "", axes=axes)
    return chart(series, axes=axes)


def gates_chart(layers: int, most: int, mode: Mode) -> ChartOptions:
    """Returns the correlations of independent gates over the number of layers; the chosen number is marked."""
    palette = PALETTES[mode]
    axes = Axes(x=_("layers L"), y=_("correlation, independent gates"), is_power=True, y_ends=(1e-6, 1))
    names = (_("feed-forward: 2⁻ᴸ"), _("residual: (3/4)ᴸ"), _("residual with batch norm: ∏(2l+1)/(2l+2)"))
    colors = (palette[Role.BRANCH].line, palette[Role.ACT].line, palette[Role.SHORTCUT].line)
    numbers = range(1, most + 1)
    found = zip(*(independent_gates(number) for number in numbers), strict=True)
    series = []
    for name, color, values in zip(names, colors, found, strict=True):
        drawn = line(name, zip(map(float, numbers), values, strict=True), color, axes=axes)
        point = {"coord": drawn["data"][layers - 1][:2], "symbol": "circle", "symbolSize": 12}
        mark = {"data": [point], "silent": True, "animation": False, "label": {"show": False}}
        series.append(drawn | {"markPoint": mark})
    return chart(series, axes=axes)


def neighbour_correlations(records: Sequence[ShatterCurve], kind: NetType) -> list[float]:
    """Returns the autocorrelation at lag 1 of each seed."""
    return [one.correlations[1] for one in records if one.kind is kind]


def shatter_text(records: Sequence[ShatterCurve], layers: int, *, has_norm: bool) -> str:
    """Returns the correlations of neighbouring points and whether either net shatters, computed from the records."""
    found = {kind: neighbour_correlations(records, kind) for kind in NetType}
    if not all(found.values()):
        return ""
    parts = [_("{net} {mean}").format(net=kind_name(kind), mean=_mean_text(values)) for kind, values in found.items()]
    text = _("{layers} layers, neighbouring points: autocorrelation {parts}.").format(
        layers=layers, parts=", ".join(parts)
    )
    plain, residual = fmean(found[NetType.PLAIN]), fmean(found[NetType.RESIDUAL])
    return f"{text} {_verdict(plain, residual, has_norm=has_norm)}"


def _mean_text(values: Sequence[float]) -> str:
    return f"{fmean(values):.2f}" + (f" ± {stdev(values):.2f}" if len(values) > 1 else "")


def _verdict(plain: float, residual: float, *, has_norm: bool) -> str:
    if plain < _SHATTERED <= residual:
        return _("The gradient of the feed-forward net is noise; that of the residual net still has a shape.")
    if plain < _SHATTERED and residual < _SHATTERED:
        return _("Both gradients are noise.")
    if min(plain, residual) > _SMOOTH:
        if has_norm:
            return _("Neither gradient has shattered: both change slowly along the line.")
        return _("Without batch norm neither gradient shatters at this depth: both change slowly along the line.")
    if residual > plain:
        return _("The feed-forward net loses its shape sooner than the residual one.")
    return _("The residual net is not ahead of the feed-forward one here.")


def gates_text(layers: int) -> str:
    """Returns the correlations of independent gates at a number of layers."""
    plain, residual, with_norm = map(short, independent_gates(layers))
    return _(
        "If gates were independent (Balduzzi et al. 2017), {layers} layers would leave 2⁻ᴸ = {plain} of the "
        "correlation in a feed-forward net, (3/4)ᴸ = {residual} in a residual one, and {with_norm} in a residual one "
        "with batch norm. The gates of a real net are not: neighbouring points share most of them."
    ).format(layers=layers, plain=plain, residual=residual, with_norm=with_norm)


def shatter_rows(records: Sequence[ShatterCurve]) -> Rows:
    """Returns a row for each net, seed and lag."""
    return [
        {_("net"): kind_name(one.kind), _("seed"): one.seed, _("lag"): lag, _("autocorrelation"): value}
        for one in records
        for lag, value in enumerate(one.correlations)
    ]


def derivative_rows(records: Sequence[ShatterCurve]) -> Rows:
    """Returns a row for each point of the line: the derivative of both nets, first seed."""
    first = {one.kind: one.derivative for one in reversed(records)}
    return [
        {"x": x, **{kind_name(kind): values[place] for kind, values in first.items()}}
        for place, x in enumerate(places())
    ]
