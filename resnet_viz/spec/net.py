"""NetSpec: a frozen description of one residual or plain net, valid by construction.

Values from Python become the fields' own, as `fields` has it: "first_1x1" a StrideOn, a list a tuple.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, Final, Self

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.fields import MAX_BLOCKS, MAX_STAGES, take_fields
from resnet_viz.spec.image_size import HasImage, ImageSize
from resnet_viz.spec.validation import known_field, shown, whole_in_range

MAX_INNER_WIDTH: Final = 16_384
USUAL_WIDTH_PER_GROUP: Final = 64  # at which a block is as wide as its stage says (torchvision's base_width)

EXPANSION: Final = {BlockKind.BASIC: 1, BlockKind.BOTTLENECK: 4}
CONVS_PER_BLOCK: Final = {BlockKind.BASIC: 2, BlockKind.BOTTLENECK: 3}
STEM_STRIDE: Final = {Stem.IMAGENET: 4, Stem.CIFAR: 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class NetSpec(HasImage):
    """One residual or plain net. Field names and values are part of addresses, saved runs and the command line.

    Attributes:
        stem: layers before the stages.
        blocks: number of blocks of each stage. Every stage but the first halves the image in its first block.
        widths: channels of the 3x3 convolutions of each stage; a bottleneck has four times as many outputs.
            The stem has `widths[0]` outputs.
        block: the convolutions of a residual branch.
        order: positions of norm and activation (He et al. 2016, fig. 4).
        shortcut: kind of the shortcut (He et al. 2016, fig. 2); `none` makes a plain net. Scales, gates and dropout
            act on every shortcut, after `dim_match` where the shape changes; `conv1x1` is used where it does not.
        shortcut_scale: factor of a shortcut, the paper's lambda; used by `constant_scaling` only.
        residual_scale: factor of a branch, 1 or 1 - lambda in the paper; used by `constant_scaling` only.
        gate_bias: initial b_g of a gate g(x) = sigmoid(W_g x + b_g); the lower, the more open the shortcut. Used
            by gated shortcuts only.
        dropout: share of a shortcut's values that training sets to zero; used by `dropout` only.
        dim_match: shortcut at a change of shape; no effect on a plain net.
        stride_on: the downsampling convolution of a bottleneck; no effect on basic blocks.
        cardinality: groups of a bottleneck's 3x3 convolution (ResNeXt's C).
        width_per_group: channels of a group at width 64: ResNeXt's d, or 64 times the widening of a wide net.
        dilated_stages: stages, from the second, whose stride is replaced by dilation; of basic blocks, too, which
            torchvision refuses.
        norm: batch normalisation or none.
        conv_bias: whether convolutions carry biases.
        projection_norm: whether a 1x1 convolution on a shortcut is followed by a norm where the branch ends in one;
            not so in d2l nets.
        zero_init_residual: whether the last norm of each branch starts at zero, so that blocks start as identities.
        in_channels: channels of the input image.
        image_size: side of a square image in pixels, or height and width of any other. The smallest has one pixel, for
            every layer pads its map by half its kernel.
        num_classes: outputs of the head.

    Raises:
        SpecError: a value out of its range, or values that do not go together.
    """

    blocks: tuple[int, ...]
    widths: tuple[int, ...]
    stem: Stem = Stem.IMAGENET
    block: BlockKind = BlockKind.BASIC
    order: Order = Order.ORIGINAL
    shortcut: Shortcut = Shortcut.IDENTITY
    shortcut_scale: float = 0.5
    residual_scale: float = 0.5
    gate_bias: float = -6.0
    dropout: float = 0.5
    dim_match: DimMatch = DimMatch.PROJECTION
    stride_on: StrideOn = StrideOn.CONV_3X3
    cardinality: int = 1
    width_per_group: int = USUAL_WIDTH_PER_GROUP
    dilated_stages: tuple[int, ...] = ()
    norm: Norm = Norm.BATCH
    conv_bias: bool = False
    projection_norm: bool = True
    zero_init_residual: bool = False
    in_channels: int = 3
    image_size: int | ImageSize = 224
    num_classes: int = 1000

    def __post_init__(self) -> None:
        take_fields(self)
        check_stages(self.blocks, self.widths)
        _check_groups(self)
        _check_dilation(self)
        _check_shortcuts(self)
        _check_zero_init(self)

    @property
    def expansion(self) -> int:
        """Output channels of a block divided by its width."""
        return EXPANSION[self.block]

    @property
    def is_plain(self) -> bool:
        """Whether the net has no shortcuts at all."""
        return self.shortcut is Shortcut.NONE

    @property
    def depth(self) -> int:
        """Weighted layers on the longest path: stem, convolutions of the branches, fc. Projections do not count."""
        return 2 + CONVS_PER_BLOCK[self.block] * sum(self.blocks)

    @property
    def total_stride(self) -> int:
        """Input pixels per output pixel of the last stage, along one side."""
        return STEM_STRIDE[self.stem] << (len(self.blocks) - 1 - len(self.dilated_stages))

    def inner_width(self, width: int) -> int:
        """Returns the channels of the 3x3 convolutions of a stage of `width`."""
        return width * self.width_per_group // USUAL_WIDTH_PER_GROUP * self.cardinality

    def block_channels(self, width: int) -> int:
        """Returns the output channels of a block in a stage of `width`; a wide net's basic block is wider."""
        if self.block is BlockKind.BASIC:
            return self.inner_width(width)
        return width * self.expansion

    def replace(self, **changes: Any) -> Self:
        """Returns a copy with `changes`, validated again.

        Raises:
            SpecError: as of the class, and a field that it does not have.
        """
        for name in changes:
            known_field(_("A net"), name, self.__dataclass_fields__)
        return dataclasses.replace(self, **changes)


