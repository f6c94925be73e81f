"""Small multiples out of answers: GradCAM at every block, methods beside each other, a net that is being randomised."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from resnet_viz.attribution.result import AttributionResult, Floats
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.plan.names import short_name
from resnet_viz.present.attribution.colors import channel_sum, scale_limit
from resnet_viz.present.attribution.results import NetPrediction, percent
from resnet_viz.present.attribution.small_multiples import Tile, TileRow, TileStyle, tile_figure
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode

_CURVE_PX: Final = 300
_HUNDREDTH: Final = 0.005


def film_figure(answer: AttributionResult, nets: Sequence[NetPrediction], mode: Mode, *, is_narrow: bool) -> go.Figure:
    """Returns GradCAM at every block of each net. Each tile has a scale of its own: a score's size differs by depth."""
    strips = []
    for net in nets:
        tiles = []
        for name in net.facts["blocks"]:
            values = channel_sum(answer.arrays[f"{net.place}.film.{name}"])
            rows, columns = values.shape
            tiles.append(
                Tile(
                    title=short_name(str(name)),
                    note=f"{rows}×{columns}",
                    picture_CHW=net.picture_CHW,
                    values=np.asarray(values / scale_limit([values]), np.float32),
                )
            )
        strips.append(TileRow(name=net.title, tiles=tuple(tiles)))
    return tile_figure(strips, TileStyle(end=1.0, is_signed=True, mode=mode, is_narrow=is_narrow))


def methods_figure(
    answer: AttributionResult,
    nets: Sequence[NetPrediction],
    titles: Mapping[str, str],
    mode: Mode,
    *,
    is_one_scale: bool,
    is_narrow: bool,
) -> go.Figure:
    """Returns the maps of several methods; the nets share each method's scale or have their own."""
    strips = []
    for net in nets:
        tiles = []
        for method in _methods(net):
            values = channel_sum(answer.arrays[f"{net.place}.map.{method}"])
            others = [channel_sum(answer.arrays[f"{other.place}.map.{method}"]) for other in nets]
            end = scale_limit(others if is_one_scale else [values])
            scaled = np.asarray(values / end, np.float32)
            tiles.append(Tile(title=titles.get(method, method), picture_CHW=net.picture_CHW, values=scaled))
        strips.append(TileRow(name=net.title, tiles=tuple(tiles)))
    return tile_figure(strips, TileStyle(end=1.0, is_signed=True, mode=mode, is_narrow=is_narrow, tile_px=200))


def _methods(net: NetPrediction) -> list[str]:
    return [str(entry["method"]) for entry in net.facts["maps"]]


def agreement_figure(
    pairs: Sequence[Mapping[str, Any]], place: int, methods: Sequence[str], titles: Mapping[str, str], mode: Mode
) -> go.Figure:
    """Returns how far the methods' maps of one net agree: the rank correlation of each with each."""
    names = [f"{place}.map.{method}" for method in methods]
    values = np.full((len(names), len(names)), np.nan)
    np.fill_diagonal(values, 1.0)
    for pair in pairs:
        if pair["a"] in names and pair["b"] in names and pair["signed"] is not None:
            a, b = names.index(pair["a"]), names.index(pair["b"])
            values[a, b] = values[b, a] = pair["signed"]
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


def randomised_figure(
    answer: AttributionResult,
    nets: Sequence[NetPrediction],
    method: str,
    mode: Mode,
    *,
    is_signed: bool,
    is_narrow: bool,
) -> go.Figure:
    """Returns the map of the trained net and those after more and more of it was randomised, each on its own scale."""
    strips = []
    for net in nets:
        original = channel_sum(answer.arrays[f"{net.place}.map.{method}"])
        tiles = [_own_scale(_("trained"), "", net, original)]
        for place, entry in enumerate(net.facts["sanity"]):
            values = channel_sum(answer.arrays[f"{net.place}.sanity.{place}"])
            note = "" if entry["signed"] is None else f"ρ = {_correlation(entry['signed'])}"
            tiles.append(_own_scale(short_name(str(entry["name"])), note, net, values))
        strips.append(TileRow(name=net.title, tiles=tuple(tiles)))
    return tile_figure(strips, TileStyle(end=1.0, is_signed=is_signed, mode=mode, is_narrow=is_narrow, tile_px=108))


def _own_scale(title: str, note: str, net: NetPrediction, values: Floats) -> Tile:
    scaled = np.asarray(values / scale_limit([values]), np.float32)
    return Tile(title=title, note=note, picture_CHW=net.picture_CHW, values=scaled)


def _correlation(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if abs(value) >= _HUNDREDTH else "0.00"


def sanity_figure(nets: Sequence[NetPrediction], roles: Sequence[Role], mode: Mode) -> go.Figure:
    """Returns the rank correlation with the trained net's map against how much of the net was randomised.

    Args:
        nets: of the answer.
        roles: for each whose colour it has: the shortcut's for a residual net, the branch's for a plain one.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    ink, faint = palette[Role.DATA].text, palette[Role.DATA].fill
    figure = go.Figure()
    for net, role in zip(nets, roles, strict=True):
        names = [_("trained"), *(short_name(str(entry["name"])) for entry in net.facts["sanity"])]
        for key, dash, what in (("signed", "solid", _("with sign")), ("absolute", "dot", _("sizes only"))):
            figure.add_trace(
                go.Scatter(
                    x=names,
                    y=[1.0, *(entry[key] for entry in net.facts["sanity"])],
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
        title_text=_("randomised from the top down to and with"), fixedrange=True, showgrid=False, type="category"
    )
    figure.update_yaxes(
        title_text=_("rank correlation"), range=[-1.05, 1.05], fixedrange=True, gridcolor=faint, zerolinecolor=ink
    )
    return figure


def training_figure(
    answer: AttributionResult, nets: Sequence[NetPrediction], mode: Mode, *, is_signed: bool, is_narrow: bool
) -> go.Figure:
    """Returns all kept steps as small multiples: what the scrubber shows one after the other."""
    strips = []
    end = scale_limit(_step_maps(answer, nets))
    for net in nets:
        tiles = [
            Tile(
                title=_("step {step}").format(step=entry["step"]),
                note=percent(float(entry["target_probability"])),
                picture_CHW=net.picture_CHW,
                values=channel_sum(answer.arrays[f"{net.place}.map.{entry['step']}"]),
            )
            for entry in net.facts["steps"]
        ]
        strips.append(TileRow(name=net.title, tiles=tuple(tiles)))
    return tile_figure(strips, TileStyle(end=end, is_signed=is_signed, mode=mode, is_narrow=is_narrow, tile_px=120))


def _step_maps(answer: AttributionResult, nets: Sequence[NetPrediction]) -> list[Floats]:
    return [
        channel_sum(answer.arrays[f"{net.place}.map.{entry['step']}"]) for net in nets for entry in net.facts["steps"]
    ]
