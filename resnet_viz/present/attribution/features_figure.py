"""What a layer holds: its feature maps, the first layer's filters, the patches that excite a channel most."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go

from resnet_viz.attribution.result import AttributionResult, Floats
from resnet_viz.i18n import _
from resnet_viz.present.attribution.colors import scale_limit
from resnet_viz.present.attribution.results import NetPrediction
from resnet_viz.present.attribution.small_multiples import Tile, TileRow, TileStyle, tile_figure
from resnet_viz.present.theme import Mode

MOST_SHOWN: Final = 64  # channels; the rest is said in words
_TILE_PX: Final = 88
_COLOURS: Final = 3


def features_figure(answer: AttributionResult, net: NetPrediction, mode: Mode, *, is_narrow: bool) -> go.Figure:
    """Returns the feature maps of a net's layer, channel by channel, on one scale."""
    maps_CHW = answer.arrays[f"{net.place}.features"][:MOST_SHOWN]
    strip = TileRow(name=net.title, tiles=tuple(_tile(str(place), values) for place, values in enumerate(maps_CHW)))
    look = TileStyle(end=scale_limit(list(maps_CHW)), is_signed=True, mode=mode, is_narrow=is_narrow, tile_px=_TILE_PX)
    return tile_figure([strip], look)


def filters_figure(answer: AttributionResult, net: NetPrediction, mode: Mode, *, is_narrow: bool) -> go.Figure:
    """Returns the filters of a net's first convolution: in colour where it sees three channels, else signed."""
    filters_OIHW = answer.arrays[f"{net.place}.filters"][:MOST_SHOWN]
    end = scale_limit([filters_OIHW])
    strip = TileRow(
        name=_("{net}: filters of the first convolution").format(net=net.title),
        tiles=tuple(
            Tile(title=str(place), picture_CHW=np.asarray(0.5 + 0.5 * filter_IHW / end, np.float32))
            if len(filter_IHW) == _COLOURS
            else _tile(str(place), filter_IHW.sum(axis=0))
            for place, filter_IHW in enumerate(filters_OIHW)
        ),
    )
    return tile_figure([strip], TileStyle(end=end, is_signed=True, mode=mode, is_narrow=is_narrow, tile_px=64))


def patches_figure(
    answer: AttributionResult, place: int, title: str, names: Sequence[str], mode: Mode, *, is_narrow: bool
) -> go.Figure:
    """Returns the patches of the data set's pictures that excite a channel most, the strongest first."""
    facts = answer.meta["nets"][place]["patches"]
    tiles = tuple(
        Tile(
            title=_class_name(names, entry.get("label")),
            note=f"{entry['value']:.2f}",
            picture_CHW=np.asarray(patch, np.float32),
        )
        for entry, patch in zip(facts, answer.arrays[f"{place}.patches"], strict=True)
    )
    return tile_figure(
        [TileRow(name=title, tiles=tiles)], TileStyle(end=1.0, is_signed=True, mode=mode, is_narrow=is_narrow)
    )


def _tile(title: str, values: Floats) -> Tile:
    return Tile(title=title, values=np.asarray(values, np.float32), has_ground=True)


def _class_name(names: Sequence[str], label: object) -> str:
    return names[label] if isinstance(label, int) and 0 <= label < len(names) else ""
