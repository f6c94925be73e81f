"""Lengths in epochs, in the texts of a recipe: `epochs=10`, `drop_epochs=5,8`, `warmup_epochs=1`.

An epoch is as many steps as the training images need: 10,000 images in batches of 64 are 156.25 steps. There is no
smaller last batch and none is dropped: a batch that ends an epoch is filled from the next one. So E epochs are the
first whole number of steps after which every image was seen E times, ceil(E x images / batch). A recipe holds steps.
"""

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.codec import listed
from resnet_viz.spec.validation import refused
from resnet_viz.training.recipe_values import MAX_DROPS, MAX_STEPS

STEPS_OF: Final[Mapping[str, str]] = MappingProxyType(
    {"epochs": "steps", "drop_epochs": "drops", "warmup_epochs": "warmup_steps"}
)
"""Field in epochs -> the same in steps."""

_NUMBER: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", flags=re.ASCII)


def in_steps(texts: Mapping[str, str], *, images: int, batch_size: int) -> dict[str, str]:
    """Returns the texts with all lengths in steps.

    Args:
        texts: of a recipe, each length in steps or in epochs.
        images: of the training set.
        batch_size: images of a step.

    Raises:
        SpecError: a length in both, one that is no number, or of too many steps.
    """
    found = {name: text for name, text in texts.items() if name not in STEPS_OF}
    for name, in_steps_name in STEPS_OF.items():
        if name not in texts:
            continue
        if in_steps_name in texts:
            raise SpecError(
                _("{epochs} and {steps} say the same in epochs and in steps; give one of them.").format(
                    epochs=name, steps=in_steps_name
                )
            )
        each = [_steps(name, part, images=images, batch_size=batch_size) for part in _parts(name, texts[name])]
        found[in_steps_name] = ",".join(map(str, each))
    return found


def _parts(name: str, text: str) -> list[str]:
    parts = listed(text) if name == "drop_epochs" else [text]
    if len(parts) > MAX_DROPS:
        raise refused(name, _("up to {most} numbers with commas between").format(most=MAX_DROPS), text)
    return parts


def _steps(name: str, text: str, *, images: int, batch_size: int) -> int:
    if not _NUMBER.fullmatch(text):
        raise refused(name, _("a number such as 10 or 2.5"), text)
    steps = math.ceil(Fraction(text) * images / batch_size)
    low = 0 if name == "warmup_epochs" else 1
    if not low <= steps <= MAX_STEPS:
        raise SpecError(
            _(
                "{name}={text} is {steps:,} steps with {images:,} images in batches of {batch:,}; a run has {low} to "
                "{most:,}."
            ).format(name=name, text=text, steps=steps, images=images, batch=batch_size, low=low, most=MAX_STEPS)
        )
    return steps
