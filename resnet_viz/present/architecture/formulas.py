"""Formulas in KaTeX: counts worked out factor by factor from the layers of a plan, and the sum of a block."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, assert_never

from resnet_viz.analysis.cost import params
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import BatchNorm, Conv
from resnet_viz.plan.plan import Node, Section
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Shortcut, Stem
from resnet_viz.spec.net import NetSpec

GATE_KATEX: Final = r"g(x) = \sigma(W_g x + b_g)"  # He et al. 2016, section 3.1


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockCount:
    """One block's parameters, worked out.

    Attributes:
        katex: the derivation, a line per layer and the sum.
        params: the sum.
        channels: channels in and out.
        width: channels of its 3x3 convolutions.
    """

    katex: str
    params: int
    channels: int
    width: int


def block_count(
    block: BlockKind, width: int, *, has_norm: bool, has_bias: bool, has_projection: bool, mode: Mode
) -> BlockCount:
    """Returns the count of a block whose shape stays: the second of its stage, lowered like any other net.

    Args:
        block: basic or bottleneck.
        width: channels of its 3x3 convolutions; a bottleneck's ends have four times as many.
        has_norm: whether the scale and shift of its norms count.
        has_bias: whether its convolutions carry biases.
        has_projection: whether its shortcut is a 1x1 projection instead of the identity.
        mode: theme, for the colours of the roles.

    Raises:
        SpecError: a width out of range.
    """
    spec = NetSpec(
        blocks=(2,),
        widths=(width,),
        stem=Stem.CIFAR,
        block=block,
        norm=Norm.BATCH if has_norm else Norm.NONE,
        conv_bias=has_bias,
        dim_match=DimMatch.PROJECTION_EVERYWHERE if has_projection else DimMatch.PROJECTION,
        image_size=32,
    )
    plan = lower(spec)
    second = plan.blocks[1]
    counted = [node for node in plan.nodes_of(second) if params(node.op)]
    return BlockCount(
        katex=_aligned(counted, mode),
        params=sum(params(node.op) for node in counted),
        channels=second.shape[0],
        width=width,
    )


def sum_katex(spec: NetSpec) -> str:
    """Returns the sum of a block whose shape stays (He et al. 2016, fig. 2), without the layers after the addition.

    d is dropout; W_s is the 1x1 convolution on the shortcut, its norm included.
    """
    match spec.shortcut:
        case Shortcut.NONE:
            return "F(x)"
        case Shortcut.IDENTITY:
            return r"F(x) + W_s x" if spec.dim_match is DimMatch.PROJECTION_EVERYWHERE else "F(x) + x"
        case Shortcut.CONSTANT_SCALING:
            factor = "" if spec.residual_scale == 1 else rf"{_decimal(spec.residual_scale)}\,"
            return rf"{factor}F(x) + {_decimal(spec.shortcut_scale)}\,x"
        case Shortcut.EXCLUSIVE_GATING:
            return r"g(x)\,F(x) + (1 - g(x))\,x"
        case Shortcut.SHORTCUT_ONLY_GATING:
            return r"F(x) + (1 - g(x))\,x"
        case Shortcut.CONV1X1:
            return "F(x) + W_s x"
        case Shortcut.DROPOUT:
            return "F(x) + d(x)"
        case _:
            assert_never(spec.shortcut)


def _decimal(value: float) -> str:
    """Returns a number as KaTeX sets it: powers of ten as such."""
    digits, exponent, power = f"{value:g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if exponent else digits


def katex_number(count: int) -> str:
    """Returns a whole number with commas that KaTeX sets without a space after them."""
    return f"{count:,}".replace(",", "{,}")


def _aligned(nodes: Iterable[Node], mode: Mode) -> str:
    nodes = tuple(nodes)
    lines = [_line(node, mode) for node in nodes]
    total = katex_number(sum(params(node.op) for node in nodes))
    rule = r"\hline"
    word = _("sum")
    body = r" \\ ".join(lines)
    return rf"\begin{{array}}{{lrrr}} {body} \\ {rule} \text{{{word}}} & & = & \mathbf{{{total}}} \end{{array}}"


def _line(node: Node, mode: Mode) -> str:
    op = node.op
    is_on_shortcut = node.section is Section.SHORTCUT
    role = Role.SHORTCUT if is_on_shortcut else Role.NORM if isinstance(op, BatchNorm) else Role.CONV
    name = f"{_('shortcut')} {node.leaf}" if is_on_shortcut else node.leaf
    if isinstance(op, Conv):
        factors = rf"{op.kernel} \cdot {op.kernel} \cdot {op.in_channels} \cdot {op.out_channels}"
        factors += rf" + {op.out_channels}" if op.has_bias else ""
    else:
        assert isinstance(op, BatchNorm)  # nothing else in a block has parameters
        factors = rf"2 \cdot {op.channels}"
    color = PALETTES[mode][role].text
    return rf"\textcolor{{{color}}}{{\text{{{name}}}}} & {factors} & = & {katex_number(params(op))}"
