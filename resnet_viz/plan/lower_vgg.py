"""The structure of VGG nets: Simonyan and Zisserman 2014, table 1, with the head and the norms of torchvision.

A stage is a row of 3x3 convolutions and a max pool after them. Each convolution with its norm and activation is a
block of a plain net, so that all that holds of blocks, in counts and drawings, holds here too.
"""

from resnet_viz.plan.builder import PlanBuilder
from resnet_viz.plan.names import block_name, stage_name
from resnet_viz.plan.ops import RELU, AdaptiveAvgPool, Dropout, Flatten, Linear, MaxPool
from resnet_viz.plan.plan import Block, Part, Plan, Section, ShortcutKind
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.vgg import DROPOUT, NUM_FC, POOL, POOLED_SIDE, VggSpec


def lower_vgg(spec: VggSpec) -> Plan:
    """Returns the layers of a VGG net: stages and the head, no stem."""
    builder = PlanBuilder(spec)
    parts = [_stage(builder, spec, number) for number in range(1, len(spec.blocks) + 1)]
    parts.append(_head(builder, spec))
    return Plan(spec=spec, nodes=tuple(builder.nodes), parts=tuple(parts))


def _stage(builder: PlanBuilder, spec: VggSpec, number: int) -> Part:
    start, name = len(builder.nodes), stage_name(number)
    width, has_norm = spec.widths[number - 1], spec.norm is Norm.BATCH
    blocks = [
        _block(builder, number, position, width, has_norm=has_norm)
        for position in range(1, spec.blocks[number - 1] + 1)
    ]
    builder.append(f"{name}.pool", Section.POOL, MaxPool(kernel=POOL, stride=POOL, padding=0), builder.at)
    return Part(name, number, start, len(builder.nodes), tuple(blocks), builder.shape)


def _block(builder: PlanBuilder, stage: int, number: int, width: int, *, has_norm: bool) -> Block:
    start, source, in_shape = len(builder.nodes), builder.at, builder.shape
    name, none = block_name(stage, number), ShortcutKind.NONE
    builder.begin(Section.BRANCH, name)
    builder.conv("conv1", width, kernel=3, stride=1)
    if has_norm:
        builder.norm("norm1")
    builder.begin(Section.POST, name)
    builder.put("act", RELU)
    return Block(name, stage, number, start, len(builder.nodes), source, none, in_shape, builder.shape, match=none)


def _head(builder: PlanBuilder, spec: VggSpec) -> Part:
    start = len(builder.nodes)
    builder.begin(Section.HEAD)
    builder.put("pool", AdaptiveAvgPool(POOLED_SIDE))
    builder.put("flatten", Flatten())
    for number in range(1, NUM_FC):
        builder.put(f"fc{number}", Linear(builder.shape[0], spec.hidden_features))
        builder.put(f"act{number}", RELU)
        builder.put(f"dropout{number}", Dropout(DROPOUT))
    builder.put("fc", Linear(builder.shape[0], spec.num_classes))
    return Part("head", 0, start, len(builder.nodes), (), builder.shape)
