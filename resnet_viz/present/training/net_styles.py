"""Styles of nets in all charts, and curves of runs as ECharts options for the start page and for compared runs.

Plotly removes a chart from the page and inserts it again at every change of its data, so it is for static charts. The
lab has a component of its own (see `race_data`).
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final, NamedTuple

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.plan.names import is_on_main_path
from resnet_viz.present.theme import PALETTES, Mode, mix_colors
from resnet_viz.runs.run import Curve
from resnet_viz.spec.enums import Order
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import run_titles
from resnet_viz.training.records import Step

ChartOptions = dict[str, Any]
SMOOTHED_STEPS: Final = 20
_ORDERS: Final = (Role.SHORTCUT, Role.NORM, Role.POOL, Role.ACT, Role.CONV)
_PAGE: Final = {Mode.LIGHT: "#FFFFFF", Mode.DARK: "#0F1420"}
_PALEST: Final = {Mode.LIGHT: 0.45, Mode.DARK: 0.6}  # share of the colour in the shallowest net


class NetStyle(NamedTuple):
    """Colour, dash and title of one net in every chart."""

    color: str
    dash: str
    title: str


def style_nets(specs: Sequence[NetSpec], mode: Mode, *, titles: Mapping[str, str] | None = None) -> dict[str, NetStyle]:
    """Returns the style of each net by label: plain nets blue (branch alone), residual ones vermillion (shortcut).

    Deeper nets have the stronger colour. Residual nets of several activation orders have a colour per order; orders
    other than the original are dashed in charts whose dashes do not mean training.

    Args:
        specs: the nets.
        mode: light or dark.
        titles: of the nets by label, in their order; those of a run of these nets if None.
    """
    titles = titles or run_titles(specs)
    orders = list(dict.fromkeys(spec.order for spec in specs if not spec.is_plain))
    styles = {}
    for number, order in enumerate([None, *orders]):
        role = Role.BRANCH if order is None else _ORDERS[(number - 1) % len(_ORDERS)]
        family = [
            (spec, label)
            for spec, label in zip(specs, titles, strict=True)
            if (None if spec.is_plain else spec.order) is order
        ]
        family.sort(key=lambda net: (net[0].depth, net[0].widths))
        for place, (spec, label) in enumerate(family):
            part = 1.0 if len(family) == 1 else place / (len(family) - 1)
            strength = _PALEST[mode] + (1.0 - _PALEST[mode]) * part
            color = mix_colors(PALETTES[mode][role].line, _PAGE[mode], strength)
            styles[label] = NetStyle(color, "solid" if spec.order is Order.ORIGINAL else "dashed", titles[label])
    return {label: styles[label] for label in titles}


def loss_chart(curves: Sequence[Curve], styles: Mapping[str, NetStyle], num_steps: int) -> ChartOptions:
    """Returns the training loss by step, smoothed over SMOOTHED_STEPS steps, with the raw values faint behind it."""
    series = []
    for curve in curves:
        style = styles[curve.net]
        raw = [[step, _finite(loss)] for step, loss in zip(curve.steps, curve.loss, strict=True)]
        series.append(_line(_smoothed(curve.steps, curve.loss), style))
        series.append(_line(raw, style, opacity=0.18, width=1))
    options = _layout(_("training loss, nats"), num_steps, styles)
    options["yAxis"] |= {"min": 0}
    return options | {"series": series}


def test_error_chart(curves: Sequence[Curve], styles: Mapping[str, NetStyle], num_steps: int) -> ChartOptions:
    """Returns the test error by step, a dot for each evaluation."""
    series = []
    for curve in curves:
        tests = zip(curve.test_steps, curve.test_accuracy, strict=True)
        errors = [[step, 1 - share] for step, share in tests if isfinite(share)]
        dots = {"showSymbol": True, "symbolSize": 6, "symbol": "circle"}
        series.append(_line(errors, styles[curve.net]) | dots)
    options = _layout(_("test error"), num_steps, styles)
    options["yAxis"] |= {"min": 0, "max": 1}
    return options | {"series": series}


def gradient_chart(probes: Sequence[Step], styles: Mapping[str, NetStyle]) -> ChartOptions:
    """Returns the norm of each convolution's weight gradient by depth, at the newest probed step of each net.

    Projections are not on the main path and are left out. Norms of zero or beyond float64 leave a gap on the log axis.
    """
    series, longest = [], 1
    for probe in probes:
        norms = [(name, norm) for name, norm in probe.grad_norm.items() if is_on_main_path(name)]
        longest = max(longest, len(norms))
        points = [
            {"value": [place, norm if isfinite(norm) and norm > 0 else None], "name": name}
            for place, (name, norm) in enumerate(norms, start=1)
        ]
        series.append(_line(points, styles[probe.net]) | {"showSymbol": True, "symbolSize": 4})
    shown = ", ".join(sorted({str(probe.step) for probe in probes}, key=int))
    name = (
        _("weight-gradient norm by depth, step {steps}").format(steps=shown)
        if probes
        else _("weight-gradient norm by depth")
    )
    options = _layout(name, longest, styles, x_name=_("convolution, from input to output"))
    options["xAxis"] |= {"min": 1}
    options["yAxis"] |= {"type": "log", "axisLabel": {"formatter": "{value}"}}
    options["tooltip"] = {"trigger": "item", "formatter": "{a}<br/>{b}<br/>{@[1]}"}
    return options | {"series": series}


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def _smoothed(steps: Sequence[int], values: Sequence[float]) -> list[list[float | None]]:
    """Returns the mean over the last SMOOTHED_STEPS steps; a mean that is not finite leaves a gap."""
    points: list[list[float | None]] = []
    first = 0
    for index, step in enumerate(steps):
        while steps[first] <= step - SMOOTHED_STEPS:
            first += 1
        window = values[first : index + 1]
        points.append([step, _finite(sum(window) / len(window))])
    return points


def _line(data: Sequence[Any], style: NetStyle, *, opacity: float = 1.0, width: float = 2.5) -> ChartOptions:
    return {
        "name": style.title,
        "type": "line",
        "data": list(data),
        "showSymbol": False,
        "animation": False,
        "lineStyle": {"color": style.color, "type": style.dash, "opacity": opacity, "width": width},
        "itemStyle": {"color": style.color},
        "emphasis": {"disabled": True},
    }


def _layout(name: str, longest: int, styles: Mapping[str, NetStyle], *, x_name: str | None = None) -> ChartOptions:
    nets = [style.title for style in styles.values()]
    return {
        "animation": False,
        "title": {"text": name, "left": 0, "top": 4, "textStyle": {"fontSize": 15, "fontWeight": 600}},
        "grid": {"left": 8, "right": 18, "top": 40, "bottom": 92, "containLabel": True},
        "legend": {"data": nets, "left": "center", "bottom": 0, "icon": "roundRect", "itemHeight": 3, "itemWidth": 22},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.3f", "confine": True},
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": longest,
            "name": x_name or _("step"),
            "nameLocation": "middle",
            "nameGap": 26,
            "splitLine": {"show": False},
        },
        "yAxis": {"type": "value"},
    }
