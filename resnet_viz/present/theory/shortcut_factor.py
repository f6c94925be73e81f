"""Shortcuts with a factor λ on the page: the product of factors, measured gradients beside it, and both in words."""

from collections.abc import Sequence
from math import isfinite
from statistics import geometric_mean
from typing import Final

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.theory.line_options import Axes, ChartOptions, chart, dots, end_named, line, marked
from resnet_viz.present.theory.numbers import listed, short
from resnet_viz.spec.enums import Shortcut
from resnet_viz.theory.gate_product import GateProduct, closed_product
from resnet_viz.theory.gradients import first_to_last
from resnet_viz.theory.shortcut_factor import FactorGradients, powers

EQUATION: Final = (
    r"x_L = \Big(\prod_{i=l}^{L-1}\lambda_i\Big)\,x_l + \sum_{i=l}^{L-1}\hat F(x_i), \qquad "
    r"\frac{\partial E}{\partial x_l} = \frac{\partial E}{\partial x_L}\Big(\prod_{i=l}^{L-1}\lambda_i + "
    r"\frac{\partial}{\partial x_l}\sum_{i=l}^{L-1}\hat F(x_i)\Big)"
)
_SAME: Final = 30.0  # ratio up to which the product and the whole gradient are of one order here
_FACTORS: Final = (0.5, 0.8, 0.9, 1.1, 1.25, 2.0)  # of the faint lines
_ENDS: Final = (1e4, 1e8, 1e18, 1e40)  # of the vertical axis, upwards and downwards
_MARGIN_PX: Final = 86


