"""Curves of runs as ECharts options: the start page's picture and runs compared; and how a net looks in any chart.

Plotly charts are taken out of the page and put back at every change of their data, so they are for what stands still.
The lab has a component of its own (see `race_view`).
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
from resnet_viz.spec.titles import titles
from resnet_viz.training.records import Step

ChartOptions = dict[str, Any]
SMOOTHED_STEPS: Final = 20
_ORDERS: Final = (Role.SHORTCUT, Role.NORM, Role.POOL, Role.ACT, Role.CONV)
_PAGE: Final = {Mode.LIGHT: "#FFFFFF", Mode.DARK: "#0F1420"}
_PALEST: Final = {Mode.LIGHT: 0.45, Mode.DARK: 0.6}  # share of the colour in the shallowest net


class NetStyle(NamedTuple):
    """How one net is drawn in every chart: its colour and dash."""

    color: str
    dash: str


def style_nets(specs: Sequence[NetSpec], mode: Mode, *, labels: Sequence[str] | None = None) -> dict[str, NetStyle]:
    """Returns a look for each net by its label: plain nets blue (branch alone), residual ones vermillion (shortcut).

    Deeper nets have the stronger colour. Where residual nets of several orders run, each order has a colour of its
    own; orders other than the original are dashed where lines do not tell training from test.

    Args:
        specs: the nets.
        mode: light or dark.
        labels: of the nets; what they are called side by side where None.
    """
    labels = labels or titles(specs)
    orders = list(dict.fromkeys(spec.order for spec in specs if not spec.is_plain))
    looks = {}
    for number, order in enumerate([None, *orders]):
        role = Role.BRANCH if order is None else _ORDERS[(number - 1) % len(_ORDERS)]
        family = [
            (spec, label)
            for spec, label in zip(specs, labels, strict=True)
            if (None if spec.is_plain else spec.order) is order
        ]
        family.sort(key=lambda net: (net[0].depth, net[0].widths))
        for place, (spec, label) in enumerate(family):
            part = 1.0 if len(family) == 1 else place / (len(family) - 1)
            strength = _PALEST[mode] + (1.0 - _PALEST[mode]) * part
            color = mix_colors(PALETTES[mode][role].line, _PAGE[mode], strength)
            looks[label] = NetStyle(color, "solid" if spec.order is Order.ORIGINAL else "dashed")
    return {label: looks[label] for label in labels}


def loss_chart(curves: Sequence[Curve], looks: Mapping[str, NetStyle], num_steps: int) -> ChartOptions:
    """Returns training loss against step, smoothed over SMOOTHED_STEPS steps, the raw values faint behind it."""
    series = []
    for curve in curves:
        look = looks[curve.net]
        raw = [[step, _shown(loss)] for step, loss in zip(curve.steps, curve.loss, strict=True)]
        series.append(_line(curve.net, _smoothed(curve.steps, curve.loss), look))
        series.append(_line(curve.net, raw, look, opacity=0.18, width=1))
    options = _frame(_("training loss, nats"), num_steps, list(looks))
    options["yAxis"] |= {"min": 0}
    return options | {"series": series}


def test_error_chart(curves: Sequence[Curve], looks: Mapping[str, NetStyle], num_steps: int) -> ChartOptions:
    """Returns the share of the test images that each net got wrong against step, a dot for each test."""
    series = []
    for curve in curves:
        tests = zip(curve.test_steps, curve.test_accuracy, strict=True)
        errors = [[step, 1 - share] for step, share in tests if isfinite(share)]
        dots = {"showSymbol": True, "symbolSize": 6, "symbol": "circle"}
        series.append(_line(curve.net, errors, looks[curve.net]) | dots)
    options = _frame(_("test error"), num_steps, list(looks))
    options["yAxis"] |= {"min": 0, "max": 1}
    return options | {"series": series}


def gradient_chart(probes: Sequence[Step], looks: Mapping[str, NetStyle]) -> ChartOptions:
    """Returns the norm of each convolution's weight gradient against its place, at the newest probed step of each net.

    Projections stand beside the path that is counted and are left out. Norms of zero or beyond float64 have no
    place on a log axis and leave a gap.
    """
    series, longest = [], 1
    for probe in probes:
        norms = [(name, norm) for name, norm in probe.grad_norm.items() if is_on_main_path(name)]
        longest = max(longest, len(norms))
        points = [
            {"value": [place, norm if isfinite(norm) and norm > 0 else None], "name": name}
            for place, (name, norm) in enumerate(norms, start=1)
        ]
        series.append(_line(probe.net, points, looks[probe.net]) | {"showSymbol": True, "symbolSize": 4})
    shown = ", ".join(sorted({str(probe.step) for probe in probes}, key=int))
    name = _("gradient norm by depth, step {steps}").format(steps=shown) if probes else _("gradient norm by depth")
    options = _frame(name, longest, list(looks), x_name=_("convolution, from input to output"))
    options["xAxis"] |= {"min": 1}
    options["yAxis"] |= {"type": "log", "axisLabel": {"formatter": "{value}"}}
    options["tooltip"] = {"trigger": "item", "formatter": "{a}<br/>{b}<br/>{@[1]}"}
    return options | {"series": series}


def _shown(value: float) -> float | None:
    return value if isfinite(value) else None


def _smoothed(steps: Sequence[int], values: Sequence[float]) -> list[list[float | None]]:
    """Returns the mean of the values of the last SMOOTHED_STEPS steps; one that is not finite leaves a gap."""
    points: list[list[float | None]] = []
    first = 0
    for index, step in enumerate(steps):
        while steps[first] <= step - SMOOTHED_STEPS:
            first += 1
        window = values[first : index + 1]
        points.append([step, _shown(sum(window) / len(window))])
    return points


def _line(name: str, data: Sequence[Any], look: NetStyle, *, opacity: float = 1.0, width: float = 2.5) -> ChartOptions:
    return {
        "name": name,
        "type": "line",
        "data": list(data),
        "showSymbol": False,
        "animation": False,
        "lineStyle": {"color": look.color, "type": look.dash, "opacity": opacity, "width": width},
        "itemStyle": {"color": look.color},
        "emphasis": {"disabled": True},
    }


def _frame(name: str, longest: int, nets: list[str], *, x_name: str | None = None) -> ChartOptions:
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
