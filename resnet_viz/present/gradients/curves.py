"""Curves of the gradients page: one quantity of one net by block, over its seeds."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import inf, isfinite
from typing import Final, NamedTuple

from resnet_viz.i18n import _
from resnet_viz.present.gradients.nets import BenchNet
from resnet_viz.present.gradients.numbers import log_mean, quotient
from resnet_viz.theory.gradients import GradientCurves


class View(StrEnum):
    """Quantities by block. The values are part of addresses."""

    BLOCK = "block"
    WEIGHT = "weight"
    STD = "std"
    SHARE = "share"

    @property
    def is_gradient(self) -> bool:
        """Whether the quantity is the norm of a gradient, whose ratio of first to last says where it goes."""
        return self in (View.BLOCK, View.WEIGHT)


class CurvePlace(NamedTuple):
    """One place of a curve.

    Attributes:
        x: on the axis of blocks, whose first block is 1; the convolutions of a block lie around it.
        name: of the block or convolution.
        values: one per seed; may be 0 or not finite.
    """

    x: float
    name: str
    values: tuple[float, ...]

    @property
    def drawn(self) -> tuple[float, ...]:
        """The values that have a place on a logarithmic axis."""
        return tuple(value for value in self.values if isfinite(value) and value > 0)

    @property
    def mean(self) -> float:
        """Geometric mean of the drawn values; NaN where there is none."""
        return log_mean(self.drawn) if self.drawn else float("nan")

    @property
    def has_zero(self) -> bool:
        """Whether a seed has exactly 0 here."""
        return 0 in self.values

    @property
    def is_broken(self) -> bool:
        """Whether a seed has a value here that is not finite."""
        return not all(map(isfinite, self.values))


class NetCurve(NamedTuple):
    """One quantity of one net, by place, over its seeds.

    Attributes:
        net: the net.
        places: from input to output.
        seeds: in the order of each place's values.
    """

    net: BenchNet
    places: tuple[CurvePlace, ...]
    seeds: tuple[int, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """First place over last, a number per seed; may be 0, infinite or NaN."""
        return tuple(map(quotient, self.places[0].values, self.places[-1].values))


def view_name(view: View) -> str:
    """Returns the name of a quantity in the menu."""
    return {
        View.BLOCK: _("block gradient"),
        View.WEIGHT: _("weight gradient"),
        View.STD: _("signal"),
        View.SHARE: _("branch / shortcut"),
    }[view]


def axis_title(view: View, *, is_short: bool = False) -> str:
    """Returns the exact name of a quantity with its symbol; the symbol alone with `is_short`."""
    symbol = {View.BLOCK: "‖∂E/∂x‖", View.WEIGHT: "‖∂E/∂W‖", View.STD: "σ(x)", View.SHARE: "(‖F‖ / ‖h‖)²"}[view]
    if is_short:
        return symbol
    return {
        View.BLOCK: _("block-output gradient, {symbol}"),
        View.WEIGHT: _("weight gradient of each convolution, {symbol}"),
        View.STD: _("standard deviation of each block's output, {symbol}"),
        View.SHARE: _("branch over shortcut at each addition, {symbol}"),
    }[view].format(symbol=symbol)


def curves_of(nets: Sequence[BenchNet], records: Sequence[GradientCurves], view: View) -> tuple[NetCurve, ...]:
    """Returns a curve for each net that has been measured, in the order of the nets; its seeds so far.

    A plain net has no additions, and so no curve of their shares.
    """
    found = []
    for place, net in enumerate(nets):
        own = [record for record in records if record.place == place]
        if own and not (view is View.SHARE and net.spec.is_plain):
            found.append(NetCurve(net, tuple(_places(own, view)), tuple(record.seed for record in own)))
    return tuple(found)


def block_names(records: Sequence[GradientCurves]) -> tuple[str, ...]:
    """Returns the names of the blocks, which all nets of the page share; none before the first is measured."""
    return records[0].blocks if records else ()


def _places(records: Sequence[GradientCurves], view: View) -> Iterator[CurvePlace]:
    names = records[0].convs if view is View.WEIGHT else records[0].blocks
    per_block = len(names) / len(records[0].blocks)
    for number, name in enumerate(names):
        x = (number + 0.5) / per_block + 0.5
        yield CurvePlace(x, name, tuple(_value(record, view, number) for record in records))


def _value(record: GradientCurves, view: View, number: int) -> float:
    match view:
        case View.BLOCK:
            return record.block_grad[number]
        case View.WEIGHT:
            return record.grad[number]
        case View.STD:
            return record.activation_std[number]
        case _:
            return squared_ratio(record.branch_share[number])


_WHOLE: Final = 1.0


def squared_ratio(share: float) -> float:
    """Returns (|F| / |h|)² of |F| / (|F| + |h|); infinite where nothing comes through the shortcut."""
    return inf if share == _WHOLE else (share / (_WHOLE - share)) ** 2
