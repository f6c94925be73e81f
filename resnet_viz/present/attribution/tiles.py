"""One picture in a figure of attribution, and a map over it: axes whose unit is one pixel of the picture."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from resnet_viz.attribution.result import Floats
from resnet_viz.present.attribution.colors import data_uri, dimmed, enlarged, grey
from resnet_viz.present.attribution.results import SeenNet

Span = tuple[float, float]


def axis(number: int) -> str:
    """Returns how Plotly numbers an axis, from 1: the first has no digit."""
    return "" if number == 1 else str(number)


def picture(figure: go.Figure, number: int, picture_CHW: Floats, *, x: Span, y: Span, is_dimmed: bool) -> None:
    """Gives a picture its axes and puts it there.

    Args:
        figure: that it becomes a part of.
        number: of its axes, from 1.
        picture_CHW: values from 0 to 1.
        x: from where to where, in shares of the figure's width.
        y: likewise of its height.
        is_dimmed: whether a map lies over it.
    """
    height, width = picture_CHW.shape[-2:]
    name = axis(number)
    hidden: dict[str, Any] = {"visible": False, "fixedrange": True, "constrain": "domain"}
    figure.update_layout(
        {
            f"xaxis{name}": hidden | {"domain": x, "range": [0, width], "anchor": f"y{name}"},
            f"yaxis{name}": hidden
            | {"domain": y, "range": [height, 0], "scaleanchor": f"x{name}", "anchor": f"x{name}"},
        }
    )
    figure.add_layout_image(
        source=data_uri(enlarged(grey(dimmed(picture_CHW) if is_dimmed else picture_CHW))),
        xref=f"x{name}",
        yref=f"y{name}",
        x=0,
        y=0,
        sizex=width,
        sizey=height,
        sizing="stretch",
        layer="below",
    )


def heat(net: SeenNet, number: int, values: Floats, *, coloraxis: str, says: str) -> go.Heatmap:
    """Returns a map that covers a net's picture; a coarse one, of a layer, is interpolated.

    Args:
        net: whose map it is.
        number: of the picture's axes, from 1.
        values: the map, (H, W) or coarser.
        coloraxis: name of its scale.
        says: what a place says when it is pointed at, Plotly's `hovertemplate` without the net's name.
    """
    height, width = net.picture_CHW.shape[-2:]
    rows, columns = values.shape
    return go.Heatmap(
        z=np.asarray(values, np.float32),
        x0=0.5 * width / columns,
        dx=width / columns,
        y0=0.5 * height / rows,
        dy=height / rows,
        xaxis=f"x{axis(number)}",
        yaxis=f"y{axis(number)}",
        coloraxis=coloraxis,
        zsmooth=False if (rows, columns) == (height, width) else "best",
        name=net.title,
        hovertemplate=f"{says}<extra>%{{fullData.name}}</extra>",
    )
