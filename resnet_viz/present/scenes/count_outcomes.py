"""Outcomes that are counted or computed on the spot: parameters of blocks and nets, a block whose branch is zero."""

from typing import Final

import numpy as np

from resnet_viz.analysis.report import totals
from resnet_viz.blocks.variants import VARIANTS
from resnet_viz.blocks.walk_inputs import usual_input
from resnet_viz.blocks.walkthrough import walk
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.present.architecture.formulas import block_count
from resnet_viz.present.theme import Mode
from resnet_viz.present.units import exact, signed_percent
from resnet_viz.scenes.scene import Outcome
from resnet_viz.spec.enums import BlockKind, DimMatch
from resnet_viz.spec.presets import residual_preset

_WIDTH: Final = 64  # of both blocks of He et al. 2015, figure 5
_PERCENT: Final = (("below_1", 1.0), ("1_to_10", 10.0))


def wider_block() -> Outcome:
    """Returns which of the two blocks of He et al. 2015, figure 5, has more output channels."""
    basic, bottleneck = (
        block_count(kind, _WIDTH, has_norm=False, has_bias=False, has_projection=False, mode=Mode.LIGHT)
        for kind in (BlockKind.BASIC, BlockKind.BOTTLENECK)
    )
    message = _("Basic block: {a} parameters, {wide_a} channels. Bottleneck: {b} parameters, {wide_b} channels.")
    words = message.format(
        a=exact(basic.params), wide_a=basic.channels, b=exact(bottleneck.params), wide_b=bottleneck.channels
    )
    if basic.channels == bottleneck.channels:
        return Outcome(verdict="same", messages=(words,))
    return Outcome(verdict="basic" if basic.channels > bottleneck.channels else "bottleneck", messages=(words,))


def projection_params() -> Outcome:
    """Returns how many parameters projections on all shortcuts add to ResNet-34."""
    counts = {
        option: totals(lower(residual_preset("resnet34", dim_match=option))).params
        for option in (DimMatch.ZERO_PAD, DimMatch.PROJECTION, DimMatch.PROJECTION_EVERYWHERE)
    }
    least, _some, most = counts.values()
    listed = _("Option A: {a} parameters, B: {b}, C: {c}, {more} against A.")
    words = listed.format(
        **dict(zip("abc", map(exact, counts.values()), strict=True)), more=signed_percent(most, least)
    )
    percent = 100 * (most - least) / least
    verdict = next((word for word, below in _PERCENT if percent < below), "above_10")
    return Outcome(verdict=verdict, messages=(words,))


def block_at_zero() -> Outcome:
    """Returns what a block of the original order puts out when its branch has weights of zero."""
    variant = VARIANTS["a_original"]
    x_NCHW = usual_input(variant)
    y_NCHW = walk(variant, x_NCHW, has_norm=True, is_branch_zero=True)[-1].values_NCHW
    difference = float(np.abs(y_NCHW - x_NCHW).max())
    message = _("Branch at zero: output and input differ by at most {difference:g}; the output's sum is {sum:g}.")
    words = message.format(difference=difference, sum=float(y_NCHW.sum()))
    if difference == 0:
        return Outcome(verdict="input", messages=(words,))
    return Outcome(verdict="other" if y_NCHW.any() else "zero", messages=(words,))
