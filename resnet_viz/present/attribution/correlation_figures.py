"""Figures of rank correlations: between methods, and with the trained net while it is randomised."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go

from resnet_viz.attribution.net_result import MapName, NetPrediction
from resnet_viz.attribution.result import MapsResult, SanityResult
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.plan.names import short_name
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode

_CURVE_PX: Final = 300


def agreement_figure(result: MapsResult, net: NetPrediction, titles: Mapping[str, str], mode: Mode) -> go.Figure:
    """Returns the rank correlation of each method's map of one net with each."""
    methods = [one.method for one in result.maps[net.place].maps]
    names = [MapName(net=net.place, method=method) for method in methods]
    values = np.full((len(names), len(names)), np.nan)
    np.fill_diagonal(values, 1.0)
    for pair in result.agreement:
        if pair.a in names and pair.b in names:
            a, b = names.index(pair.a), names.index(pair.b)
            values[a, b] = values[b, a] = pair.signed
    ink = PALETTES[mode][Role.DATA].text
    shown = [titles.get(method, method) for method in methods]
    background = PALETTES[mode][Role.DATA].fill
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=shown,
            y=shown,
            zmin=-1,
            zmax=1,
            colorscale=[[0, "#EC2CA0"], [0.5, background], [1, "#00B070"]],
            texttemplate="%{z:.2f}",
            textfont={"color": ink, "size": 12},
            xgap=2,
            ygap=2,
            showscale=False,
            hovertemplate="%{x} · %{y}: %{z:.2f}<extra></extra>",
        )
    )
    figure.update_layout(
        height=70 + 34 * len(names),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": 12},
    )
    figure.update_xaxes(fixedrange=True, showgrid=False, automargin=True)
    figure.update_yaxes(fixedrange=True, showgrid=False, automargin=True, autorange="reversed")
    return figure


def sanity_figure(result: SanityResult, roles: Sequence[Role], mode: Mode) -> go.Figure:
    """Returns the rank correlation with the trained net's map against the randomised part of the net.

    Args:
        result: of the test.
        roles: of the nets, for their colours: the shortcut's for a residual net, the branch's for a plain one.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    ink, faint = palette[Role.DATA].text, palette[Role.DATA].fill
    figure = go.Figure()
    for net, check, role in zip(result.nets, result.checks, roles, strict=True):
        names = [_("trained"), *(short_name(one.unit) for one in check.units)]
        signed, absolute = [one.signed for one in check.units], [one.absolute for one in check.units]
        for values, dash, what in ((signed, "solid", _("with signs")), (absolute, "dot", _("without signs"))):
            figure.add_trace(
                go.Scatter(
                    x=names,
                    y=[1.0, *values],
                    name=f"{net.title}, {what}",
                    line={"color": palette[role].line, "dash": dash, "width": 2.5},
                    mode="lines+markers",
                    marker={"symbol": "square" if net.place else "circle", "size": 8},
                    hovertemplate="%{x}: %{y:.2f}<extra>%{fullData.name}</extra>",
                )
            )
    figure.update_layout(
        height=_CURVE_PX,
        margin={"l": 60, "r": 8, "t": 34, "b": 56},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": 13},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    )
    figure.update_xaxes(
        title_text=_("randomised from the head down to"), fixedrange=True, showgrid=False, type="category"
    )
    figure.update_yaxes(
        title_text=_("rank correlation"), range=[-1.05, 1.05], fixedrange=True, gridcolor=faint, zerolinecolor=ink
    )
    return figure
