"""Contestants in processes of their own, that take turns and can be cut off.

A process each, because torchlens leaves torch's functions wrapped, ours needs no torch, and a call that takes too long
can only be ended from outside. Only one process works at a time. They are not multiprocessing's children: torchlens
refuses to work in those.
"""

import multiprocessing
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.peers import Contestant

START_S = 120.0  # for imports and for building a module, which nobody is timed for
ROOT = Path(__file__).resolve().parents[1]


class Turn(NamedTuple):
    """Milliseconds per call, of CPU and by the clock."""

    cpu_ms: float
    wall_ms: float


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no time; late if it took too long."""

    why: str
    is_late: bool = False


class Player:
    """A contestant's process, started at its first net and again after it has been cut off.

    Attributes:
        contestant: who it is.
        build_ms: what building the module of the net at hand took, which is not part of a turn.
    """

    def __init__(self, contestant: Contestant, *, cut_off_s: float) -> None:
        self.contestant = contestant
        self.build_ms = 0.0
        self._cut_off_s = cut_off_s
        self._connection: Connection[Any, Any] | None = None

    def take_up(self, net: str) -> Failure | None:
        """Builds the net."""
        answer = self._ask(net, START_S)
        if isinstance(answer, Failure):
            return answer
        self.build_ms = answer
        return None

    def turn(self) -> Turn | Failure:
        """Takes one turn; a call that is cut off ends the process."""
        answer: Turn | Failure = self._ask(None, self._cut_off_s)
        return answer

    def stop(self) -> None:
        """Ends the process."""
        if self._connection is not None:
            self._process.kill()
            self._process.wait()
            self._connection.close()
            self._connection = None

    def _ask(self, net: str | None, patience_s: float) -> Any:
        connection = self._connection or self._start()
        try:
            connection.send(net)
            if connection.poll(patience_s):
                return connection.recv()
        except (EOFError, OSError):  # killed for memory, or crashed
            self.stop()
            return Failure("its process died")
        self.stop()
        return Failure(f"cut off after {patience_s:.0f} s", is_late=True)

    def _start(self) -> "Connection[Any, Any]":
        self._connection, theirs = multiprocessing.Pipe()
        command = [sys.executable, "-m", "benchmarks.player", str(theirs.fileno())]
        arguments = [self.contestant.package, self.contestant.device]
        self._process = subprocess.Popen(
            [*command, *arguments], cwd=ROOT, pass_fds=[theirs.fileno()], stdout=subprocess.DEVNULL
        )
        theirs.close()
        return self._connection
