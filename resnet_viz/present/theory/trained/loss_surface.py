"""Figures, messages and rows of loss surfaces: contours on one logarithmic scale for all nets and directions."""

from collections.abc import Sequence
from math import log10
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import PALETTES, SEQUENTIAL, Mode
from resnet_viz.present.theory.layout import FONT_PX, lay_out
from resnet_viz.present.theory.small_charts import heatmap
from resnet_viz.published import files
from resnet_viz.theory.trained.loss_surface import SurfacePoints, grid_of, share_below, steps

LOW: Final = 0.1  # nats; the scale is the same for all nets, so that two maps can be compared
HIGH: Final = 10.0
LOW_LOSS: Final = 1.0
_TICKS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10)


def surface_figure(grid: NDArray[np.float64], mode: Mode) -> go.Figure:
    """Returns the contour map of a net's losses; points that have not come yet are bridged."""
    palette, figure = PALETTES[mode], go.Figure()
    places = steps(len(grid))
    shown = np.log10(np.clip(grid, LOW, HIGH))
    figure.add_contour(
        x=places, y=places, z=shown, connectgaps=True, zmin=log10(LOW), zmax=log10(HIGH),
        colorscale=[(place / (len(SEQUENTIAL) - 1), color) for place, color in enumerate(SEQUENTIAL)],
        contours={"start": log10(LOW), "end": log10(HIGH), "size": 0.1, "showlines": True},
        line={"width": 0.6, "color": "rgba(255,255,255,0.55)", "smoothing": 0.8},
        colorbar={"tickvals": [log10(tick) for tick in _TICKS], "ticktext": [f"{tick:g}" for tick in _TICKS],
                  "title": {"text": _("loss, nats"), "side": "right"}, "thickness": 14, "outlinewidth": 0},
        customdata=grid, hovertemplate=_("loss {value}").format(value="%{customdata:.3f}") + "<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[0], y=[0], mode="markers", showlegend=False, hoverinfo="skip",
        marker={"symbol": "star", "size": 16, "color": palette[Role.SHORTCUT].line,
                "line": {"color": "white", "width": 1}},
    )  # fmt: skip
    lay_out(figure, "", mode, x=_("first direction"), y=_("second direction"), height=430)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8})
    figure.update_xaxes(range=[-1, 1], constrain="domain", showgrid=False)
    figure.update_yaxes(range=[-1, 1], scaleanchor="x", constrain="domain", showgrid=False)
    figure.update_annotations(font={"size": FONT_PX})
    return figure


def surface_text(title: str, grid: NDArray[np.float64]) -> str:
    """Returns the losses at the net and at the rim, and the share of the plane with a low loss."""
    middle, most = grid[len(grid) // 2, len(grid) // 2], np.nanmax(grid)
    text = _(
        "{title}: loss {middle:.2f} at the net, up to {most:.1f} on the plane; on {share:.0f} % of it at most "
        "{low:g} nat."
    )
    parts = [text.format(title=title, middle=middle, most=most, share=100 * share_below(grid, LOW_LOSS), low=LOW_LOSS)]
    lost = int(np.isnan(grid).sum())
    if lost:
        parts.append(_("At {n} points the loss is not finite; they are bridged.").format(n=lost))
    return " ".join(parts)


def comparison_text(titles: Sequence[str], grids: Sequence[NDArray[np.float64]]) -> str:
    """Returns which of two nets has the wider valley on these two directions."""
    shares = [share_below(grid, LOW_LOSS) for grid in grids]
    wide, narrow = (0, 1) if shares[0] >= shares[1] else (1, 0)
    if abs(shares[0] - shares[1]) < 0.05:  # noqa: PLR2004 - 11 of 225 points
        return _("On these directions both valleys are equally wide. At 20 layers Li et al. found the same.")
    text = _("On these directions {wide} has the wider valley: {more:.0f} % of the plane against {less:.0f} %.")
    return text.format(wide=titles[wide], more=100 * shares[wide], less=100 * shares[narrow])


def published_text() -> str:
    """Returns the published errors of nets with and without shortcuts whose surfaces were drawn."""
    rows = files.groups()["loss_surface"].results
    by_net: dict[str, dict[str, str]] = {}
    for row in rows:
        by_net.setdefault(row.net, {})[row.case] = row.printed
    pairs = [f"{net} {cases['with shortcuts']} / {cases['without shortcuts']} %" for net, cases in by_net.items()]
    text = _("Published, CIFAR-10 test error with / without shortcuts: {pairs} ({citation}).")
    return text.format(pairs=", ".join(pairs), citation=rows[0].citation)


def surface_rows(titles: Sequence[str], grids: Sequence[NDArray[np.float64]]) -> Rows:
    """Returns a row per net and point."""
    return [
        {
            _("net"): title,
            _("first direction"): float(x),
            _("second direction"): float(y),
            _("loss"): float(grid[row, column]),
        }
        for title, grid in zip(titles, grids, strict=True)
        for row, y in enumerate(steps(len(grid)))
        for column, x in enumerate(steps(len(grid)))
    ]


def card_picture(records: Sequence[SurfacePoints], points: int) -> str:
    """Returns the picture of the instrument's card: a small map."""
    grid = grid_of(records, 0, points)
    return heatmap(np.log10(np.clip(np.nan_to_num(grid, nan=HIGH), LOW, HIGH)).tolist())
