"""What somebody may have meant who wrote a word that is none of those allowed."""

import difflib
from collections.abc import Sequence
from typing import Final

from resnet_viz.i18n import _

MOST: Final = 3
_LONGEST: Final = 40  # characters that are compared


def nearest_words(word: str, allowed: Sequence[str]) -> list[str]:
    """Returns the three allowed words most like `word`, the likest first."""
    return difflib.get_close_matches(word[:_LONGEST], allowed, n=MOST, cutoff=0.0)


def did_you_mean(word: str, allowed: Sequence[str]) -> str:
    """Returns a sentence, after a blank, with the nearest words; nothing where they would be all that there are."""
    if len(allowed) <= MOST:
        return ""
    return " " + _("Near to it: {near}.").format(near=", ".join(nearest_words(word, allowed)))
