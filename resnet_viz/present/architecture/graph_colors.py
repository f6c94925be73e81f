"""Boxes coloured by a quantity, counted or measured, on one scale with its legend."""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple, assert_never

from resnet_viz.analysis.report import Row
from resnet_viz.graph.labels import big
from resnet_viz.i18n import _
from resnet_viz.present.theme import Mode, mixed
from resnet_viz.present.units import bytes_text, pixels


class Quantity(StrEnum):
    """What the colour of a box can show; its kind is the palette's own colour."""

    KIND = "kind"
    PARAMS = "params"
    MACS = "macs"
    MEMORY = "memory"
    FIELD = "field"
    GRADIENT = "gradient"  # measured in a run


class Legend(NamedTuple):
    """The two ends of a scale in words, and its colours from low to high."""

    title: str
    low: str
    high: str
    colors: tuple[str, str]


# Light enough in light, dark enough in dark, that the words on top keep a contrast of 4.5.
_ENDS: Final[Mapping[Mode, tuple[str, str]]] = {Mode.LIGHT: ("#FFFFFF", "#7DB8DE"), Mode.DARK: ("#141B2A", "#1F6396")}
_LOGARITHMIC: Final = (Quantity.PARAMS, Quantity.MACS, Quantity.MEMORY, Quantity.GRADIENT)
_DECADES: Final = 4  # below the largest; less is drawn as the lowest


def quantity_name(quantity: Quantity) -> str:
    """Returns what a quantity is called."""
    return {
        Quantity.KIND: _("kind"),
        Quantity.PARAMS: _("params"),
        Quantity.MACS: _("MACs"),
        Quantity.MEMORY: _("memory"),
        Quantity.FIELD: _("receptive field"),
        Quantity.GRADIENT: _("gradient norm"),
    }[quantity]


def counted(rows: Mapping[str, Row], quantity: Quantity) -> dict[str, float]:
    """Returns a quantity that is counted, by the names of the rows; nothing for one that is not."""
    match quantity:
        case Quantity.PARAMS:
            return {name: row.params for name, row in rows.items()}
        case Quantity.MACS:
            return {name: row.macs for name, row in rows.items()}
        case Quantity.MEMORY:
            return {name: row.kept_bytes for name, row in rows.items()}
        case Quantity.FIELD:
            return {name: row.field.size for name, row in rows.items()}
        case Quantity.KIND | Quantity.GRADIENT:
            return {}
        case _:
            assert_never(quantity)


def shades(values: Mapping[str, float], quantity: Quantity, mode: Mode) -> tuple[dict[str, str], Legend | None]:
    """Returns the colour of each box by its id, and the legend; nothing where there are no values.

    Params, MACs, memory and norms spread over decades: their scale is logarithmic over the four below the largest.
    Values that are not finite are left out.
    """
    values = {name: value for name, value in values.items() if math.isfinite(value)}
    highest = max(values.values(), default=0.0)
    if not highest:
        return {}, None
    is_logarithmic = quantity in _LOGARITHMIC
    lowest = highest / 10**_DECADES if is_logarithmic else 0

    def part(value: float) -> float:
        if not is_logarithmic:
            return value / highest
        return max(0.0, 1 + math.log10(value / highest) / _DECADES) if value else 0.0

    low, high = _ENDS[mode]
    colors = {name: mixed(high, low, part(value)) for name, value in values.items()}
    name = quantity_name(quantity) + (_(", log scale") if is_logarithmic else "")
    below = "≤ " if is_logarithmic else ""
    return colors, Legend(name, below + _words(quantity, lowest), _words(quantity, highest), (low, high))


def _words(quantity: Quantity, value: float) -> str:
    if quantity is Quantity.GRADIENT:
        return f"{value:.3g}"
    whole = round(value)
    return {Quantity.MEMORY: bytes_text, Quantity.FIELD: pixels}.get(quantity, big)(whole)
