"""Lesions of trained nets (Veit et al. 2016, section 4): blocks deleted, exchanged, shuffled. Questions and records.

A residual net is a collection of paths: without one block half of them are left. A plain net is one path.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

import numpy as np

from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.spec.validation import whole_in_range
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.question import TrainedNetsQuestion
from resnet_viz.theory.trained.image_counts import IMAGES, MOST_IMAGES
from resnet_viz.training.recipe_values import MAX_SEED

MOST_DRAWS: Final = 20
_LONGEST: Final = 40  # characters of a wrong name that an error repeats


@dataclass(frozen=True, kw_only=True, slots=True)
class LesionQuestion(TrainedNetsQuestion):
    """Accuracy of nets without each of their blocks, one at a time.

    Attributes:
        images: the first test images of the nets' data set.

    Raises:
        SpecError: a number of images out of range.
    """

    images: int = IMAGES

    def __post_init__(self) -> None:
        whole_in_range("images", self.images, 1, MOST_IMAGES)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeletedBlock:
    """Accuracy of a net without a block.

    Attributes:
        net: place of the net in the question, from 0.
        block: the deleted one; "" for the whole net.
        accuracy: 0 to 1; NaN where the block cannot be deleted.
        refusal: why it cannot be deleted; "" otherwise.
    """

    net: int
    block: str
    accuracy: float
    refusal: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RewiringQuestion(TrainedNetsQuestion):
    """Accuracy of one net with blocks deleted and exchanged.

    Attributes:
        deleted: names of the blocks that are away.
        order: names of all blocks in the order in which they run; () as built.
        images: the first test images of the net's data set.

    Raises:
        SpecError: more or fewer than one net, or a number of images out of range.
    """

    deleted: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    images: int = IMAGES

    def __post_init__(self) -> None:
        whole_in_range("nets", len(self.nets), 1, 1)
        whole_in_range("images", self.images, 1, MOST_IMAGES)


@dataclass(frozen=True, kw_only=True, slots=True)
class RewiredAccuracy:
    """Accuracy of a net whose blocks were deleted or exchanged.

    Attributes:
        accuracy: 0 to 1.
        whole: accuracy of the net as it was trained, on the same images.
        tau: Kendall's rank correlation of the order with that of training, within stages; 1 where nothing moved.
    """

    accuracy: float
    whole: float
    tau: float


class Damage(StrEnum):
    """Kinds of random damage."""

    DELETE = "delete"
    SWAP = "swap"


@dataclass(frozen=True, kw_only=True, slots=True)
class RandomDamageQuestion(TrainedNetsQuestion):
    """Accuracy of one net after random deletions and random exchanges of two blocks, more and more of them.

    Attributes:
        images: the first test images of the net's data set.
        draws: for each number of deletions or exchanges.
        seed: of the draws.

    Raises:
        SpecError: more or fewer than one net, or a number out of range.
    """

    images: int = IMAGES
    draws: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        whole_in_range("nets", len(self.nets), 1, 1)
        whole_in_range("images", self.images, 1, MOST_IMAGES)
        whole_in_range("draws", self.draws, 1, MOST_DRAWS)
        whole_in_range("seed", self.seed, 0, MAX_SEED)


@dataclass(frozen=True, kw_only=True, slots=True)
class RandomDamage:
    """Accuracies after random damage of one kind and size.

    Attributes:
        kind: deletions or exchanges.
        number: of blocks deleted, or of exchanges.
        accuracies: one a draw, each 0 to 1.
        tau: mean of Kendall's rank correlation with the order of training; 1 for deletions.
    """

    kind: Damage
    number: int
    accuracies: tuple[float, ...]
    tau: float


DEFAULTS: Final = (
    LesionQuestion(nets=(NetRef.parse("shipped:plain20"),)),
    LesionQuestion(nets=(NetRef.parse("shipped:resnet20"),)),
    LesionQuestion(nets=(NetRef.parse("shipped:resnet56"),)),
    RandomDamageQuestion(nets=(NetRef.parse("shipped:resnet56"),)),
)


def movable_blocks(spec: AnySpec) -> tuple[tuple[str, ...], ...]:
    """Returns the blocks that keep the shape, by stage: those that a net can run in any order."""
    stages = (stage.blocks for stage in lower(spec).stages)
    kept = (tuple(block.name for block in blocks if block.in_shape == block.shape) for blocks in stages)
    return tuple(stage for stage in kept if stage)


def swapped(order: Sequence[str], one: str, other: str) -> tuple[str, ...]:
    """Returns an order with two blocks exchanged."""
    places = {one: other, other: one}
    return tuple(places.get(name, name) for name in order)


def check_order(spec: AnySpec, order: Sequence[str]) -> None:
    """Raises SpecError where a net cannot run its blocks in this order."""
    names = [block.name for block in lower(spec).blocks]
    for name in order:
        if name not in names:
            raise SpecError(unknown_block(name, names))
    if sorted(order) != sorted(names):
        raise SpecError(_("An order names each of the {num} blocks once; got {got}.").format(
            num=len(names), got=len(order)
        ))  # fmt: skip
    stage_of = {name: stage for stage in movable_blocks(spec) for name in stage}
    for name, at in zip(order, names, strict=True):
        if name != at and (name not in stage_of or stage_of[name] != stage_of.get(at)):
            raise SpecError(
                _(
                    "{one} cannot run in the place of {other}: blocks can be exchanged within a stage where they keep "
                    "the shape, here {movable}."
                ).format(
                    one=name, other=at, movable=", ".join(name for stage in movable_blocks(spec) for name in stage)
                )
            )


def unknown_block(name: str, names: Sequence[str]) -> str:
    """Returns the message about a block that a net has not."""
    if not names:
        return _("This net has no blocks.")
    return _("This net has no block {block!r}; its blocks are {first} to {last}.").format(
        block=name[:_LONGEST], first=names[0], last=names[-1]
    )


def kendall_tau(order: Sequence[str], stages: Sequence[Sequence[str]]) -> float:
    """Returns Kendall's rank correlation of an order with that of training, over the pairs within stages.

    1 for the same order, 0 for a random one in the mean, -1 where each stage runs backwards; NaN without any pair.
    """
    place = {name: number for number, name in enumerate(order)}
    signs = [1 if place[a] < place[b] else -1 for stage in stages for a, b in combinations(stage, 2)]
    return sum(signs) / len(signs) if signs else float("nan")


def damage_sizes(kind: Damage, stages: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Returns the numbers of deletions or exchanges that are tried: powers of two."""
    most = sum(map(len, stages)) if kind is Damage.DELETE else 16
    return tuple(number for number in (1, 2, 4, 8, 12, 16) if number <= most)


