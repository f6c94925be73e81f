"""Published errors against parameters and MACs: one chart per table, whose nets share data and crops."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log10, sqrt
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import plotly.graph_objects as go

from resnet_viz.analysis.report import analyse
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.published_results import protocol_text, quantity_name
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.units import exact
from resnet_viz.published import files
from resnet_viz.published.result import PublishedQuantity, PublishedResult
from resnet_viz.spec.vgg import AnySpec

_HEIGHT_PX: Final = 420
_FONT_PX: Final = 14
_ROOM: Final = 0.06  # of the costs' axis beside the outermost points, in powers of ten


class ResultTable(NamedTuple):
    """Table of a source, restricted to one data set and one quantity, so that its results can be compared."""

    source: str
    where: str
    data: str
    quantity: PublishedQuantity


_IMAGENET: Final = "ImageNet validation"
_TOP1: Final = PublishedQuantity.TOP1_ERROR
_TEST: Final = PublishedQuantity.TEST_ERROR
TABLES: Final[Mapping[str, ResultTable]] = MappingProxyType(  # keys are part of addresses
    {
        "he2015_table3": ResultTable("he2015", "table 3", _IMAGENET, _TOP1),
        "he2015_table4": ResultTable("he2015", "table 4", _IMAGENET, _TOP1),
        "he2015_table6": ResultTable("he2015", "table 6", "CIFAR-10", _TEST),
        "he2016_table3": ResultTable("he2016", "table 3", "CIFAR-10", _TEST),
        "he2016_table3_cifar100": ResultTable("he2016", "table 3", "CIFAR-100", _TEST),
        "he2016_table4": ResultTable("he2016", "table 4", "CIFAR-10", _TEST),
        "he2016_table4_cifar100": ResultTable("he2016", "table 4", "CIFAR-100", _TEST),
    }
)


class CostedResult(NamedTuple):
    """Published result with our own counts of its net.

    Attributes:
        result: the result.
        params: parameters of its net.
        macs: multiply-adds of its net for one image.
        is_usual: whether it comes from as many runs, under the same conditions, as most of its table.
    """

    result: PublishedResult
    params: int
    macs: int
    is_usual: bool


def table_name(name: str) -> str:
    """Returns the name of a table in a menu: source, place and data set."""
    table = TABLES[name]
    return f"{files.sources()[table.source].citation}, {table.where}: {table.data}"


@lru_cache(maxsize=len(TABLES))
def costed_results(name: str) -> tuple[CostedResult, ...]:
    """Returns the results of a table whose nets this program has, in the order of the table."""
    table = TABLES[name]
    found = [
        result
        for result in files.results()
        if (result.source.name, result.where, result.protocol.data, result.quantity) == table
        and result.spec is not None
        and not result.relation
    ]
    usual = Counter(map(_conditions, found)).most_common(1)[0][0]
    return tuple(
        CostedResult(result, *_costs(result.spec), is_usual=_conditions(result) == usual)
        for result in found
        if result.spec is not None
    )


def accuracy_charts(name: str, mode: Mode) -> tuple[go.Figure, go.Figure]:
    """Returns a table's errors against parameters, and against multiply-adds of one image."""
    rows = costed_results(name)
    return (
        _chart(rows, [row.params for row in rows], _("parameters"), mode),
        _chart(rows, [row.macs for row in rows], _("MACs of one image"), mode),
    )


def accuracy_text(name: str) -> str:
    """Returns the best net of a table, the cheapest one, and what separates them; then the points drawn open."""
    rows = costed_results(name)
    best = min(rows, key=lambda row: row.result.value)
    cheapest = min(rows, key=lambda row: row.params)
    quantity = quantity_name(best.result.quantity)
    values = {
        "best": net_name(best.result), "value": best.result.printed, "quantity": quantity, "params": exact(best.params),
        "small": net_name(cheapest.result), "small_value": cheapest.result.printed,
        "times": f"{best.params / cheapest.params:.1f}",
    }  # fmt: skip
    if best.params == cheapest.params:
        text = _("{best} has the smallest {quantity}, {value} %, and no net here has fewer parameters.")
    else:
        text = _(
            "{best} has the smallest {quantity}, {value} %, with {params} parameters: {times} times those of {small}, "
            "which has {small_value} %."
        )
    usual = next(_conditions(row.result) for row in rows if row.is_usual)
    others = [
        f"{net_name(row.result)} ({row.result.printed}: {_conditions_text(row.result, usual)})"
        for row in rows
        if not row.is_usual
    ]
    note = _(" Open circles, under other conditions than the rest: {nets}.") if others else ""
    return text.format(**values) + note.format(nets=", ".join(others))


