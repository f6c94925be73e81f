"""Outcomes of instruments: verdicts and sentences from the records of an answer. Sentences are plain text."""

from collections.abc import Sequence
from math import isfinite, isnan
from statistics import fmean
from typing import Final

from resnet_viz.attribution.net_result import MapAgreement
from resnet_viz.i18n import _
from resnet_viz.present.attribution.text import STRONG, WEAK
from resnet_viz.present.gradients.curves import View
from resnet_viz.present.gradients.nets import BenchNet
from resnet_viz.present.gradients.numbers import number_text
from resnet_viz.present.gradients.steps import Course, Turn, course_of, named_steps, steps_of
from resnet_viz.present.gradients.trend import FLAT, Trend, ratio_text, trend_of
from resnet_viz.present.theory.order_signals import order_name, orders_text
from resnet_viz.present.theory.shortcut_factor import product_text, whole_text
from resnet_viz.present.theory.trained.growth import net_text
from resnet_viz.present.theory.trained.lesions import SLIGHT, lesion_text
from resnet_viz.present.theory.trained.paths import gradient_text
from resnet_viz.scenes.scene import Outcome
from resnet_viz.spec.enums import Order
from resnet_viz.theory.gradients import GradientCurves, first_to_last
from resnet_viz.theory.order_signals import OrderSignals
from resnet_viz.theory.shortcut_factor import FactorGradients
from resnet_viz.theory.trained.growth import Filling, GrownNet
from resnet_viz.theory.trained.lesions import DeletedBlock
from resnet_viz.theory.trained.paths import PathGradient, mode_of

STEPS: Final = 20  # updates after which a gradient is asked for
_THIRDS: Final = ("short", "middle", "long")


def construction(records: Sequence[GrownNet], images: int) -> Outcome:
    """Returns what new blocks that do nothing change about trained nets."""
    grown = [one for one in records if one.filling is Filling.IDENTITY and one.count > max(one.old)]
    before = {one.place: one.accuracy for one in records if one.count == max(one.old)}
    changes = [one.accuracy - before[one.place] for one in grown if one.place in before]
    largest = {one.place: one for one in sorted(grown, key=lambda one: one.count)}
    if not grown:
        verdict = ""
    elif not any(one.difference for one in grown):
        verdict = "same"
    elif changes and min(changes) > 0:
        verdict = "better"
    elif changes and max(changes) < 0:
        verdict = "worse"
    else:
        verdict = ""
    return Outcome(verdict=verdict, messages=tuple(net_text(one, images) for one in largest.values()))


def largest_mean(records: Sequence[OrderSignals]) -> Outcome:
    """Returns the order with the largest mean output of the last unit, where it is the same one with every seed."""
    num_units = min((len(one.mean) for one in records), default=1) - 1
    by_seed: dict[int, dict[Order, float]] = {}
    for one in records:
        by_seed.setdefault(one.seed, {})[one.order] = one.mean[num_units]
    largest = {max(means, key=lambda order: means[order]) for means in by_seed.values() if len(means) == len(Order)}
    messages = tuple(filter(None, [orders_text(records, num_units)]))
    if len(largest) != 1:
        return Outcome(verdict="", messages=messages)
    (order,) = largest
    message = _("{order} has the largest mean output of unit {n} in {all} of {all} seeds.")
    words = message.format(order=order_name(order), n=num_units, all=len(by_seed))
    return Outcome(verdict=order.value, messages=(words, *messages))


def shortcut_factor(value: float, records: Sequence[FactorGradients]) -> Outcome:
    """Returns whether the whole gradient grows or vanishes towards the input, with every seed alike."""
    ratios = [first_to_last(one.whole) for one in records]
    num_blocks = len(records[0].blocks) if records else 1
    verdict = ""
    if ratios and all(isfinite(ratio) and ratio > 0 for ratio in ratios):
        verdict = "grows" if min(ratios) > 1 else "vanishes" if max(ratios) < 1 else ""
    messages = (whole_text(value, num_blocks, records), product_text(value, num_blocks, records))
    return Outcome(verdict=verdict, messages=tuple(filter(None, messages)))


