"""The structure of VGG nets: Simonyan and Zisserman 2014, table 1, with the head and the norms of torchvision.

A stage is a row of 3x3 convolutions and the max pool behind them. Each convolution with its norm and activation is a
block of a plain net, so that all that is said and drawn of blocks holds here too.
"""

from resnet_viz.plan.builder import PlanBuilder
from resnet_viz.plan.ops import RELU, AdaptiveAvgPool, Dropout, Flatten, Linear, MaxPool
from resnet_viz.plan.plan import Block, Part, Plan, ShortcutKind
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.vgg import DROPOUT, NUM_FC, POOLED_SIDE, VggSpec


def lower_vgg(spec: VggSpec) -> Plan:
    """Returns the layers of a VGG net: stages and the head, no stem."""
    writer = PlanBuilder(spec)
    parts = [_stage(writer, spec, number) for number in range(1, len(spec.blocks) + 1)]
    parts.append(_head(writer, spec))
    return Plan(spec=spec, nodes=tuple(writer.nodes), parts=tuple(parts))


def _stage(writer: PlanBuilder, spec: VggSpec, number: int) -> Part:
    start, name = len(writer.nodes), f"stage{number}"
    num_blocks, width = spec.blocks[number - 1], spec.widths[number - 1]
    has_norm = spec.norm is Norm.BATCH
    blocks = [
        _block(writer, f"{name}.block{position}", width, has_norm=has_norm) for position in range(1, num_blocks + 1)
    ]
    writer.put(f"{name}.pool", MaxPool(kernel=2, stride=2, padding=0))
    return Part(name, start, len(writer.nodes), tuple(blocks), writer.shape)


def _block(writer: PlanBuilder, name: str, width: int, *, has_norm: bool) -> Block:
    start, source, in_shape = len(writer.nodes), writer.at, writer.shape
    writer.conv(f"{name}.branch.conv1", width, kernel=3, stride=1)
    if has_norm:
        writer.norm(f"{name}.branch.norm1")
    writer.put(f"{name}.post.act", RELU)
    none = ShortcutKind.NONE
    return Block(name, start, len(writer.nodes), source, none, in_shape, writer.shape, match=none)


def _head(writer: PlanBuilder, spec: VggSpec) -> Part:
    start = len(writer.nodes)
    writer.put("head.pool", AdaptiveAvgPool(POOLED_SIDE))
    writer.put("head.flatten", Flatten())
    for number in range(1, NUM_FC):
        writer.put(f"head.fc{number}", Linear(writer.shape[0], spec.hidden_features))
        writer.put(f"head.act{number}", RELU)
        writer.put(f"head.dropout{number}", Dropout(DROPOUT))
    writer.put("head.fc", Linear(writer.shape[0], spec.num_classes))
    return Part("head", start, len(writer.nodes), (), writer.shape)