def net_name(result: PublishedResult) -> str:
    """Returns the name of a result's net with its case."""
    return f"{result.net}, {_(result.case)}" if result.case else result.net


def _conditions(result: PublishedResult) -> tuple[str, ...]:
    return result.protocol.runs, result.protocol.augmentation, result.protocol.note


def _conditions_text(result: PublishedResult, usual: tuple[str, ...]) -> str:
    """Returns the conditions of a result that are not those of most of its table."""
    other = (own for own, most in zip(_conditions(result), usual, strict=True) if own and own != most)
    return ", ".join(map(_, other)) or _("number of runs not given")


@lru_cache(maxsize=128)
def _costs(spec: AnySpec) -> tuple[int, int]:
    found = analyse(lower(spec)).totals
    return found.params, found.macs


def _chart(rows: Sequence[CostedResult], costs: Sequence[int], title: str, mode: Mode) -> go.Figure:
    palette = PALETTES[mode]
    ink, grid = palette[Role.DATA].text, palette[Role.DATA].fill
    low, high = min(costs), max(costs)
    middle = sqrt(low * high)  # of a logarithmic axis: names point to it
    sides = ["middle right" if cost < middle else "middle left" for cost in costs]
    figure = go.Figure()
    figure.add_scatter(
        x=list(costs), y=[row.result.value for row in rows], mode="markers+text", showlegend=False, cliponaxis=False,
        text=_labels(rows), textposition=sides,
        textfont={"color": ink, "size": _FONT_PX - 1}, marker=_markers(rows, mode),
        customdata=[_hover(row) for row in rows], hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.update_layout(
        title={
            "text": quantity_name(rows[0].result.quantity) + ", %",
            "font": {"size": 15, "color": ink}, "x": 0, "xanchor": "left", "y": 0.98,
        },
        height=_HEIGHT_PX, margin={"l": 8, "r": 12, "t": 48, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": _FONT_PX},
        hoverlabel={"font": {"family": FONT, "size": _FONT_PX}, "align": "left"},
    )  # fmt: skip
    ticks = [digit * 10**power for power in range(4, 12) for digit in (1, 2, 5)]
    ticks = [tick for tick in ticks if low / 2 <= tick <= 2 * high]
    figure.update_xaxes(
        type="log", title=title, gridcolor=grid, zeroline=False, fixedrange=True, automargin=True,
        tickvals=ticks, tickformat="~s", range=[log10(low) - _ROOM, log10(high) + _ROOM],
    )  # fmt: skip
    figure.update_yaxes(gridcolor=grid, zeroline=False, fixedrange=True, automargin=True)
    return figure


def _labels(rows: Sequence[CostedResult]) -> list[str]:
    """Returns the name of each point, with its case where its net is there several times."""
    nets = Counter(row.result.net for row in rows)
    return [f" {net_name(row.result) if nets[row.result.net] > 1 else row.result.net} " for row in rows]


def _markers(rows: Sequence[CostedResult], mode: Mode) -> dict[str, Any]:
    color = PALETTES[mode][Role.BRANCH].line
    symbols = ["circle" if row.is_usual else "circle-open" for row in rows]
    return {"size": 11, "color": color, "symbol": symbols, "line": {"width": 2, "color": color}}


def _hover(row: CostedResult) -> str:
    result = row.result
    counts = _("{params} parameters, {macs} MACs").format(params=exact(row.params), macs=exact(row.macs))
    value = f"{quantity_name(result.quantity)} {result.printed} %"
    return "<br>".join((f"<b>{net_name(result)}</b>", value, counts, protocol_text(result.protocol), result.citation))