def gradient_at_birth(net: BenchNet, place: int, records: Sequence[GradientCurves]) -> Outcome:
    """Returns where the block gradient of an untrained net goes.

    Args:
        net: the net.
        place: of the net in the question.
        records: of all nets of the question.
    """
    own = [one for one in records if one.place == place and one.step == 0]
    ratios = [first_to_last(one.block_grad) for one in own]
    trend = trend_of(ratios)
    if trend is Trend.UNKNOWN:
        message = _("{net}: the gradient is 0 or not finite at an end.").format(net=net.title)
        return Outcome(verdict="", messages=(message,))
    message = _("{net}, untrained: block gradient at the first block over that at the last {ratio}.")
    verdict = trend.value if trend is not Trend.DIFFERS else ""
    return Outcome(verdict=verdict, messages=(message.format(net=net.title, ratio=ratio_text(ratios)),))


def gradient_after_steps(net: BenchNet, records: Sequence[GradientCurves]) -> Outcome:
    """Returns what has become of the weight gradient of the first net of a question after STEPS steps."""
    (found,) = steps_of([net], [one for one in records if one.place == 0], View.WEIGHT) or (None,)
    if found is None or STEPS not in found.steps:
        return Outcome(verdict="", messages=())
    course = course_of(*named_steps(found))
    after = found.ratios[found.steps.index(STEPS)]
    message = _(
        "{net}: weight gradient at the first convolution over the last {first} at birth, {after} after {n} steps."
    )
    words = message.format(net=net.title, first=number_text(course.first), after=number_text(after), n=STEPS)
    return Outcome(verdict=_turn(course, after), messages=(words,))


def deleted_block(title: str, records: Sequence[DeletedBlock]) -> Outcome:
    """Returns how many blocks of a trained net can go, one at a time, with a slight loss of accuracy."""
    whole = next((one.accuracy for one in records if not one.block), None)
    without = [one.accuracy for one in records if one.block and not isnan(one.accuracy)]
    if whole is None or not without:
        return Outcome(verdict="", messages=())
    share = fmean(accuracy >= whole - SLIGHT for accuracy in without)
    words = ((share == 0, "none"), (share <= 1 / 2, "few"), (share < 1, "most"), (True, "all"))
    verdict = next(word for holds, word in words if holds)
    return Outcome(verdict=verdict, messages=(lesion_text(title, records),))


def path_length(records: Sequence[PathGradient]) -> Outcome:
    """Returns in which third of all lengths the paths lie that carry most of the gradient."""
    if not any(one.norm > 0 for one in records):
        return Outcome(verdict="", messages=(gradient_text(records),) if records else ())
    blocks, mode = records[0].blocks, mode_of(records)
    third = next(place for place in range(1, len(_THIRDS) + 1) if len(_THIRDS) * mode <= place * blocks)
    return Outcome(verdict=_THIRDS[third - 1], messages=(gradient_text(records),))


def same_pixels(pairs: Sequence[MapAgreement]) -> Outcome:
    """Returns how far the maps of two nets agree."""
    if not pairs or isnan(pairs[0].signed):
        return Outcome(verdict="", messages=(_("The two maps have no rank correlation."),))
    signed = pairs[0].signed
    verdict = "agree" if signed >= STRONG else "partly" if signed >= WEAK else "hardly"
    message = _(
        "Rank correlation of the two maps: {signed:.2f}, without signs {absolute:.2f}; 1 would be the same order."
    )
    return Outcome(verdict=verdict, messages=(message.format(signed=signed, absolute=pairs[0].absolute),))


def _turn(course: Course, after: float) -> str:
    """Returns the verdict on a course of ratios and the ratio after STEPS steps."""
    if not isfinite(after) or course.turn is Turn.BREAKS or course.start is not Trend.GROWS:
        return ""
    if course.turn is Turn.TURNS and course.step <= STEPS:
        return "turned"
    return "keeps" if after > FLAT else "even"
