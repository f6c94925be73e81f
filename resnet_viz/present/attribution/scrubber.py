"""Figure of maps over training, scrubbed and played in the browser without the server."""

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from resnet_viz.attribution.net_result import StepMap
from resnet_viz.attribution.result import TrainingResult
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.attribution import tiles
from resnet_viz.present.attribution.colors import channel_sum, scale_limit
from resnet_viz.present.attribution.small_multiples import coloraxis
from resnet_viz.present.attribution.text import percent, plotly_text
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode

_SIDE_PX: Final = 340
_TITLE_PX: Final = 52
_SLIDER_PX: Final = 96
_FRAME_MS: Final = 450


def scrubber_figure(result: TrainingResult, mode: Mode, *, is_signed: bool, is_narrow: bool) -> go.Figure:
    """Returns the nets' maps at one step beside each other, with a slider over all kept steps."""
    ink = PALETTES[mode][Role.DATA].text
    nets = result.nets
    steps = sorted({one.step for net_steps in result.steps for one in net_steps})
    end = scale_limit([channel_sum(one.values) for net_steps in result.steps for one in net_steps])
    columns = 1 if is_narrow else len(nets)
    height_px = (_SIDE_PX + _TITLE_PX) * (len(nets) // columns) + _SLIDER_PX
    figure = go.Figure()
    for place, net in enumerate(nets):
        across, up = _domain(place, columns, len(nets) // columns, height_px)
        tiles.add_image(figure, place + 1, net.image_CHW, x=across, y=up, is_dimmed=True)
    figure.add_traces(_traces(result, steps[0]))
    figure.frames = [
        go.Frame(
            name=str(step),
            data=_traces(result, step),
            traces=list(range(len(nets))),
            layout={"annotations": _titles(result, step, columns, height_px, ink)},
        )
        for step in steps
    ]
    figure.update_layout(
        height=height_px,
        annotations=_titles(result, steps[0], columns, height_px, ink),
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


def _at(steps: Sequence[StepMap], step: int) -> StepMap:
    """Returns a net's map at a step; at the last one before it where its run did not keep this one."""
    return next((one for one in reversed(steps) if one.step <= step), steps[0])


def _traces(result: TrainingResult, step: int) -> list[go.Heatmap]:
    return [
        tiles.map_trace(
            net, net.place + 1, channel_sum(_at(steps, step).values), coloraxis="coloraxis", hover="%{z:.3g}"
        )
        for net, steps in zip(result.nets, result.steps, strict=True)
    ]


def _domain(place: int, columns: int, lines: int, height_px: int) -> tuple[tuple[float, float], tuple[float, float]]:
    column, line = place % columns, place // columns
    top = 1.0 - line * (_SIDE_PX + _TITLE_PX) / height_px - _TITLE_PX / height_px
    return (column / columns + 0.01, (column + 1) / columns - 0.01), (top - _SIDE_PX / height_px, top)


def _titles(result: TrainingResult, step: int, columns: int, height_px: int, ink: str) -> list[dict[str, Any]]:
    titles = []
    for net, steps in zip(result.nets, result.steps, strict=True):
        across, up = _domain(net.place, columns, len(result.nets) // columns, height_px)
        shown = _at(steps, step)
        line = _("{name}: {share} at step {step}").format(
            name=plotly_text(net.class_name(net.target)), share=percent(shown.target_probability), step=shown.step
        )
        titles.append(
            {
                "text": f"<b>{net.title}</b><br>{line}",
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
    return titles


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
