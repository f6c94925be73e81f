"""Lowering of a spec to its plan: a net's structure is written here and nowhere else; that of VGG in `lower_vgg`."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from resnet_viz.i18n import _
from resnet_viz.plan.builder import PlanBuilder
from resnet_viz.plan.lower_vgg import lower_vgg
from resnet_viz.plan.names import block_name, stage_name
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
    Scale,
    Shape,
    ZeroPad,
)
from resnet_viz.plan.plan import Block, Part, Plan, Section, ShortcutKind
from resnet_viz.plan.units import BETWEEN, UNITS, Unit, UnitLayer, branch_convs
from resnet_viz.spec.enums import DimMatch, Norm, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.validation import refused
from resnet_viz.spec.vgg import AnySpec, VggSpec

_ON_TOP: Final = (  # of the operation that gives x its shape
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
    first unit after it has none of its own (fb.resnet.torch).

    Scales, gates and dropout act on every shortcut, those that change the shape included, after the padding or the
    projection. He et al. 2016 mean it so: in their table 1 a net whose shortcuts are scaled by 0 "is a plain net", with
    54 factors in a ResNet-110. A gate is a 1x1 convolution with bias to as many channels as the sum has, for it
    multiplies element by element; like branch and shortcut it reads the point where these split, and where the shape
    changes it has the block's stride. No norm follows it, as in g(x) = sigmoid(W_g x + b_g). A 1x1 convolution on the
    shortcut (conv1x1) is used where the shape stays; where it changes, dim_match decides, so that with projections
    (option B) all shortcuts are 1x1 convolutions, the paper's option C. It has a norm where a projection has one:
    the paper's fig. 2 leaves out the norms, which follow all weight layers.

    Raises:
        SpecError: `spec` is no description of a net.
    """
    if isinstance(spec, VggSpec):
        return lower_vgg(spec)
    if not isinstance(spec, NetSpec):
        raise refused("spec", _("a NetSpec or a VggSpec, such as preset('resnet50')"), spec)
    builder = _ResidualBuilder(spec)
    parts = [_stem(builder)]
    parts += [_stage(builder, number) for number in range(1, len(spec.blocks) + 1)]
    parts.append(_head(builder))
    return Plan(spec=spec, nodes=tuple(builder.nodes), parts=tuple(parts))


class _ResidualBuilder(PlanBuilder):
    """Builder of residual and plain nets: holds their unit and whether they have norms and gates."""

    def __init__(self, spec: NetSpec) -> None:
        super().__init__(spec)
        self.spec = spec
        self.unit: Unit = UNITS[spec.order]
        self.is_preact = spec.order.is_preact
        self.has_norm = spec.norm is Norm.BATCH
        self.is_gated = spec.shortcut.is_gated

    def unit_layers(self, layers: Iterable[UnitLayer], number: int | str = "") -> None:
        """Appends norms and activations, numbered like the convolution they belong to; no norm where norm=none."""
        for layer in layers:
            if layer is UnitLayer.ACT:
                self.put(f"act{number}", RELU)
            elif self.has_norm:
                self.norm(f"norm{number}")


def _stem(builder: _ResidualBuilder) -> Part:
    spec, unit = builder.spec, builder.unit
    builder.begin(Section.STEM)
    if spec.stem is Stem.IMAGENET:
        builder.conv("conv", spec.widths[0], kernel=7, stride=2)
        builder.unit_layers(BETWEEN)
        builder.put("pool", MaxPool(kernel=3, stride=2, padding=1))
    else:
        builder.conv("conv", spec.widths[0], kernel=3, stride=1)
        # A pre-activation net leaves to its first unit what would follow; ReLU-only still has its norm after a conv.
        builder.unit_layers(unit.tail if builder.is_preact else BETWEEN)
    return Part("stem", 0, 0, len(builder.nodes), (), builder.shape)


def _stage(builder: _ResidualBuilder, number: int) -> Part:
    """Appends a stage. Where its stride is replaced by dilation, what lies behind the stride's place is dilated.

    The 3x3 at that place keeps the dilation before it. Thus every 2nd pixel of the output (every 4th after two such
    stages) is, with the same weights, a pixel of the net with strides. Bottlenecks with their stride on the first 1x1
    are an exception: their 3x3 keeps it, too.
    """
    spec = builder.spec
    start, blocks = len(builder.nodes), []
    before = 2 ** sum(stage < number for stage in spec.dilated_stages)
    is_dilated = number in spec.dilated_stages
    for position in range(1, spec.blocks[number - 1] + 1):
        is_first = position == 1
        stride = 2 if is_first and number > 1 and not is_dilated else 1
        shape = _BlockShape(
            width=spec.widths[number - 1],
            stride=stride,
            first_dilation=before * 2 if is_dilated and not is_first else before,
            dilation=before * 2 if is_dilated else before,
            is_first_unit=number == position == 1,
        )
        blocks.append(_block(builder, number, position, shape))
    return Part(stage_name(number), number, start, len(builder.nodes), tuple(blocks), builder.shape)


class _BlockShape(NamedTuple):
    """Numbers in which the blocks of a stage differ."""

    width: int
    stride: int
    first_dilation: int
    dilation: int
    is_first_unit: bool


