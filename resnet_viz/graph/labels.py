"""Short words on boxes and arrows."""

from typing import Final, assert_never

from resnet_viz.i18n import _
from resnet_viz.plan.ops import (
    Add,
    BatchNorm,
    Complement,
    Conv,
    Dropout,
    GlobalAvgPool,
    Linear,
    MaxPool,
    Multiply,
    ReLU,
    Scale,
    Shape,
    Sigmoid,
    ZeroPad,
)
from resnet_viz.plan.plan import Block, Node, ShortcutKind
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.terms import BlockKind, Shortcut

_UNITS: Final = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


def big(count: int) -> str:
    """Returns a count with three significant digits: 25.6 M. Exact values stand in the tables beside a drawing."""
    for size, letter in _UNITS:
        if count >= size:
            value = count / size
            digits = 2 if value < 10 else 1 if value < 100 else 0  # noqa: PLR2004 - three significant digits
            return f"{value:.{digits}f} {letter}"
    return str(count)


def shape_text(shape: Shape) -> str:
    """Returns C×H×W, or the number of scores."""
    return "×".join(map(str, shape))


def block_kind(spec: NetSpec) -> str:
    """Returns what one block of a net is called."""
    return _("bottleneck") if spec.block is BlockKind.BOTTLENECK else _("basic block")


def shortcut_text(block: Block, spec: NetSpec) -> str:
    """Returns what a block's shortcut does: "identity", "scale 0.5", or "zero padding, scale 0.5" for both."""
    on_top = _on_top(block.shortcut, spec)
    if not on_top:
        return _match_text(block.match)
    return on_top if block.match is ShortcutKind.IDENTITY else f"{_match_text(block.match)}, {on_top}"


def branch_text(spec: NetSpec) -> str:
    """Returns what is done to a branch before it is added, or "" for nothing."""
    match spec.shortcut:
        case Shortcut.CONSTANT_SCALING:
            return _("scale {factor:g}").format(factor=spec.residual_scale) if spec.residual_scale != 1 else ""
        case Shortcut.EXCLUSIVE_GATING:
            return _("gate")
        case _:
            return ""


def _on_top(kind: ShortcutKind, spec: NetSpec) -> str:
    """Returns what is done to x once it has the shape of the sum, or "" for nothing."""
    match kind:
        case ShortcutKind.CONSTANT_SCALING:
            return _("scale {factor:g}").format(factor=spec.shortcut_scale)
        case ShortcutKind.EXCLUSIVE_GATING | ShortcutKind.SHORTCUT_ONLY_GATING:
            return _("gate")
        case ShortcutKind.DROPOUT:
            return _("dropout {rate:g}").format(rate=spec.dropout)
        case ShortcutKind.NONE | ShortcutKind.IDENTITY | ShortcutKind.ZERO_PAD | ShortcutKind.PROJECTION:
            return ""
        case ShortcutKind.CONV1X1:
            return ""
        case _:
            assert_never(kind)


def _match_text(kind: ShortcutKind) -> str:
    return {
        ShortcutKind.NONE: _("none"),
        ShortcutKind.IDENTITY: _("identity"),
        ShortcutKind.ZERO_PAD: _("zero padding"),
        ShortcutKind.PROJECTION: _("projection"),
        ShortcutKind.CONV1X1: _("1×1 conv"),
    }[kind]


def layer_label(node: Node) -> tuple[str, ...]:
    """Returns the lines of one layer: what it is, then its size."""
    match node.op:
        case Conv(in_channels, out_channels, kernel, stride, _padding, has_bias, dilation, groups):
            size = f"{in_channels} → {out_channels}" + (_(" + bias") if has_bias else "")
            special = ((_("{n} groups").format(n=groups),) if groups > 1 else ()) + (
                (_("dilation {n}").format(n=dilation),) if dilation > 1 else ()
            )
            return (f"conv {kernel}×{kernel}" + (f" /{stride}" if stride > 1 else ""), size, *special)
        case BatchNorm(channels):
            return ("batch norm", str(channels))
        case ReLU():
            return ("ReLU",)
        case MaxPool(kernel, stride):
            return (f"max pool {kernel}×{kernel} /{stride}",)
        case GlobalAvgPool():
            return (_("global mean"),)
        case Linear(in_features, out_features):
            return ("fc", f"{in_features} → {out_features}")
        case ZeroPad(in_channels, out_channels, stride):
            taken = _("every {n}nd px, ").format(n=stride) if stride > 1 else ""
            return (_("zero pad"), f"{taken}{in_channels} → {out_channels}")
        case Add():
            return ("+",)
        case Scale() | Sigmoid() | Complement() | Multiply() | Dropout():
            return (_label_of_shortcut(node.op, node.leaf),)
        case _:
            assert_never(node.op)


def _label_of_shortcut(op: Scale | Sigmoid | Complement | Multiply | Dropout, leaf: str) -> str:
    match op:
        case Scale(factor):
            return f"× {factor:g}"
        case Sigmoid():
            return _("sigmoid")
        case Complement():
            return _("1 − gate")
        case Multiply():
            return _("× gate") if leaf == "gated_branch" else _("× (1 − gate)")
        case Dropout(rate):
            return _("dropout {rate:g}").format(rate=rate)
        case _:
            assert_never(op)
