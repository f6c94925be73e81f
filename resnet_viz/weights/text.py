"""Sentences about identified weights, the same in every entrance."""

from collections.abc import Iterator
from typing import Final

from resnet_viz.i18n import N_, _
from resnet_viz.spec.titles import field_name, title, value_name
from resnet_viz.weights.identified import Choice, Identified

_LONGEST: Final = 60  # characters of a foreign key that are quoted
_MOST_QUOTED: Final = 3
_OPEN: Final = {
    "shortcut": N_("Weights do not tell a residual net with parameter-free shortcuts from a plain net."),
    "stride_on": N_("Weights do not tell the convolution of a bottleneck that downsamples, the first 1×1 or the 3×3."),
}


def quoted(keys: tuple[str, ...]) -> str:
    """Returns the first keys of a file, each in quotation marks, escaped and shortened."""
    few = ", ".join(repr(key[:_LONGEST]) for key in keys[:_MOST_QUOTED])
    return few if len(keys) <= _MOST_QUOTED else f"{few}, …"


def choice_message(choice: Choice) -> str:
    """Returns the sentence about a field that weights leave open, with its possible values."""
    values = " | ".join(value_name(str(value)) for value in choice.values)
    sentence = _(_OPEN[choice.field])
    return f"{sentence} {field_name(choice.field)}: {values}."


def messages(found: Identified) -> Iterator[str]:
    """Yields all that has to be known about identified weights beside the net's name."""
    if found.contradicted is not None:
        yield _("The file states {stated}, but its tensors are of {found}.").format(
            stated=title(found.contradicted), found=title(found.spec)
        )
    if not found.has_head:
        yield _("The weights are without their head: the number of classes is unknown.")
    if found.extra:
        yield _("{num:,} tensors belong to no layer: {keys}.").format(num=len(found.extra), keys=quoted(found.extra))
    yield from map(choice_message, found.choices)
