"""Learning to do nothing: plain and residual blocks are trained to return their input."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from resnet_viz.spec.validation import whole_in_range
from resnet_viz.theory.question import Question
from resnet_viz.training.lab_nets import NetType
from resnet_viz.training.recipe_values import MAX_SEED

STEPS: Final = 200
CHUNK: Final = 10  # steps of a record
BLOCKS: Final = (1, 3, 9)
MOST_BLOCKS: Final = 27
MOST_SEEDS: Final = 5
LAST: Final = 10  # steps whose mean is the final loss


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityQuestion(Question):
    """Losses of blocks that learn to return their input.

    Attributes:
        blocks: number of blocks.
        seeds: of weights and batches; each trains a plain and a residual stack.

    Raises:
        SpecError: a value out of range.
    """

    blocks: int = 3
    seeds: tuple[int, ...] = (0, 1, 2)

    def __post_init__(self) -> None:
        whole_in_range("blocks", self.blocks, 1, MOST_BLOCKS)
        whole_in_range("seeds", len(self.seeds), 1, MOST_SEEDS)
        for seed in self.seeds:
            whole_in_range("seed", seed, 0, MAX_SEED)


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityLosses:
    """Losses of some steps of one stack of blocks.

    Attributes:
        kind: plain or residual.
        seed: of weights and batches.
        step: first of the steps.
        losses: mean squared difference of output and input over the variance of the input, before each update; 1 is
            as far as putting out the mean.
    """

    kind: NetType
    seed: int
    step: int
    losses: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityCurve:
    """All losses of one stack so far, from step 0. Fields as in `IdentityLosses`."""

    kind: NetType
    seed: int
    losses: tuple[float, ...]

    @property
    def final(self) -> float:
        """Mean loss of the last LAST steps."""
        last = self.losses[-LAST:]
        return sum(last) / len(last)


DEFAULTS: Final = tuple(IdentityQuestion(blocks=blocks) for blocks in BLOCKS)


def join(records: Iterable[IdentityLosses]) -> tuple[IdentityCurve, ...]:
    """Returns the curves of all stacks, plain ones first, by seed."""
    found: dict[tuple[NetType, int], list[float]] = {}
    for record in records:
        found.setdefault((record.kind, record.seed), []).extend(record.losses)
    kinds = list(NetType)
    return tuple(
        IdentityCurve(kind=kind, seed=seed, losses=tuple(losses))
        for (kind, seed), losses in sorted(found.items(), key=lambda item: (kinds.index(item[0][0]), item[0][1]))
    )


def ratios(curves: Iterable[IdentityCurve]) -> dict[int, float]:
    """Returns the final loss of the plain stack over that of the residual one, for each seed that has both whole."""
    whole = {(curve.kind, curve.seed): curve.final for curve in curves if len(curve.losses) == STEPS}
    return {
        seed: loss / whole[NetType.RESIDUAL, seed]
        for (kind, seed), loss in whole.items()
        if kind is NetType.PLAIN and whole.get((NetType.RESIDUAL, seed))
    }
