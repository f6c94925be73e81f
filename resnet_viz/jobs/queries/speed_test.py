"""Measures how fast this machine trains, once a month, in a process of its own. No torch here.

The page is there meanwhile, with the estimate of a reference machine.
"""

import json
import os
from typing import Final

from resnet_viz.errors import QueueError
from resnet_viz.jobs.queries.kinds import SPEED_TEST
from resnet_viz.jobs.queries.queue import Request
from resnet_viz.jobs.queries.service import QueryService
from resnet_viz.runs import machine
from resnet_viz.training import machine_speed
from resnet_viz.training.machine_speed import Machine

VARIABLE: Final = "RESNET_VIZ_CALIBRATE"  # "0": estimates stay those of the reference machine
_OWNER: Final = "machine"
_REQUEST: Final = Request(key="speed", fields={})


def _keep(_request: Request, content: bytes) -> Machine | None:
    measured = machine_speed.from_json(json.loads(content))
    if measured is not None:
        machine.write(measured)
    return measured


SERVICE: Final = QueryService(SPEED_TEST, parse=_keep)


def ensure() -> bool:
    """Begins to measure where nothing is known of this machine; returns whether that is under way.

    It is tried once in the life of a server: where it fails, the reference remains.
    """
    if os.environ.get(VARIABLE) == "0" or machine.read() is not None:
        return False
    status = SERVICE.status(_REQUEST, owner=_OWNER)
    if status is not None:
        return not status.is_over
    try:
        SERVICE.ask(_REQUEST, owner=_OWNER)
    except QueueError:
        return False
    return True
