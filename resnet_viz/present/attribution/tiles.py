"""Parts of the main figure: columns, an image with axes in its pixels, and a map over it."""

from typing import Any, Final, NamedTuple

import numpy as np
import plotly.graph_objects as go

from resnet_viz.attribution.net_result import NetPrediction
from resnet_viz.attribution.npz_codec import Floats
from resnet_viz.present.attribution.colors import data_uri, dimmed, enlarged, to_bytes

Span = tuple[float, float]


def axis_suffix(number: int) -> str:
    """Returns the suffix of an axis in Plotly, counted from 1; the first has none."""
    return "" if number == 1 else str(number)


def add_image(figure: go.Figure, number: int, image_CHW: Floats, *, x: Span, y: Span, is_dimmed: bool) -> None:
    """Adds an image with its axes.

    Args:
        figure: to add to.
        number: of its axes, from 1.
        image_CHW: values from 0 to 1.
        x: start and end, in shares of the figure's width.
        y: likewise of its height.
        is_dimmed: whether a map covers it.
    """
    height, width = image_CHW.shape[-2:]
    name = axis_suffix(number)
    hidden: dict[str, Any] = {"visible": False, "fixedrange": True, "constrain": "domain"}
    figure.update_layout(
        {
            f"xaxis{name}": hidden | {"domain": x, "range": [0, width], "anchor": f"y{name}"},
            f"yaxis{name}": hidden
            | {"domain": y, "range": [height, 0], "scaleanchor": f"x{name}", "anchor": f"x{name}"},
        }
    )
    figure.add_layout_image(
        source=data_uri(enlarged(to_bytes(dimmed(image_CHW) if is_dimmed else image_CHW))),
        xref=f"x{name}",
        yref=f"y{name}",
        x=0,
        y=0,
        sizex=width,
        sizey=height,
        sizing="stretch",
        layer="below",
    )


def map_trace(net: NetPrediction, number: int, values: Floats, *, coloraxis: str, hover: str) -> go.Heatmap:
    """Returns a map over a net's image; a coarse one, of a layer, is interpolated.

    Args:
        net: of the map.
        number: of the image's axes, from 1.
        values: the map, (H, W) or coarser.
        coloraxis: name of its scale.
        hover: text of a place under the pointer, Plotly's `hovertemplate` without the net's name.
    """
    height, width = net.image_CHW.shape[-2:]
    rows, columns = values.shape
    return go.Heatmap(
        z=np.asarray(values, np.float32),
        x0=0.5 * width / columns,
        dx=width / columns,
        y0=0.5 * height / rows,
        dy=height / rows,
        xaxis=f"x{axis_suffix(number)}",
        yaxis=f"y{axis_suffix(number)}",
        coloraxis=coloraxis,
        zsmooth=False if (rows, columns) == (height, width) else "best",
        name=net.title,
        hovertemplate=f"{hover}<extra>%{{fullData.name}}</extra>",
    )


_PICTURE_PX: Final = 284
_BARS_PX: Final = 132
_TITLE_PX: Final = 50
_BETWEEN_PX: Final = 12


class FigureColumn(NamedTuple):
    """Position of a column in the figure, in shares of its width and height."""

    x: tuple[float, float]
    image: tuple[float, float]
    bars: tuple[float, float]
    title: float


def figure_columns(num: int, *, is_narrow: bool) -> tuple[list[FigureColumn], int]:
    """Returns `num` columns and the figure's height in px."""
    each_px = _TITLE_PX + _PICTURE_PX + _BETWEEN_PX + _BARS_PX
    if not is_narrow:
        width = 1.0 / max(num, 3)
        bars = (0.0, _BARS_PX / each_px)
        image = ((_BARS_PX + _BETWEEN_PX) / each_px, 1 - _TITLE_PX / each_px)
        gap = 0.012
        return [FigureColumn((i * width + gap, (i + 1) * width - gap), image, bars, 1.0) for i in range(num)], each_px
    each_px += _BETWEEN_PX
    height_px, found = num * each_px, list[FigureColumn]()
    for i in range(num):
        top = height_px - i * each_px
        image = ((top - _TITLE_PX - _PICTURE_PX) / height_px, (top - _TITLE_PX) / height_px)
        bars = ((top - each_px + _BETWEEN_PX) / height_px, (top - each_px + _BETWEEN_PX + _BARS_PX) / height_px)
        found.append(FigureColumn((0.0, 1.0), image, bars, top / height_px))
    return found, height_px
