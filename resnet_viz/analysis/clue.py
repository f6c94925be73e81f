"""What people type to ask which net it is: a parameter count with or without commas, or a name."""

from typing import Final

from resnet_viz.analysis.which import Match, which
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _

_MOST_DIGITS: Final = 12  # a trillion
_LONGEST: Final = 60


def search(text: str) -> tuple[Match, ...]:
    """Returns the nets that fit a count or a name as it was typed; at least one.

    Raises:
        SpecError: there is none; the sentence says what was tried, or offers the nearest names.
    """
    digits = text.replace(",", "").replace("_", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS):
        return which(text[:_LONGEST])
    matches = which(int(digits))
    if not matches:
        raise SpecError(
            _("No net known here has {count:,} parameters; presets with 1000, 100 or 10 classes were tried.").format(
                count=int(digits)
            )
        )
    return matches