def draw_deletions(stages: Sequence[Sequence[str]], number: int, rng: np.random.Generator) -> tuple[str, ...]:
    """Returns blocks to delete, each at most once."""
    names = [name for stage in stages for name in stage]
    return tuple(names[place] for place in sorted(rng.choice(len(names), number, replace=False)))


def draw_order(
    order: Sequence[str], stages: Sequence[Sequence[str]], number: int, rng: np.random.Generator
) -> tuple[str, ...]:
    """Returns an order after a number of exchanges of two blocks of one stage; stages without two stay."""
    found, pairs = tuple(order), [pair for stage in stages for pair in combinations(stage, 2)]
    for place in rng.integers(len(pairs), size=number) if pairs else ():
        found = swapped(found, *pairs[place])
    return found


def shuffled(spec: AnySpec, number: int, seed: int) -> tuple[str, ...]:
    """Returns the order of a net's blocks after a number of random exchanges within stages."""
    order = [block.name for block in lower(spec).blocks]
    return draw_order(order, movable_blocks(spec), number, np.random.default_rng(seed))


def accuracies_by_block(records: Sequence[DeletedBlock]) -> Mapping[str, float]:
    """Returns the accuracies of records of one net without each block, the whole net left out."""
    return {record.block: record.accuracy for record in records if record.block}
