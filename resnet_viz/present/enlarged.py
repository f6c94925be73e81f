"""Charts for a projector: the same figure with larger type, and as much more room for it.

A chart names the size of its type in many places. All of them grow by one factor, and so do height and margins; what is
small grows up to `LEAST_PX` at the usual factor, that the last row reads it.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Final

import plotly.graph_objects as go

LEAST_PX: Final = 16  # of any type, at the factor below
_FACTOR: Final = 1.25  # of a projector of 1024 x 768
_FEW_IMAGES: Final = 4
_ECHARTS_PX: Final = 12  # type where a chart names no size
_WIDTH_PX: Final = 740  # of a legend, over the factor: a projector is as much wider
_AXIS_PX: Final = 46  # numbers and name of the horizontal axis
_ROW_PX: Final = 22
_MARK_PX: Final = 42
_LETTER_PX: Final = 7.6
_ROOM: Final = ("l", "r", "t", "b", "pad", "standoff", "title_standoff", "xshift", "yshift")
_DISTANCES: Final = (
    "left",
    "right",
    "top",
    "bottom",
    "nameGap",
    "itemHeight",
    "itemWidth",
    "itemGap",
    "margin",
    "distance",
)


def enlarge_figure(figure: go.Figure, factor: float) -> go.Figure:
    """Returns a Plotly figure whose type, height and margins are larger by a factor."""
    if factor == 1:
        return figure
    fields = figure.to_plotly_json()
    found = _in_plotly(fields, factor, "")
    if sum("scaleanchor" in axis for axis in fields["layout"].values() if isinstance(axis, dict)) > _FEW_IMAGES:
        found["layout"]["height"] = fields["layout"].get("height")  # images in rows are as wide as the page lets them
    return go.Figure(found)


def enlarge_options(options: Mapping[str, Any], factor: float, ink: str) -> dict[str, Any]:
    """Returns options of ECharts whose type and distances in px are larger by a factor, and whose type has this colour.

    ECharts' own type is grey, which a weak projector makes fainter still.
    """
    if factor == 1:
        return dict(options)
    found: dict[str, Any] = _in_echarts(options, factor)
    usual = {"fontSize": _type_px(_ECHARTS_PX, factor), "color": ink}
    found["textStyle"] = usual | found.get("textStyle", {})
    if "legend" in found and "bottom" in found.get("grid", {}):
        below_px = (_AXIS_PX + _ROW_PX * _num_rows(found["legend"].get("data", ()))) * factor
        found["grid"] = found["grid"] | {"bottom": max(found["grid"]["bottom"], below_px)}
    for part in ("legend", "title"):
        if part in found:
            found[part] = [_with(one, "textStyle", usual) for one in _each(found[part])]
    for axis in ("xAxis", "yAxis"):
        if axis in found:
            axes = [_with(one, "axisLabel", usual) for one in _each(found[axis])]
            found[axis] = [_with(one, "nameTextStyle", usual) for one in axes]
    return found


def _num_rows(entries: Sequence[str | Mapping[str, Any]]) -> int:
    """Returns the number of rows that a legend needs, in the usual size on a projector's whole width."""
    names = [entry if isinstance(entry, str) else entry["name"] for entry in entries]
    return ceil(sum(_MARK_PX + _LETTER_PX * len(name) for name in names) / _WIDTH_PX)


def _type_px(size: float, factor: float) -> float:
    return round(max(size, LEAST_PX / _FACTOR) * factor, 1)


def _in_plotly(value: Any, factor: float, name: str) -> Any:
    """Returns a part of a figure; `name` is that of the part."""
    if isinstance(value, list | tuple):
        return [_in_plotly(each, factor, name) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _in_plotly(each, factor, key) for key, each in value.items()}
    if name.endswith("font") and isinstance(value.get("size"), int | float):
        found["size"] = _type_px(value["size"], factor)
    for key in _ROOM if name in {"margin", "title", "xaxis", "yaxis"} or "xshift" in value or "yshift" in value else ():
        if isinstance(value.get(key), int | float):
            found[key] = value[key] * factor
    if name == "layout" and value.get("height"):
        found["height"] = round(value["height"] * factor)
    return found


def _in_echarts(value: Any, factor: float) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {key: _grown(key, each, factor) for key, each in value.items()}
    if isinstance(value, Sequence) and any(isinstance(each, Mapping) for each in value):
        return [_in_echarts(each, factor) for each in value]
    return value


def _grown(key: str, value: Any, factor: float) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if key == "fontSize":
            return _type_px(value, factor)
        return value * factor if key in _DISTANCES else value
    return _in_echarts(value, factor)


def _each(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value]


def _with(part: dict[str, Any], name: str, usual: dict[str, Any]) -> dict[str, Any]:
    return part | {name: usual | part.get(name, {})}
