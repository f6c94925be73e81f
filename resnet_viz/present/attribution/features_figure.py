"""Figures of a layer: its feature maps, the filters of the first convolution, the strongest patches of a channel."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go

from resnet_viz.attribution.net_result import ChannelPatch, LayerFeatures, NetFacts, NetPrediction
from resnet_viz.attribution.npz_codec import Floats
from resnet_viz.i18n import _
from resnet_viz.present.attribution.colors import scale_limit
from resnet_viz.present.attribution.small_multiples import Tile, TileRow, TileStyle, tile_figure
from resnet_viz.present.theme import Mode

MOST_SHOWN: Final = 64  # channels; a caption counts the rest
_TILE_PX: Final = 88
_COLOURS: Final = 3


def features_figure(net: NetPrediction, features: LayerFeatures, mode: Mode, *, is_narrow: bool) -> go.Figure:
    """Returns the feature maps of a net's layer, channel by channel, on one scale."""
    maps_CHW = features.maps[:MOST_SHOWN]
    strip = TileRow(name=net.title, tiles=tuple(_tile(str(place), values) for place, values in enumerate(maps_CHW)))
    look = TileStyle(end=scale_limit(list(maps_CHW)), is_signed=True, mode=mode, is_narrow=is_narrow, tile_px=_TILE_PX)
    return tile_figure([strip], look)


def filters_figure(net: NetPrediction, features: LayerFeatures, mode: Mode, *, is_narrow: bool) -> go.Figure:
    """Returns the filters of a net's first convolution: in colour where it sees three channels, else signed."""
    filters_OIhw = features.filters_OIhw[:MOST_SHOWN]
    end = scale_limit([filters_OIhw])
    strip = TileRow(
        name=_("{net}: filters of the first convolution").format(net=net.title),
        tiles=tuple(
            Tile(title=str(place), image_CHW=np.asarray(0.5 + 0.5 * filter_IHW / end, np.float32))
            if len(filter_IHW) == _COLOURS
            else _tile(str(place), filter_IHW.sum(axis=0))
            for place, filter_IHW in enumerate(filters_OIhw)
        ),
    )
    return tile_figure([strip], TileStyle(end=end, is_signed=True, mode=mode, is_narrow=is_narrow, tile_px=64))


def patches_figure(
    patches: Sequence[ChannelPatch], title: str, class_names: Sequence[str], mode: Mode, *, is_narrow: bool
) -> go.Figure:
    """Returns the patches of test images that excite a channel most: class above, value below."""
    tiles = tuple(
        Tile(title=class_names[one.label], note=f"{one.value:.2f}", image_CHW=one.pixels_CHW) for one in patches
    )
    style = TileStyle(end=1.0, is_signed=True, mode=mode, is_narrow=is_narrow)
    return tile_figure([TileRow(name=title, tiles=tiles)], style)


def quiet_channel_text(net: NetFacts, patches: Sequence[ChannelPatch], channel: int) -> str:
    """Returns that no image excites a channel, or that all do alike; "" where some patches are stronger than others."""
    values = [patch.value for patch in patches]
    if not values or max(values) > max(0.0, min(values)):
        return ""
    if max(values) > 0:
        return _("{net}: channel {channel} has the same largest value, {value:.2f}, in all of these images.").format(
            net=net.title, channel=channel, value=max(values)
        )
    return _("{net}: no image excites channel {channel}; its largest value is {value:.2f}.").format(
        net=net.title, channel=channel, value=max(values)
    )


def _tile(title: str, values: Floats) -> Tile:
    return Tile(title=title, values=np.asarray(values, np.float32), has_ground=True)
