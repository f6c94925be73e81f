"""Results of a run: a table row per net, and messages computed from it."""

from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from math import inf, isfinite, log
from statistics import fmean
from typing import Any, Final

from resnet_viz.data.datasets import SIZES, DataName
from resnet_viz.i18n import _
from resnet_viz.plan.names import short_name
from resnet_viz.present.training.gradient_notes import ratio_message, ratio_text, silent_branches
from resnet_viz.runs.run import Curve
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import run_labels, run_titles
from resnet_viz.training.records import Step

LAST_STEPS: Final = 50  # the loss of one batch is noisy
DEGRADED: Final = 1.2
"""Ratio of two losses of one seed from which they count as different.

Over seeds 0 to 2 the ratio of ResNet-56 to ResNet-20 has a standard deviation of 0.10 (recipe `degradation`: 1.14,
1.27, 1.05) and 0.12 (`original_order`: 1.02, 1.24, 1.08); that of plain-56 to plain-20 is 2.0 to 2.9.
"""
GUESS_MARGIN: Final = 0.02
"""Share below the loss of guessing within which a net counts as guessing.

Plain nets that never learn (recipe `no_norm`) end at 0.07 % above it, plain-110 with a test accuracy of 0.11 at 1.5 %
below it.
"""


def final_loss(curve: Curve) -> float:
    """Returns the mean training loss over the last LAST_STEPS steps; infinite for a net without steps."""
    last = [loss for step, loss in zip(curve.steps, curve.loss, strict=True) if step > curve.steps[-1] - LAST_STEPS]
    return fmean(last) if last else inf


def result_table(
    titles: Mapping[str, str], curves: Sequence[Curve], first: Mapping[str, Step], last: Mapping[str, Step]
) -> list[dict[str, Any]]:
    """Returns a row per net: loss, accuracies, and first over last gradient norm at the first and the newest probe.

    Where a branch puts out nothing any more, a further column names such branches.

    Args:
        titles: of the nets by label (see `Recipe.titles`).
        curves: of the nets; those without steps have no row.
        first: the first probed step of each net by label.
        last: the newest one.
    """
    silent = {net: silent_branches(probe) for net, probe in last.items()}
    rows = []
    for curve in curves:
        if curve.steps:
            row = {_("net"): titles[curve.net]} | _row(curve, first.get(curve.net), last.get(curve.net))
            rows.append(row | _silent_column(silent.get(curve.net, ())) if any(silent.values()) else row)
    return rows


def degradation(
    specs: Sequence[NetSpec],
    curves: Sequence[Curve],
    *,
    data: DataName | None = None,
    first: Sequence[Step] = (),
    last: Sequence[Step] = (),
) -> list[str]:
    """Returns a sentence for each architecture and each depth but the least: a net against the next shallower one.

    Nets have the same architecture if they differ only in their numbers of blocks; plain nets come first.

    Args:
        specs: the nets.
        curves: their losses.
        data: data set of the run, whose classes give the loss of guessing; those of the nets if None.
        first: the first probed step of each net, to add the gradient ratio of the deepest one of an architecture.
        last: the newest probed step of each net.
    """
    losses = {curve.net: final_loss(curve) for curve in curves if curve.steps}
    reached = {curve.net: curve.steps[-1] for curve in curves if curve.steps}
    titles, sentences = run_titles(specs), []
    for own in nets_by_architecture(specs, set(losses)):
        for (shallow, spec), (deep, deeper) in neighbours(own):
            gap = reached[deep] - reached[shallow]
            if abs(gap) > LAST_STEPS:  # it ended and the other went on
                early, late = (shallow, deep) if gap > 0 else (deep, shallow)
                sentence = _("{net} ended at step {step}, {other} at step {last}: losses are not compared.")
                named = {"net": titles[early], "other": titles[late]}
                sentences.append(sentence.format(step=reached[early], last=reached[late], **named))
                continue
            both = {titles[name]: losses[name] for name in (shallow, deep)}
            comparison = _compared(both, chance=chance_loss(spec, data))
            ratio = ratio_message(deep, deeper, first, last) if deep == own[-1][0] else ""
            sentences.append(f"{comparison} {ratio}".rstrip())
    return sentences


