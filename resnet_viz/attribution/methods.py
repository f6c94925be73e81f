"""Checks of methods and their parameters against the table, places with a map, baselines.

They drive the widgets of the page and check an address. No torch, no Captum: those are in `engine.maps`.
"""

from collections.abc import Mapping
from typing import Final

from resnet_viz.attribution.method import Method, Parameter, Params
from resnet_viz.attribution.method_table import METHODS
from resnet_viz.errors import BudgetError, Cancelled, SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.plan import Plan
from resnet_viz.spec.validation import in_range, whole_in_range

__all__ = [
    "BASELINES",
    "MAX_FORWARDS",
    "METHODS",
    "Cancelled",
    "Method",
    "Parameter",
    "Params",
    "checked_params",
    "map_layers",
    "method_of",
]

BASELINES: Final = ("black", "white", "mean", "blur", "noise")
MAX_FORWARDS: Final = 4_096  # images through the net for one map

_LONGEST: Final = 40  # characters of a wrong value that are repeated to its author
_MAP_DIMS: Final = 3  # (C, H, W): a node whose output is a vector has no map


def checked_params(name: str, params: Mapping[str, object], *, image_size: int = 28) -> dict[str, float]:
    """Returns all parameters of a method: those given, and defaults for the others; whole ones are ints.

    Raises:
        SpecError: an unknown method or parameter, or a value that is no number or out of range.
        BudgetError: the map would take more than MAX_FORWARDS forward passes.
    """
    method = method_of(name)
    own = {parameter.name: parameter for parameter in method.parameters}
    for given in params:
        if given not in own:
            raise SpecError(_no_such_parameter(method, str(given)))
    filled = {
        key: _value(method, parameter, params[key], image_size) if key in params else parameter.default_at(image_size)
        for key, parameter in own.items()
    }
    _check_cost(method, filled, image_size)
    return filled


def method_of(name: str) -> Method:
    """Returns the method of this name, or raises SpecError."""
    if name not in METHODS:
        raise SpecError(
            _("There is no attribution method {name!r}; there are {methods}.").format(
                name=name[:_LONGEST], methods=", ".join(METHODS)
            )
        )
    return METHODS[name]


def map_layers(plan: Plan) -> tuple[str, ...]:
    """Returns the places of a net that have a map: its nodes in running order, each block after its last node.

    They are names of modules too: "stem.conv1", "stage1.block1.add", "stage1.block1".
    """
    blocks_after = {block.stop - 1: block.name for block in plan.blocks}
    names: list[str] = []
    for place, node in enumerate(plan.nodes):
        if len(node.shape) == _MAP_DIMS:
            names.append(node.name)
        if place in blocks_after:
            names.append(blocks_after[place])
    return tuple(names)


def _no_such_parameter(method: Method, given: str) -> str:
    if not method.parameters:
        return _("{method} has nothing to set; got {name!r}.").format(method=method.title, name=given[:_LONGEST])
    return _("{method} has no parameter {name!r}; it has {names}.").format(
        method=method.title, name=given[:_LONGEST], names=", ".join(each.name for each in method.parameters)
    )


def _value(method: Method, parameter: Parameter, value: object, image_size: int) -> float:
    name, low, high = f"{method.title}: {parameter.name}", parameter.low, parameter.high_at(image_size)
    if not parameter.is_whole:
        return in_range(name, value, low, high)
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return whole_in_range(name, whole, int(low), int(high))


def _check_cost(method: Method, filled: Params, image_size: int) -> None:
    if "stride" in filled and filled["stride"] > filled["window"]:
        raise SpecError(
            _("{method}: steps of {stride} px would miss pixels; a step is at most the window's {window} px.").format(
                method=method.title, stride=filled["stride"], window=filled["window"]
            )
        )
    forwards = method.forwards(filled, image_size)
    if forwards > MAX_FORWARDS:
        raise BudgetError(
            _(
                "{method} with these values takes {got:,} forward passes on an image of {size} px; "
                "up to {most:,} are made. Take larger squares or steps."
            ).format(method=method.title, got=forwards, size=image_size, most=MAX_FORWARDS)
        )
