"""Walk-through of a block as HTML: every tensor as numbers and colour, and each step in words."""

import html
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from resnet_viz.blocks.walkthrough import Map, WalkStep
from resnet_viz.graph.labels import layer_label
from resnet_viz.graph.roles import Role, role_in_block
from resnet_viz.i18n import N_, _
from resnet_viz.plan.ops import (
    Add,
    BatchNorm,
    Complement,
    Conv,
    Dropout,
    Multiply,
    ReLU,
    Scale,
    Sigmoid,
)
from resnet_viz.plan.plan import Section
from resnet_viz.present.theme import PALETTES, Mode, mix_colors

_BACKGROUND: Final = {Mode.LIGHT: "#FFFFFF", Mode.DARK: "#0F1420"}
_TEXTS: Final[Mapping[type, str]] = {
    Add: N_("The branch F(x) and the shortcut h(x) are added, value by value."),
    Sigmoid: N_("The gate g: how much of the branch passes."),
    Complement: N_("1 − g: how much of the shortcut passes."),
    Multiply: N_("Times the gate, value by value."),
    Dropout: N_("Dropout passes everything once a net is trained."),
}
_MOST: Final = 0.62  # of a colour behind words
_CELL: Final = "width:33px;min-width:33px;height:25px;padding:0;text-align:center;font-size:12px;border:0"


def steps_html(steps: Sequence[WalkStep], current: int, mode: Mode) -> str:
    """Returns the tensors up to step `current`, which is lit; later ones are blank."""
    largest = max(float(np.abs(step.values_HW).max()) for step in steps) or 1.0
    cards = [
        _card(step, number, largest, mode, is_known=number <= current, is_current=number == current)
        for number, step in enumerate(steps)
    ]
    return f'<div style="display:flex;flex-wrap:wrap;gap:10px">{"".join(cards)}</div>'


def step_title(step: WalkStep) -> str:
    """Returns the name of a step: the layer and its operation."""
    if step.node is None:
        return "x"
    title = layer_label(step.node)[0]
    lane = {Section.SHORTCUT: _("shortcut"), Section.GATE: _("gate")}.get(step.node.section, "")
    return f"{lane} {title}".strip()


def step_text(step: WalkStep, before: WalkStep | None) -> str:
    """Returns a step in one sentence; `before` is the step whose output it reads first, where there is one."""
    if step.node is None:
        return _("The input, one channel of 6×6 values.")
    match step.node.op:
        case Conv():
            return _conv_text(step)
        case BatchNorm():
            values = step.values_HW if before is None else before.values_HW
            text = _("Minus the mean {mean:.3f}, divided by the standard deviation {std:.3f}.")
            return text.format(mean=values.mean(), std=values.std())
        case ReLU():
            negative = 0 if before is None else int((before.values_HW < 0).sum())
            return _("Negative values become 0: {n} of 36.").format(n=negative)
        case Scale(factor):
            return _("Times {factor:g}.").format(factor=factor)
        case _:
            return _(_TEXTS[type(step.node.op)])


def _conv_text(step: WalkStep) -> str:
    if step.kernel is None:
        return _("A 1×1 convolution: on the shortcut with weight 1, in a gate with weight 0 and its initial bias.")
    if not step.kernel.any():
        return _("All weights are 0, so that F(x) = 0.")
    if step.node and step.node.leaf == "conv1":
        return _("Each value is the right neighbour minus the left one: vertical edges.")
    return _("Each value is the lower neighbour minus the upper one: horizontal edges.")


def outcome_text(steps: Sequence[WalkStep]) -> str:
    """Returns sums of input and output, and how many values the block has left as they were."""
    before, after = steps[0].values_HW, steps[-1].values_HW
    same = int(np.isclose(before, after, rtol=0, atol=1e-9).sum())
    text = _("Sum of x: **{before}**. Sum of the output: **{after}**. {same} of 36 values are those of x.")
    return text.format(before=_number(before.sum(), 4), after=_number(after.sum(), 4), same=same)


def _card(step: WalkStep, number: int, largest: float, mode: Mode, *, is_known: bool, is_current: bool) -> str:
    paint = PALETTES[mode][role_in_block(step.node) if step.node else Role.DATA]
    rows = "".join(
        f"<tr>{''.join(_cell(value, largest, mode, is_known) for value in row)}</tr>" for row in step.values_HW
    )
    border = f"3px solid {paint.line}" if is_current else "3px solid transparent"
    title = html.escape(f"{number} · {step_title(step)}")
    head = f'<div style="color:{paint.text};font-weight:600;font-size:14px;padding:0 2px 4px">{title}</div>'
    current = ' aria-current="step"' if is_current else ""
    return (
        f'<div{current} style="border:{border};border-radius:8px;padding:5px">{head}'
        f'<table style="border-collapse:collapse;margin:0">{rows}</table></div>'
    )


def _cell(value: float, largest: float, mode: Mode, is_known: bool) -> str:
    background = _color(value, largest, mode) if is_known else _color(0.0, largest, mode)
    return f'<td style="{_CELL};background:{background}">{_number(value, 2) if is_known else ""}</td>'


def _color(value: float, largest: float, mode: Mode) -> str:
    """Returns blue for positive values and purple for negative ones, the page's own colour for 0."""
    return _shade(round(100 * max(-1.0, min(1.0, value / largest))), mode)


@lru_cache(maxsize=512)  # a walk has some 300 values, many of them the same
def _shade(percent: int, mode: Mode) -> str:
    palette = PALETTES[mode]
    full = palette[Role.BRANCH].line if percent > 0 else palette[Role.POOL].line
    floor = mix_colors(palette[Role.DATA].line, _BACKGROUND[mode], 0.07)
    return mix_colors(full, floor, _MOST * abs(percent) / 100)


def _number(value: float, digits: int) -> str:
    rounded = round(float(value), digits) + 0.0  # no minus before a zero
    if not rounded and value:
        return f"{value:.1g}" if abs(value) >= 10.0 ** -(digits + 1) else "0"
    return f"{rounded:g}" if rounded == int(rounded) else f"{rounded:.{digits}f}"


def kernel_text(kernel: Map) -> str:
    """Returns a kernel in KaTeX."""
    rows = r" \\ ".join(" & ".join(f"{value:g}" for value in row) for row in kernel)
    return rf"W = \begin{{bmatrix}} {rows} \end{{bmatrix}}"