def nets_by_architecture(specs: Sequence[NetSpec], trained: Container[str]) -> list[list[tuple[str, NetSpec]]]:
    """Returns label and spec of the trained nets of each architecture with two depths or more, by depth."""
    by_kind: dict[NetSpec, list[tuple[str, NetSpec]]] = {}
    for label, spec in zip(run_labels(specs), specs, strict=True):
        if label in trained:
            by_kind.setdefault(spec.replace(blocks=(1,) * len(spec.blocks)), []).append((label, spec))
    found = [sorted(own, key=lambda net: net[1].depth) for own in by_kind.values()]
    found.sort(key=lambda own: not own[0][1].is_plain)
    return [own for own in found if own[0][1].depth < own[-1][1].depth]


def neighbours(
    nets: Sequence[tuple[str, NetSpec]],
) -> list[tuple[tuple[str, NetSpec], tuple[str, NetSpec]]]:
    """Returns each net of an architecture, in the order of `nets_by_architecture`, with the next deeper one."""
    return [(one, other) for one, other in pairwise(nets) if one[1].depth < other[1].depth]


def chance_loss(spec: NetSpec, data: DataName | None) -> float:
    """Returns the loss of guessing in nats: the log of the classes, of the data where they are fewer than outputs."""
    return log(min(spec.num_classes, SIZES[data].classes) if data else spec.num_classes)


def is_guess(loss: float, chance: float) -> bool:
    """Returns whether a loss is that of guessing: not below (1 - GUESS_MARGIN) of `chance`, the log of the classes."""
    return isfinite(loss) and loss >= (1 - GUESS_MARGIN) * chance


def _compared(losses: Mapping[str, float], *, chance: float) -> str:
    """Returns the comparison of two nets by title, the shallower one first."""
    (shallow, a), (deep, b) = losses.items()
    diverged = [net for net, loss in losses.items() if not isfinite(loss)]
    if diverged:
        return _("{nets}: the loss is not finite.").format(nets=", ".join(diverged))
    if is_guess(a, chance) and is_guess(b, chance):
        return _("Neither {shallow} nor {deep} has learned: losses {a:.3f} and {b:.3f}, guessing {chance:.3f}.").format(
            shallow=shallow, deep=deep, a=a, b=b, chance=chance
        )
    if a:
        numbers = _("{deep} has {ratio:.2f} times the training loss of {shallow} ({b:.3f} against {a:.3f})")
    else:
        numbers = _("{deep} has a training loss of {b:.3f}, {shallow} of {a:.3f}")
    text = numbers.format(deep=deep, ratio=b / a if a else inf, shallow=shallow, b=b, a=a)
    return text + _conclusion(a, b, chance)


def _conclusion(shallow: float, deep: float, chance: float) -> str:
    if deep > DEGRADED * shallow:
        if is_guess(deep, chance):
            return _(": degradation, down to guessing ({chance:.3f}).").format(chance=chance)
        return _(": degradation.")
    if shallow > DEGRADED * deep:
        return _(": lower loss at greater depth.")
    return _(": a difference that one seed cannot settle.")


def _silent_column(silent: Sequence[str]) -> dict[str, Any]:
    """Returns the column of branches that put out nothing any more, which only runs with such branches have."""
    named = _("{n}: {blocks}").format(n=len(silent), blocks=", ".join(map(short_name, silent)))
    return {_("branches that put out 0"): named if silent else _("none")}


def _row(curve: Curve, first: Step | None, last: Step | None) -> dict[str, Any]:
    return {
        _("steps"): curve.steps[-1] + 1,
        _("training loss, last {n}").format(n=LAST_STEPS): round(final_loss(curve), 4),
        _("test loss"): round(curve.test_loss[-1], 4) if curve.test_loss else None,
        _("test accuracy"): round(curve.test_accuracy[-1], 4) if curve.test_accuracy else None,
        _("weight gradient first/last, step {n}").format(n=first.step if first else 0): ratio_text(first),
        _("weight gradient first/last, newest probe"): ratio_text(last),
        _("seconds"): round(curve.seconds[-1], 1),
    }
