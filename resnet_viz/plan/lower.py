"""The one place where a net's structure is written down: a spec to its Plan. VGG nets have a file of their own."""

from collections.abc import Iterable
from typing import NamedTuple

from resnet_viz.plan.ops import ADD, RELU, GlobalAvgPool, Linear, MaxPool, ZeroPad
from resnet_viz.plan.plan import Block, Node, Part, Plan, ShortcutKind
from resnet_viz.plan.units import BETWEEN, UNITS, Step, Unit, branch_convs
from resnet_viz.plan.vgg import lower_vgg
from resnet_viz.plan.writer import Writer
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.terms import DimMatch, Norm, Stem
from resnet_viz.spec.vgg import AnySpec, VggSpec


def lower(spec: AnySpec) -> Plan:
    """Returns the net's layers in running order, with names, inputs and output shapes.

    Pre-activation nets follow the authors' released code (He et al. 2016, appendix): the first unit's activation
    comes right after the stem, before the paths split; where the shape changes, both paths see the activated
    input; an extra activation follows the last addition. The ImageNet stem activates by itself, so that the
    first unit behind it has none of its own (fb.resnet.torch).
    """
    if isinstance(spec, VggSpec):
        return lower_vgg(spec)
    writer = _Writer(spec)
    parts = [_stem(writer)]
    parts += [_stage(writer, number) for number in range(1, len(spec.blocks) + 1)]
    parts.append(_head(writer))
    return Plan(spec=spec, nodes=tuple(writer.nodes), parts=tuple(parts))


class _Writer(Writer):
    """Writes the nodes of a residual or plain net: knows its units, norms and biases."""

    def __init__(self, spec: NetSpec) -> None:
        super().__init__(spec)
        self.spec = spec
        self.unit: Unit = UNITS[spec.order]
        self.is_preact = spec.order.is_preact
        self.has_norm = spec.norm is Norm.BATCH

    def steps(self, prefix: str, steps: Iterable[Step], number: int | str = "") -> None:
        """Appends norms and activations, numbered like the convolution they belong to; no norm where norm=none."""
        for step in steps:
            if step is Step.ACT:
                self.put(f"{prefix}.act{number}", RELU)
            elif self.has_norm:
                self.norm(f"{prefix}.norm{number}")


def _stem(writer: _Writer) -> Part:
    spec, unit = writer.spec, writer.unit
    if spec.stem is Stem.IMAGENET:
        writer.conv("stem.conv", spec.widths[0], kernel=7, stride=2)
        writer.steps("stem", BETWEEN)
        writer.put("stem.pool", MaxPool(kernel=3, stride=2, padding=1))
    else:
        writer.conv("stem.conv", spec.widths[0], kernel=3, stride=1)
        # A pre-activation net leaves to its first unit what would follow; ReLU-only still has its norm after a conv.
        writer.steps("stem", unit.tail if writer.is_preact else BETWEEN)
    return Part("stem", 0, len(writer.nodes), (), writer.shape)


def _stage(writer: _Writer, number: int) -> Part:
    """Appends a stage. Where its stride is replaced by dilation, its first block keeps the dilation before it."""
    spec = writer.spec
    start, blocks = len(writer.nodes), []
    before = 2 ** sum(stage < number for stage in spec.dilated_stages)
    is_dilated = number in spec.dilated_stages
    for position in range(1, spec.blocks[number - 1] + 1):
        is_first = position == 1
        stride = 2 if is_first and number > 1 and not is_dilated else 1
        shape = _BlockShape(
            width=spec.widths[number - 1],
            stride=stride,
            dilation=before * 2 if is_dilated and not is_first else before,
            is_first_unit=number == position == 1,
        )
        blocks.append(_block(writer, f"stage{number}.block{position}", shape))
    return Part(f"stage{number}", start, len(writer.nodes), tuple(blocks), writer.shape)


class _BlockShape(NamedTuple):
    """What makes a block of a stage differ from its neighbours."""

    width: int
    stride: int
    dilation: int
    is_first_unit: bool


def _block(writer: _Writer, name: str, shape: _BlockShape) -> Block:
    spec, unit = writer.spec, writer.unit
    start, source, in_shape = len(writer.nodes), writer.at, writer.shape
    is_first_unit, stride = shape.is_first_unit, shape.stride
    out_channels = spec.block_channels(shape.width)
    kind = _shortcut_kind(spec, in_shape[0], out_channels, stride)

    is_activated = is_first_unit and spec.stem is Stem.IMAGENET
    pre = () if is_activated else unit.pre
    is_shared = kind is not ShortcutKind.NONE and (is_first_unit or kind is not ShortcutKind.IDENTITY)
    if is_shared:
        writer.steps(f"{name}.pre", pre, number=1)
    split, split_shape = writer.at, writer.shape

    _branch(writer, f"{name}.branch", shape, pre=() if is_shared else pre)
    if kind is not ShortcutKind.NONE:
        branch_end = writer.at
        writer.at, writer.shape = split, split_shape
        _shortcut(writer, f"{name}.shortcut", kind, out_channels, stride)
        writer.nodes.append(Node(f"{name}.add", ADD, (branch_end, writer.at), writer.shape))
        writer.at = f"{name}.add"
    writer.steps(f"{name}.post", unit.post)
    return Block(name, start, len(writer.nodes), source, kind, in_shape, writer.shape)


def _branch(writer: _Writer, prefix: str, shape: _BlockShape, *, pre: tuple[Step, ...]) -> None:
    """Appends F(x). A norm or activation in front of a convolution has its number where the order is pre-activation."""
    convs = branch_convs(writer.spec, shape.width, shape.stride, shape.dilation)
    writer.steps(prefix, pre, number=1)
    for number, conv in enumerate(convs, start=1):
        writer.conv(f"{prefix}.conv{number}", conv.out_channels, conv.kernel, conv.stride, conv.dilation, conv.groups)
        is_last = number == len(convs)
        for step in writer.unit.tail if is_last else BETWEEN:
            in_front_of_next = writer.is_preact and step in writer.unit.pre
            writer.steps(prefix, (step,), number=number + 1 if in_front_of_next else number)


def _shortcut(writer: _Writer, prefix: str, kind: ShortcutKind, out_channels: int, stride: int) -> None:
    if kind is ShortcutKind.ZERO_PAD:
        writer.put(f"{prefix}.pad", ZeroPad(writer.shape[0], out_channels, stride))
    elif kind is ShortcutKind.PROJECTION:
        writer.conv(f"{prefix}.conv", out_channels, kernel=1, stride=stride)
        if writer.spec.projection_norm and Step.NORM in writer.unit.tail:  # like the branch that it is added to
            writer.steps(prefix, (Step.NORM,))


def _shortcut_kind(spec: NetSpec, in_channels: int, out_channels: int, stride: int) -> ShortcutKind:
    if spec.is_plain:
        return ShortcutKind.NONE
    if spec.dim_match is DimMatch.PROJECTION_EVERYWHERE:
        return ShortcutKind.PROJECTION
    if stride == 1 and in_channels == out_channels:
        return ShortcutKind.IDENTITY
    return ShortcutKind.ZERO_PAD if spec.dim_match is DimMatch.ZERO_PAD else ShortcutKind.PROJECTION


def _head(writer: _Writer) -> Part:
    start = len(writer.nodes)
    writer.steps("head", writer.unit.pre)
    writer.put("head.pool", GlobalAvgPool())
    writer.put("head.fc", Linear(writer.shape[0], writer.spec.num_classes))
    return Part("head", start, len(writer.nodes), (), writer.shape)
