"""Labels of boxes and arrows."""

from collections import Counter
from collections.abc import Iterable
from typing import Final, assert_never

from resnet_viz.analysis.compare import Difference
from resnet_viz.graph.roles import Role, role_of
from resnet_viz.i18n import _, ngettext
from resnet_viz.plan.ops import (
    AdaptiveAvgPool,
    Add,
    BatchNorm,
    Complement,
    Conv,
    Dropout,
    Flatten,
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
from resnet_viz.plan.plan import Block, Node, Part, Section, ShortcutKind
from resnet_viz.spec.enums import Shortcut
from resnet_viz.spec.titles import paper_stage, shortcut_name
from resnet_viz.spec.vgg import AnySpec, VggSpec

_UNITS: Final = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


def short_count(count: int) -> str:
    """Returns a count with three significant digits: 25.6 M. Tables hold the exact values."""
    for size, letter in _UNITS:
        if count >= size:
            value = count / size
            digits = 2 if value < 10 else 1 if value < 100 else 0  # noqa: PLR2004 - three significant digits
            return f"{value:.{digits}f} {letter}"
    return str(count)


def shape_text(shape: Shape) -> str:
    """Returns C×H×W, or the length of a vector."""
    return "×".join(map(str, shape))


def sides_text(sides: tuple[int, int]) -> str:
    """Returns height×width, or one number where they are equal."""
    height, width = (f"{side:,}" for side in sides)
    return height if height == width else f"{height}×{width}"


def shortcut_text(block: Block, spec: AnySpec) -> str:
    """Returns the kind of a block's shortcut: "identity", "scale 0.5", or "zero padding, scale 0.5" for both."""
    on_top = _on_top(block.shortcut, spec)
    if not on_top:
        return shortcut_name(block.match)
    return on_top if block.match is ShortcutKind.IDENTITY else f"{shortcut_name(block.match)}, {on_top}"


def branch_text(spec: AnySpec) -> str:
    """Returns the operation on a branch before the addition, or "" for none."""
    if isinstance(spec, VggSpec):
        return ""
    match spec.shortcut:
        case Shortcut.CONSTANT_SCALING:
            return _("scale {factor:g}").format(factor=spec.residual_scale) if spec.residual_scale != 1 else ""
        case Shortcut.EXCLUSIVE_GATING:
            return _("gate")
        case _:
            return ""


def _on_top(kind: ShortcutKind, spec: AnySpec) -> str:
    """Returns the operation on x once it has the shape of the sum, or "" for none."""
    if isinstance(spec, VggSpec):
        return ""
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


def part_name(part: Part | Difference) -> str:
    """Returns the name of a part on screen: "stem", "stage 3", "head"."""
    if part.stage:
        return _("stage {n}").format(n=part.stage)
    return {"stem": _("stem"), "head": _("head")}[part.name]


def part_title(spec: AnySpec, part: Part) -> str:
    """Returns the title of a part; that of a stage has the paper's name for it, too."""
    if not part.stage:
        return part_name(part)
    return _("{stage} · {paper}").format(stage=part_name(part), paper=paper_stage(spec, part.stage))


def part_layers(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Returns labels of the layers of a stem or a head, without norms and activations."""
    listed = (Role.CONV, Role.POOL, Role.HEAD)
    return tuple(layer_label(node)[0] for node in nodes if role_of(node) in listed)


def block_lines(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Returns a branch as in the papers' tables: kernel, channels out, and the stride unless it is 1."""
    convs = [node.op for node in nodes if node.section is Section.BRANCH and isinstance(node.op, Conv)]
    return tuple(
        f"{conv.kernel}×{conv.kernel}, {conv.out_channels}" + (f" /{conv.stride}" if conv.stride > 1 else "")
        for conv in convs
    )


def shortcut_counts(blocks: Iterable[Block], spec: AnySpec) -> str:
    """Returns the kinds of the shortcuts of a stage, the most frequent first: "35 identity, 1 projection"."""
    kinds = Counter(shortcut_text(block, spec) for block in blocks)
    if spec.is_plain:
        return _("no shortcuts")
    return ", ".join(f"{count} {text}" for text, count in kinds.most_common())


def num_shortcuts_text(blocks: Iterable[Block]) -> str:
    """Returns the number of the shortcuts of a stage: "36 shortcuts"; "" where there are none."""
    count = sum(block.shortcut is not ShortcutKind.NONE for block in blocks)
    return ngettext("{n} shortcut", "{n} shortcuts", count).format(n=count) if count else ""


def work_lines(num_params: int, num_macs: int) -> tuple[str, str]:
    """Returns parameters and multiply-adds, rounded, with their units."""
    return (_("{n} params").format(n=short_count(num_params)), _("{n} MACs").format(n=short_count(num_macs)))


def layer_work(num_params: int, num_macs: int) -> tuple[str, ...]:
    """Returns the cost of a layer, rounded; nothing where it has neither parameters nor multiply-adds."""
    words = work_lines(num_params, num_macs)
    return (words if num_macs else words[:1]) if num_params else ()


def layer_label(node: Node) -> tuple[str, ...]:
    """Returns the lines of one layer: its kind, then its size."""
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
            return (_("global average pool"),)
        case AdaptiveAvgPool(side):
            return (_("adaptive avg pool {side}×{side}").format(side=side),)
        case Flatten():
            return (_("flatten"),)
        case Dropout(rate):
            return (_("dropout {rate:g}").format(rate=rate),)
        case Linear(in_features, out_features):
            return ("fc", f"{in_features} → {out_features}")
        case ZeroPad() | Add() | Scale() | Sigmoid() | Complement() | Multiply():
            return _label_at_sum(node.op, node.section)
        case _:
            assert_never(node.op)


def _label_at_sum(op: ZeroPad | Add | Scale | Sigmoid | Complement | Multiply, section: Section) -> tuple[str, ...]:
    match op:
        case ZeroPad(in_channels, out_channels, stride):
            taken = _("every {n}nd px, ").format(n=stride) if stride > 1 else ""
            return (shortcut_name("zero_pad"), f"{taken}{in_channels} → {out_channels}")
        case Add():
            return ("+",)
        case Scale(factor):
            return (f"× {factor:g}",)
        case Sigmoid():
            return (_("sigmoid"),)
        case Complement():
            return (_("1 − gate"),)
        case Multiply():
            return (_("× gate") if section is Section.BRANCH else _("× (1 − gate)"),)
        case _:
            assert_never(op)
