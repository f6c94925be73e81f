"""Learning to do nothing on the page: losses of plain and residual blocks by step, and their ratio in words."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.line_options import Axes, ChartOptions, chart, end_named, kind_color, line
from resnet_viz.present.theory.numbers import short
from resnet_viz.theory.identity_task import STEPS, IdentityCurve, ratios
from resnet_viz.training.lab_nets import NetType

_ENDS: Final = (1e-4, 1e1)
_MARGIN_PX: Final = 84


def kind_name(kind: NetType) -> str:
    """Returns the name of plain or residual blocks."""
    return _("plain") if kind is NetType.PLAIN else _("residual")


def loss_chart(curves: Sequence[IdentityCurve], mode: Mode) -> ChartOptions:
    """Returns the losses by step on an axis of powers of ten: each seed thin, the median of all seeds thick."""
    axes = Axes(
        x=_("step"),
        y=_("mean (y − x)² / variance of x"),
        is_power=True,
        x_ends=(0, STEPS),
        y_ends=_ENDS,
    )
    series = []
    for kind in NetType:
        own = [curve for curve in curves if curve.kind is kind]
        color = kind_color(kind, mode)
        series += [line("", enumerate(curve.losses), color, axes=axes, is_faint=True) for curve in own]
        middle = medians(own)
        if middle:
            series.append(
                end_named(line(kind_name(kind), enumerate(middle), color, axes=axes, width=4), short(middle[-1]))
            )
    return chart(series, axes=axes, right_px=_MARGIN_PX)


def medians(curves: Sequence[IdentityCurve]) -> list[float]:
    """Returns the median loss at each step, over the seeds that have come as far."""
    longest = max((len(curve.losses) for curve in curves), default=0)
    return [median(curve.losses[step] for curve in curves if step < len(curve.losses)) for step in range(longest)]


def identity_text(blocks: int, curves: Sequence[IdentityCurve]) -> str:
    """Returns how far both kinds are from the identity, computed from their losses; "" before the first is whole."""
    found = ratios(curves)
    if not found:
        return ""
    parts = [_count_text(blocks, list(found.values()))]
    start = _start_text(curves)
    return " ".join([*parts, start] if start else parts)


def _count_text(blocks: int, found: Sequence[float]) -> str:
    listed = ", ".join(f"{ratio:.2g}" for ratio in found)
    facts = {"blocks": blocks, "steps": STEPS, "ratios": listed, "n": len(found)}
    if min(found) > 1:
        return _(
            "After {steps} steps the plain blocks are {ratios} times as far from the identity as the residual ones "
            "(blocks: {blocks}, seeds: {n})."
        ).format(**facts)
    if max(found) < 1:
        return _(
            "After {steps} steps the residual blocks are farther from the identity than the plain ones: plain / "
            "residual {ratios} (blocks: {blocks}, seeds: {n})."
        ).format(**facts)
    return _("After {steps} steps seeds differ: plain / residual {ratios} (blocks: {blocks}).").format(**facts)


def _start_text(curves: Sequence[IdentityCurve]) -> str:
    """Returns which kind starts nearer to the identity, and when the other overtakes it for good."""
    middle = {kind: medians([curve for curve in curves if curve.kind is kind]) for kind in NetType}
    plain, residual = middle[NetType.PLAIN], middle[NetType.RESIDUAL]
    if not plain or not residual:
        return ""
    facts = {"plain": short(plain[0]), "residual": short(residual[0])}
    if residual[0] <= plain[0]:
        return _("The residual blocks start nearer to it, too: {residual} against {plain}.").format(**facts)
    behind = [step for step, (one, other) in enumerate(zip(plain, residual, strict=False)) if other >= one]
    step = behind[-1] + 1
    if step >= STEPS:
        return _("The residual blocks start worse, {residual} against {plain}, and stay so.").format(**facts)
    return _(
        "The residual blocks start worse, {residual} against {plain}, for each adds a branch of its own; from step "
        "{step} on they are ahead."
    ).format(**facts, step=step)


def identity_rows(curves: Sequence[IdentityCurve]) -> Rows:
    """Returns a row for each step: the loss of each net."""
    longest = max((len(curve.losses) for curve in curves), default=0)
    return [
        {
            _("step"): step,
            **{
                _("{kind}, seed {seed}").format(kind=kind_name(curve.kind), seed=curve.seed): curve.losses[step]
                if step < len(curve.losses)
                else None
                for curve in curves
            },
        }
        for step in range(longest)
    ]
