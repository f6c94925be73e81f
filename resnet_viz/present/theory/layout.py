"""Layout of the charts of the theory page: large type, one height, no tools that a lecture does not need."""

from typing import Final

import plotly.graph_objects as go

from resnet_viz.graph.roles import Role
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode

FONT_PX: Final = 15
HEIGHT_PX: Final = 330
_AXIS_PX: Final = 34  # numbers of the horizontal axis
_MARGINS_PX: Final = 150


def lay_out(
    figure: go.Figure,
    title: str,
    mode: Mode,
    *,
    x: str = "",
    y: str = "",
    height: int = HEIGHT_PX,
    is_legend_below: bool = False,
) -> None:
    """Lays out a chart in the style of the theory page.

    Args:
        figure: the chart.
        title: above it, at its left.
        mode: theme.
        x: name of the horizontal axis.
        y: name of the vertical axis.
        height: in px.
        is_legend_below: whether the legend lies below the chart, where names may need several lines; such a chart has
            no room for `x`, which its title can have.
    """
    palette = PALETTES[mode]
    ink, grid = palette[Role.DATA].text, palette[Role.DATA].fill
    below = {"y": -_AXIS_PX / (height - _MARGINS_PX), "yanchor": "top"}
    place = below if is_legend_below else {"y": 1.0, "yanchor": "bottom"}
    figure.update_layout(
        title={"text": title, "font": {"size": FONT_PX + 1, "color": ink}, "x": 0, "xanchor": "left", "y": 0.98},
        height=height,
        margin={"l": 8, "r": 12, "t": 40 if is_legend_below else 62, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": FONT_PX},
        hoverlabel={"font": {"family": FONT, "size": FONT_PX}},
        legend={"orientation": "h", "x": 0, "itemclick": False, **place},
    )
    look = {"gridcolor": grid, "zeroline": False, "fixedrange": True, "automargin": True}
    figure.update_xaxes(title=x, **look)
    figure.update_yaxes(title=y, **look)
