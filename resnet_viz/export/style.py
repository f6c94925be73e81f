"""Styles in which a net can be written as code, and the nets for which each of them exists."""

from collections.abc import Iterator
from enum import StrEnum

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.plan import Plan
from resnet_viz.plan.torchvision_keys import layers_of, no_counterpart
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem
from resnet_viz.spec.net import USUAL_WIDTH_PER_GROUP, NetSpec
from resnet_viz.spec.vgg import VggSpec


class CodeStyle(StrEnum):
    """Style of an exported net."""

    OWN = "own"  # one Block with the arguments that the net needs
    D2L = "d2l"  # class Residual of d2l.ai, section 8.6 (7.6 of the Chinese edition)
    NOTE = "note"  # class ResidualBlock, a simplified torchvision: common in course notes
    TORCHVISION = "torchvision"  # BasicBlock and Bottleneck of torchvision.models.resnet


def style_name(style: str) -> str:
    """Returns the name of a style in a menu."""
    return {
        CodeStyle.OWN: "Block (resnet_viz)",
        CodeStyle.D2L: "Residual (d2l)",
        CodeStyle.NOTE: _("ResidualBlock (course note)"),
        CodeStyle.TORCHVISION: "BasicBlock, Bottleneck (torchvision)",
    }[CodeStyle(style)]


def check_style(plan: Plan, style: CodeStyle) -> None:
    """Checks that a style has a form of this net.

    Raises:
        SpecError: it has none; the message has the reason and the styles in which the net can be written.
    """
    reason = _obstacle(plan, style)
    if reason:
        styles = ", ".join(other for other in CodeStyle if not _obstacle(plan, other))
        message = _("The style {style} cannot write this net: {reason}. Styles of this net: {styles}.")
        raise SpecError(message.format(style=style.value, reason=reason, styles=styles))


def _obstacle(plan: Plan, style: CodeStyle) -> str:
    """Returns the first reason why a style has no form of this net, as part of a message; "" where it has one."""
    spec = plan.spec
    if style is CodeStyle.OWN:
        return ""
    if isinstance(spec, VggSpec):
        return _("it is a VGG net, the style has residual blocks")
    if style is CodeStyle.D2L:
        return next(_differences_from_d2l(spec), "")
    differences = _differences_from_note(spec) if style is CodeStyle.NOTE else _differences_from_torchvision(spec)
    return no_counterpart(layers_of(plan)) or next(differences, "")


def _differences_from_torchvision(spec: NetSpec) -> Iterator[str]:
    if spec.dilated_stages and spec.block is BlockKind.BASIC:
        yield _("its basic blocks are dilated, which torchvision's class refuses")


def _differences_from_note(spec: NetSpec) -> Iterator[str]:
    if spec.block is not BlockKind.BASIC:
        yield _("its blocks are bottlenecks, ResidualBlock has two 3×3 convolutions")
    if spec.dilated_stages:
        yield _("its stages are dilated")
    if spec.zero_init_residual:
        yield _("the last norms of its branches start at zero, those of the note at one")


def _differences_from_d2l(spec: NetSpec) -> Iterator[str]:
    if spec.stem is not Stem.IMAGENET:
        yield _("its stem is one 3×3 convolution, d2l's has a 7×7 convolution and a pool")
    if spec.is_plain:
        yield _("it has no shortcuts")
    if spec.block is not BlockKind.BASIC:
        yield _("its blocks are bottlenecks, Residual has two 3×3 convolutions")
    if spec.order is not Order.ORIGINAL or spec.norm is not Norm.BATCH:
        yield _("its norms and activations are not those of the original order")
    if spec.shortcut is not Shortcut.IDENTITY:
        yield _("its shortcuts are scaled, gated, dropped or convolutions throughout")
    if spec.dim_match is not DimMatch.PROJECTION:
        yield _("its shape-changing shortcuts are of option {letter}, d2l's of B").format(letter=spec.dim_match.letter)
    if not spec.conv_bias or spec.projection_norm:
        yield _("in d2l convolutions have biases and projections no norm (conv_bias=true, projection_norm=false)")
    if spec.dilated_stages or spec.width_per_group != USUAL_WIDTH_PER_GROUP:
        yield _("its stages are dilated or widened")
    if spec.zero_init_residual:
        yield _("the last norms of its branches start at zero, those of d2l at one")
