"""Curves of both blocks' parameters over their size, and of their ratio, with the sizes at which both are equal."""

from dataclasses import replace
from enum import StrEnum
from fractions import Fraction
from math import log10
from typing import Any, Final

import plotly.graph_objects as go

from resnet_viz.analysis.block_forms import BlockForm, BlockParts, Variable, crossover, limit_ratio, param_form
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.parameters.closed_forms import (
    SMALLEST,
    SYMBOLS,
    block_name,
    compared_kinds,
    parts_text,
    ratio_text,
)
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.units import exact
from resnet_viz.spec.enums import BlockKind


class Scale(StrEnum):
    """Scale of the axes. The values are part of addresses."""

    LOG = "log"
    LINEAR = "linear"


_MOST: Final = {Scale.LOG: 512, Scale.LINEAR: 32}  # widths of the 3x3 convolutions
_POINTS: Final = 64  # of a curve on a logarithmic axis
_ROLES: Final = {BlockKind.BASIC: Role.BRANCH, BlockKind.BOTTLENECK: Role.SHORTCUT}
_HEIGHT_PX: Final = 380
_FONT_PX: Final = 14
_ROOM: Final = 0.15  # of the ratios' range, above and below


def curve_sizes(variable: Variable, scale: Scale) -> tuple[int, ...]:
    """Returns the sizes at which a curve is computed: of blocks that exist, evenly on the axis."""
    most = _MOST[scale]
    if scale is Scale.LINEAR:
        widths = list(range(1, most + 1))
    else:
        widths = sorted({round(most ** (step / _POINTS)) for step in range(_POINTS + 1)} | {4, 8, 12})
    return tuple(SMALLEST[variable] * width for width in widths)


def params_chart(parts: BlockParts, variable: Variable, scale: Scale, mode: Mode) -> go.Figure:
    """Returns the parameters of a basic block and of a bottleneck over their size."""
    palette, sizes = PALETTES[mode], curve_sizes(variable, scale)
    forms = {kind: param_form(kind, parts, variable) for kind in BlockKind}
    figure = go.Figure()
    for kind, form in forms.items():
        line = {"color": palette[_ROLES[kind]].line, "width": 3, "dash": "solid" if kind is BlockKind.BASIC else "dash"}
        counts = [int(form.count(size)) for size in sizes]
        figure.add_scatter(
            x=sizes, y=counts, mode="lines", name=block_name(kind), line=line,
            hovertemplate=f"{block_name(kind)}, {SYMBOLS[variable]} = %{{x}}: %{{y:,}}<extra></extra>",
        )  # fmt: skip
    found = crossover(*forms.values())
    if found is not None and found.size > SMALLEST[variable]:
        size, count = int(found.size), int(found.value)
        figure.add_scatter(**_mark(size, count, mode, f"{SYMBOLS[variable]} = {size}: {exact(count)}", is_large=True))
    _lay_out(figure, _("parameters"), variable, scale, mode)
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "itemclick": False})
    if scale is Scale.LOG:
        figure.update_yaxes(type="log", dtick=1)
    else:
        figure.update_yaxes(rangemode="tozero")
    figure.update_yaxes(tickformat="~s")
    return figure


def ratio_chart(parts: BlockParts, variable: Variable, scale: Scale, mode: Mode) -> go.Figure:
    """Returns the ratio of both blocks over their size, with and without norms and biases; the chosen curve is bold."""
    palette, sizes = PALETTES[mode], curve_sizes(variable, scale)
    one, other = compared_kinds(variable)
    figure, drawn = go.Figure(), []
    for case in sorted(_cases(parts), key=lambda case: case == parts):  # the chosen one on top
        forms = param_form(one, case, variable), param_form(other, case, variable)
        ratios = [float(forms[0].count(size) / forms[1].count(size)) for size in sizes]
        drawn += ratios
        is_chosen = case == parts
        color = palette[Role.BRANCH if is_chosen else Role.DATA].line
        line = {"color": color, "width": 3.5 if is_chosen else 1.5, "shape": "spline"}
        figure.add_scatter(
            x=sizes, y=ratios, mode="lines", line=line,
            name=parts_text(case), showlegend=False,
            hovertemplate=f"{parts_text(case)}, {SYMBOLS[variable]} = %{{x}}: %{{y:.4f}}<extra></extra>",
        )  # fmt: skip
        _name_curve(figure, case, ratios, sizes[0], scale, mode, is_chosen=is_chosen)
        _mark_equal(figure, forms, variable, mode, is_chosen=is_chosen)
    limit = limit_ratio(param_form(one, parts, variable), param_form(other, parts, variable))
    title = _("parameters, {one} / {other}").format(one=block_name(one), other=block_name(other))
    _lay_out(figure, title, variable, scale, mode)
    low, high = min(*drawn, float(limit)), max(*drawn, float(limit))
    _draw_limit(figure, limit, mode, is_below=float(limit) == low)
    if low < 1 < high:
        figure.add_hline(y=1, line={"color": palette[Role.DATA].text, "width": 1})
    room = _ROOM * (high - low)
    figure.update_yaxes(range=[low - room, high + room])
    return figure


