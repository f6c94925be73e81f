"""Runs of identical blocks, so that a drawing shows one and says how many."""

from typing import NamedTuple

from resnet_viz.plan.plan import Block, Part, Plan


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


def _signature(plan: Plan, block: Block) -> tuple[object, ...]:
    start = len(block.name)
    layers = tuple((node.name[start:], node.op) for node in plan.nodes_of(block))
    return (block.in_shape, block.shape, block.shortcut, layers)
