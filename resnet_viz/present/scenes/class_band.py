"""A class run as a picture and messages: a thin line for each seed, mean and deviation over those that have ended.

A curve is the mean of its losses in each of at most BINS parts of the run: a class of thirty sends as much as one run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean, stdev
from typing import Any, Final

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _, ngettext
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.training.net_styles import NetStyle, style_nets
from resnet_viz.present.training.results import LAST_STEPS, chance_loss, is_guess, nets_by_architecture
from resnet_viz.present.training.seeds import comparable_losses
from resnet_viz.runs.run import Curve
from resnet_viz.training.recipe import Recipe

ChartOptions = dict[str, Any]
BINS: Final = 50
_TOP: Final = 2.0  # of the loss axis, in losses of guessing: one seed that explodes flattens no other
_TYPE_PX: Final = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedCurves:
    """Curves of one seed.

    Attributes:
        seed: of the run.
        is_done: whether its run has come to its end.
        lines: mean loss of each net in each part of the run that it has passed.
        losses: training loss of each net over the last steps; NaN for one that diverged.
    """

    seed: int
    is_done: bool
    lines: Mapping[str, tuple[float, ...]]
    losses: Mapping[str, float]


def seed_curves(recipe: Recipe, seed: int, curves: Sequence[Curve], *, is_done: bool) -> SeedCurves:
    """Returns a run's curves in the parts of a class run."""
    lines = {curve.net: binned(curve, recipe.steps) for curve in curves}
    return SeedCurves(seed=seed, is_done=is_done, lines=lines, losses=comparable_losses(curves))


