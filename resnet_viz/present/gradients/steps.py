"""A gradient by block over the first steps of training: how it lies at each step, and whether and when it turns."""

from collections.abc import Sequence
from enum import StrEnum
from math import isfinite, log10, nan
from typing import NamedTuple

from resnet_viz.i18n import _
from resnet_viz.present.gradients.curves import NetCurve, View, curves_of
from resnet_viz.present.gradients.nets import PLAIN, BenchNet
from resnet_viz.present.gradients.numbers import number_text
from resnet_viz.present.gradients.trend import Trend, mean_ratio, trend_of
from resnet_viz.theory.gradients import GradientCurves


class NetSteps(NamedTuple):
    """A gradient of one net at several steps.

    Attributes:
        net: the net.
        steps: rising.
        curves: at each step, over the seeds that have come so far.
    """

    net: BenchNet
    steps: tuple[int, ...]
    curves: tuple[NetCurve, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """First over last at each step, geometric mean over the seeds; NaN where there is none."""
        return tuple(mean_ratio(curve.ratios) for curve in self.curves)


class Turn(StrEnum):
    """What becomes of the direction in which a gradient grows."""

    TURNS = "turns"
    KEEPS = "keeps"
    EVEN = "even"  # from the start, and to the end
    TILTS = "tilts"  # even at the start, no longer later
    BREAKS = "breaks"  # no number at some step


class Course(NamedTuple):
    """What becomes of a gradient over the steps.

    Attributes:
        turn: of its direction.
        start: trend before the first step.
        first: ratio there.
        step: at which it has turned, tilted or broken; the last one otherwise.
        then: ratio at that step.
    """

    turn: Turn
    start: Trend
    first: float
    step: int
    then: float


def steps_of(nets: Sequence[BenchNet], records: Sequence[GradientCurves], view: View) -> tuple[NetSteps, ...]:
    """Returns the steps of each net that has been measured, in the order of the nets."""
    found = []
    for place, net in enumerate(nets):
        steps = sorted({record.step for record in records if record.place == place})
        curves = [
            curves_of(nets, [record for record in records if (record.place, record.step) == (place, step)], view)[0]
            for step in steps
        ]
        if steps:
            found.append(NetSteps(net, tuple(steps), tuple(curves)))
    return tuple(found)


def course_of(steps: Sequence[int], ratios: Sequence[float]) -> Course:
    """Returns what becomes of ratios first / last, one per step; they turn where they cross 1.

    Args:
        steps: rising, from 0.
        ratios: of the steps; NaN where there is none.
    """
    first = ratios[0]
    start = trend_of([first])
    for step, ratio in zip(steps, ratios, strict=True):
        if not isfinite(ratio) or ratio <= 0:
            return Course(Turn.BREAKS, start, first, step, ratio)
        if (start is Trend.GROWS and ratio < 1) or (start is Trend.FALLS and ratio > 1):
            return Course(Turn.TURNS, start, first, step, ratio)
        if start is Trend.STAYS and trend_of([ratio]) is not Trend.STAYS:
            return Course(Turn.TILTS, start, first, step, ratio)
    turn = Turn.EVEN if start is Trend.STAYS else Turn.KEEPS
    return Course(turn, start, first, steps[-1], ratios[-1])


def course_message(net: BenchNet, course: Course) -> str:
    """Returns what becomes of the gradient of a net, as Markdown."""
    start = _("With batch norm") if net.has_norm else _("Without norm")
    kind = _("the gradient of the plain net") if net.id == PLAIN else _("the gradient of *{net}*").format(net=net.title)
    values = {
        "start": start,
        "gradient": kind,
        "first": number_text(course.first),
        "then": number_text(course.then),
        "step": course.step,
    }
    return _course_text(course).format(**values)


def _course_text(course: Course) -> str:
    match course.turn, course.start:
        case Turn.TURNS, Trend.GROWS:
            return _(
                "{start}, {gradient} explodes at birth (first / last {first}) and has turned by step {step} ({then})."
            )
        case Turn.TURNS, _:
            return _(
                "{start}, {gradient} vanishes at birth (first / last {first}) and has turned by step {step} ({then})."
            )
        case Turn.KEEPS, Trend.GROWS:
            return _(
                "{start}, {gradient} explodes at birth (first / last {first}) and still does at step {step} ({then})."
            )
        case Turn.KEEPS, _:
            return _(
                "{start}, {gradient} vanishes at birth (first / last {first}) and still does at step {step} ({then})."
            )
        case Turn.TILTS, _:
            return _(
                "{start}, {gradient} is about even at birth (first / last {first}), no longer at step {step} ({then})."
            )
        case Turn.BREAKS, _ if course.step == 0:
            return _("{start}, {gradient} has no ratio at birth: it is 0 or not finite at an end.")
        case Turn.BREAKS, _:
            return _(
                "{start}, {gradient} begins with first / last {first} and has no ratio at step {step}: it is 0 or not "
                "finite at an end."
            )
        case _:
            return _(
                "{start}, {gradient} stays within a power of ten from birth (first / last {first}) to step {step} "
                "({then})."
            )


def seeds_message(net: NetSteps, course: Course) -> str:
    """Returns in how many of several seeds the gradient has turned where its mean has; "" for others."""
    seeds = net.curves[0].seeds
    if course.turn is not Turn.TURNS or len(seeds) == 1:
        return ""
    at = net.curves[net.steps.index(course.step)]
    turned = sum((ratio < 1) == (course.then < 1) for ratio in at.ratios)
    return _("So in {n} of {all} seeds.").format(n=turned, all=len(at.seeds))


def paper_message(courses: Sequence[tuple[BenchNet, Course]]) -> str:
    """Returns what the paper has on vanishing, where a plain net with batch norm explodes at birth; "" elsewhere."""
    explodes = any(net.id == PLAIN and net.has_norm and course.start is Trend.GROWS for net, course in courses)
    return (
        _("He et al. 2015, section 4.1, call vanishing gradients an unlikely cause of degradation.") if explodes else ""
    )


def relative_levels(curve: NetCurve) -> tuple[float, ...]:
    """Returns the power of ten of each place over the last one; NaN where one of them has no place on a log axis."""
    last = curve.places[-1].mean
    return tuple(log10(place.mean / last) if place.drawn and last > 0 else nan for place in curve.places)