def check_stages(blocks: tuple[int, ...], widths: tuple[int, ...]) -> None:
    """Checks that the blocks and widths of the stages go together.

    Raises:
        SpecError: too few or too many stages or blocks.
    """
    if not 1 <= len(blocks) <= MAX_STAGES:
        raise SpecError(_("A net has 1 to {most} stages; blocks names {got}.").format(most=MAX_STAGES, got=len(blocks)))
    if len(blocks) != len(widths):
        raise SpecError(
            _("blocks and widths name the same stages; got {blocks} numbers of blocks and {widths} widths.").format(
                blocks=len(blocks), widths=len(widths)
            )
        )
    if sum(blocks) > MAX_BLOCKS:
        raise SpecError(
            _("A net has at most {most:,} blocks in all; got {got:,}.").format(most=MAX_BLOCKS, got=sum(blocks))
        )


def _check_groups(spec: NetSpec) -> None:
    if spec.block is BlockKind.BASIC and spec.cardinality > 1:
        raise SpecError(
            _("A basic block has cardinality 1; groups need block=bottleneck. Got cardinality={got}.").format(
                got=spec.cardinality
            )
        )
    for width in spec.widths:
        inner, rest = divmod(width * spec.width_per_group, USUAL_WIDTH_PER_GROUP)
        if rest or inner < 1:
            raise SpecError(
                _(
                    "A group has width * width_per_group / 64 channels, a whole number; "
                    "{width} * {per_group} / 64 is none."
                ).format(width=width, per_group=spec.width_per_group)
            )
        whole_in_range("widths * width_per_group / 64 * cardinality", inner * spec.cardinality, 1, MAX_INNER_WIDTH)


def _check_dilation(spec: NetSpec) -> None:
    allowed = range(2, len(spec.blocks) + 1)
    stages = spec.dilated_stages
    if stages and not allowed:
        raise SpecError(
            _("Dilation stands in place of the stride of a later stage; a net of one stage has none to dilate.")
        )
    if list(stages) != sorted(set(stages)) or any(stage not in allowed for stage in stages):
        raise SpecError(
            _("dilated_stages names stages from 2 to {last}, each once and in order; got {got}.").format(
                last=len(spec.blocks), got=shown(",".join(map(shown, stages)))
            )
        )


def _check_shortcuts(spec: NetSpec) -> None:
    is_usual = spec.shortcut in (Shortcut.NONE, Shortcut.IDENTITY)
    if not is_usual and spec.dim_match is DimMatch.PROJECTION_EVERYWHERE:
        raise SpecError(
            _(
                "Option C (dim_match=projection_everywhere) puts a projection on every shortcut, so that none is left "
                "for shortcut={kind}. Choose dim_match=projection or zero_pad, or shortcut=identity."
            ).format(kind=spec.shortcut)
        )
    if spec.is_plain or spec.dim_match is not DimMatch.ZERO_PAD:
        return
    before = spec.widths[0]  # channels out of the stem
    for stage, width in enumerate(spec.widths, start=1):
        after = spec.block_channels(width)
        if after < before:
            raise SpecError(
                _(
                    "Zero padding (option A) can add channels, not take them away: stage {stage} would go from "
                    "{before} to {after}. Let the widths grow, or choose dim_match=projection."
                ).format(stage=stage, before=before, after=after)
            )
        before = after


def _check_zero_init(spec: NetSpec) -> None:
    if not spec.zero_init_residual:
        return
    ends_in_norm = spec.order in (Order.ORIGINAL, Order.RELU_ONLY_PREACT) and spec.norm is Norm.BATCH
    if spec.is_plain or not ends_in_norm:
        raise SpecError(
            _(
                "zero_init_residual needs a residual net whose branch ends in a norm: norm=batch and "
                "order=original or relu_only_preact. Elsewhere a zero would block the gradient for good."
            )
        )
