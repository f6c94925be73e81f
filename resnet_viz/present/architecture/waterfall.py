"""Waterfall charts of a comparison: from net a's total, part by part, to net b's."""

from collections.abc import Callable
from typing import Final, NamedTuple

import plotly.graph_objects as go

from resnet_viz.analysis.compare import Comparison
from resnet_viz.graph.labels import short_count
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.plotly_layout import lay_out_bars
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.units import bytes_text, exact, training_memory

_ZOOMED: Final = 0.5  # of the larger total: where all changes lie above it, the axis begins near them


class Waterfall(NamedTuple):
    """One figure of a comparison: a total, its changes, the other total.

    Attributes:
        start: total of net a.
        changes: difference of each part, b minus a, by name.
        stop: total of net b: start and all changes.
    """

    start: int
    changes: tuple[tuple[str, int], ...]
    stop: int

    @property
    def levels(self) -> tuple[int, ...]:
        """Running totals from `start` to `stop`."""
        found = [self.start]
        for _name, change in self.changes:
            found.append(found[-1] + change)
        return tuple(found)


def params_waterfall(found: Comparison) -> Waterfall:
    """Returns the differences of parameters."""
    changes = tuple((part.name, part.params) for part in found.parts)
    return Waterfall(found.totals.a.params, changes, found.totals.b.params)


def macs_waterfall(found: Comparison) -> Waterfall:
    """Returns the differences of multiply-adds of one image."""
    return Waterfall(found.totals.a.macs, tuple((part.name, part.macs) for part in found.parts), found.totals.b.macs)


def kept_waterfall(found: Comparison) -> Waterfall:
    """Returns the differences of bytes that training keeps of one image."""
    changes = tuple((part.name, part.kept_bytes) for part in found.parts)
    return Waterfall(found.totals.a.training_bytes, changes, found.totals.b.training_bytes)


def waterfall_charts(found: Comparison, mode: Mode, letter: str = "b") -> tuple[go.Figure, ...]:
    """Returns three charts, parameters, MACs and activation memory, from net a through each part to the other net."""
    memory = _("{quantity}, one image").format(quantity=training_memory())
    return (
        _waterfall(params_waterfall(found), mode, letter, _("parameters"), exact),
        _waterfall(macs_waterfall(found), mode, letter, _("MACs of one image"), short_count),
        _waterfall(kept_waterfall(found), mode, letter, memory, bytes_text),
    )


def axis_range(steps: Waterfall) -> tuple[float, float]:
    """Returns the ends of the axis: from zero, or from near the changes where these are small."""
    low, high = min(steps.levels), max(steps.levels)
    span = high - low
    start = 0.0 if low < _ZOOMED * high or not span else max(0.0, low - 0.5 * span)
    room = 0.5 * (high - start) if high > start else 1.0  # for the number beside the longest bar
    return start, high + room


def _waterfall(steps: Waterfall, mode: Mode, letter: str, title: str, text: Callable[[int], str]) -> go.Figure:
    palette = PALETTES[mode]
    ink, branch, total = palette[Role.DATA].text, palette[Role.BRANCH], palette[Role.HEAD]
    names = ["a", *(name for name, _change in steps.changes), letter]
    start, stop = axis_range(steps)
    bars = go.Waterfall(
        orientation="h",
        y=names,
        x=[steps.start, *(change for _name, change in steps.changes), steps.stop],
        measure=["absolute", *["relative"] * len(steps.changes), "total"],
        text=[text(steps.start), *(_signed(change, text) for _name, change in steps.changes), text(steps.stop)],
        textposition="outside",
        cliponaxis=False,
        textfont={"color": ink, "size": 13},
        hovertemplate="%{y}: %{x:,}<extra></extra>",
        increasing={"marker": {"color": branch.line}},
        decreasing={"marker": {"color": branch.fill, "line": {"color": branch.line, "width": 1.5}}},
        totals={"marker": {"color": total.line}},
        connector={"line": {"color": total.line, "width": 1, "dash": "dot"}},
    )
    if start > 0:
        rounded = short_count if text is exact else text
        title = _("{title} (the axis begins at {start})").format(title=title, start=rounded(int(start)))
    figure = go.Figure(bars)
    lay_out_bars(figure, title, ink, len(names))
    figure.update_xaxes(visible=False, range=[start, stop], fixedrange=True)
    return figure


def _signed(change: int, text: Callable[[int], str]) -> str:
    if change == 0:
        return "0"
    return ("+" if change > 0 else "−") + text(abs(change))
