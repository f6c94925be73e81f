"""Published errors against parameters and MACs: a chart for each protocol of a table, its data, crops and runs."""

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
_FEWEST: Final = 2  # results that make a chart
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
    """

    result: PublishedResult
    params: int
    macs: int


class ResultChart(NamedTuple):
    """Results of a table that come from as many runs, under the same conditions.

    Attributes:
        table: name of the table.
        rows: its results.
        others: those of the table under other conditions.
    """

    table: str
    rows: tuple[CostedResult, ...]
    others: tuple[CostedResult, ...]


@lru_cache(maxsize=1)
def result_charts() -> Mapping[str, ResultChart]:
    """Returns all charts: the largest of a table has its name, further ones a number; one result makes none."""
    charts = {}
    for name in TABLES:
        every = costed_results(name)
        groups = Counter(_conditions(row.result) for row in every).most_common()
        for number, (conditions, count) in enumerate(groups, start=1):
            if count < _FEWEST:
                continue
            rows = tuple(row for row in every if _conditions(row.result) == conditions)
            others = tuple(row for row in every if row not in rows)
            charts[name if number == 1 else f"{name}_{number}"] = ResultChart(name, rows, others)
    return MappingProxyType(charts)


def chart_name(name: str) -> str:
    """Returns the name of a chart in a menu: source, place, data set, and the conditions where its table has others."""
    chart = result_charts()[name]
    table = TABLES[chart.table]
    text = f"{files.sources()[table.source].citation}, {table.where}: {table.data}"
    return f"{text}, {_conditions_text(chart.rows[0], chart.others)}" if chart.others else text


@lru_cache(maxsize=len(TABLES))
def costed_results(name: str) -> tuple[CostedResult, ...]:
    """Returns the results of a table whose nets this program has, in the order of the table."""
    table = TABLES[name]
    return tuple(
        CostedResult(result, *_costs(result.spec))
        for result in files.results()
        if (result.source.name, result.where, result.protocol.data, result.quantity) == table
        and result.spec is not None
        and not result.relation
    )


def accuracy_charts(name: str, mode: Mode) -> tuple[go.Figure, go.Figure]:
    """Returns a chart's errors against parameters, and against multiply-adds of one image."""
    rows = result_charts()[name].rows
    return (
        _chart(rows, [row.params for row in rows], _("parameters"), mode),
        _chart(rows, [row.macs for row in rows], _("MACs of one image"), mode),
    )


def accuracy_text(name: str) -> str:
    """Returns the best net of a chart, the cheapest one, and what separates them; then what its table has besides."""
    _table, rows, others = result_charts()[name]
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
    besides = [f"{net_name(row.result)} ({row.result.printed}: {_conditions_text(row, rows)})" for row in others]
    note = _(" Under other conditions, and so not in this chart: {nets}.") if besides else ""
    return text.format(**values) + note.format(nets=", ".join(besides))


def net_name(result: PublishedResult) -> str:
    """Returns the name of a result's net with its case."""
    return f"{result.net}, {_(result.case)}" if result.case else result.net


def _conditions(result: PublishedResult) -> tuple[str, ...]:
    return result.protocol.runs, result.protocol.augmentation, result.protocol.note


def _conditions_text(row: CostedResult, others: Sequence[CostedResult]) -> str:
    """Returns the conditions of a result that others of its table have not."""
    compared = [_conditions(other.result) for other in others]
    own = [text for place, text in enumerate(_conditions(row.result)) if {text} != {one[place] for one in compared}]
    return ", ".join(_(text) for text in own if text) or _("number of runs not given")


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
        textfont={"color": ink, "size": _FONT_PX - 1}, marker=_markers(mode),
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


def _markers(mode: Mode) -> dict[str, Any]:
    color = PALETTES[mode][Role.BRANCH].line
    return {"size": 11, "color": color, "line": {"width": 2, "color": color}}


def _hover(row: CostedResult) -> str:
    result = row.result
    counts = _("{params} parameters, {macs} MACs").format(params=exact(row.params), macs=exact(row.macs))
    value = f"{quantity_name(result.quantity)} {result.printed} %"
    return "<br>".join((f"<b>{net_name(result)}</b>", value, counts, protocol_text(result.protocol), result.citation))
