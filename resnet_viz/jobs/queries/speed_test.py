"""Measures how fast this machine trains, once a month, in a process of its own. No torch here.

The page is there meanwhile, with the estimate of a reference machine.
"""

import os
from typing import Final

from resnet_viz.errors import QueueError
from resnet_viz.jobs import limits
from resnet_viz.jobs.queries.inquiries import Bounds, Inquiries, QueryState
from resnet_viz.runs import machine

VARIABLE: Final = "RESNET_VIZ_CALIBRATE"  # "0": estimates stay those of the reference machine
_OWNER: Final = "machine"
_QUESTION: Final = "{}"
# A GPU's driver maps more memory than any bound would allow.
_inquiries: Final = Inquiries(
    "resnet_viz.jobs.queries.calibrating:answer", Bounds(memory_mib=0 if limits.has_gpu() else 2_048, niceness=5)
)


def ensure() -> bool:
    """Begins to measure where nothing is known of this machine; returns whether that is under way.

    It is tried once in the life of a server: where it fails, the reference remains.
    """
    if os.environ.get(VARIABLE) == "0" or machine.read() is not None:
        return False
    standing = _inquiries.look(_QUESTION, owner=_OWNER)
    if standing is not None:
        return standing.stage in (QueryState.WAITING, QueryState.AT_WORK)
    try:
        _inquiries.ask(_QUESTION, owner=_OWNER)
    except QueueError:
        return False
    return True
