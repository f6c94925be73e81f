"""A spec as a torch module: the plan's nodes become modules of the same names."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from typing import Final, assert_never

import torch
from torch import nn

from resnet_viz.analysis.cost import params
from resnet_viz.errors import BudgetError
from resnet_viz.i18n import _
from resnet_viz.nets.init import initialise
from resnet_viz.nets.modules import (
    Add,
    Complement,
    Dropout,
    ExclusiveGatedBlock,
    Head,
    Multiply,
    Net,
    PlainBlock,
    ResidualBlock,
    Scale,
    ShortcutGatedBlock,
    ZeroPad,
)
from resnet_viz.plan import ops
from resnet_viz.plan.lower import lower
from resnet_viz.plan.names import block_leaf
from resnet_viz.plan.plan import Block, Node, Part, Plan, Section, ShortcutKind
from resnet_viz.spec.enums import Init
from resnet_viz.spec.vgg import AnySpec

_MADE_BY_BLOCK: Final = (ops.Add, ops.Multiply, ops.Complement)  # in the classes of blocks, which join the sections
MAX_PARAMS: Final = 500_000_000  # 2 GB of float32 weights; ResNet-152 has 60 million


def build(spec: AnySpec, *, seed: int = 0, device: torch.device | str = "cpu", init: Init = Init.HE) -> Net:
    """Returns the net of `spec`, initialised by `init`.

    Args:
        spec: description of the net.
        seed: seed of the initial weights, which are drawn on the CPU: every device starts from the same.
        device: device of the net; "meta" makes no weights at all.
        init: distribution of the convolution weights.

    Raises:
        BudgetError: more than MAX_PARAMS parameters; nothing was allocated.
    """
    plan = lower(spec)
    num_params = sum(params(node.op) for node in plan.nodes)
    if num_params > MAX_PARAMS:
        raise BudgetError(
            _(
                "This net has {got:,} parameters; nets of up to {most:,} are built. Make it narrower or shallower."
            ).format(got=num_params, most=MAX_PARAMS)
        )
    with torch.device("meta"):  # torch's layers would draw weights of their own, from the global generator
        net = _net(spec, plan)
    if torch.device(device).type == "meta":
        return net
    net.to_empty(device="cpu")
    initialise(net, spec, generator=torch.Generator().manual_seed(seed), init=init)
    return net.to(device)


def _net(spec: AnySpec, plan: Plan) -> Net:
    *before_head, head = plan.parts
    return Net(
        spec=spec,
        before_head=OrderedDict((part.name, _part(plan, part)) for part in before_head),
        head=_head(plan.nodes_of(head)),
    )


def _part(plan: Plan, part: Part) -> nn.Sequential:
    blocks = OrderedDict((block_leaf(block.number), _block(plan, block)) for block in part.blocks)
    return nn.Sequential(blocks | _modules(plan.tail_of(part)))


def _head(nodes: Iterable[Node]) -> Head | nn.Sequential:
    modules = _modules(nodes)
    if "flatten" in modules:  # VGG's, one layer behind the other
        return nn.Sequential(modules)
    pool, fc = modules.pop("pool"), modules.pop("fc")
    assert isinstance(fc, nn.Linear)
    return Head(before=modules, pool=pool, fc=fc)


def _block(plan: Plan, block: Block) -> nn.Module:
    sections: dict[Section, list[Node]] = defaultdict(list)
    for node in plan.nodes_of(block):
        if not isinstance(node.op, _MADE_BY_BLOCK):
            sections[node.section].append(node)
    pre, branch, gate, shortcut, post = (
        nn.Sequential(_modules(sections[section]))
        for section in (Section.PRE, Section.BRANCH, Section.GATE, Section.SHORTCUT, Section.POST)
    )
    if block.shortcut is ShortcutKind.NONE:
        return PlainBlock(branch=branch, post=post)
    if block.shortcut is ShortcutKind.EXCLUSIVE_GATING:
        return ExclusiveGatedBlock(pre=pre, branch=branch, gate=gate, shortcut=shortcut, post=post)
    if block.shortcut is ShortcutKind.SHORTCUT_ONLY_GATING:
        return ShortcutGatedBlock(pre=pre, branch=branch, gate=gate, shortcut=shortcut, post=post)
    return ResidualBlock(pre=pre, branch=branch, shortcut=shortcut, post=post)


def _modules(nodes: Iterable[Node]) -> OrderedDict[str, nn.Module]:
    return OrderedDict((node.leaf, _module(node.op)) for node in nodes)


def _module(op: ops.Op) -> nn.Module:
    match op:
        case ops.Conv(in_channels, out_channels, kernel, stride, padding, has_bias, dilation, groups):
            return nn.Conv2d(in_channels, out_channels, kernel, stride, padding, dilation, groups, has_bias)
        case ops.BatchNorm(channels):
            return nn.BatchNorm2d(channels)
        case ops.ReLU():
            return nn.ReLU()
        case ops.MaxPool(kernel, stride, padding):
            return nn.MaxPool2d(kernel, stride, padding)
        case ops.GlobalAvgPool():
            return nn.AdaptiveAvgPool2d(1)
        case ops.AdaptiveAvgPool(side):
            return nn.AdaptiveAvgPool2d(side)
        case ops.Flatten():
            return nn.Flatten()
        case ops.Dropout(rate):
            return Dropout(rate)
        case ops.Linear(in_features, out_features):
            return nn.Linear(in_features, out_features)
        case ops.ZeroPad() | ops.Add() | ops.Scale() | ops.Sigmoid() | ops.Complement() | ops.Multiply():
            return _module_of_shortcut(op)
        case _:
            assert_never(op)


def _module_of_shortcut(
    op: ops.ZeroPad | ops.Add | ops.Scale | ops.Sigmoid | ops.Complement | ops.Multiply,
) -> nn.Module:
    match op:
        case ops.ZeroPad(in_channels, out_channels, stride):
            return ZeroPad(out_channels - in_channels, stride)
        case ops.Add():
            return Add()
        case ops.Scale(factor):
            return Scale(factor)
        case ops.Sigmoid():
            return nn.Sigmoid()
        case ops.Complement():
            return Complement()
        case ops.Multiply():
            return Multiply()
        case _:
            assert_never(op)
