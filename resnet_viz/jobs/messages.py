"""What the owner of a run, or of a question, is told when it failed for a reason outside of what was asked.

They are stored in English and have no gaps, so that a page can show them in its reader's language: `_(run.error)`.
"""

from typing import Final


def _(message: str) -> str:
    """Marks a sentence for translation; the page that shows it translates."""
    return message


UNEXPECTED: Final = _("The training failed for a reason that is not yours. The server's log says more.")
MEMORY: Final = _("The training needs more memory than it may have here. A smaller batch or net may fit.")
DIED: Final = _(
    "The training process ended unexpectedly several times, perhaps for lack of memory. "
    "A smaller batch or net may help."
)
STALLED: Final = _("The training gave no results for too long, several times, and was ended.")
TOO_LONG: Final = _("The training took longer than a run may take here. Fewer steps or smaller nets may fit.")
UNSTORABLE: Final = _("The results could not be saved, perhaps because the disk is full.")

UNANSWERED: Final = _("This could not be computed, for a reason that is not yours. The server's log says more.")
UNANSWERED_MEMORY: Final = _("This needs more memory than it may have here. A smaller net may fit.")
UNANSWERED_TOO_LONG: Final = _("This took longer than it may take here. A smaller net, or a less busy machine, may do.")
