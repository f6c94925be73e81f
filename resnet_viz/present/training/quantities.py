"""Quantities measured at each layer during training, for the charts by depth."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from resnet_viz.i18n import _
from resnet_viz.plan.names import is_on_main_path
from resnet_viz.spec.enums import Norm
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import NODES_OF, Step


class MeasuringPoint(StrEnum):
    """Nodes at which a quantity is measured."""

    CONVS = "convs"
    BLOCKS = "blocks"


class Quantity(StrEnum):
    """Quantities by their field in `records.Step`."""

    GRAD_NORM = "grad_norm"
    BLOCK_GRAD_NORM = "block_grad_norm"
    UPDATE_RATIO = "update_ratio"
    ACTIVATION_STD = "activation_std"
    BRANCH_SHARE = "branch_share"


class QuantityScale(NamedTuple):
    """Nodes of a quantity, and whether its axis is logarithmic."""

    place: MeasuringPoint
    is_log: bool


SCALES: Mapping[Quantity, QuantityScale] = {
    measured: QuantityScale(MeasuringPoint(NODES_OF[measured]), is_log=measured is not Quantity.BRANCH_SHARE)
    for measured in Quantity
}


def opening_quantity(recipe: Recipe) -> Quantity:
    """Returns the quantity that a run's chart by depth begins with.

    The weight gradient, as He et al. 2015 discuss it; the block-output gradient where a net has no norm: there signal
    and gradient shrink or grow alike, and their product, the weight gradient, can be flat over the depth.
    """
    has_bare_net = any(spec.norm is Norm.NONE for spec in recipe.nets)
    return Quantity.BLOCK_GRAD_NORM if has_bare_net else Quantity.GRAD_NORM


def quantity_payload(measured: Quantity) -> dict[str, Any]:
    """Returns a quantity as the race component expects it."""
    shape = SCALES[measured]
    return {
        "id": measured.value,
        "name": quantity_name(measured),
        "on": shape.place.value,
        "is_log": shape.is_log,
        "missing": _missing(measured),
    }


def quantity_name(measured: Quantity) -> str:
    """Returns the name of a quantity."""
    return {
        Quantity.GRAD_NORM: _("weight-gradient norm"),
        Quantity.BLOCK_GRAD_NORM: _("block-output gradient norm"),
        Quantity.UPDATE_RATIO: _("update / weight"),
        Quantity.ACTIVATION_STD: _("activation standard deviation"),
        Quantity.BRANCH_SHARE: _("branch / (branch + shortcut)"),
    }[measured]


def _missing(measured: Quantity) -> str:
    if measured is Quantity.BRANCH_SHARE:
        return _("Nothing is added in a plain net, and older runs did not measure it. Missing for:")
    return _("Not measured in this run:")


def layer_names(probe: Step, place: MeasuringPoint) -> Sequence[str]:
    """Returns the layers on the main path, without projections, from input to output."""
    for measured, shape in SCALES.items():
        if shape.place is place and (found := _of(probe, measured)):
            return [name for name in found if is_on_main_path(name)]
    return ()


def layer_values(probe: Step, measured: Quantity) -> Sequence[float]:
    """Returns a quantity in the order of `layer_names`; nothing if it was not measured."""
    return [value for name, value in _of(probe, measured).items() if is_on_main_path(name)]


def _of(probe: Step, measured: Quantity) -> Mapping[str, float]:
    found: Mapping[str, float] = getattr(probe, measured.value)
    return {name: float(value) for name, value in found.items()}  # an imported run may have the text "Infinity"
