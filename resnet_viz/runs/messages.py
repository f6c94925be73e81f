"""What a run's owner is told when the store itself ended it. In English, as all that is stored; a page translates."""

from typing import Final


def _(message: str) -> str:
    """Marks a sentence for translation; the page that shows it translates."""
    return message


HELD_TOO_LONG: Final = _("This run was paused for long and its checkpoints had to make room. What it recorded is kept.")