def factor_chart(value: float, num_blocks: int, records: Sequence[FactorGradients], mode: Mode) -> ChartOptions:
    """Returns gradients over the number of shortcuts between a block and the last one: products and measurements.

    Args:
        value: λ.
        num_blocks: of the net.
        records: measurements that have come.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    most = num_blocks - 1
    axes = Axes(
        x=_("shortcuts between the block and the last block"),
        y=_("gradient at a block / gradient at the last block"),
        is_power=True,
        x_ends=(0, most),
        y_ends=_ends(value**most, records),
    )
    grey = palette[Role.DATA].line
    series = [
        end_named(line("", enumerate(powers(factor, most)), grey, axes=axes, is_faint=True), f"λ = {factor:g}")
        for factor in _FACTORS
        if factor != value and _is_inside(factor**most, axes)
    ]
    name = _("product of the factors, λⁿ (λ = {value:g})").format(value=value)
    product = line(name, enumerate(powers(value, most)), palette[Role.SHORTCUT].line, axes=axes)
    product = marked(product, short(value**most), (most, value**most), axes=axes, place="right")
    series.append(product)
    if records:
        alone = list(enumerate(reversed(records[0].through_shortcuts)))
        name = _("measured: through shortcuts alone (last stage)")
        series.append(dots(line(name, alone, palette[Role.ACT].line, axes=axes, width=0), size=8))
    name = _("measured: whole gradient, {n} seeds").format(n=len(records))
    whole = [[norm / record.whole[-1] for norm in reversed(record.whole)] for record in records]
    series += [line("", enumerate(norms), palette[Role.BRANCH].line, axes=axes, is_faint=True) for norms in whole]
    if whole:
        means = [geometric_mean(at_block) for at_block in zip(*whole, strict=True)]
        series.append(line(name, enumerate(means), palette[Role.BRANCH].line, axes=axes, width=4))
    return chart(series, axes=axes, right_px=_MARGIN_PX)


def _ends(product: float, records: Sequence[FactorGradients]) -> tuple[float, float]:
    """Returns the ends of the vertical axis, which change seldom while the slider moves."""
    values = [product, *(norm / record.whole[-1] for record in records for norm in record.whole)]
    reach = max((max(one, 1 / one) for one in values if isfinite(one) and one > 0), default=1.0)
    end = next((end for end in _ENDS if reach <= end), _ENDS[-1])
    return 1 / end, end


def _is_inside(value: float, axes: Axes) -> bool:
    return axes.y_ends is not None and axes.y_ends[0] <= value <= axes.y_ends[1]


def product_text(value: float, num_blocks: int, records: Sequence[FactorGradients]) -> str:
    """Returns the product of the factors, and the measured gradient through shortcuts alone beside it."""
    most = num_blocks - 1
    product = value**most
    parts = [_("λ = {value:g} over {n} shortcuts: λⁿ = {product}.").format(value=value, n=most, product=short(product))]
    if not records:
        return parts[0]
    stage = len(records[0].last_stage) - 1
    error = max(abs(record.through_shortcuts[0] / value**stage - 1) for record in records)
    parts.append(
        _(
            "Through the shortcuts alone the gradient over {n} blocks changes by {measured}, which is λⁿ within "
            "{error:.0e}: the formula holds for that term."
        ).format(n=stage, measured=short(records[0].through_shortcuts[0]), error=max(error, 1e-16))
    )
    return " ".join(parts)


def whole_text(value: float, num_blocks: int, records: Sequence[FactorGradients]) -> str:
    """Returns the whole gradient at the first block, and whether it follows the product; "" before it is measured."""
    if not records:
        return ""
    ratios = [first_to_last(record.whole) for record in records]
    text = _("The whole gradient at the first block is {ratios} times that at the last.").format(ratios=listed(ratios))
    return f"{text} {verdict(value, value ** (num_blocks - 1), ratios)}"


def verdict(value: float, product: float, ratios: Sequence[float]) -> str:
    """Returns whether the whole gradient follows the product."""
    if not all(isfinite(ratio) and ratio > 0 for ratio in ratios):
        return _("It is 0 or no number with some seed: no comparison.")
    is_near = all(1 / _SAME < ratio / product < _SAME for ratio in ratios)
    if value < 1 and min(ratios) > 1:
        return _(
            "It does not vanish, it grows: with λ < 1 the branches outweigh the shortcuts, and with batch norm "
            "such a net explodes as a plain one does."
        )
    if value < 1 and max(ratios) < 1:
        return _("It shrinks towards the input.")
    if value > 1 and is_near:
        return _("The product decides: the gradient explodes as λⁿ.")
    if value > 1 and min(ratios) > 1:
        return _("It grows towards the input, too, but not as λⁿ.")
    if value == 1:
        return _("With λ = 1 the product is 1 at any depth: what is left is the growth that the branches add.")
    return _("Seeds differ in whether it grows or shrinks.")


def factor_rows(value: float, records: Sequence[FactorGradients]) -> Rows:
    """Returns a row for each block: its product, and the gradients of each seed."""
    if not records:
        return []
    most = len(records[0].blocks) - 1
    rows: Rows = []
    for place, block in enumerate(records[0].blocks):
        row = {_("block"): block, _("shortcuts to the last"): most - place, "λⁿ": value ** (most - place)}
        stage = dict(zip(records[0].last_stage, records[0].through_shortcuts, strict=True))
        row[_("through shortcuts alone")] = stage.get(block)
        for record in records:
            row[_("whole, seed {seed}").format(seed=record.seed)] = record.whole[place] / record.whole[-1]
        rows.append(row)
    return rows


def gate_rows(records: Sequence[GateProduct], num_blocks: int) -> Rows:
    """Returns a row for each bias: the closed form, and the product in both kinds of net."""
    biases = dict.fromkeys(record.bias for record in records)
    products = {(record.kind, record.bias): short(record.product) for record in records}
    return [
        {
            "b_g": bias,
            _("(1 − σ(b_g))ⁿ, if W_g x = 0"): short(closed_product(bias, num_blocks)),
            _("exclusive gating, built"): products.get((Shortcut.EXCLUSIVE_GATING, bias), ""),
            _("shortcut-only gating, built"): products.get((Shortcut.SHORTCUT_ONLY_GATING, bias), ""),
        }
        for bias in biases
    ]


def gate_text(records: Sequence[GateProduct], num_blocks: int) -> str:
    """Returns how far a built net is from the closed form; "" until one is measured."""
    found = [(closed_product(one.bias, num_blocks) / one.product, one) for one in records if one.product > 0]
    if not found:
        return ""
    factor, worst = max(found, key=lambda pair: pair[0])
    names = {
        Shortcut.EXCLUSIVE_GATING: _("exclusive gating"),
        Shortcut.SHORTCUT_ONLY_GATING: _("shortcut-only gating"),
    }
    return _(
        "In a net $W_g x$ is not 0: with {kind} and $b_g$ = {bias:g} the shortcuts let through {product}, {factor} "
        "times less than the closed form."
    ).format(kind=names[worst.kind], bias=worst.bias, product=short(worst.product), factor=short(factor))
