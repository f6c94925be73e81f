"""Deeper nets by construction (He et al. 2015, section 1): a trained net with blocks that do nothing in each stage."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.enums import Order, Shortcut
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.validation import whole_in_range
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.question import TrainedNetsQuestion
from resnet_viz.training.recipe_values import MAX_SEED

LEAST: Final = 3  # blocks of each stage
MOST: Final = 9
MOST_IMAGES: Final = 2_000


class Filling(StrEnum):
    """Weights of the new blocks."""

    IDENTITY = "identity"  # H(x) = x
    RANDOM = "random"  # as at the beginning of training


@dataclass(frozen=True, kw_only=True, slots=True)
class GrowthQuestion(TrainedNetsQuestion):
    """Accuracy of trained nets with more blocks.

    Attributes:
        counts: blocks of each stage, one answer for each number; not fewer than the nets have.
        images: number of test images.
        seed: of random blocks.

    Raises:
        SpecError: a value out of range.
    """

    counts: tuple[int, ...] = tuple(range(LEAST, MOST + 1))
    images: int = 1_000
    seed: int = 0

    def __post_init__(self) -> None:
        whole_in_range("counts", len(self.counts), 1, MOST)
        for count in self.counts:
            whole_in_range("count", count, 1, MOST)
        whole_in_range("images", self.images, 10, MOST_IMAGES)
        whole_in_range("seed", self.seed, 0, MAX_SEED)


@dataclass(frozen=True, kw_only=True, slots=True)
class GrownNet:
    """Trained net with new blocks at the end of each stage.

    Attributes:
        place: of the net in the question, from 0.
        title: of the net that was trained.
        is_plain: whether it has no shortcuts.
        filling: weights of the new blocks.
        old: blocks of each stage that were trained.
        count: blocks of each stage now.
        depth: weighted layers now.
        accuracy: on the test images, 0 to 1.
        difference: largest absolute difference of a logit from the trained net's, over all images and classes.
    """

    place: int
    title: str
    is_plain: bool
    filling: Filling
    old: tuple[int, ...]
    count: int
    depth: int
    accuracy: float
    difference: float


def grown_spec(spec: AnySpec, count: int) -> NetSpec:
    """Returns a spec with `count` blocks in each stage.

    Raises:
        SpecError: the net has more blocks already, or its blocks cannot be made to do nothing.
    """
    if not isinstance(spec, NetSpec) or spec.shortcut not in (Shortcut.NONE, Shortcut.IDENTITY):
        raise SpecError(_("Blocks that do nothing are added to plain nets and to nets with identity shortcuts."))
    if spec.order is Order.BN_AFTER_ADD:
        raise SpecError(_("With a norm behind the addition a block without a branch is not the identity."))
    if max(spec.blocks) > count:
        raise SpecError(
            _(
                "This net has stages of {have} blocks; it can be grown to {have} blocks a stage or more, got {got}."
            ).format(have=max(spec.blocks), got=count)
        )
    return spec.replace(blocks=(count,) * len(spec.blocks))


DEFAULT: Final = GrowthQuestion(nets=(NetRef(NetKind.SHIPPED, "resnet20"), NetRef(NetKind.SHIPPED, "plain20")))
