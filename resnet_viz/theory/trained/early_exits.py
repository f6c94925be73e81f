"""Early exits of trained nets: how much of the answer is there behind each block. Questions and records.

Two measures. The net's own head behind a block, all later branches deleted (the iterative inference of Greff et al.
2017): it needs a shortcut through all later blocks. And a linear classifier of its own for each depth (Alain and Bengio
2017): ridge regression on the means of the channels.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.plan.plan import ShortcutKind
from resnet_viz.spec.validation import whole_in_range
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.question import TrainedNetsQuestion

IMAGES: Final = 1_000
TRAIN_IMAGES: Final = 2_000
RIDGE: Final = 1.0  # penalty of the squared weights; the sum of squared errors has weight 1
_MOST_IMAGES: Final = 2_000


class Exit(StrEnum):
    """Ways to read a prediction out of a block."""

    HEAD = "head"
    RIDGE = "ridge"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExitQuestion(TrainedNetsQuestion):
    """Accuracy of early exits of nets.

    Attributes:
        images: the first test images of the nets' data set.

    Raises:
        SpecError: a number of images out of range.
    """

    images: int = IMAGES

    def __post_init__(self) -> None:
        whole_in_range("images", self.images, 1, _MOST_IMAGES)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExitAccuracy:
    """Accuracy of one exit.

    Attributes:
        net: place of the net in the question, from 0.
        kind: how the prediction is read out.
        block: behind which; "" for the stem.
        depth: blocks before the exit, from 0.
        accuracy: 0 to 1; NaN where the exit does not exist.
        refusal: why it does not exist; "" otherwise.
    """

    net: int
    kind: Exit
    block: str
    depth: int
    accuracy: float
    refusal: str = ""


DEFAULTS: Final = tuple(
    ExitQuestion(nets=(NetRef.parse(f"shipped:{name}"),)) for name in ("plain20", "resnet20", "resnet56")
)
_CARRIED: Final = (ShortcutKind.IDENTITY, ShortcutKind.ZERO_PAD)


def head_refusal(spec: AnySpec) -> str:
    """Returns why a net's head cannot be put behind an early block; "" where it can."""
    blocks = lower(spec).blocks
    if not blocks or any(block.shortcut is ShortcutKind.NONE for block in blocks):
        return _(
            "Without shortcuts nothing is left of a net whose later branches are deleted: its head has no early exit."
        )
    if any(block.shortcut not in _CARRIED for block in blocks):
        return _(
            "The head reads what the shortcuts hand on. Here some of them multiply it by weights, gates or factors: an "
            "early exit needs identities and zero padding (option A)."
        )
    return ""
