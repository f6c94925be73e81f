"""A gradient by block over the first steps of training: how it lies at each step, and whether and when it turns."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from math import log10, nan
from typing import NamedTuple, assert_never

from resnet_viz.i18n import _
from resnet_viz.present.gradients.curves import NetCurve, View, curves_of
from resnet_viz.present.gradients.nets import PLAIN, BenchNet
from resnet_viz.present.gradients.numbers import number_text
from resnet_viz.present.gradients.trend import Trend, mean_ratio, trend_of, trend_verb
from resnet_viz.theory.gradients import STEPS, GradientCurves


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

    TURNS = "turns"  # it lies across 1 from some step on
    EVENS = "evens"  # it is within a power of ten from some step on
    KEEPS = "keeps"
    STAYS = "stays"  # within a power of ten throughout
    TILTS = "tilts"  # even at the start, no longer at the end
    BREAKS = "breaks"  # no number at some step


class Course(NamedTuple):
    """What becomes of a gradient over the steps.

    Attributes:
        turn: of its direction.
        start: trend before the first step.
        first: ratio there.
        step: from which on it has turned, evened out or tilted, or at which it broke; the last one otherwise.
        then: ratio at that step.
        last_step: the last one.
        last: ratio there.
    """

    turn: Turn
    start: Trend
    first: float
    step: int
    then: float
    last_step: int
    last: float


def named_steps(net: NetSteps) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Returns the steps that tables of the theory name, with the ratios there: a few that are far apart.

    From one step to the next a ratio scatters about 1; a direction that is said to have turned holds over more.
    """
    named = [place for place, step in enumerate(net.steps) if step in STEPS]
    ratios = net.ratios
    return tuple(net.steps[place] for place in named), tuple(ratios[place] for place in named)


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
    """Returns what becomes of ratios first / last, one per step.

    Args:
        steps: rising, from 0.
        ratios: of the steps; NaN where there is none.
    """
    start = trend_of(ratios[:1])
    broken = next((place for place, ratio in enumerate(ratios) if trend_of([ratio]) is Trend.UNKNOWN), None)
    if broken is not None:
        turn, place = Turn.BREAKS, broken
    else:
        turn, place = _turn(start, ratios)
    return Course(turn, start, ratios[0], steps[place], ratios[place], steps[-1], ratios[-1])


def _turn(start: Trend, ratios: Sequence[float]) -> tuple[Turn, int]:
    """Returns what becomes of positive ratios, and the place from which on it is so."""
    end = len(ratios) - 1
    if start is Trend.STAYS:
        tilted = _from_where(ratios, lambda ratio: trend_of([ratio]) is not Trend.STAYS)
        if tilted is not None:
            return Turn.TILTS, tilted
        return Turn.STAYS, end
    turned = _from_where(ratios, lambda ratio: (ratio < 1) is (start is Trend.GROWS))
    if turned is not None:
        return Turn.TURNS, turned
    evened = _from_where(ratios, lambda ratio: trend_of([ratio]) is not start)
    return (Turn.KEEPS, end) if evened is None else (Turn.EVENS, evened)


def _from_where(ratios: Sequence[float], holds: Callable[[float], bool]) -> int | None:
    """Returns the place from which on something holds to the end; None where it does not at the end."""
    place = len(ratios)
    while place and holds(ratios[place - 1]):
        place -= 1
    return place if place < len(ratios) else None


def course_message(net: BenchNet, course: Course, view: View) -> str:
    """Returns what becomes of a gradient of a net, as Markdown."""
    gradient = {
        (View.BLOCK, True): _("the block gradient of the plain net"),
        (View.WEIGHT, True): _("the weight gradient of the plain net"),
        (View.BLOCK, False): _("the block gradient of *{net}*"),
        (View.WEIGHT, False): _("the weight gradient of *{net}*"),
    }[view, net.id == PLAIN].format(net=net.title)
    return _course_text(course).format(
        start=_("With batch norm") if net.has_norm else _("Without norm"),
        gradient=gradient,
        verb=trend_verb(course.start, course.first),
        first=number_text(course.first),
        then=number_text(course.then),
        step=course.step,
        last=number_text(course.last),
        last_step=course.last_step,
    )


def _course_text(course: Course) -> str:
    at_birth = _("{start}, {gradient} {verb} at birth (first / last **{first}**)")
    match course.turn:
        case Turn.TURNS:
            return at_birth + _(" and has **turned by step {step}** ({then}).")
        case Turn.EVENS:
            return at_birth + _(
                " and has evened out by step {step} ({then}), but not turned: {last} at step {last_step}."
            )
        case Turn.KEEPS:
            return at_birth + _(" and still does at step {last_step} ({last}).")
        case Turn.STAYS:
            return at_birth + _(" and up to step {last_step} ({last}).")
        case Turn.TILTS:
            return at_birth + _(" and no longer from step {step} on ({then}).")
        case Turn.BREAKS if course.step == 0:
            return _("{start}, {gradient} has no ratio at birth: it is 0 or not finite at an end.")
        case Turn.BREAKS:
            return at_birth + _(" and has no ratio at step {step}: it is 0 or not finite at an end.")
        case _:
            assert_never(course.turn)


def seeds_message(net: NetSteps, course: Course) -> str:
    """Returns in how many of several seeds the gradient has turned where its mean has; "" for others."""
    seeds = net.curves[0].seeds
    if course.turn is not Turn.TURNS or len(seeds) == 1:
        return ""
    at = net.curves[net.steps.index(course.step)]
    turned = sum((ratio < 1) == (course.then < 1) for ratio in at.ratios)
    return _("At that step so in {n} of {all} seeds.").format(n=turned, all=len(at.seeds))


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
