"""Loss against depth as a chart: a line per architecture through the means of the seeds, and a band over all seeds."""

from collections.abc import Collection, Mapping, Sequence
from math import ceil, floor, isfinite, log2
from statistics import fmean
from typing import Final, NamedTuple

from resnet_viz.i18n import _
from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.line_options import Axes, ChartOptions, band, chart, dots, end_named, line, with_marks
from resnet_viz.present.training.net_styles import style_nets
from resnet_viz.present.training.results import LAST_STEPS, nets_by_architecture
from resnet_viz.present.training.seeds import CurvesBySeed, comparable_losses
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import title

MIN_DEPTHS: Final = 3  # two are a pair, which a message compares
_MARGIN_PX: Final = 84
_CLOSE: Final = 1.15  # ratio of two losses whose texts would touch at the ends of their lines
_SHIFT_PX: Final = 8


class DepthCurve(NamedTuple):
    """Losses of one architecture.

    Attributes:
        name: in the legend.
        color: as #RRGGBB.
        losses: by depth, ascending, a loss for each seed.
    """

    name: str
    color: str
    losses: Mapping[int, Sequence[float]]


def depth_curves(specs: Sequence[NetSpec], by_seed: CurvesBySeed, mode: Mode) -> list[DepthCurve]:
    """Returns the curve of each architecture that is trained at MIN_DEPTHS depths or more.

    Args:
        specs: the nets.
        by_seed: their curves; the loss is that of the newest steps.
        mode: light or dark.
    """
    losses = [comparable_losses(curves) for curves in by_seed.values()]
    styles = style_nets(specs, mode)
    found = []
    for nets in nets_by_architecture(specs, {label for own in losses for label in own}):
        if len(nets) >= MIN_DEPTHS:
            label, deepest = nets[-1]
            by_depth = {spec.depth: [own[net] for own in losses if net in own] for net, spec in nets}
            found.append(DepthCurve(family_title(deepest), styles[label].color, by_depth))
    return found


def family_title(spec: NetSpec) -> str:
    """Returns the title of a net without its depth: "plain", "ResNet, zero init"."""
    return title(spec).replace(f"-{spec.depth}", "", 1)


def depth_chart(
    curves: Sequence[DepthCurve], *, axes: Axes | None = None, marked: Collection[int] = ()
) -> ChartOptions:
    """Returns the loss over depth.

    Args:
        curves: of the architectures.
        axes: logarithmic ones that hold all losses if None.
        marked: depths with large marks.
    """
    axes = axes or depth_axes(curves)
    ends = [fmean(list(curve.losses.values())[-1]) for curve in curves]
    series = []
    for curve, end in zip(curves, ends, strict=True):
        rows = [(depth, min(losses), max(losses)) for depth, losses in curve.losses.items() if _are_drawn(losses)]
        if any(len(losses) > 1 for losses in curve.losses.values()):
            series += band(curve.name, rows, curve.color)
        means = [(float(depth), fmean(losses)) for depth, losses in curve.losses.items()]
        drawn = end_named(dots(line(curve.name, means, curve.color, axes=axes)), f"{end:.2f}" if isfinite(end) else "")
        drawn["endLabel"]["offset"] = [0, _shift(end, ends)]
        series.append(with_marks(drawn, [point for point in means if point[0] in marked], axes=axes))
    return chart(series, axes=axes, right_px=_MARGIN_PX)


def _shift(end: float, ends: Sequence[float]) -> int:
    """Returns the px by which the text at the end of a line goes down, or up, so that it does not touch another's."""
    others = [other for other in ends if end < other < end * _CLOSE or other < end < other * _CLOSE]
    return _SHIFT_PX * (sum(end < other for other in others) - sum(end > other for other in others))


def depth_axes(curves: Sequence[DepthCurve]) -> Axes:
    """Returns logarithmic axes whose ends are powers of two: they keep their place while losses fall."""
    losses = [loss for curve in curves for own in curve.losses.values() for loss in own if _are_drawn([loss])]
    low, high = (floor(log2(min(losses))), ceil(log2(max(losses)))) if losses else (0, 1)
    return Axes(
        x=_("layers"),
        y=_("training loss, last {n} steps, nats").format(n=LAST_STEPS),
        is_doubling=True,
        y_ends=(2.0**low, 2.0 ** max(high, low + 1)),
    )


def depth_alt(curves: Sequence[DepthCurve]) -> str:
    """Returns the chart in words: the mean loss at each depth."""
    return "; ".join(
        _("{name}: {losses}").format(
            name=curve.name,
            losses=", ".join(
                _("{loss:.2f} at {depth} layers").format(loss=fmean(losses), depth=depth)
                for depth, losses in curve.losses.items()
            ),
        )
        for curve in curves
    )


def _are_drawn(losses: Sequence[float]) -> bool:
    return all(isfinite(loss) and loss > 0 for loss in losses)
