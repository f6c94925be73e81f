"""Colours of boxes by a quantity, counted or measured, on one scale with its legend."""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple, assert_never

from resnet_viz.analysis.report import Figures
from resnet_viz.graph.labels import short_count
from resnet_viz.i18n import _
from resnet_viz.present.theme import Mode, mix_colors
from resnet_viz.present.units import bytes_text, pixels, training_memory


class ColorQuantity(StrEnum):
    """Quantity that the colour of a box shows; KIND is the palette's own colour."""

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
_LOGARITHMIC: Final = (ColorQuantity.PARAMS, ColorQuantity.MACS, ColorQuantity.MEMORY, ColorQuantity.GRADIENT)
_DECADES: Final = 4  # below the largest; less is drawn as the lowest


def quantity_name(quantity: ColorQuantity) -> str:
    """Returns the name of a quantity on screen."""
    return {
        ColorQuantity.KIND: _("kind"),
        ColorQuantity.PARAMS: _("params"),
        ColorQuantity.MACS: _("MACs"),
        ColorQuantity.MEMORY: training_memory(),
        ColorQuantity.FIELD: _("receptive field"),
        ColorQuantity.GRADIENT: _("gradient norm"),
    }[quantity]


def counted_values(rows: Mapping[str, Figures], quantity: ColorQuantity) -> dict[str, float]:
    """Returns a quantity that is counted, by the names of the rows; nothing for one that is not."""
    match quantity:
        case ColorQuantity.PARAMS:
            return {name: row.params for name, row in rows.items()}
        case ColorQuantity.MACS:
            return {name: row.macs for name, row in rows.items()}
        case ColorQuantity.MEMORY:
            return {name: row.kept_bytes for name, row in rows.items()}
        case ColorQuantity.FIELD:
            return {name: max(row.field_sides) for name, row in rows.items()}
        case ColorQuantity.KIND | ColorQuantity.GRADIENT:
            return {}
        case _:
            assert_never(quantity)


def box_colors(
    values: Mapping[str, float], quantity: ColorQuantity, mode: Mode
) -> tuple[dict[str, str], Legend | None]:
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
    colors = {name: mix_colors(high, low, part(value)) for name, value in values.items()}
    name = quantity_name(quantity) + (_(", log scale") if is_logarithmic else "")
    below = "≤ " if is_logarithmic else ""
    return colors, Legend(name, below + _words(quantity, lowest), _words(quantity, highest), (low, high))


def _words(quantity: ColorQuantity, value: float) -> str:
    if quantity is ColorQuantity.GRADIENT:
        return f"{value:.3g}"
    whole = round(value)
    if quantity is ColorQuantity.FIELD:
        return pixels(whole)
    return bytes_text(whole) if quantity is ColorQuantity.MEMORY else short_count(whole)
