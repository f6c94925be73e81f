"""Line charts as ECharts options, of the theory page and the lab: they change in place as controls move and runs go on.

On an axis of powers of ten the values drawn are logarithms and the labels "1e-5"; a hover shows the value itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, log10
from typing import Any, Final

from resnet_viz.graph.roles import Role
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.training.lab_nets import NetType

ChartOptions = dict[str, Any]
HEIGHT_PX: Final = 430
_LABEL_PX: Final = 14
_BELOW_PX: Final = 64  # of the name of the horizontal axis and a row of the legend
_AXIS_PX: Final = 50
_ROW_PX: Final = 22
_MANY: Final = 4  # names of a legend that may take two rows
_NARROW_PX: Final = 460  # width of a chart below which each name has its row
_ROLES: Final = {NetType.PLAIN: Role.BRANCH, NetType.RESIDUAL: Role.SHORTCUT}


@dataclass(frozen=True, kw_only=True, slots=True)
class Axes:
    """Names and kinds of both axes.

    Attributes:
        x: name of the horizontal one.
        y: name of the vertical one, above the chart.
        is_power: whether the vertical one has powers of ten.
        is_doubling: whether the vertical one is logarithmic, with a label at each doubling.
        x_ends: of the horizontal one; found from the values where None.
        y_ends: of the vertical one, likewise.
        y_step: from one of its labels to the next; chosen by the chart where None.
    """

    x: str
    y: str
    is_power: bool = False
    is_doubling: bool = False
    x_ends: tuple[float, float] | None = None
    y_ends: tuple[float, float] | None = None
    y_step: float | None = None


def kind_color(kind: NetType, mode: Mode) -> str:
    """Returns the colour of plain or residual nets, as in the lab."""
    return PALETTES[mode][_ROLES[kind]].line


def line(
    name: str,
    points: Iterable[tuple[float, float]],
    color: str,
    *,
    axes: Axes,
    dash: str = "solid",
    width: float = 3,
    is_faint: bool = False,
) -> ChartOptions:
    """Returns a line; a value that is not finite, or has no logarithm on an axis of powers, leaves a gap.

    Args:
        name: in the legend; lines of one name are shown as one there.
        points: x and y.
        color: as #RRGGBB.
        axes: of the chart.
        dash: solid, dashed or dotted.
        width: in px.
        is_faint: drawn lightly and without hover, behind the others.
    """
    data = [[x, _drawn(y, axes), _short(y)] for x, y in points]
    return {
        "name": name,
        "type": "line",
        "data": data,
        "showSymbol": len(data) == 1,
        "symbolSize": 8,
        "lineStyle": {
            "color": color,
            "type": dash,
            "width": 1.4 if is_faint else width,
            "opacity": 0.35 if is_faint else 1,
        },
        "itemStyle": {"color": color, "opacity": 0.5 if is_faint else 1},
        "emphasis": {"disabled": True},
        "silent": is_faint,
        "z": 1 if is_faint else 3,
    }


def dots(series: ChartOptions, size: float = 9) -> ChartOptions:
    """Returns a line with a mark at each point."""
    return series | {"showSymbol": True, "symbol": "circle", "symbolSize": size}


def band(name: str, rows: Sequence[tuple[float, float, float]], color: str) -> list[ChartOptions]:
    """Returns the area between a lower and an upper end for each x, on an axis without powers of ten."""
    hidden = {"lineStyle": {"opacity": 0}, "showSymbol": False, "silent": True, "tooltip": {"show": False}, "z": 0}
    common = {"name": name, "type": "line", "stack": f"band {name}", "itemStyle": {"color": color}, **hidden}
    return [
        common | {"data": [[x, low] for x, low, _high in rows]},
        common | {"data": [[x, high - low] for x, low, high in rows], "areaStyle": {"color": color, "opacity": 0.16}},
    ]


def marked(
    series: ChartOptions, text: str, point: tuple[float, float], *, axes: Axes, place: str = "top"
) -> ChartOptions:
    """Returns a line with a large mark and a text at a point."""
    label = {"show": bool(text), "formatter": text, "position": place, "fontSize": _LABEL_PX, "fontWeight": 600}
    found = with_marks(series, [point], axes=axes)
    found["markPoint"]["data"][0]["label"] = label | {"color": series["itemStyle"]["color"]}
    return found


def with_marks(series: ChartOptions, points: Iterable[tuple[float, float]], *, axes: Axes) -> ChartOptions:
    """Returns a line with large marks at some points."""
    color = series["itemStyle"]["color"]
    look = {"symbol": "circle", "symbolSize": 15, "label": {"show": False}}
    ring = {"color": color, "borderColor": "#FFFFFF", "borderWidth": 2}
    marks = [{"coord": [x, _drawn(y, axes)], "itemStyle": ring, **look} for x, y in points]
    return series | {"markPoint": {"data": marks, "silent": True, "animation": False}}


def end_named(series: ChartOptions, text: str) -> ChartOptions:
    """Returns a line with a text beside its end, inside the chart's right margin."""
    color = series["itemStyle"]["color"]
    label = {"show": True, "formatter": text, "color": color, "fontSize": _LABEL_PX, "distance": 12}
    return series | {"endLabel": label}