def _draw_limit(figure: go.Figure, limit: Fraction, mode: Mode, *, is_below: bool) -> None:
    """Draws the ratio of very wide blocks as a dotted line, its value on the side without curves."""
    color = PALETTES[mode][Role.SHORTCUT]
    figure.add_hline(y=float(limit), line={"color": color.line, "width": 1.5, "dash": "dot"})
    figure.add_annotation(
        xref="paper", x=1, y=float(limit), text=ratio_text(limit), showarrow=False, xanchor="right",
        yanchor="top" if is_below else "bottom", font={"color": color.text, "size": _FONT_PX},
    )  # fmt: skip


def _cases(parts: BlockParts) -> list[BlockParts]:
    flags = (False, True)
    return [replace(parts, has_norm=norm, has_bias=bias) for norm in flags for bias in flags]


def _name_curve(
    figure: go.Figure, case: BlockParts, ratios: list[float], start: int, scale: Scale, mode: Mode, *, is_chosen: bool
) -> None:
    """Writes the name of a curve beside its beginning, on the side from which the curve turns away."""
    is_falling = ratios[0] > ratios[-1]
    figure.add_annotation(
        x=_on_axis(start, scale), y=ratios[0], text=f"<b>{parts_text(case)}</b>" if is_chosen else parts_text(case),
        showarrow=False, xanchor="left", yanchor="bottom" if is_falling else "top", xshift=4 if is_falling else 10,
        font={"color": PALETTES[mode][Role.DATA].text, "size": _FONT_PX - 1},
    )  # fmt: skip


def _on_axis(size: int, scale: Scale) -> float:
    """Returns a place as annotations take it: on a logarithmic axis its power of ten."""
    return log10(size) if scale is Scale.LOG else size


def _mark_equal(
    figure: go.Figure, forms: tuple[BlockForm, BlockForm], variable: Variable, mode: Mode, *, is_chosen: bool
) -> None:
    found = crossover(*forms)
    if found is not None and found.size > SMALLEST[variable]:
        text = f"{SYMBOLS[variable]} = {found.size}" if is_chosen else f"{found.size}"
        figure.add_scatter(**_mark(int(found.size), 1, mode, text, is_large=is_chosen))


def _mark(x: int, y: int, mode: Mode, text: str, *, is_large: bool) -> dict[str, Any]:
    palette = PALETTES[mode]
    place = "bottom center" if not is_large else "bottom right" if y > 1 else "top right"
    return {
        "x": [x], "y": [y], "mode": "markers+text", "text": [f"<b>{text}</b>" if is_large else text],
        "textposition": place, "showlegend": False, "cliponaxis": False,
        "textfont": {"color": palette[Role.DATA].text, "size": _FONT_PX},
        "marker": {
            "size": 13 if is_large else 8, "color": palette[Role.ACT].line,
            "line": {"color": palette[Role.DATA].text, "width": 1.5},
        },
        "hovertemplate": f"{text}<extra></extra>",
    }  # fmt: skip


def _lay_out(figure: go.Figure, title: str, variable: Variable, scale: Scale, mode: Mode) -> None:
    palette = PALETTES[mode]
    ink, grid = palette[Role.DATA].text, palette[Role.DATA].fill
    name = _("width w of the 3×3 convolutions") if variable is Variable.WIDTH else _("channels C in and out")
    figure.update_layout(
        title={"text": title, "font": {"size": 15, "color": ink}, "x": 0, "xanchor": "left", "y": 0.98},
        height=_HEIGHT_PX,
        margin={"l": 8, "r": 12, "t": 64, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": _FONT_PX},
        hoverlabel={"font": {"family": FONT, "size": _FONT_PX}},
    )
    figure.update_xaxes(title=name, gridcolor=grid, zeroline=False, fixedrange=True, automargin=True)
    figure.update_yaxes(gridcolor=grid, zeroline=False, fixedrange=True, automargin=True)
    if scale is Scale.LOG:
        ticks = [SMALLEST[variable] * 2**power for power in range(10)]
        figure.update_xaxes(type="log", tickvals=ticks, ticktext=[exact(tick) for tick in ticks])
