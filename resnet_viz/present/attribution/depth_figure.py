"""Figure over depth: conductance of each addition by shortcut and branch, and the prediction without each block.

Every path from image to logit passes through every block's output, so that the sum at every addition is the same
number; blocks differ in its split. Vermillion is the shortcut and blue the branch, as everywhere.
"""

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from resnet_viz.attribution.net_result import BlockDepth, NetDepth, NetPrediction
from resnet_viz.attribution.result import DepthResult
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.plan.names import short_name
from resnet_viz.present.attribution.blocks import fixed_text, intact_probability
from resnet_viz.present.attribution.text import percent, plotly_text
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode

_ROW_PX: Final = (260, 170)
_LEGEND_PX: Final = 64
_AXIS_PX: Final = 48


def profile_figure(result: DepthResult, mode: Mode, *, is_narrow: bool) -> go.Figure:
    """Returns the split at each addition and, under it, the probability of the class without the block."""
    nets, depths = result.nets, result.depths
    columns = 1 if is_narrow else len(nets)
    num_rows = 2 * len(nets) // columns
    figure = make_subplots(
        rows=num_rows,
        cols=columns,
        shared_xaxes=False,
        row_heights=[height / sum(_ROW_PX) for height in _ROW_PX] * (num_rows // 2),
        horizontal_spacing=0.06,
        vertical_spacing=0.17 / (num_rows - 1),
    )
    for place, (net, depth) in enumerate(zip(nets, depths, strict=True)):
        row, column = (2 * place + 1, 1) if is_narrow else (1, place + 1)
        _split(figure, depth.blocks, mode, row, column, has_legend=_first_with_shortcut(depths) == place)
        _without(figure, net, depth.blocks, mode, row + 1, column)
        axis = figure.get_subplot(row, column)
        figure.add_annotation(
            text=f"<b>{net.title}</b>",
            xref=f"{axis.xaxis.plotly_name.replace('axis', '')} domain",
            yref=f"{axis.yaxis.plotly_name.replace('axis', '')} domain",
            x=0,
            y=1.03,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": 15},
        )
    _lay_out(figure, mode, num_rows, columns, depths)
    return figure


def _first_with_shortcut(depths: Sequence[NetDepth]) -> int:
    return next((place for place, depth in enumerate(depths) if depth.strongest_branch is not None), -1)


def _split(
    figure: go.Figure, blocks: Sequence[BlockDepth], mode: Mode, row: int, column: int, *, has_legend: bool
) -> None:
    palette = PALETTES[mode]
    x = [short_name(block.block) for block in blocks]
    parts: list[tuple[str, Role, list[float | None]]] = [
        (_("shortcut"), Role.SHORTCUT, [None if one.split is None else one.split.shortcut for one in blocks]),
        (_("branch"), Role.BRANCH, [one.whole if one.split is None else one.split.branch for one in blocks]),
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
    if any(block.split is not None for block in blocks):
        figure.add_trace(
            go.Scatter(
                x=x,
                y=[block.whole for block in blocks],
                name=_("sum"),
                legendgroup="whole",
                showlegend=has_legend,
                mode="markers+lines",
                line={"color": palette[Role.DATA].text, "width": 1.2, "dash": "dot"},
                marker={"symbol": "diamond", "size": 7, "color": palette[Role.DATA].text},
                hovertemplate=_("block %{x}, sum: %{y:+.3f} logits") + "<extra></extra>",
            ),
            row,
            column,
        )


def _without(
    figure: go.Figure, net: NetPrediction, blocks: Sequence[BlockDepth], mode: Mode, row: int, column: int
) -> None:
    palette = PALETTES[mode]
    lesions = [block.lesion for block in blocks]
    labels = [
        _("cannot be removed")
        if lesion.target_probability is None or lesion.predicted is None
        else f"{percent(lesion.target_probability)} · {plotly_text(net.class_name(lesion.predicted))}"
        for lesion in lesions
    ]
    figure.add_trace(
        go.Bar(
            x=[short_name(block.block) for block in blocks],
            y=[lesion.target_probability for lesion in lesions],
            customdata=labels,
            showlegend=False,
            marker={
                "color": [
                    palette[Role.HEAD].line if lesion.predicted in (None, net.predicted) else palette[Role.POOL].line
                    for lesion in lesions
                ]
            },
            text=["" if lesion.target_probability is not None else "–" for lesion in lesions],
            hovertemplate=_("without block %{x}: %{customdata}") + "<extra></extra>",
        ),
        row,
        column,
    )
    for place, block in enumerate(blocks):
        if block.lesion.target_probability is None:
            _mark_fixed(figure, place, block, mode, row, column)
    dotted = {"color": palette[Role.DATA].text, "width": 1.2, "dash": "dot"}
    figure.add_hline(y=intact_probability(net), line=dotted, row=row, col=column)


def _mark_fixed(figure: go.Figure, place: int, block: BlockDepth, mode: Mode, row: int, column: int) -> None:
    """Marks a block that cannot be removed with a cross."""
    axis = figure.get_subplot(row, column)
    figure.add_annotation(
        text="✕",
        x=place,
        y=0.0,
        xref=axis.xaxis.plotly_name.replace("axis", ""),
        yref=axis.yaxis.plotly_name.replace("axis", ""),
        showarrow=False,
        yanchor="bottom",
        font={"size": 13, "color": PALETTES[mode][Role.DATA].line},
        hovertext=fixed_text(block),
    )


def _lay_out(figure: go.Figure, mode: Mode, num_rows: int, columns: int, depths: Sequence[NetDepth]) -> None:
    is_narrow = columns < len(depths) or num_rows > len(_ROW_PX)
    legend_px = _LEGEND_PX * (2 if is_narrow else 1)  # two lines of the legend on a phone
    ink = PALETTES[mode][Role.DATA].text
    faint = PALETTES[mode][Role.DATA].fill
    values = [value for depth in depths for block in depth.blocks for value in _sides(block)]
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
            title = _("conductance, logits") if is_split else _("probability<br>without the block")
            figure.update_yaxes(title_text=title if column == 1 else "", row=row, col=column)
        if not is_split:
            figure.update_yaxes(tickformat=".0%", row=row)
            figure.update_xaxes(title_text=_("block, from input to output (stage.block)"), row=row)


def _sides(block: BlockDepth) -> tuple[float, float]:
    """Returns the extent of a block's bars below and above zero."""
    parts = [block.whole] if block.split is None else [block.split.branch, block.split.shortcut]
    return sum(part for part in parts if part < 0), sum(part for part in parts if part > 0)