def level(series: ChartOptions, y: float, text: str, *, axes: Axes) -> ChartOptions:
    """Returns a line with a dotted horizontal one at y, for a value to compare with."""
    mark = {
        "yAxis": _drawn(y, axes),
        "label": {"formatter": text, "position": "insideStartTop", "fontSize": _LABEL_PX - 1},
    }
    look = {"lineStyle": {"type": "dotted", "width": 1.5, "color": "#8891A3"}, "symbol": "none", "silent": True}
    return series | {"markLine": {"data": [mark], "animation": False, **look}}


def chart(series: Sequence[ChartOptions], *, axes: Axes, right_px: int = 30) -> ChartOptions:
    """Returns the options of a chart, with a margin at its right for texts at the ends of lines."""
    names = list(dict.fromkeys(str(one["name"]) for one in series if one["name"]))
    below_px = _BELOW_PX if len(names) < _MANY else _BELOW_PX + _ROW_PX
    narrow = {"legend": {"orient": "vertical"}, "grid": {"bottom": _AXIS_PX + _ROW_PX * len(names)}}
    name_style = {"fontSize": _LABEL_PX}
    x_ends = {} if axes.x_ends is None else {"min": axes.x_ends[0], "max": axes.x_ends[1]}
    y_ends = {} if axes.y_ends is None else {"min": _drawn(axes.y_ends[0], axes), "max": _drawn(axes.y_ends[1], axes)}
    y_step = {} if axes.y_step is None else {"interval": axes.y_step}
    power = {"axisLabel": {"formatter": "1e{value}", "fontSize": _LABEL_PX}, "minInterval": 1} if axes.is_power else {}
    doubling = {"type": "log", "logBase": 2} if axes.is_doubling else {}
    return {
        "animation": False,
        "grid": {"left": 12, "right": right_px, "top": 40, "bottom": below_px, "containLabel": True},
        "legend": {
            "data": names, "left": "center", "bottom": 0, "icon": "roundRect", "itemHeight": 4, "itemWidth": 22,
            "textStyle": {"fontSize": _LABEL_PX},
        },
        "textStyle": {"fontSize": _LABEL_PX},
        "tooltip": {"trigger": "item", "formatter": "{a}<br/>" + axes.x + " {@[0]}: {@[2]}", "confine": True},
        "xAxis": {
            "type": "value", "name": axes.x, "nameLocation": "middle", "nameGap": 30, "nameTextStyle": name_style,
            "axisLabel": {"fontSize": _LABEL_PX}, "splitLine": {"show": False}, "scale": True,
            "axisLine": {"onZero": False}, **x_ends,
        },
        "yAxis": {
            "type": "value", "name": axes.y, "nameLocation": "end", "nameTextStyle": {**name_style, "align": "left"},
            "axisLabel": {"fontSize": _LABEL_PX}, "scale": True, "axisLine": {"onZero": False},
            **power, **doubling, **y_ends, **y_step,
        },
        "series": list(series),
        "media": [{"query": {"maxWidth": _NARROW_PX}, "option": narrow}],
    }  # fmt: skip


def _drawn(y: float, axes: Axes) -> float | None:
    if not isfinite(y) or ((axes.is_power or axes.is_doubling) and y <= 0):
        return None
    return log10(y) if axes.is_power else y


def _short(y: float) -> str:
    return f"{y:.4g}"
