"""Questions that need torch, asked by the web server of short-lived processes. No torch here.

One process at a time, whoever asks; the others stand in line. The same question from several sessions costs one
process, and its answer is kept for those who come later. What is kept lives here, not in a cache of Streamlit's, which
any visitor can clear.
"""

import atexit
import contextlib
import json
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from resnet_viz.jobs import messages
from resnet_viz.jobs.queries import answering, queue
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus

__all__ = ["Bounds", "Inquiries", "QueryState", "QueryStatus"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """What inquiries may take.

    Attributes:
        wall_s: longest time of one process in seconds; torch's import is in it.
        memory_mib: data that it may allocate.
        niceness: 0 to 19; behind the pages, before training.
        most_waiting: questions in line; one more is refused.
        most_kept: answers that are kept, the oldest go first.
        answer_bytes: longest answer.
    """

    wall_s: float = 60.0
    memory_mib: int = 2_048
    niceness: int = 10
    most_waiting: int = 20
    most_kept: int = 16
    answer_bytes: int = 8_000_000


@dataclass(kw_only=True, slots=True, eq=False)
class _Inquiry(queue.Entry):
    question: str
    process: subprocess.Popen[bytes] | None = None
    is_dropped: bool = False


class Inquiries:
    """The line of questions to one function, its one process, and the answers."""

    def __init__(self, answerer: str, bounds: Bounds | None = None) -> None:
        """Takes the function's "module:name"; it gets the JSON object of a question and returns JSON values."""
        self.bounds = bounds or Bounds()
        self._answerer = answerer
        self._lock = threading.Lock()
        self._known: dict[str, _Inquiry] = {}  # in the order in which they were asked
        atexit.register(self.close)

    def ask(self, question: str, *, owner: str) -> None:
        """Puts a question, a JSON object, into the line; of one owner only the newest stays there.

        Raises:
            QueueError: the line is full.
        """
        with self._lock:
            for other in tuple(self._known.values()):
                if other.question != question:
                    self._leave(other, owner)
            known = self._known.get(question)
            if known is not None and known.stage is not QueryState.FAILED:
                known.askers.add(owner)
                return
            queue.check_room(self._known.values(), self.bounds.most_waiting)
            self._known.pop(question, None)
            self._known[question] = _Inquiry(question=question, askers={owner})
            self._advance()

    def look(self, question: str, *, owner: str) -> QueryStatus | None:
        """Returns how a question stands; None where this owner has not asked it and nobody has an answer."""
        with self._lock:
            return queue.standing(self._known, question, owner=owner)

    def leave(self, question: str, *, owner: str) -> None:
        """Takes back what an owner asked; its process ends when nobody else waits for it."""
        with self._lock:
            known = self._known.get(question)
            if known is not None:
                self._leave(known, owner)

    def close(self) -> None:
        """Forgets everything and ends the process."""
        with self._lock:
            for known in tuple(self._known.values()):
                self._drop(known)

    def _leave(self, known: _Inquiry, owner: str) -> None:
        known.askers.discard(owner)
        if not known.askers and known.stage is not QueryState.ANSWERED:
            self._drop(known)

    def _drop(self, known: _Inquiry) -> None:
        del self._known[known.question]
        known.is_dropped = True
        if known.process is not None:
            known.process.kill()

    def _advance(self) -> None:
        """Starts the next process if none runs. A thread of its own waits for it."""
        waiting = queue.waiting(self._known.values())
        if waiting and not any(known.stage is QueryState.AT_WORK for known in self._known.values()):
            known = waiting[0]
            known.begin()
            threading.Thread(target=self._serve, args=(known,), name="inquiry", daemon=True).start()

    def _serve(self, known: _Inquiry) -> None:
        """Has one question answered and keeps the answer."""
        try:
            answer, sentence = _answer_of(self._answerer, known.question, self.bounds, lambda p: self._note(known, p))
        except OSError:
            answer, sentence = None, messages.UNANSWERED
        with self._lock:
            known.process = None
            known.end(answer, sentence)
            for old in queue.too_old(self._known.values(), self.bounds.most_kept):
                self._drop(old)
            self._advance()

    def _note(self, known: _Inquiry, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            known.process = process
            if known.is_dropped:  # taken back while its process was started
                process.kill()


def _answer_of(
    answerer: str, question: str, bounds: Bounds, note: Callable[[subprocess.Popen[bytes]], None]
) -> tuple[Any, str]:
    """Returns the answer of a process of its own, or why there is none."""
    process = answering.start(
        "resnet_viz.jobs.queries.answer", answerer, memory_mib=bounds.memory_mib, niceness=bounds.niceness
    )
    note(process)
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        process.kill()

    alarm = threading.Timer(bounds.wall_s, end)
    alarm.start()
    reply = b""
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError), process.stdin as ask, process.stdout as said:
            ask.write(question.encode() + b"\n")
            ask.flush()
            reply = said.read(bounds.answer_bytes + 1)
    finally:
        alarm.cancel()
        process.kill()
        process.wait()
    if is_late.is_set():
        return None, messages.UNANSWERED_TOO_LONG
    return _read(reply) if len(reply) <= bounds.answer_bytes else (None, messages.UNANSWERED)


def _read(reply: bytes) -> tuple[Any, str]:
    try:
        told = json.loads(reply)
    except ValueError:  # the process died before it had told all
        return None, messages.UNANSWERED
    return told.get("answer"), told.get("sentence", "")
