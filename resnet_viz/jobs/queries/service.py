"""Questions to one process that stays, with torch and Captum imported once. No torch here.

One question is worked on at a time, whoever asks; the others stand in line. The same question from several sessions is
worked on once, and its answer is kept for those who come later. The process starts with the first question, or when
somebody is likely to ask soon, and ends when it has had nothing to do for a while, or with this one.
"""

import atexit
import contextlib
import threading
from collections.abc import Callable
from typing import Any

from resnet_viz.errors import Refusal
from resnet_viz.jobs import messages
from resnet_viz.jobs.queries import frames, queue
from resnet_viz.jobs.queries.asked import Asked, Bounds, Inquiry
from resnet_viz.jobs.queries.process import Servant, alarm, calm, start
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus

__all__ = ["Asked", "Bounds", "QueryService", "QueryStatus"]


class QueryService:
    """The line of questions to one function, its process, and the answers."""

    def __init__(
        self,
        answerer: str,
        bounds: Bounds | None = None,
        *,
        read: Callable[[Asked, bytes], Any] = lambda _asked, content: content,
    ) -> None:
        """Makes a line that has no process yet.

        Args:
            answerer: the function's "module:name"; see `resident_worker`.
            bounds: what its process may take.
            read: makes of an answer's bytes what is handed out; it is called once for each.
        """
        self.bounds = bounds or Bounds()
        self._answerer, self._read = answerer, read
        self._lock = threading.RLock()
        self._known: dict[str, Inquiry] = {}  # in the order in which they were asked
        self._process: Servant | None = None
        self._idle: threading.Timer | None = None
        self._number = 0
        atexit.register(self.close)

    def ask(self, asked: Asked, *, owner: str, answer: Any = None) -> None:
        """Puts a question into the line; of one owner only the newest stays there.

        Args:
            asked: the question.
            owner: who asks; a page that asks several things at once gives each an owner of its own.
            answer: its answer where it is known already.

        Raises:
            QueueError: the line is full.
        """
        with self._lock:
            for other in tuple(self._known.values()):
                if other.asked.key != asked.key:
                    self._leave(other, owner)
            known = self._known.get(asked.key)
            if known is not None and known.stage is not QueryState.FAILED:
                known.askers.add(owner)
                return
            if answer is None:
                queue.check_room(self._known.values(), self.bounds.most_waiting)
            self._known.pop(asked.key, None)
            self._number += 1
            known = self._known[asked.key] = Inquiry(asked=asked, number=self._number, askers={owner})
            if answer is None:
                self._advance()
            else:
                self._end(known, answer, "")

    def look(self, asked: Asked, *, owner: str) -> QueryStatus | None:
        """Returns how a question stands; None where this owner has not asked it and nobody has an answer."""
        with self._lock:
            return queue.standing(self._known, asked.key, owner=owner)

    def leave(self, asked: Asked, *, owner: str) -> None:
        """Takes back what an owner asked; work on it ends when nobody else waits for it."""
        with self._lock:
            known = self._known.get(asked.key)
            if known is not None:
                self._leave(known, owner)

    def warm_up(self) -> None:
        """Starts the process if there is none, for somebody who is likely to ask soon."""
        with self._lock:
            self._started()
            self._advance()

    def close(self) -> None:
        """Forgets everything and ends the process."""
        with self._lock:
            self._known.clear()
            self._rest(None)
            process = self._process
            if process is not None:
                self._give_up(process)
        if process is not None:
            process.popen.wait()

    def _leave(self, known: Inquiry, owner: str) -> None:
        known.askers.discard(owner)
        if known.askers or known.stage is QueryState.ANSWERED:
            return
        del self._known[known.asked.key]
        process = self._process
        if process is not None and process.work is known:
            process.say({"cancel": known.number})
            self._watch(process, self.bounds.cancel_s, "")

    def _advance(self) -> None:
        """Gives the process the next question if it is free; where there is none, lets it rest."""
        waiting = queue.waiting(self._known.values())
        if self._process is not None and self._process.work is not None:
            return
        if not waiting:
            self._rest(self._process)
            return
        self._rest(None)
        known = waiting[0]
        process = self._started()
        if process is None:
            self._end(known, None, messages.UNANSWERED)
            return
        known.begin()
        process.work = known
        self._watch(process, self.bounds.wall_s, messages.UNANSWERED_TOO_LONG)
        process.say({"ask": known.number, "question": known.asked.fields})

    def _started(self) -> Servant | None:
        """Returns the process, and starts one if there is none; None where the system does not let it."""
        if self._process is None:
            with contextlib.suppress(OSError):
                self._process = start(self._answerer, self.bounds)
                threading.Thread(target=self._hear, args=(self._process,), name="resident", daemon=True).start()
        return self._process

    def _watch(self, process: Servant, seconds: float, why: str) -> None:
        """Kills the process if it is still at the same work after some seconds."""
        calm(process.alarm)
        work = process.work

        def end() -> None:
            with self._lock:
                if process.work is work:
                    process.why = why
                    self._give_up(process)

        process.alarm = alarm(seconds, end)

    def _rest(self, process: Servant | None) -> None:
        """Ends a process that has nothing to do for a while; None: it has something to do."""
        calm(self._idle)
        self._idle = None

        def end() -> None:
            with self._lock:
                if process is not None and process.work is None:
                    self._give_up(process)

        if process is not None:
            self._idle = alarm(self.bounds.idle_s, end)

    def _give_up(self, process: Servant) -> None:
        """Kills a process; whoever asks next gets another one."""
        process.popen.kill()
        if self._process is process:
            self._process = None

    def _hear(self, process: Servant) -> None:
        """Takes in what a process says until it is gone."""
        assert process.popen.stdout is not None
        with process.popen.stdout as said, contextlib.suppress(frames.Broken, OSError, ValueError):
            while (heard := frames.receive(said, self.bounds.answer_bytes)) is not None:
                self._take(process, *heard)
        process.popen.kill()
        process.popen.wait()
        with self._lock:
            self._gone(process)

    def _take(self, process: Servant, message: dict[str, Any], content: bytes) -> None:
        known = process.work
        if known is None or message.get("at", message.get("done")) != known.number:
            return
        if "done" not in message:
            known.share = float(message["share"])
            return
        answer, sentence = None, str(message["sentence"])
        if not sentence:
            try:
                answer = self._read(known.asked, content)  # before the lock: it may write to the disk
            except Refusal as refusal:
                sentence = str(refusal)
        with self._lock:
            calm(process.alarm)
            process.work = None
            self._end(known, answer, sentence)
            self._advance()

    def _end(self, known: Inquiry, answer: Any, sentence: str) -> None:
        known.end(answer, sentence)
        for old in queue.too_old(self._known.values(), self.bounds.most_kept):
            del self._known[old.asked.key]

    def _gone(self, process: Servant) -> None:
        """Cleans up after a process that has ended, and starts anew if somebody waits."""
        calm(process.alarm)
        known, process.work = process.work, None
        with contextlib.suppress(OSError):
            process.ask.close()
        if self._process is process:
            self._process = None
        if known is not None and self._known.get(known.asked.key) is known:
            self._end(known, None, process.why or messages.UNANSWERED)
        self._advance()
