"""A resident process as its server sees it: started, told things, watched by alarms. No torch."""

import contextlib
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any

from resnet_viz.jobs.queries import answering, frames
from resnet_viz.jobs.queries.asked import Bounds, Inquiry


@dataclass(kw_only=True, slots=True, eq=False)
class Servant:
    """The process, what it works on, and why it was killed where it was."""

    popen: subprocess.Popen[bytes]
    work: Inquiry | None = None
    alarm: threading.Timer | None = None
    why: str = ""
    ask: IO[bytes] = field(init=False)

    def __post_init__(self) -> None:
        assert self.popen.stdin is not None
        self.ask = self.popen.stdin

    def say(self, message: dict[str, Any]) -> None:
        """Tells the process something; where it is gone, that is noticed where its answers end."""
        with contextlib.suppress(OSError):
            frames.send(self.ask, message)


def start(answerer: str, bounds: Bounds) -> Servant:
    """Starts a process that answers with a function, `resident_worker`; raises OSError where the system refuses."""
    popen = answering.start(
        "resnet_viz.jobs.queries.worker", answerer, memory_mib=bounds.memory_mib, niceness=bounds.niceness
    )
    return Servant(popen=popen)


def alarm(seconds: float, end: Callable[[], None]) -> threading.Timer:
    """Returns a timer that has been started."""
    timer = threading.Timer(seconds, end)
    timer.daemon = True  # no reason for a server to stay
    timer.start()
    return timer


def calm(timer: threading.Timer | None) -> None:
    """Stops a timer if there is one."""
    if timer is not None:
        timer.cancel()