def _block(builder: _ResidualBuilder, stage: int, number: int, shape: _BlockShape) -> Block:
    spec, unit, name = builder.spec, builder.unit, block_name(stage, number)
    start, source, in_shape = len(builder.nodes), builder.at, builder.shape
    is_first_unit, stride = shape.is_first_unit, shape.stride
    out_channels = spec.block_channels(shape.width)
    match = _match(spec, in_shape[0], out_channels, stride)

    is_activated = is_first_unit and spec.stem is Stem.IMAGENET
    pre = () if is_activated else unit.pre
    is_shared = match is not ShortcutKind.NONE and (is_first_unit or not match.keeps_shape)
    if is_shared:
        builder.begin(Section.PRE, name)
        builder.unit_layers(pre, number=1)
    split = (builder.at, builder.shape)

    _branch(builder, name, shape, pre=() if is_shared else pre)
    if match is not ShortcutKind.NONE:
        _addition(builder, name, match, split, out_channels, stride)
    builder.begin(Section.POST, name)
    builder.unit_layers(unit.post)
    kind = ShortcutKind(spec.shortcut.value) if spec.shortcut in _ON_TOP else match
    return Block(name, stage, number, start, len(builder.nodes), source, kind, in_shape, builder.shape, match)


def _branch(builder: _ResidualBuilder, block: str, shape: _BlockShape, *, pre: tuple[UnitLayer, ...]) -> None:
    """Appends F(x). A norm or activation in front of a convolution has its number where the order is pre-activation."""
    convs = branch_convs(builder.spec, shape.width, shape.stride, shape.first_dilation, shape.dilation)
    builder.begin(Section.BRANCH, block)
    builder.unit_layers(pre, number=1)
    for number, conv in enumerate(convs, start=1):
        builder.conv(f"conv{number}", conv.out_channels, conv.kernel, conv.stride, conv.dilation, conv.groups)
        is_last = number == len(convs)
        for layer in builder.unit.tail if is_last else BETWEEN:
            in_front_of_next = builder.is_preact and layer in builder.unit.pre
            builder.unit_layers((layer,), number=number + 1 if in_front_of_next else number)
    if builder.spec.shortcut is Shortcut.CONSTANT_SCALING and builder.spec.residual_scale != 1:
        builder.put("scale", Scale(builder.spec.residual_scale))


def _addition(
    builder: _ResidualBuilder, block: str, match: ShortcutKind, split: tuple[str, Shape], out_channels: int, stride: int
) -> None:
    """Appends all that reads `split` beside the branch (a gate, the shortcut), and their sum with the branch."""
    branch_end, gate = builder.at, ""
    if builder.is_gated:
        builder.at, builder.shape = split
        builder.begin(Section.GATE, block)
        builder.put("conv", Conv(builder.shape[0], out_channels, 1, stride, 0, has_bias=True))
        builder.put("sigmoid", SIGMOID)
        gate = builder.at
    if builder.spec.shortcut is Shortcut.EXCLUSIVE_GATING:
        builder.append(f"{block}.gated_branch", Section.BRANCH, MULTIPLY, branch_end, gate)
        branch_end = builder.at
    builder.at, builder.shape = split
    _shortcut(builder, block, match, out_channels, stride)
    if builder.is_gated:
        shortcut_end = builder.at
        builder.append(f"{block}.one_minus_gate", Section.GATE, COMPLEMENT, gate)
        builder.append(f"{block}.gated_shortcut", Section.SHORTCUT, MULTIPLY, shortcut_end, builder.at)
    builder.append(f"{block}.add", Section.ADD, ADD, branch_end, builder.at)


def _shortcut(builder: _ResidualBuilder, block: str, match: ShortcutKind, out_channels: int, stride: int) -> None:
    builder.begin(Section.SHORTCUT, block)
    if match is ShortcutKind.ZERO_PAD:
        builder.put("pad", ZeroPad(builder.shape[0], out_channels, stride))
    elif match is not ShortcutKind.IDENTITY:
        builder.conv("conv", out_channels, kernel=1, stride=stride)
        if builder.spec.projection_norm and UnitLayer.NORM in builder.unit.tail:  # like the branch that it is added to
            builder.unit_layers((UnitLayer.NORM,))
    if builder.spec.shortcut is Shortcut.CONSTANT_SCALING:
        builder.put("scale", Scale(builder.spec.shortcut_scale))
    elif builder.spec.shortcut is Shortcut.DROPOUT:
        builder.put("dropout", Dropout(builder.spec.dropout))


def _match(spec: NetSpec, in_channels: int, out_channels: int, stride: int) -> ShortcutKind:
    """Returns the operation that gives x the shape of the sum."""
    if spec.is_plain:
        return ShortcutKind.NONE
    if spec.dim_match is DimMatch.PROJECTION_EVERYWHERE:
        return ShortcutKind.PROJECTION
    if stride == 1 and in_channels == out_channels:
        return ShortcutKind.CONV1X1 if spec.shortcut is Shortcut.CONV1X1 else ShortcutKind.IDENTITY
    return ShortcutKind.ZERO_PAD if spec.dim_match is DimMatch.ZERO_PAD else ShortcutKind.PROJECTION


def _head(builder: _ResidualBuilder) -> Part:
    start = len(builder.nodes)
    builder.begin(Section.HEAD)
    builder.unit_layers(builder.unit.pre)
    builder.put("pool", GlobalAvgPool())
    builder.put("fc", Linear(builder.shape[0], builder.spec.num_classes))
    return Part("head", 0, start, len(builder.nodes), (), builder.shape)
