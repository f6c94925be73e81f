"""A line of questions: how each stands, and the rules by which they wait and are kept. No torch.

Whoever has them answered holds the lock and knows the process; see `jobs.inquiries` and `jobs.resident`.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from resnet_viz.errors import QueueError
from resnet_viz.i18n import ngettext


class QueryState(StrEnum):
    """How far a question has come."""

    WAITING = "waiting"
    AT_WORK = "at_work"
    ANSWERED = "answered"
    FAILED = "failed"


class QueryStatus(NamedTuple):
    """A question as someone finds it.

    Attributes:
        stage: how far it has come.
        place: in the line, from 1; 0 where it is out of it.
        seconds: since it was begun with; 0.0 before.
        share: that is done, 0 to 1; 0.0 where its process says none.
        answer: where it is answered.
        sentence: why it failed.
    """

    stage: QueryState
    place: int = 0
    seconds: float = 0.0
    share: float = 0.0
    answer: Any = None
    sentence: str = ""


@dataclass(kw_only=True, slots=True, eq=False)
class Entry:
    """A question in the line, at work or answered.

    Attributes:
        askers: who waits for it.
        stage: how far it has come.
        began: when it was begun with, seconds of the monotonic clock; 0.0 before.
        share: that is done, 0 to 1.
        answer: where it is answered.
        sentence: why it failed.
    """

    askers: set[str]
    stage: QueryState = QueryState.WAITING
    began: float = 0.0
    share: float = 0.0
    answer: Any = None
    sentence: str = ""

    def begin(self) -> None:
        """Notes that it is worked on from now on."""
        self.stage, self.began = QueryState.AT_WORK, time.monotonic()

    def end(self, answer: Any, sentence: str) -> None:
        """Notes its answer, or why there is none."""
        self.answer, self.sentence = answer, sentence
        self.share = 0.0 if sentence else 1.0
        self.stage = QueryState.FAILED if sentence else QueryState.ANSWERED


Known = TypeVar("Known", bound=Entry)


def waiting(known: Iterable[Known]) -> list[Known]:
    """Returns those that wait, in their order."""
    return [entry for entry in known if entry.stage is QueryState.WAITING]


def too_old(known: Iterable[Known], most_kept: int) -> list[Known]:
    """Returns those that are over and more than are kept, of which the newest are."""
    return [entry for entry in known if entry.stage in (QueryState.ANSWERED, QueryState.FAILED)][:-most_kept]


def standing(known: dict[str, Known], key: str, *, owner: str) -> QueryStatus | None:
    """Returns how a question stands; None where this owner has not asked it and nobody has an answer."""
    entry = known.get(key)
    if entry is None or (entry.stage is not QueryState.ANSWERED and owner not in entry.askers):
        return None
    line = waiting(known.values())
    return QueryStatus(
        stage=entry.stage,
        place=line.index(entry) + 1 if entry in line else 0,
        seconds=time.monotonic() - entry.began if entry.began else 0.0,
        share=entry.share,
        answer=entry.answer,
        sentence=entry.sentence,
    )


def check_room(known: Iterable[Entry], most_waiting: int) -> None:
    """Raises QueueError where the line is full."""
    if len(waiting(known)) >= most_waiting:
        raise QueueError(
            ngettext(
                "{n} question is waiting already. Try again in a minute.",
                "{n} questions are waiting already. Try again in a minute.",
                most_waiting,
            ).format(n=most_waiting)
        )
