"""Runs of identical blocks, so that a drawing shows one and says how many."""

from typing import Final, NamedTuple

from resnet_viz.graph.expansion import MORE
from resnet_viz.plan.plan import Block, Part, Plan

SHORTEST: Final = 3  # blocks that are alike; two stand beside each other


class Fold(NamedTuple):
    """Consecutive blocks that are alike: same layers, same shapes, same shortcut.

    Attributes:
        first: the one that is drawn.
        last: the last of them; `first` itself where there is only one.
        size: how many they are.
    """

    first: Block
    last: Block
    size: int


def folds(plan: Plan, stage: Part, *, is_folded: bool = True) -> tuple[Fold, ...]:
    """Returns the blocks of a stage, neighbours that are alike taken together where `is_folded`."""
    runs: list[list[Block]] = []
    for block in stage.blocks:
        if is_folded and runs and _signature(plan, runs[-1][0]) == _signature(plan, block):
            runs[-1].append(block)
        else:
            runs.append([block])
    return tuple(Fold(run[0], run[-1], len(run)) for run in runs)


def number(block: Block) -> int:
    """Returns the position of a block in its stage, from 1."""
    return int(block.name.rpartition(".block")[2])


def fold_name(run: Fold) -> str:
    """Returns the name of the fold that hides all blocks of a run but the first, or "" where it is too short."""
    stage = run.first.name.partition(".")[0]
    return f"{stage}.block{number(run.first) + 1}{MORE}" if run.size >= SHORTEST else ""


def fold_containing(plan: Plan, node: str) -> str:
    """Returns the name of the fold that hides a layer's block, or "" where the block is always drawn."""
    for stage in plan.stages:
        for run in folds(plan, stage):
            others = stage.blocks[number(run.first) : number(run.last)]
            if any(node.startswith(f"{block.name}.") for block in others):
                return fold_name(run)
    return ""


def _signature(plan: Plan, block: Block) -> tuple[object, ...]:
    start = len(block.name)
    layers = tuple((node.name[start:], node.op) for node in plan.nodes_of(block))
    return (block.in_shape, block.shape, block.shortcut, layers)
