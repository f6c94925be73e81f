"""Over depth: what came to each addition by the shortcut and by the branch, and what the net says without a block.

Whatever the picture does to a class's score passes every block's output, so that the sum at every addition is the same
number; how it is split is what differs. Vermillion is the shortcut and blue the branch, as everywhere.
"""

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.attribution.blocks import BlockProfile, block_profiles, intact_probability
from resnet_viz.present.attribution.results import NetPrediction, percent
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode

_ROW_PX: Final = (260, 170)
_LEGEND_PX: Final = 64
_AXIS_PX: Final = 48


def profile_figure(nets: Sequence[NetPrediction], mode: Mode, *, is_narrow: bool) -> go.Figure:
    """Returns the split at each addition and, under it, the probability of the class without the block."""
    columns = 1 if is_narrow else len(nets)
    num_rows = 2 * len(nets) // columns
    titles = [net.title for net in nets]
    figure = make_subplots(
        rows=num_rows,
        cols=columns,
        shared_xaxes=False,
        row_heights=[height / sum(_ROW_PX) for height in _ROW_PX] * (num_rows // 2),
        horizontal_spacing=0.06,
        vertical_spacing=0.17 / (num_rows - 1),
    )
    for place, net in enumerate(nets):
        row, column = (2 * place + 1, 1) if is_narrow else (1, place + 1)
        known = block_profiles(net)
        _split(figure, known, mode, row, column, has_legend=_first_with_shortcut(nets) == place)
        _without(figure, net, known, mode, row + 1, column)
        axis = figure.get_subplot(row, column)
        figure.add_annotation(
            text=f"<b>{titles[place]}</b>",
            xref=f"{axis.xaxis.plotly_name.replace('axis', '')} domain",
            yref=f"{axis.yaxis.plotly_name.replace('axis', '')} domain",
            x=0,
            y=1.03,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": 15},
        )
    _lay_out(figure, mode, num_rows, columns, nets)
    return figure


def _first_with_shortcut(nets: Sequence[NetPrediction]) -> int:
    return next((place for place, net in enumerate(nets) if net.facts.get("shares")), -1)


def _split(
    figure: go.Figure, known: Sequence[BlockProfile], mode: Mode, row: int, column: int, *, has_legend: bool
) -> None:
    palette = PALETTES[mode]
    x = [block.short for block in known]
    parts: list[tuple[str, Role, list[float | None]]] = [
        (_("by the shortcut"), Role.SHORTCUT, [block.shortcut for block in known]),
        (
            _("by the branch"),
            Role.BRANCH,
            [block.branch if block.branch is not None else block.whole for block in known],
        ),
    ]
    for name, role, values in parts:
        figure.add_trace(
            go.Bar(
                x=x,
                y=values,
                name=name,
                legendgroup=name,
                showlegend=has_legend,
                marker={"color": palette[role].line},
                hovertemplate=_("block %{x}, %{fullData.name}: %{y:+.3f} logits") + "<extra></extra>",
            ),
            row,
            column,
        )
    if any(block.branch is not None for block in known):
        figure.add_trace(
            go.Scatter(
                x=x,
                y=[block.whole for block in known],
                name=_("both together"),
                legendgroup="whole",
                showlegend=has_legend,
                mode="markers+lines",
                line={"color": palette[Role.DATA].text, "width": 1.2, "dash": "dot"},
                marker={"symbol": "diamond", "size": 7, "color": palette[Role.DATA].text},
                hovertemplate=_("block %{x}, both together: %{y:+.3f} logits") + "<extra></extra>",
            ),
            row,
            column,
        )


def _without(
    figure: go.Figure, net: NetPrediction, known: Sequence[BlockProfile], mode: Mode, row: int, column: int
) -> None:
    palette = PALETTES[mode]
    whole = intact_probability(net)
    said = [
        f"{percent(block.after)} · {net.class_name(block.predicted)}"
        if block.after is not None and block.predicted is not None
        else _("cannot be removed")
        for block in known
    ]
    figure.add_trace(
        go.Bar(
            x=[block.short for block in known],
            y=[block.after for block in known],
            customdata=said,
            showlegend=False,
            marker={
                "color": [
                    palette[Role.HEAD].line if block.predicted in (None, net.predicted) else palette[Role.POOL].line
                    for block in known
                ]
            },
            text=["" if block.after is not None else "–" for block in known],
            hovertemplate=_("without block %{x}: %{customdata}") + "<extra></extra>",
        ),
        row,
        column,
    )
    for place, block in enumerate(known):
        if block.after is None:
            axis = figure.get_subplot(row, column)
            figure.add_annotation(
                text="✕",
                x=place,
                y=0.0,
                xref=axis.xaxis.plotly_name.replace("axis", ""),
                yref=axis.yaxis.plotly_name.replace("axis", ""),
                showarrow=False,
                yanchor="bottom",
                font={"size": 13, "color": palette[Role.DATA].line},
                hovertext=block.sentence,
            )
    figure.add_hline(y=whole, line={"color": palette[Role.DATA].text, "width": 1.2, "dash": "dot"}, row=row, col=column)


def _lay_out(figure: go.Figure, mode: Mode, num_rows: int, columns: int, nets: Sequence[NetPrediction]) -> None:
    is_narrow = columns < len(nets) or num_rows > len(_ROW_PX)
    legend_px = _LEGEND_PX * (2 if is_narrow else 1)  # where its words have no room beside each other
    ink = PALETTES[mode][Role.DATA].text
    faint = PALETTES[mode][Role.DATA].fill
    values = [value for net in nets for block in block_profiles(net) for value in _sides(block)]
    low, high = min([0.0, *values]), max([0.0, *values])
    room = 0.06 * (high - low or 1.0)
    figure.update_layout(
        height=sum(_ROW_PX) * num_rows // 2 + _AXIS_PX + legend_px,
        barmode="relative",
        bargap=0.25,
        margin={"l": 0, "r": 0, "t": legend_px, "b": _AXIS_PX},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": 13},
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yref": "container", "yanchor": "top"},
    )
    figure.update_xaxes(type="category", fixedrange=True, showgrid=False, linecolor=faint, tickangle=0)
    figure.update_yaxes(fixedrange=True, gridcolor=faint, zerolinecolor=ink, zerolinewidth=1, automargin=True)
    for row in range(1, num_rows + 1):
        is_split = row % 2 == 1
        scale: dict[str, Any] = {"range": [low - room, high + room]} if is_split else {"range": [0, 1.05]}
        figure.update_yaxes(row=row, **scale)
        for column in range(1, columns + 1):
            title = _("score, logits") if is_split else _("probability<br>without the block")
            figure.update_yaxes(title_text=title if column == 1 else "", row=row, col=column)
        if not is_split:
            figure.update_yaxes(tickformat=".0%", row=row)
            figure.update_xaxes(title_text=_("block, from input to output (stage.block)"), row=row)


def _sides(block: BlockProfile) -> tuple[float, float]:
    """Returns how far the bars of a block reach below and above zero."""
    parts = [block.whole] if block.branch is None or block.shortcut is None else [block.branch, block.shortcut]
    return sum(part for part in parts if part < 0), sum(part for part in parts if part > 0)
