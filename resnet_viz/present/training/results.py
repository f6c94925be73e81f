"""Results of a run: a table row per net, and sentences computed from it."""

from collections.abc import Container, Mapping, Sequence
from math import inf, isfinite, log
from statistics import fmean
from typing import Any, Final

from resnet_viz.i18n import _
from resnet_viz.plan.names import is_on_main_path, locate
from resnet_viz.runs.run import Curve
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import run_labels
from resnet_viz.training.records import Step

LAST_STEPS: Final = 50  # the loss of one batch is noisy
_DEGRADED: Final = 1.2  # ratio of losses; a smaller one may be chance
_LONG: Final = 1e6  # from here on a power of ten is easier to read


def final_loss(curve: Curve) -> float:
    """Returns the mean training loss over the last LAST_STEPS steps; infinite for a net without steps."""
    last = [loss for step, loss in zip(curve.steps, curve.loss, strict=True) if step > curve.steps[-1] - LAST_STEPS]
    return fmean(last) if last else inf


def result_table(curves: Sequence[Curve], first: Mapping[str, Step], last: Mapping[str, Step]) -> list[dict[str, Any]]:
    """Returns a row per net: loss, accuracies, and first over last gradient norm at the first and the newest probe."""
    return [_row(curve, first.get(curve.net), last.get(curve.net)) for curve in curves if curve.steps]


def gradient_ratio(probe: Step) -> float:
    """Returns gradient norm of the first convolution of the blocks / that of the last one; infinite over zero."""
    norms = [norm for name, norm in probe.grad_norm.items() if locate(name).stage and is_on_main_path(name)]
    return norms[0] / norms[-1] if norms and norms[-1] > 0 else inf


def degradation(
    specs: Sequence[NetSpec], curves: Sequence[Curve], *, first: Sequence[Step] = (), last: Sequence[Step] = ()
) -> list[str]:
    """Returns a sentence for each architecture trained at two depths or more: the deepest net against the shallowest.

    Nets have the same architecture if they differ only in their numbers of blocks; plain nets come first.

    Args:
        specs: the nets.
        curves: their losses.
        first: the first probed step of each net, to add the gradient ratio of the deepest net.
        last: the newest probed step of each net.
    """
    losses = {curve.net: final_loss(curve) for curve in curves if curve.steps}
    reached = {curve.net: curve.steps[-1] for curve in curves if curve.steps}
    sentences = []
    for own in nets_by_architecture(specs, set(losses)):
        names = (own[0][0], own[-1][0])
        shortest = min(names, key=reached.__getitem__)
        if max(reached[name] for name in names) - reached[shortest] > LAST_STEPS:  # it ended and the other went on
            sentence = _("{net} ended at step {step}, {other} at step {last}: losses are not compared.")
            (other,) = set(names) - {shortest}
            sentences.append(sentence.format(net=shortest, step=reached[shortest], other=other, last=reached[other]))
        else:
            comparison = _compared(*names, losses, chance=log(own[0][1].num_classes))
            sentences.append(f"{comparison} {_gradient_text(names[-1], first, last)}".rstrip())
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


def without_gradient(probes: Sequence[Step]) -> list[str]:
    """Returns a message for each net whose gradient norms are all zero at its newest probe."""
    return [
        _("{net}: all gradient norms are 0 at step {step} and have no place on a logarithmic axis.").format(
            net=probe.net, step=probe.step
        )
        for probe in probes
        if probe.grad_norm and not any(probe.grad_norm.values())
    ]


def _gradient_text(net: str, first: Sequence[Step], last: Sequence[Step]) -> str:
    """Returns the gradient ratio of a net at its first and at its newest probe."""
    found = [
        next((probe for probe in probes if probe.net == net and probe.grad_norm), None) for probes in (first, last)
    ]
    at = {probe.step: gradient_ratio(probe) for probe in found if probe}
    ratios = [
        _("{ratio} at step {step}").format(ratio=_number(ratio), step=step)
        for step, ratio in at.items()
        if isfinite(ratio)
    ]
    if not ratios:
        return ""
    return _("Weight-gradient norm of its first over its last block convolution: {ratios}.").format(
        ratios=", ".join(ratios)
    )


def _number(value: float) -> str:
    """Returns a number with two significant digits: 2,800, 0.027, 6.3e+07."""
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if 10 <= rounded < _LONG else f"{rounded:.2g}"  # noqa: PLR2004


def _compared(shallow: str, deep: str, losses: Mapping[str, float], *, chance: float) -> str:
    if min(losses[shallow], losses[deep]) > chance:
        return _("Neither {shallow} nor {deep} has a loss below chance ({chance:.3f}).").format(
            shallow=shallow, deep=deep, chance=chance
        )
    ratio = losses[deep] / losses[shallow]
    if not isfinite(ratio):
        return _("{deep} or {shallow} has diverged.").format(deep=deep, shallow=shallow)
    numbers = _("{deep} has {ratio:.2f} times the training loss of {shallow} ({a:.3f} against {b:.3f})").format(
        deep=deep, ratio=ratio, shallow=shallow, a=losses[deep], b=losses[shallow]
    )
    if ratio > _DEGRADED:
        return numbers + _(": degradation.")
    if ratio < 1 / _DEGRADED:
        return numbers + _(": lower loss at greater depth.")
    return numbers + _(": no degradation.")


def _row(curve: Curve, first: Step | None, last: Step | None) -> dict[str, Any]:
    return {
        _("net"): curve.net,
        _("steps"): curve.steps[-1] + 1,
        _("training loss, last {n}").format(n=LAST_STEPS): round(final_loss(curve), 4),
        _("test loss"): round(curve.test_loss[-1], 4) if curve.test_loss else None,
        _("test accuracy"): round(curve.test_accuracy[-1], 4) if curve.test_accuracy else None,
        _("gradient first/last, step {n}").format(n=first.step if first else 0): _short(first),
        _("gradient first/last, newest probe"): _short(last),
        _("seconds"): round(curve.seconds[-1], 1),
    }


def _short(probe: Step | None) -> str:
    return "" if probe is None else f"{gradient_ratio(probe):.3g}"