def binned(curve: Curve, num_steps: int) -> tuple[float, ...]:
    """Returns the mean loss in each part of a run, up to the first that the curve has not passed."""
    bins = min(BINS, num_steps)
    parts: list[list[float]] = [[] for _part in range(bins)]
    for step, loss in zip(curve.steps, curve.loss, strict=True):
        parts[step * bins // num_steps].append(loss)
    last = curve.steps[-1] if curve.steps else -1
    passed = [part for number, part in enumerate(parts) if _first_step(number + 1, bins, num_steps) <= last + 1]
    return tuple(fmean(part) for part in passed if part)


def band(seeds: Sequence[SeedCurves], net: str) -> list[tuple[float, float]]:
    """Returns mean and standard deviation over the seeds that are done, for each part of the run.

    It ends where fewer than two of them have a finite loss: a spread of one is none.
    """
    lines = [each.lines[net] for each in seeds if each.is_done and net in each.lines]
    found = []
    for part in range(max(map(len, lines), default=0)):
        values = [line[part] for line in lines if part < len(line) and isfinite(line[part])]
        if len(values) < 2:  # noqa: PLR2004
            break
        found.append((fmean(values), stdev(values)))
    return found


def counts_of(recipe: Recipe, seeds: Sequence[SeedCurves]) -> list[str]:
    """Returns for each kind of net of several depths in how many seeds that are done the deepest has the higher loss.

    Seeds in which both guess, and seeds in which a net diverged, are counted apart.
    """
    done = [each for each in seeds if each.is_done]
    trained = {net for each in done for net in each.losses}
    messages = []
    for own in nets_by_architecture(recipe.nets, trained):
        (shallow, spec), (deep, _spec) = own[0], own[-1]
        pairs = [(each.losses[deep], each.losses[shallow]) for each in done if {deep, shallow} <= set(each.losses)]
        chance = chance_loss(spec, recipe.data)
        messages.append(_count(recipe.titles[shallow], recipe.titles[deep], pairs, chance))
    return messages


def means_text(recipe: Recipe, seeds: Sequence[SeedCurves]) -> str:
    """Returns mean and deviation of each net's training loss over the seeds that are done; empty without any."""
    parts = []
    for label, title in recipe.titles.items():
        losses = [each.losses[label] for each in seeds if each.is_done and label in each.losses]
        finite = [loss for loss in losses if isfinite(loss)]
        if finite:
            spread = f" ± {stdev(finite):.2f}" if len(finite) > 1 else ""
            parts.append(f"{title} {fmean(finite):.2f}{spread}")
    if not parts:
        return ""
    return _("Training loss, mean ± sd over seeds, last {n} steps: {values}").format(
        n=LAST_STEPS, values=" · ".join(parts)
    )


def chart(recipe: Recipe, seeds: Sequence[SeedCurves], mode: Mode) -> ChartOptions:
    """Returns the chart of a class, without any seed marked."""
    looks, bins = style_nets(recipe.nets, mode), min(BINS, recipe.steps)
    series: list[ChartOptions] = []
    for label in recipe.labels:
        lines = [each.lines[label] for each in seeds if each.lines.get(label)]
        series += [_thin(line, looks[label]) for line in lines]
        series += _band(band(seeds, label), looks[label])
    options = _layout(recipe, looks, bins)
    top = _TOP * max(chance_loss(spec, recipe.data) for spec in recipe.nets)
    is_beyond = any(not loss <= top for each in seeds for line in each.lines.values() for loss in line)
    return options | {"series": series, "yAxis": options["yAxis"] | ({"max": round(top, 1)} if is_beyond else {})}


def with_own(options: ChartOptions, recipe: Recipe, own: SeedCurves, mode: Mode) -> ChartOptions:
    """Returns the chart with the lines of one's own seed dotted, each in its net's colour; the legend names them."""
    looks, name = style_nets(recipe.nets, mode), _("your seed, {seed}").format(seed=own.seed)
    marked = [
        _series(_points(own.lines[label]), looks[label]._replace(dash="dotted"), width=3, opacity=1, z=5)
        | {"name": name}
        for label in recipe.labels
        if own.lines.get(label)
    ]
    neutral = {"color": PALETTES[mode][Role.DATA].text}  # of the entry, which stands for all nets
    entry = {"name": name, "itemStyle": neutral, "lineStyle": neutral}
    legend = options["legend"] | {"data": [*options["legend"]["data"], *([entry] if marked else [])]}
    return options | {"series": [*options["series"], *marked], "legend": legend}


def alt_text(recipe: Recipe, seeds: Sequence[SeedCurves]) -> str:
    """Returns the chart in words."""
    return " ".join([_("Training loss against step for each seed of the class."), *counts_of(recipe, seeds)])


def _first_step(number: int, bins: int, num_steps: int) -> int:
    return -(-number * num_steps // bins)


def _count(shallow: str, deep: str, pairs: Sequence[tuple[float, float]], chance: float) -> str:
    """Returns the comparison of two nets from their pairs of losses, the deeper one's first."""
    guesses = sum(all(is_guess(loss, chance) for loss in pair) for pair in pairs)
    diverged = sum(not all(map(isfinite, pair)) for pair in pairs)
    compared = [p for p in pairs if all(map(isfinite, p)) and not all(is_guess(loss, chance) for loss in p)]
    above, below = sum(a > b for a, b in compared), sum(a < b for a, b in compared)
    parts = []
    if compared:
        text = (
            ngettext(
                "In {n} of {all} seed {deep} has the higher training loss than {shallow}.",
                "In {n} of {all} seeds {deep} has the higher training loss than {shallow}.",
                len(compared),
            )
            if above >= below
            else ngettext(
                "In {n} of {all} seed {deep} has the lower training loss than {shallow}.",
                "In {n} of {all} seeds {deep} has the lower training loss than {shallow}.",
                len(compared),
            )
        )
        parts.append(text.format(n=max(above, below), all=len(compared), deep=deep, shallow=shallow))
    if guesses:
        text = ngettext("In {n} seed both guess.", "In {n} seeds both guess.", guesses)
        parts.append(text.format(n=guesses) if compared else f"{deep}, {shallow}: {text.format(n=guesses)}")
    if diverged:
        text = ngettext("In {n} seed a net diverged.", "In {n} seeds a net diverged.", diverged)
        parts.append(
            text.format(n=diverged) if compared or guesses else f"{deep}, {shallow}: {text.format(n=diverged)}"
        )
    return " ".join(parts)


def _points(line: Sequence[float]) -> list[float | None]:
    return [round(loss, 3) if isfinite(loss) else None for loss in line]


def _series(data: Sequence[float | None], look: NetStyle, *, width: float, opacity: float, z: int) -> ChartOptions:
    return {
        "type": "line",
        "data": list(data),
        "showSymbol": False,
        "silent": True,
        "lineStyle": {"color": look.color, "type": look.dash, "width": width, "opacity": opacity},
        "itemStyle": {"color": look.color},
        "emphasis": {"disabled": True},
        "z": z,
    }


def _thin(line: Sequence[float], look: NetStyle) -> ChartOptions:
    # There is one for each seed and net: what is the same for all of them is left to the chart.
    style = {"color": look.color, "type": look.dash, "width": 1.2, "opacity": 0.35}
    return {"type": "line", "data": _points(line), "showSymbol": False, "silent": True, "lineStyle": style}


def _band(rows: Sequence[tuple[float, float]], look: NetStyle) -> list[ChartOptions]:
    """Returns the area of a deviation around the mean and the mean; the mean alone, empty, names the net before."""
    area = {"stack": f"band {look.title}", "stackStrategy": "all"}
    low = _series(_points([mean - sd for mean, sd in rows]), look, width=0, opacity=0, z=1) | area
    high = _series(_points([2 * sd for _mean, sd in rows]), look, width=0, opacity=0, z=1) | area
    high["areaStyle"] = {"color": look.color, "opacity": 0.2}
    middle = _series(_points([mean for mean, _sd in rows]), look, width=4, opacity=1, z=4)
    return [low, high, middle | {"name": look.title, "silent": False}]


def _layout(recipe: Recipe, looks: Mapping[str, NetStyle], bins: int) -> ChartOptions:
    text = {"fontSize": _TYPE_PX}
    starts = [_first_step(part, bins, recipe.steps) for part in range(bins)]
    every = max(1, bins // 5)
    return {
        "animation": False,
        "textStyle": text,
        "grid": {"left": 8, "right": 20, "top": 44, "bottom": 72, "containLabel": True},
        "legend": {"data": [look.title for look in looks.values()], "left": "center", "bottom": 0,
                   "icon": "roundRect", "itemHeight": 6, "itemWidth": 26, "textStyle": text},
        "tooltip": {"show": False},
        "xAxis": {
            "type": "category", "data": starts, "boundaryGap": False, "name": _("step"), "nameLocation": "middle",
            "nameGap": 32, "nameTextStyle": text, "axisLabel": text | {"interval": every - 1},
            "axisTick": {"show": False},
        },
        "yAxis": {
            "type": "value", "name": _("training loss, nats"), "nameTextStyle": text | {"align": "left"}, "min": 0,
            "axisLabel": text,
        },
    }  # fmt: skip
