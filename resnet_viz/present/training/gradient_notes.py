"""Messages about gradients along the depth: their ratio, its precision, and branches that put out nothing.

Two gradients are told apart. The weight gradient of a convolution is its input times the gradient behind it, so that in
a net without norms, whose signal and gradient shrink alike, it can be equally small at every depth. The gradient with
respect to a block's output is the one that vanishes or explodes on its way to the input.
"""

from collections.abc import Mapping, Sequence
from math import inf, isfinite, nan
from typing import Final

from resnet_viz.i18n import _, ngettext
from resnet_viz.plan.names import block_name, is_on_main_path, locate
from resnet_viz.plan.plan import Section
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.net import NetSpec
from resnet_viz.training.records import Step

INEXACT: Final = 100.0
NOISE: Final = 3e4
"""Ratios of weight gradients, first over last, from which single precision loses percents, and the direction.

Batch norms amplify rounding as they amplify the gradient. Measured at initialisation against float64 (recipe
`degradation`, plain nets and all activation orders, seeds 0 to 2), error of the worst norm and least cosine between the
two gradients: ratios of 3 to 75 (plain-20, plain-32, residual nets up to 110 layers) at most 0.4 % and 0.9997; 130 to
18,000 (plain-44 to plain-68, BN after addition at 110 layers) 1 % to 13 % and 0.91; 32,000 to 1.7e7 (plain-80 to
plain-110) 20 % to 90 % and 0.75 to -0.31. `tests/training/engine/test_single_precision.py` repeats a part of it.
"""
_LONG: Final = 1e6  # from here on a power of ten is easier to read
_MOST_NAMED: Final = 6  # blocks in one message


def gradient_ratio(probe: Step) -> float:
    """Returns gradient norm of the first convolution of the blocks / that of the last one; infinite over zero."""
    return _first_over_last([norm for name, norm in probe.grad_norm.items() if _is_in_a_block(name)])


def block_gradient_ratio(probe: Step) -> float:
    """Returns the norm of the gradient at the first block's output / at the last one's; infinite over zero."""
    return _first_over_last(list(probe.block_grad_norm.values()))


def ratio_text(probe: Step | None) -> str:
    """Returns the gradient ratio for a table, with the digits that single precision leaves; words where there is none.

    Three digits below INEXACT, two below NOISE, then one.
    """
    if probe is None:
        return ""
    ratio = gradient_ratio(probe)
    if not isfinite(ratio):
        if ratio != inf:
            return _("not a number")
        blocks = list(probe.branch_share)
        return (
            _("none: the last branch puts out 0")
            if blocks and blocks[-1] in silent_branches(probe)
            else _("none: last is 0")
        )
    digits = 3 if ratio < INEXACT else 2 if ratio < NOISE else 1
    return f"{ratio:.{digits}g}"


def ratio_message(net: str, spec: NetSpec, first: Sequence[Step], last: Sequence[Step]) -> str:
    """Returns the gradient ratios of a net at its first and at its newest probe; "" where there is none.

    Of a net without norms the ratio of the block-output gradients comes first, where it was measured.
    """
    probes = {probe.step: probe for found in (first, last) if (probe := _probe_of(net, found))}
    weights = _at_steps({step: gradient_ratio(probe) for step, probe in probes.items()})
    blocks = _at_steps({step: block_gradient_ratio(probe) for step, probe in probes.items() if probe.block_grad_norm})
    if spec.norm is Norm.NONE and blocks:
        return _join(
            _("Block-output gradient norm, first block over last: {ratios}.").format(ratios=blocks),
            weights
            and _("Weight-gradient norm (activation times that gradient), first over last: {ratios}.").format(
                ratios=weights
            ),
        )
    if not weights:
        return ""
    return _join(
        _("Weight-gradient norm of its first over its last block convolution: {ratios}.").format(ratios=weights),
        _precision(spec, [gradient_ratio(probe) for probe in probes.values()]),
    )


def silent_branches(probe: Step) -> tuple[str, ...]:
    """Returns the blocks whose branch puts out exactly 0 and whose weights have a gradient of exactly 0."""
    gradients: dict[str, list[float]] = {}
    for name, norm in probe.grad_norm.items():
        place = locate(name)
        if place.section is Section.BRANCH:
            gradients.setdefault(block_name(place.stage, place.block), []).append(norm)
    return tuple(
        block
        for block, share in probe.branch_share.items()
        if share == 0 and block in gradients and not any(gradients[block])
    )


def gradient_notes(titles: Mapping[str, str], probes: Sequence[Step]) -> list[str]:
    """Returns a message for each net with gradients of exactly 0 at its newest probe: everywhere, or in branches.

    Args:
        titles: of the nets by label (see `Recipe.titles`).
        probes: the newest probed step of each net.
    """
    notes = []
    for probe in probes:
        if not probe.grad_norm:
            continue
        if not any(probe.grad_norm.values()):
            notes.append(
                _("{net}: all gradient norms are 0 at step {step} and have no place on a logarithmic axis.").format(
                    net=titles[probe.net], step=probe.step
                )
            )
        elif silent := silent_branches(probe):
            notes.append(_silence(titles[probe.net], probe.step, silent))
    return notes


def _silence(net: str, step: int, silent: Sequence[str]) -> str:
    text = ngettext(
        "{net}: at step {step} the branch of {blocks} puts out exactly 0 for every image of the batch, and its weights "
        "get no gradient: only its shortcut goes on.",
        "{net}: at step {step} the branches of {blocks} put out exactly 0 for every image of the batch, and their "
        "weights get no gradient: only their shortcuts go on.",
        len(silent),
    )
    named = ", ".join(silent[:_MOST_NAMED])
    if len(silent) > _MOST_NAMED:
        named = _("{blocks} and {n} more").format(blocks=named, n=len(silent) - _MOST_NAMED)
    return text.format(net=net, step=step, blocks=named)


def _precision(spec: NetSpec, ratios: Sequence[float]) -> str:
    """Returns how far a ratio can be trusted in single precision; "" where it is exact to a percent."""
    largest = max((ratio for ratio in ratios if isfinite(ratio)), default=0.0)
    if spec.norm is not Norm.BATCH or largest < INEXACT:
        return ""
    if largest < NOISE:
        return _("Norms amplify rounding: in single precision a ratio above 100 is some percent off.")
    return _(
        "Norms amplify rounding: in single precision only the order of such a ratio holds, and the direction of the "
        "first gradients is noise."
    )


def _is_in_a_block(name: str) -> bool:
    return bool(locate(name).stage) and is_on_main_path(name)


def _first_over_last(norms: Sequence[float]) -> float:
    if not norms or norms[-1] > 0:
        return norms[0] / norms[-1] if norms else inf
    return inf if norms[-1] == 0 else nan


def _probe_of(net: str, probes: Sequence[Step]) -> Step | None:
    return next((probe for probe in probes if probe.net == net and probe.grad_norm), None)


def _at_steps(ratios: Mapping[int, float]) -> str:
    return ", ".join(
        _("{ratio} at step {step}").format(ratio=_number(ratio), step=step)
        for step, ratio in ratios.items()
        if isfinite(ratio)
    )


def _number(value: float) -> str:
    """Returns a number with two significant digits: 2,800, 0.027, 6.3e+07."""
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if 10 <= rounded < _LONG else f"{rounded:.2g}"  # noqa: PLR2004


def _join(*parts: str) -> str:
    return " ".join(filter(None, parts))
