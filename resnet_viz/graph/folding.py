"""Runs of identical blocks, of which a drawing shows the first and counts the others."""

from typing import Final, NamedTuple

from resnet_viz.graph.expansion import MORE
from resnet_viz.plan.names import block_name
from resnet_viz.plan.plan import Block, Part, Plan

SHORTEST: Final = 3  # identical blocks; two are drawn next to each other


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


def fold_name(run: Fold) -> str:
    """Returns the name of the fold that hides all blocks of a run but the first, or "" where it is too short."""
    return f"{block_name(run.first.stage, run.first.number + 1)}{MORE}" if run.size >= SHORTEST else ""


def fold_containing(plan: Plan, name: str) -> str:
    """Returns the name of the fold that hides a block; "" where none does, and for any other name."""
    block = next((block for block in plan.blocks if block.name == name), None)
    if block is None:
        return ""
    runs = folds(plan, plan.stages[block.stage - 1])
    return next((fold_name(run) for run in runs if run.first.number < block.number <= run.last.number), "")


def path_to(plan: Plan, node: str) -> tuple[str, ...]:
    """Returns the names of all that must be open for a layer to show, outermost first: part, fold, block."""
    index = next((index for index, other in enumerate(plan.nodes) if other.name == node), -1)
    for part in plan.parts:
        if part.start <= index < part.stop:
            blocks = [block.name for block in part.blocks if block.start <= index < block.stop]
            return tuple(filter(None, (part.name, *(fold_containing(plan, block) for block in blocks), *blocks)))
    return ()


def _signature(plan: Plan, block: Block) -> tuple[object, ...]:
    layers = tuple((node.section, node.leaf, node.op) for node in plan.nodes_of(block))
    return (block.in_shape, block.shape, block.shortcut, layers)
