"""Block variants in words: names, and layers on the path of the shortcut."""

from resnet_viz.blocks.single import SingleBlock
from resnet_viz.blocks.variants import BlockVariant, ShapeChange, VariantGroup
from resnet_viz.i18n import _
from resnet_viz.plan.ops import (
    BatchNorm,
    Complement,
    Conv,
    Dropout,
    Multiply,
    Op,
    ReLU,
    Scale,
    ZeroPad,
)
from resnet_viz.spec.enums import BlockKind


def variant_title(variant: BlockVariant) -> str:
    """Returns the name of a variant."""
    return _(variant.title)


def group_title(group: VariantGroup) -> str:
    """Returns the name of a group of variants."""
    return {
        VariantGroup.ORDERS: _("Orders a to e"),
        VariantGroup.SHORTCUTS: _("Shortcuts"),
        VariantGroup.OPTIONS: _("Options A, B, C"),
        VariantGroup.CONVOLUTIONS: _("Basic and bottleneck"),
        VariantGroup.CODE: _("Classes of code"),
    }[group]


def convs_title(kind: BlockKind) -> str:
    """Returns the convolutions of a branch as they are offered."""
    return {BlockKind.BASIC: _("basic"), BlockKind.BOTTLENECK: _("bottleneck")}[kind]


def shape_title(shape: ShapeChange) -> str:
    """Returns a change of shape as it is offered."""
    return {ShapeChange.STAYS: _("stays"), ShapeChange.HALVES: _("halves")}[shape]


def path_text(block: SingleBlock) -> str:
    """Returns the layers on the path of the shortcut: "nothing", "BN, ReLU", or that there is no shortcut."""
    if block.is_plain:
        return _("none there")
    return ", ".join(op_text(node.op) for node in block.on_shortcut_path()) or _("nothing")


def op_text(op: Op) -> str:
    """Returns the short name of an operation on a shortcut."""
    match op:
        case ReLU():
            return "ReLU"
        case BatchNorm():
            return "BN"
        case Conv(_in, _out, kernel):
            return f"{kernel}×{kernel}"
        case ZeroPad():
            return _("zero padding")
        case Scale(factor):
            return f"× {factor:g}"
        case Dropout(rate):
            return _("dropout {rate:g}").format(rate=rate)
        case Multiply() | Complement():
            return "× (1 − g)"
        case _:
            raise AssertionError(f"{op} is on no shortcut")
