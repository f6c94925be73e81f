"""Maps over training, one step after the other, scrubbed and played in the browser without asking the server."""

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from resnet_viz.attribution.result import AttributionResult, Floats
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.attribution import tiles
from resnet_viz.present.attribution.colors import channel_sum, scale_limit
from resnet_viz.present.attribution.results import NetPrediction, percent
from resnet_viz.present.attribution.small_multiples import coloraxis
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode

_SIDE_PX: Final = 340
_TITLE_PX: Final = 52
_SLIDER_PX: Final = 96
_FRAME_MS: Final = 450


def scrubber_figure(
    answer: AttributionResult, nets: Sequence[NetPrediction], mode: Mode, *, is_signed: bool, is_narrow: bool
) -> go.Figure:
    """Returns the nets' maps at one step beside each other, with a slider over all kept steps."""
    ink = PALETTES[mode][Role.DATA].text
    steps = sorted({int(entry["step"]) for net in nets for entry in net.facts["steps"]})
    end = scale_limit([_map(answer, net, step) for net in nets for step in steps])
    columns = 1 if is_narrow else len(nets)
    height_px = (_SIDE_PX + _TITLE_PX) * (len(nets) // columns) + _SLIDER_PX
    figure = go.Figure()
    for place, net in enumerate(nets):
        across, up = _domain(place, columns, len(nets) // columns, height_px)
        tiles.add_image(figure, place + 1, net.picture_CHW, x=across, y=up, is_dimmed=True)
        figure.add_trace(_trace(answer, net, steps[0], place))
    figure.frames = [
        go.Frame(
            name=str(step),
            data=[_trace(answer, net, step, place) for place, net in enumerate(nets)],
            traces=list(range(len(nets))),
            layout={"annotations": _titles(nets, step, columns, height_px, ink)},
        )
        for step in steps
    ]
    figure.update_layout(
        height=height_px,
        annotations=_titles(nets, steps[0], columns, height_px, ink),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": 13},
        coloraxis=coloraxis(end, is_signed=is_signed) | {"showscale": False},
        showlegend=False,
        sliders=[_slider(steps, height_px, ink, is_narrow=is_narrow)],
        updatemenus=[_play(height_px)],
    )
    return figure


def _map(answer: AttributionResult, net: NetPrediction, step: int) -> Floats:
    return channel_sum(answer.arrays[f"{net.place}.map.{step}"])


def _trace(answer: AttributionResult, net: NetPrediction, step: int, place: int) -> go.Heatmap:
    return tiles.map_trace(net, place + 1, _map(answer, net, step), coloraxis="coloraxis", says="%{z:.3g}")


def _domain(place: int, columns: int, lines: int, height_px: int) -> tuple[tuple[float, float], tuple[float, float]]:
    column, line = place % columns, place // columns
    top = 1.0 - line * (_SIDE_PX + _TITLE_PX) / height_px - _TITLE_PX / height_px
    return (column / columns + 0.01, (column + 1) / columns - 0.01), (top - _SIDE_PX / height_px, top)


def _titles(nets: Sequence[NetPrediction], step: int, columns: int, height_px: int, ink: str) -> list[dict[str, Any]]:
    said = []
    for place, net in enumerate(nets):
        across, up = _domain(place, columns, len(nets) // columns, height_px)
        entry = next(one for one in net.facts["steps"] if int(one["step"]) == step)
        share = percent(float(entry["target_probability"]))
        words = _("{name}: {share} at step {step}").format(name=net.class_name(net.target), share=share, step=step)
        said.append(
            {
                "text": f"<b>{net.title}</b><br>{words}",
                "x": sum(across) / 2,
                "y": up[1] + 4 / height_px,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "center",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 15, "color": ink},
            }
        )
    return said


def _slider(steps: Sequence[int], height_px: int, ink: str, *, is_narrow: bool) -> dict[str, Any]:
    now = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    return {
        "active": 0,
        "x": 0.3 if is_narrow else 0.12,  # right of the buttons, whose width is given in px
        "len": 0.67 if is_narrow else 0.86,
        "y": (_SLIDER_PX - 18) / height_px,
        "yanchor": "top",
        "pad": {"t": 0, "b": 0},
        "currentvalue": {"prefix": _("step "), "font": {"size": 15, "color": ink}},
        "font": {"color": ink, "size": 11},
        "steps": [{"method": "animate", "label": str(step), "args": [[str(step)], now]} for step in steps],
    }


def _play(height_px: int) -> dict[str, Any]:
    run = {"frame": {"duration": _FRAME_MS, "redraw": True}, "transition": {"duration": 0}, "fromcurrent": True}
    halt = {"frame": {"duration": 0, "redraw": False}, "mode": "immediate"}
    return {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "x": 0.0,
        "xanchor": "left",
        "y": (_SLIDER_PX - 24) / height_px,
        "yanchor": "top",
        "pad": {"t": 0, "r": 0},
        "font": {"color": "#10162A"},
        "bgcolor": "#F3F6FA",
        "buttons": [
            {"label": "▶", "method": "animate", "args": [None, run]},
            {"label": "❚❚", "method": "animate", "args": [[None], halt]},
        ],
    }
