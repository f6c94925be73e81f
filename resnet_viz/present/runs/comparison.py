"""Comparison of runs: scores of the nets of one, and curves of several on common axes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any, Final, NamedTuple

from resnet_viz.data.datasets import DataName
from resnet_viz.i18n import _
from resnet_viz.present.theme import Mode
from resnet_viz.present.training import net_styles
from resnet_viz.present.training.gradient_notes import ratio_text
from resnet_viz.present.training.net_styles import ChartOptions, NetStyle
from resnet_viz.present.training.results import final_loss
from resnet_viz.present.units import seconds_text
from resnet_viz.runs.run import Curve
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import run_titles
from resnet_viz.training.records import Step

_DASHES: Final = ("solid", "dashed", "dotted", [10, 3, 2, 3], [14, 4], [2, 5])  # one for each run: at most these
_LOG_FROM: Final = 50  # ratio of largest to smallest loss from which the axis is logarithmic
_EXACT: Final = {"containLabel": False, "outerBoundsMode": "none"}  # the grid keeps its position
_NARROW_PX: Final = 420  # width of a chart, below which names and values leave no room for the bars
_BAR_PX: Final = 27
_LEGEND_PX: Final = 66
_LARGE: Final = 100.0  # losses from here on need no decimals
_HUGE: Final = 1e6
_DAY_S: Final = 86_400
_HOURS_UP_TO_S: Final = 2 * _DAY_S


class ComparedRun(NamedTuple):
    """A run in a comparison.

    Attributes:
        name: its title.
        letter: prefix of its nets' titles where several runs are compared.
        nets: the nets of its recipe.
        steps: of its recipe.
        curves: of the nets that have steps.
        first: the first probed step of each net.
        last: the newest one.
        data: data set of the run; None where unknown.
    """

    name: str
    letter: str
    nets: tuple[NetSpec, ...]
    steps: int
    curves: tuple[Curve, ...]
    first: tuple[Step, ...]
    last: tuple[Step, ...]
    data: DataName | None = None


class Score(NamedTuple):
    """Score of one net of a run.

    Attributes:
        net: its label.
        loss: mean training loss of its last steps; None before the first.
        accuracy: share of the test images classified correctly at the last test; None where it was never tested.
        is_best: whether no net of the run has a better score.
    """

    net: str
    loss: float | None
    accuracy: float | None
    is_best: bool


def scores(labels: Sequence[str], curves: Sequence[Curve]) -> tuple[Score, ...]:
    """Returns the score of each net; the best by test accuracy, or by training loss where none was tested.

    Nets that share the best score are all the best, and none is where all nets share it: two that guess, for example.
    """
    by_net = {curve.net: curve for curve in curves if curve.steps}
    losses = {net: final_loss(curve) for net, curve in by_net.items()}
    tested = {net: curve.test_accuracy[-1] for net, curve in by_net.items() if curve.test_accuracy}
    known = tested or {net: -loss for net, loss in losses.items() if isfinite(loss)}
    highest = max(known.values(), default=0.0)
    best = {net for net, score in known.items() if score == highest} if len(by_net) > 1 else set()
    if len(best) == len(by_net):
        best = set()
    return tuple(Score(net=net, loss=losses.get(net), accuracy=tested.get(net), is_best=net in best) for net in labels)


def score_chart(found: Sequence[Score], looks: Mapping[str, NetStyle]) -> tuple[ChartOptions, int]:
    """Returns a bar for each net, as long as its test accuracy, the best marked; and the chart's height in pixels.

    Where the chart is narrow, on a phone or a projector, it cuts long names and leaves the loss out.

    Args:
        found: scores of the nets.
        looks: their colours and titles.
    """
    titles = [looks[score.net].title if score.net in looks else score.net for score in found]
    data = [
        {
            "value": 0 if score.accuracy is None else round(100 * score.accuracy, 1),
            "itemStyle": {"color": looks[score.net].color if score.net in looks else "#888888", "borderRadius": 3},
        }
        for score in found
    ]
    bars = {
        "type": "bar",
        "data": data,
        "barWidth": 12,
        "showBackground": True,
        "backgroundStyle": {"color": "rgba(128,140,160,0.16)", "borderRadius": 3},
        "silent": True,
    }
    base: ChartOptions = {
        "animation": False,
        "xAxis": {"type": "value", "min": 0, "max": 100, "show": False},
        "series": [bars],
        **_score_layout(found, titles, name_px=202, value_px=146),
    }
    narrow = _score_layout(found, titles, name_px=134, value_px=76, has_loss=False)
    options = {"baseOption": base, "media": [{"query": {"maxWidth": _NARROW_PX}, "option": narrow}]}
    return options, 8 + _BAR_PX * len(found)


def _score_layout(
    found: Sequence[Score], titles: Sequence[str], *, name_px: int, value_px: int, has_loss: bool = True
) -> ChartOptions:
    """Returns the names at the left and the values at the right of the bars, and the room that they take."""
    bare: ChartOptions = {
        "type": "category",
        "inverse": True,
        "axisTick": {"show": False},
        "axisLine": {"show": False},
        "splitLine": {"show": False},
    }
    texts = [
        {"value": _score_text(score, has_loss=has_loss), "textStyle": {"fontWeight": 700 if score.is_best else 400}}
        for score in found
    ]
    label = {"width": name_px - 6, "overflow": "truncate", "fontSize": 13, "align": "left", "margin": name_px}
    return {
        "grid": {"left": name_px, "right": value_px, "top": 2, "bottom": 2, **_EXACT},
        "yAxis": [
            bare | {"data": list(titles), "axisLabel": label},
            bare | {"data": texts, "position": "right", "axisLabel": {"fontSize": 13}},
        ],
    }


def _score_text(score: Score, *, has_loss: bool) -> str:
    is_short = not has_loss and score.accuracy is not None
    loss = "" if score.loss is None or is_short else _("loss {n}").format(n=_loss_text(score.loss))
    accuracy = "" if score.accuracy is None else f"{100 * score.accuracy:.1f} %"
    return (" · ".join(filter(None, [accuracy, loss])) or "–") + (" ★" if score.is_best else "")


def _loss_text(loss: float) -> str:
    if not isfinite(loss):
        return "∞"
    return f"{loss:.2f}" if loss < _LARGE else f"{loss:,.0f}" if loss < _HUGE else f"{loss:.0e}"


def loss_chart(runs: Sequence[ComparedRun], mode: Mode) -> ChartOptions:
    """Returns training loss of all nets of all runs against step, smoothed; logarithmic where it spans decades."""
    looks = _looks(runs, mode)
    options = net_styles.loss_chart(_curves(runs), looks, _most_steps(runs))
    known = [loss for run in runs for curve in run.curves for loss in curve.loss if isfinite(loss) and loss > 0]
    if known and max(known) > _LOG_FROM * max(min(known), 1.0 / _LOG_FROM):
        options["yAxis"] = {"type": "log"}
    series = [each for each in options["series"] if each["lineStyle"]["width"] > 1]  # raw values would hide the rest
    return _with_legend(options, runs) | {"series": [_dotted_where_alone(each) for each in series]}


def error_chart(runs: Sequence[ComparedRun], mode: Mode) -> ChartOptions:
    """Returns test error of all nets of all runs against step."""
    looks = _looks(runs, mode)
    return _with_legend(net_styles.test_error_chart(_curves(runs), looks, _most_steps(runs)), runs)


def gradient_chart(runs: Sequence[ComparedRun], mode: Mode, *, is_first: bool) -> ChartOptions:
    """Returns gradient norm against depth of all nets of all runs, at the first or at the newest probe."""
    probes = [
        replace(probe, net=_line_name(run, probe.net, runs))
        for run in runs
        for probe in (run.first if is_first else run.last)
    ]
    return _with_legend(net_styles.gradient_chart(probes, _looks(runs, mode)), runs)


def compared_table(runs: Sequence[ComparedRun]) -> list[dict[str, Any]]:
    """Returns a row for each net of each run."""
    rows = []
    for run in runs:
        titles = run_titles(run.nets)
        first, last = ({step.net: step for step in probes} for probes in (run.first, run.last))
        for score in scores([curve.net for curve in run.curves], run.curves):
            rows.append(
                {
                    _("run"): run.name if len(runs) == 1 else f"{run.letter}: {run.name}",
                    _("net"): titles[score.net],
                    _("steps"): next(curve.steps[-1] + 1 for curve in run.curves if curve.net == score.net),
                    _("training loss"): None if score.loss is None else float(f"{score.loss:.4g}"),
                    _("test accuracy"): score.accuracy,
                    _("weight gradient first/last, first probe"): ratio_text(first.get(score.net)),
                    _("weight gradient first/last, newest probe"): ratio_text(last.get(score.net)),
                }
            )
    return rows


def ago_text(seconds: float) -> str:
    """Returns the text of a time that has passed, in days where it is long."""
    if seconds < _HOURS_UP_TO_S:
        return _("{time} ago").format(time=seconds_text(seconds))
    return _("{n} days ago").format(n=round(seconds / _DAY_S))


def _line_name(run: ComparedRun, net: str, runs: Sequence[ComparedRun]) -> str:
    return net if len(runs) == 1 else f"{run.letter}: {net}"


def _looks(runs: Sequence[ComparedRun], mode: Mode) -> dict[str, NetStyle]:
    """Returns colours by net, as on all pages; where several runs are compared, the dash distinguishes them."""
    titles = {label: title for run in runs for label, title in run_titles(run.nets).items()}
    specs = {label: spec for run in runs for label, spec in zip(run_titles(run.nets), run.nets, strict=True)}
    by_net = net_styles.style_nets(list(specs.values()), mode, titles=titles)
    if len(runs) == 1:
        return dict(by_net)
    return {
        _line_name(run, label, runs): NetStyle(by_net[label].color, dash, _line_name(run, title, runs))  # type: ignore[arg-type]
        for run, dash in zip(runs, _DASHES, strict=False)
        for label, title in run_titles(run.nets).items()
    }


def _curves(runs: Sequence[ComparedRun]) -> list[Curve]:
    return [replace(curve, net=_line_name(run, curve.net, runs)) for run in runs for curve in run.curves if curve.steps]


def _most_steps(runs: Sequence[ComparedRun]) -> int:
    return max((run.steps for run in runs), default=1)


def _with_legend(options: ChartOptions, runs: Sequence[ComparedRun]) -> ChartOptions:
    """Returns the chart with a legend that scrolls where there are many lines."""
    if len(runs) == 1:
        return options
    legend = options["legend"] | {"type": "scroll", "itemHeight": 10, "icon": "inherit"}
    return options | {"legend": legend, "grid": options["grid"] | {"bottom": _LEGEND_PX}}


def _dotted_where_alone(series: ChartOptions) -> ChartOptions:
    """Returns the line, with a dot where it is a single point, which would be invisible."""
    return series | {"showSymbol": len(series["data"]) == 1, "symbol": "circle", "symbolSize": 8}
