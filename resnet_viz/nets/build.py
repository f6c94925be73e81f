"""A spec as a torch module: the plan's nodes become modules of the same names."""

from collections import OrderedDict
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
from resnet_viz.plan.plan import Block, Node, Part, Plan, ShortcutKind
from resnet_viz.spec.net import NetSpec

MAX_PARAMS: Final = 500_000_000  # 2 GB of float32 weights; ResNet-152 has 60 million


def build(spec: NetSpec, *, seed: int = 0, device: torch.device | str = "cpu") -> Net:
    """Returns the net of `spec`, initialised after He et al. 2015.

    Args:
        spec: what was picked.
        seed: of the initial weights. They are drawn on the CPU, so that every device starts from the same.
        device: where the net ends up; "meta" makes no weights at all.

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
        net = _net(plan)
    if torch.device(device).type == "meta":
        return net
    net.to_empty(device="cpu")
    initialise(net, spec, generator=torch.Generator().manual_seed(seed))
    return net.to(device)


def _net(plan: Plan) -> Net:
    stem, *stages, head = plan.parts
    head_modules = _modules(plan.nodes_of(head))
    pool, fc = head_modules.pop("pool"), head_modules.pop("fc")
    assert isinstance(fc, nn.Linear)
    return Net(
        stem=nn.Sequential(_modules(plan.nodes_of(stem))),
        stages=OrderedDict((stage.name, _stage(plan, stage)) for stage in stages),
        head=Head(before=head_modules, pool=pool, fc=fc),
    )


def _stage(plan: Plan, stage: Part) -> nn.Sequential:
    return nn.Sequential(OrderedDict((block.name.rpartition(".")[2], _block(plan, block)) for block in stage.blocks))


def _block(plan: Plan, block: Block) -> nn.Module:
    sections: dict[str, list[Node]] = {}  # what stands alone in a block, such as `add`, is its own section
    for node in plan.nodes_of(block):
        sections.setdefault(node.name.removeprefix(f"{block.name}.").partition(".")[0], []).append(node)
    pre, branch, gate, shortcut, post = (
        nn.Sequential(_modules(sections.get(name, []))) for name in ("pre", "branch", "gate", "shortcut", "post")
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
        case ops.Linear(in_features, out_features):
            return nn.Linear(in_features, out_features)
        case ops.ZeroPad(in_channels, out_channels, stride):
            return ZeroPad(out_channels - in_channels, stride)
        case ops.Add():
            return Add()
        case ops.Scale() | ops.Sigmoid() | ops.Complement() | ops.Multiply() | ops.Dropout():
            return _module_of_shortcut(op)
        case _:
            assert_never(op)


def _module_of_shortcut(op: ops.Scale | ops.Sigmoid | ops.Complement | ops.Multiply | ops.Dropout) -> nn.Module:
    match op:
        case ops.Scale(factor):
            return Scale(factor)
        case ops.Sigmoid():
            return nn.Sigmoid()
        case ops.Complement():
            return Complement()
        case ops.Multiply():
            return Multiply()
        case ops.Dropout(rate):
            return nn.Dropout(rate)
        case _:
            assert_never(op)
