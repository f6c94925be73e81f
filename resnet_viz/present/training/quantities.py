"""What is measured at each layer of a net while it trains, for the views by depth."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from resnet_viz.i18n import _
from resnet_viz.plan.names import is_on_main_path
from resnet_viz.training.records import NODES_OF, Step


class Place(StrEnum):
    """Where a quantity is measured."""

    CONVS = "convs"
    BLOCKS = "blocks"


class Measured(StrEnum):
    """The quantities, by their field in a step's record."""

    GRAD_NORM = "grad_norm"
    BLOCK_GRAD_NORM = "block_grad_norm"
    UPDATE_RATIO = "update_ratio"
    ACTIVATION_STD = "activation_std"
    BRANCH_SHARE = "branch_share"


class Shape(NamedTuple):
    """Where a quantity is measured and whether it spreads over decades."""

    place: Place
    is_log: bool


SHAPES: Mapping[Measured, Shape] = {
    measured: Shape(Place(NODES_OF[measured]), is_log=measured is not Measured.BRANCH_SHARE) for measured in Measured
}


def shown(measured: Measured) -> dict[str, Any]:
    """Returns a quantity as the race component wants it."""
    shape = SHAPES[measured]
    return {
        "id": measured.value,
        "name": measured_name(measured),
        "on": shape.place.value,
        "is_log": shape.is_log,
        "missing": _missing(measured),
    }


def measured_name(measured: Measured) -> str:
    """Returns what a quantity is called."""
    return {
        Measured.GRAD_NORM: _("weight-gradient norm"),
        Measured.BLOCK_GRAD_NORM: _("block-output-gradient norm"),
        Measured.UPDATE_RATIO: _("update / weight"),
        Measured.ACTIVATION_STD: _("activation standard deviation"),
        Measured.BRANCH_SHARE: _("branch / (branch + shortcut)"),
    }[measured]


def _missing(measured: Measured) -> str:
    if measured is Measured.BRANCH_SHARE:
        return _("Nothing is added in a plain net, and older runs did not measure it; without this quantity:")
    return _("This run did not measure this quantity:")


def names_of(probe: Step, place: Place) -> Sequence[str]:
    """Returns the layers of the path that is counted, from input to output; projections stand beside it."""
    for measured, shape in SHAPES.items():
        if shape.place is place and (found := _of(probe, measured)):
            return [name for name in found if is_on_main_path(name)]
    return ()


def values_of(probe: Step, measured: Measured) -> Sequence[float]:
    """Returns a quantity in the order of `names_of`; nothing where it was not measured."""
    return [value for name, value in _of(probe, measured).items() if is_on_main_path(name)]


def _of(probe: Step, measured: Measured) -> Mapping[str, float]:
    found: Mapping[str, float] = getattr(probe, measured.value)
    return {name: float(value) for name, value in found.items()}  # a run from a file may say "Infinity"
