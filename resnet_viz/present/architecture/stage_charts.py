"""Bar charts by part of a net."""

from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from resnet_viz.analysis.report import Analysis
from resnet_viz.graph.labels import short_count, sides_text
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.plotly_layout import lay_out_bars
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.units import bytes_text, training_memory
from resnet_viz.spec.image_size import ImageSize, sides_of, size_text

_ENDS: Final = {"stem": Role.CONV, "head": Role.HEAD}


def stage_charts(analysis: Analysis, mode: Mode) -> tuple[go.Figure, ...]:
    """Returns four small bar charts by part: parameters, MACs, activation memory, receptive field."""
    rows = analysis.parts
    image = analysis.plan.spec.image_size
    line = _("receptive field, px (line: image of {size})")
    lines = _("receptive field, px (lines: {size})")
    return (
        _bars(analysis, mode, _("parameters"), [row.params for row in rows], [short_count(row.params) for row in rows]),
        _bars(
            analysis, mode, _("MACs of one image"), [row.macs for row in rows], [short_count(row.macs) for row in rows]
        ),
        _bars(
            analysis,
            mode,
            _("{quantity}, one image").format(quantity=training_memory()),
            [row.kept_bytes for row in rows],
            [bytes_text(row.kept_bytes) for row in rows],
        ),
        _bars(
            analysis,
            mode,
            (lines if isinstance(image, ImageSize) else line).format(size=size_text(image)),
            [max(row.field_sides) for row in rows],
            [sides_text(row.field_sides) for row in rows],
            marks=sorted(set(sides_of(image))),
        ),
    )


def _bars(
    analysis: Analysis,
    mode: Mode,
    title: str,
    values: Sequence[int],
    texts: Sequence[str],
    *,
    marks: Sequence[int] = (),
) -> go.Figure:
    palette = PALETTES[mode]
    names = [row.name for row in analysis.parts]
    roles = [Role.BRANCH if part.blocks else _ENDS[part.name] for part in analysis.plan.parts]
    ink = palette[Role.DATA].text
    bars = go.Bar(
        y=names,
        x=values,
        text=texts,
        orientation="h",
        marker={"color": [palette[role].line for role in roles]},
        textposition="outside",
        cliponaxis=False,
        textfont={"color": ink, "size": 13},
        hovertemplate="%{y}: %{x:,}<extra></extra>",
    )
    figure = go.Figure(bars)
    lay_out_bars(figure, title, ink, len(names))
    figure.update_xaxes(visible=False, range=[0, 1.45 * max(values)], fixedrange=True)
    for mark in marks:
        if mark < 1.45 * max(values):
            figure.add_vline(x=mark, line={"color": palette[Role.DATA].line, "width": 1, "dash": "dot"})
    return figure
