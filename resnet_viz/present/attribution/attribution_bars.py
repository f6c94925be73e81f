"""What a net predicts, as bars under its map: its likeliest classes and the explained one."""

from typing import Final

import numpy as np
import plotly.graph_objects as go

from resnet_viz.graph.roles import Role
from resnet_viz.present.attribution.attribution_places import Place
from resnet_viz.present.attribution.results import SeenNet, percent
from resnet_viz.present.theme import PALETTES, Mode, mixed

_MOST_BARS: Final = 4
_LABEL: Final = 0.30  # of a column's width: names of classes beside the bars
_SURE: Final = {Mode.LIGHT: "#008F5D", Mode.DARK: "#25D695"}  # the hue that speaks for the class, as bars need it


def most_likely(net: SeenNet) -> list[int]:
    """Returns the classes whose bars are drawn, the likeliest first; the explained one is always among them."""
    order = [int(place) for place in np.argsort(-net.probabilities_K, kind="stable")]
    first = order[: min(_MOST_BARS, len(order))]
    return first if net.target in first else [*first[:-1], net.target]


def bars(figure: go.Figure, number: int, place: Place, net: SeenNet, mode: Mode) -> None:
    """Adds the bars of one net, whose map has the axes of this number."""
    palette = PALETTES[mode]
    classes = most_likely(net)
    left = place.x[0] + _LABEL * (place.x[1] - place.x[0])
    own = 10 + number
    shares = [net.probability(one) for one in classes]
    other = mixed(palette[Role.HEAD].line, palette[Role.DATA].fill, 0.55)
    figure.update_layout(
        {
            f"xaxis{own}": {
                "domain": [left, place.x[1]],
                "range": [0, 1.3],
                "visible": False,
                "fixedrange": True,
                "anchor": f"y{own}",
            },
            f"yaxis{own}": {
                "domain": place.bars,
                "autorange": "reversed",
                "fixedrange": True,
                "showgrid": False,
                "ticksuffix": "  ",
                "tickfont": {"size": 14},
                "anchor": f"x{own}",
            },
        }
    )
    figure.add_trace(
        go.Bar(
            y=[net.class_name(one) for one in classes],
            x=shares,
            text=[percent(share) for share in shares],
            orientation="h",
            xaxis=f"x{own}",
            yaxis=f"y{own}",
            textposition="outside",
            cliponaxis=False,
            marker={"color": [_SURE[mode] if one == net.target else other for one in classes]},
            name=net.title,
            hovertemplate="%{y}: %{x:.2%}<extra></extra>",
        )
    )
