"""The one place where a net's structure is written down: a spec to its Plan. VGG nets have a file of their own."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from resnet_viz.plan.builder import PlanBuilder
from resnet_viz.plan.lower_vgg import lower_vgg
from resnet_viz.plan.ops import (
    ADD,
    COMPLEMENT,
    MULTIPLY,
    RELU,
    SIGMOID,
    Conv,
    Dropout,
    GlobalAvgPool,
    Linear,
    MaxPool,
    Op,
    Scale,
    Shape,
    ZeroPad,
)
from resnet_viz.plan.plan import Block, Node, Part, Plan, ShortcutKind
from resnet_viz.plan.units import BETWEEN, UNITS, Unit, UnitLayer, branch_convs
from resnet_viz.spec.enums import DimMatch, Norm, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec, VggSpec

_ON_TOP: Final = (  # of whatever gets x to its shape
    Shortcut.CONSTANT_SCALING,
    Shortcut.EXCLUSIVE_GATING,
    Shortcut.SHORTCUT_ONLY_GATING,
    Shortcut.DROPOUT,
)


def lower(spec: AnySpec) -> Plan:
    """Returns the net's layers in running order, with names, inputs and output shapes.

    Pre-activation nets follow the authors' released code (He et al. 2016, appendix): the first unit's activation
    comes right after the stem, before the paths split; where the shape changes, both paths see the activated
    input; an extra activation follows the last addition. The ImageNet stem activates by itself, so that the
    first unit behind it has none of its own (fb.resnet.torch).

    Scales, gates and dropout act on every shortcut, those that change the shape included, behind the padding or the
    projection. So He et al. 2016 mean it: in their table 1 a net whose shortcuts are scaled by 0 "is a plain net", with
    54 factors in a ResNet-110. A gate is a 1x1 convolution with bias to as many channels as the sum has, for it
    multiplies element by element; like branch and shortcut it reads the point where these split, and where the shape
    changes it has the block's stride. No norm follows it, as in g(x) = sigmoid(W_g x + b_g). A 1x1 convolution on the
    shortcut (conv1x1) stands where the shape stays; where it changes, dim_match decides, so that with projections
    (option B) all shortcuts are 1x1 convolutions, the paper's option C. It has a norm where a projection has one:
    the paper's fig. 2 leaves out the norms, which follow all weight layers.
    """
    if isinstance(spec, VggSpec):
        return lower_vgg(spec)
    writer = _ResidualBuilder(spec)
    parts = [_stem(writer)]
    parts += [_stage(writer, number) for number in range(1, len(spec.blocks) + 1)]
    parts.append(_head(writer))
    return Plan(spec=spec, nodes=tuple(writer.nodes), parts=tuple(parts))


class _ResidualBuilder(PlanBuilder):
    """Writes the nodes of a residual or plain net: knows its units, norms and biases."""

    def __init__(self, spec: NetSpec) -> None:
        super().__init__(spec)
        self.spec = spec
        self.unit: Unit = UNITS[spec.order]
        self.is_preact = spec.order.is_preact
        self.has_norm = spec.norm is Norm.BATCH
        self.is_gated = spec.shortcut.is_gated

    def join(self, name: str, op: Op, inputs: tuple[str, str]) -> None:
        """Appends a node that reads two others, both of the shape of the last one."""
        self.nodes.append(Node(name, op, inputs, self.shape))
        self.at = name

    def steps(self, prefix: str, steps: Iterable[UnitLayer], number: int | str = "") -> None:
        """Appends norms and activations, numbered like the convolution they belong to; no norm where norm=none."""
        for step in steps:
            if step is UnitLayer.ACT:
                self.put(f"{prefix}.act{number}", RELU)
            elif self.has_norm:
                self.norm(f"{prefix}.norm{number}")


def _stem(writer: _ResidualBuilder) -> Part:
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


def _stage(writer: _ResidualBuilder, number: int) -> Part:
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


def _block(writer: _ResidualBuilder, name: str, shape: _BlockShape) -> Block:
    spec, unit = writer.spec, writer.unit
    start, source, in_shape = len(writer.nodes), writer.at, writer.shape
    is_first_unit, stride = shape.is_first_unit, shape.stride
    out_channels = spec.block_channels(shape.width)
    match = _match(spec, in_shape[0], out_channels, stride)

    is_activated = is_first_unit and spec.stem is Stem.IMAGENET
    pre = () if is_activated else unit.pre
    is_shared = match is not ShortcutKind.NONE and (is_first_unit or not match.keeps_shape)
    if is_shared:
        writer.steps(f"{name}.pre", pre, number=1)
    split = (writer.at, writer.shape)

    _branch(writer, f"{name}.branch", shape, pre=() if is_shared else pre)
    if match is not ShortcutKind.NONE:
        _addition(writer, name, match, split, out_channels, stride)
    writer.steps(f"{name}.post", unit.post)
    kind = ShortcutKind(spec.shortcut.value) if spec.shortcut in _ON_TOP else match
    return Block(name, start, len(writer.nodes), source, kind, in_shape, writer.shape, match)


def _branch(writer: _ResidualBuilder, prefix: str, shape: _BlockShape, *, pre: tuple[UnitLayer, ...]) -> None:
    """Appends F(x). A norm or activation in front of a convolution has its number where the order is pre-activation."""
    convs = branch_convs(writer.spec, shape.width, shape.stride, shape.dilation)
    writer.steps(prefix, pre, number=1)
    for number, conv in enumerate(convs, start=1):
        writer.conv(f"{prefix}.conv{number}", conv.out_channels, conv.kernel, conv.stride, conv.dilation, conv.groups)
        is_last = number == len(convs)
        for step in writer.unit.tail if is_last else BETWEEN:
            in_front_of_next = writer.is_preact and step in writer.unit.pre
            writer.steps(prefix, (step,), number=number + 1 if in_front_of_next else number)
    if writer.spec.shortcut is Shortcut.CONSTANT_SCALING and writer.spec.residual_scale != 1:
        writer.put(f"{prefix}.scale", Scale(writer.spec.residual_scale))


def _addition(
    writer: _ResidualBuilder, name: str, match: ShortcutKind, split: tuple[str, Shape], out_channels: int, stride: int
) -> None:
    """Appends what reads `split` beside the branch, a gate and the shortcut, and their sum with the branch."""
    kind, branch_end, gate = writer.spec.shortcut, writer.at, ""
    if writer.is_gated:
        writer.at, writer.shape = split
        writer.put(f"{name}.gate.conv", Conv(writer.shape[0], out_channels, 1, stride, 0, has_bias=True))
        writer.put(gate := f"{name}.gate.sigmoid", SIGMOID)
    if kind is Shortcut.EXCLUSIVE_GATING:
        writer.join(f"{name}.gated_branch", MULTIPLY, (branch_end, gate))
        branch_end = writer.at
    writer.at, writer.shape = split
    _shortcut(writer, f"{name}.shortcut", match, out_channels, stride)
    if writer.is_gated:
        shortcut_end = writer.at
        writer.at = gate
        writer.put(f"{name}.one_minus_gate", COMPLEMENT)
        writer.join(f"{name}.gated_shortcut", MULTIPLY, (shortcut_end, writer.at))
    writer.join(f"{name}.add", ADD, (branch_end, writer.at))


def _shortcut(writer: _ResidualBuilder, prefix: str, match: ShortcutKind, out_channels: int, stride: int) -> None:
    if match is ShortcutKind.ZERO_PAD:
        writer.put(f"{prefix}.pad", ZeroPad(writer.shape[0], out_channels, stride))
    elif match is not ShortcutKind.IDENTITY:
        writer.conv(f"{prefix}.conv", out_channels, kernel=1, stride=stride)
        if writer.spec.projection_norm and UnitLayer.NORM in writer.unit.tail:  # like the branch that it is added to
            writer.steps(prefix, (UnitLayer.NORM,))
    if writer.spec.shortcut is Shortcut.CONSTANT_SCALING:
        writer.put(f"{prefix}.scale", Scale(writer.spec.shortcut_scale))
    elif writer.spec.shortcut is Shortcut.DROPOUT:
        writer.put(f"{prefix}.dropout", Dropout(writer.spec.dropout))


def _match(spec: NetSpec, in_channels: int, out_channels: int, stride: int) -> ShortcutKind:
    """Returns how x gets to the shape of the sum."""
    if spec.is_plain:
        return ShortcutKind.NONE
    if spec.dim_match is DimMatch.PROJECTION_EVERYWHERE:
        return ShortcutKind.PROJECTION
    if stride == 1 and in_channels == out_channels:
        return ShortcutKind.CONV1X1 if spec.shortcut is Shortcut.CONV1X1 else ShortcutKind.IDENTITY
    return ShortcutKind.ZERO_PAD if spec.dim_match is DimMatch.ZERO_PAD else ShortcutKind.PROJECTION


def _head(writer: _ResidualBuilder) -> Part:
    start = len(writer.nodes)
    writer.steps("head", writer.unit.pre)
    writer.put("head.pool", GlobalAvgPool())
    writer.put("head.fc", Linear(writer.shape[0], writer.spec.num_classes))
    return Part("head", start, len(writer.nodes), (), writer.shape)
