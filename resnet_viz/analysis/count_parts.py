"""Parts of a parameter count: what the stem, the first and the later blocks of each stage and the head hold.

All counts of a kind of net follow from them by arithmetic: more blocks, other classes, channels or widths, biases,
norms after projections, running statistics. They are read from a lowered plan of two blocks a stage.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import BatchNorm, Conv, Linear
from resnet_viz.plan.plan import Block, Node, Plan, Section
from resnet_viz.spec.enums import StrideOn
from resnet_viz.spec.vgg import AnySpec


class Held(NamedTuple):
    """Numbers of which the count of some layers is made.

    Attributes:
        weights: of convolutions, except those of the net's first one, and of hidden fully connected layers.
        fixed: biases that do not depend on `conv_bias`: of gates and of hidden fully connected layers.
        biases: output channels of the convolutions that `conv_bias` gives a bias.
        norm_channels: channels of norms.
        norms: number of norms.
        projected_channels: channels of the norms that `projection_norm` places on shortcuts.
        projected_norms: number of these.
    """

    weights: int = 0
    fixed: int = 0
    biases: int = 0
    norm_channels: int = 0
    norms: int = 0
    projected_channels: int = 0
    projected_norms: int = 0

    def plus(self, other: "Held", times: int = 1) -> "Held":
        """Returns the sum with another, taken `times` times."""
        return Held(*(mine + times * its for mine, its in zip(self, other, strict=True)))


@dataclass(frozen=True, kw_only=True, slots=True)
class CountParts:
    """Parts of the count of all nets that differ in blocks, classes, image channels, biases and projection norms only.

    Attributes:
        per_channel: weights of the first convolution for one image channel.
        features: inputs of the last fully connected layer.
        hidden: the fully connected layers before it, of VGG.
        outside: all else outside of the stages, `hidden` included.
        first: for each stage its first block.
        later: for each stage any later block.
    """

    per_channel: int
    features: int
    hidden: Held
    outside: Held
    first: tuple[Held, ...]
    later: tuple[Held, ...]

    def held(self, blocks: tuple[int, ...]) -> Held:
        """Returns what a net of these blocks holds, apart from the first convolution and the last layer."""
        total = self.outside
        for num, first, later in zip(blocks, self.first, self.later, strict=True):
            total = total.plus(first).plus(later, num - 1)
        return total


def parts_of(spec: AnySpec) -> CountParts:
    """Returns the parts of a net's count."""
    return _parts(_without_counts(spec))


def params_of(held: Held, *, has_bias: bool, has_projection_norm: bool) -> int:
    """Returns the parameters of some layers."""
    norms = held.norm_channels + (held.projected_channels if has_projection_norm else 0)
    return held.weights + held.fixed + 2 * norms + (held.biases if has_bias else 0)


def count_params(spec: AnySpec) -> int:
    """Returns the parameters of a net, without writing all of its blocks out."""
    parts = parts_of(spec)
    own = params_of(
        parts.held(spec.blocks),
        has_bias=spec.conv_bias,
        has_projection_norm=getattr(spec, "projection_norm", True),
    )
    return own + parts.per_channel * spec.in_channels + (parts.features + 1) * spec.num_classes


def count_statistics(spec: AnySpec) -> int:
    """Returns the running means and variances of a net's norms, which are no parameters."""
    held = parts_of(spec).held(spec.blocks)
    return 2 * (held.norm_channels + (held.projected_channels if getattr(spec, "projection_norm", True) else 0))


def _without_counts(spec: AnySpec) -> AnySpec:
    """Returns a net with the same parts, and one value for everything that does not change them."""
    usual: dict[str, Any] = {"blocks": (2,) * len(spec.blocks), "conv_bias": False, "in_channels": 3, "num_classes": 2}
    if hasattr(spec, "projection_norm"):
        usual |= {"projection_norm": True, "zero_init_residual": False, "stride_on": StrideOn.CONV_3X3}
    return spec.replace(**usual)


@lru_cache(maxsize=512)
def _parts(spec: AnySpec) -> CountParts:
    plan = lower(spec)
    first_conv = next(node for node in plan.nodes if isinstance(node.op, Conv))
    last = plan.nodes[-1]
    assert isinstance(first_conv.op, Conv)
    assert isinstance(last.op, Linear)
    blocks = [stage.blocks for stage in plan.stages]
    in_blocks = {node.name for stage in blocks for block in stage for node in _nodes(plan, block)}
    skipped = (first_conv.name, last.name)
    hidden = (node for node in plan.nodes if isinstance(node.op, Linear))
    outside = _sum((node for node in plan.nodes if node.name not in in_blocks), skipped)
    per_channel = first_conv.op.out_channels * first_conv.op.kernel**2
    return CountParts(
        per_channel=per_channel,
        features=last.op.in_features,
        hidden=_sum(hidden, skipped),
        outside=outside.plus(Held(biases=first_conv.op.out_channels)),
        first=tuple(_sum(_nodes(plan, stage[0]), skipped) for stage in blocks),
        later=tuple(_sum(_nodes(plan, stage[1]), skipped) for stage in blocks),
    )


def _nodes(plan: Plan, block: Block) -> tuple[Node, ...]:
    return plan.nodes[block.start : block.stop]


def _sum(nodes: Iterable[Node], skipped: tuple[str, str]) -> Held:
    total = Held()
    for node in nodes:
        if node.name not in skipped:
            total = total.plus(_held(node))
    return total


def _held(node: Node) -> Held:
    match node.op:
        case Conv(in_channels, out_channels, kernel, groups=groups):
            weights = out_channels * (in_channels // groups) * kernel**2
            if node.section is Section.GATE:
                return Held(weights=weights, fixed=out_channels)
            return Held(weights=weights, biases=out_channels)
        case Linear(in_features, out_features):
            return Held(weights=in_features * out_features, fixed=out_features)
        case BatchNorm(channels):
            if node.section is Section.SHORTCUT:
                return Held(projected_channels=channels, projected_norms=1)
            return Held(norm_channels=channels, norms=1)
        case _:
            return Held()
