"""Messages for the owner of a run or query that failed for a reason outside of what was asked.

They are stored in English and have no gaps, so that a page can show them in its reader's language: `_(run.error)`.
"""

from typing import Final

from resnet_viz.i18n import N_

UNEXPECTED: Final = N_("The training failed because of an internal error; see the server log.")
MEMORY: Final = N_("The training needs more memory than this server allows. Try a smaller batch or network.")
DIED: Final = N_(
    "The training process ended unexpectedly several times, perhaps for lack of memory. Try a smaller batch or network."
)
STALLED: Final = N_("The training was ended: it gave no results for too long, several times.")
TOO_LONG: Final = N_("The training took longer than this server allows. Try fewer steps or smaller networks.")
UNSTORABLE: Final = N_("The results could not be saved, perhaps because the disk is full.")

UNANSWERED: Final = N_("This could not be computed because of an internal error; see the server log.")
UNANSWERED_MEMORY: Final = N_("This needs more memory than this server allows. Try a smaller network.")
UNANSWERED_TOO_LONG: Final = N_("This took longer than this server allows. Try a smaller network, or try again later.")
