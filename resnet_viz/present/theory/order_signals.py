"""Signals of the five activation orders on the page: mean, smallest output and cut share over the units, in words."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import pairwise
from statistics import fmean
from typing import Final

from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.line_options import Axes, ChartOptions, chart, end_named, line, marked
from resnet_viz.present.training.net_styles import style_nets
from resnet_viz.spec.enums import Order
from resnet_viz.spec.presets import residual_preset
from resnet_viz.theory.order_signals import OrderSignals

LETTERS: Final = dict(zip(Order, "abcde", strict=True))  # He et al. 2016, fig. 4
_MARGIN_PX: Final = 64


class SignalQuantity(StrEnum):
    """Statistics of the outputs. The values are part of addresses."""

    MEAN = "mean"
    LEAST = "least"
    STD = "std"


def quantity_name(quantity: SignalQuantity) -> str:
    """Returns the name of a statistic."""
    return {
        SignalQuantity.MEAN: _("mean output"),
        SignalQuantity.LEAST: _("smallest output"),
        SignalQuantity.STD: _("standard deviation"),
    }[quantity]


def order_name(order: Order) -> str:
    """Returns letter and name of an order."""
    names = {
        Order.ORIGINAL: _("original"),
        Order.BN_AFTER_ADD: _("BN after addition"),
        Order.RELU_BEFORE_ADD: _("ReLU before addition"),
        Order.RELU_ONLY_PREACT: _("ReLU-only pre-activation"),
        Order.FULL_PREACT: _("full pre-activation"),
    }
    return f"({LETTERS[order]}) {names[order]}"


def order_colors(mode: Mode) -> dict[Order, str]:
    """Returns the colour of each order, as the lab has them when all five train."""
    nets = [residual_preset("cifar_resnet8", order=order) for order in Order]
    styles = style_nets(nets, mode, titles={order: order for order in Order})
    return {order: styles[order].color for order in Order}


def quantity_chart(records: Sequence[OrderSignals], quantity: SignalQuantity, unit: int, mode: Mode) -> ChartOptions:
    """Returns a statistic over the units for each order; the chosen unit is marked."""
    axes = Axes(x=_("unit"), y=quantity_name(quantity))
    return _chart(records, lambda one: getattr(one, quantity.value), unit, axes, mode)


def cut_chart(records: Sequence[OrderSignals], unit: int, mode: Mode) -> ChartOptions:
    """Returns the share of sums that the ReLU behind the addition cuts, for the two orders that have one."""
    axes = Axes(x=_("unit"), y=_("share of the sums cut by the last ReLU"), y_ends=(0, 1))
    cutting = [one for one in records if one.cut]
    return _chart(cutting, lambda one: one.cut, unit, axes, mode, skips_input=True)


def _chart(
    records: Sequence[OrderSignals],
    values_of: Callable[[OrderSignals], tuple[float, ...]],
    unit: int,
    axes: Axes,
    mode: Mode,
    *,
    skips_input: bool = False,
) -> ChartOptions:
    colors, series = order_colors(mode), []
    for order in Order:
        own = [values_of(one) for one in records if one.order is order]
        if not own:
            continue
        means = list(enumerate(map(fmean, zip(*own, strict=True))))[skips_input:]
        series += [
            line("", list(enumerate(values))[skips_input:], colors[order], axes=axes, is_faint=True) for values in own
        ]
        drawn = end_named(line(order_name(order), means, colors[order], axes=axes), f"({LETTERS[order]})")
        at_unit = next((point for point in means if point[0] == unit), None)
        series.append(drawn if at_unit is None else marked(drawn, "", at_unit, axes=axes))
    return chart(series, axes=axes, right_px=_MARGIN_PX)


def values_at(records: Sequence[OrderSignals], order: Order, field: str, unit: int) -> list[float]:
    """Returns a statistic of an order at a unit for each seed."""
    found = [getattr(one, field) for one in records if one.order is order]
    return [values[unit] for values in found if unit < len(values)]


def orders_text(records: Sequence[OrderSignals], unit: int) -> str:
    """Returns means at a unit, whether (c) ever falls, and the shares cut, computed from the records."""
    means = {order: values_at(records, order, "mean", unit) for order in Order}
    if unit < 1 or not all(means.values()):
        return ""
    listed = ", ".join(f"({LETTERS[order]}) {round(fmean(values), 1) + 0.0:.1f}" for order, values in means.items())
    parts = [_("Mean output of unit {unit}: {listed}.").format(unit=unit, listed=listed)]
    rising = [one for one in records if one.order is Order.RELU_BEFORE_ADD]
    if rising and all(never_falls(one.mean) for one in rising):
        parts.append(_("(c) never falls: its branch ends in a ReLU, F ≥ 0, so that a unit can only add to the signal."))
    cuts = {order: values_at(records, order, "cut", unit) for order in (Order.ORIGINAL, Order.BN_AFTER_ADD)}
    if all(cuts.values()):
        parts.append(
            _(
                "The last ReLU cuts {a:.0%} of the sums in (a) and {b:.0%} in (b); (c), (d), (e) have none there."
            ).format(a=fmean(cuts[Order.ORIGINAL]), b=fmean(cuts[Order.BN_AFTER_ADD]))
        )
    return " ".join(parts)


def never_falls(values: Sequence[float]) -> bool:
    """Returns whether no value is below the one before."""
    return all(after >= before for before, after in pairwise(values))


def order_rows(records: Sequence[OrderSignals]) -> Rows:
    """Returns a row for each order, seed and unit."""
    return [
        {
            _("order"): order_name(one.order),
            _("seed"): one.seed,
            _("unit"): unit,
            _("mean output"): one.mean[unit],
            _("smallest output"): one.least[unit],
            _("standard deviation"): one.std[unit],
            _("cut by the last ReLU"): one.cut[unit] if one.cut and unit else None,
        }
        for one in records
        for unit in range(len(one.mean))
    ]
