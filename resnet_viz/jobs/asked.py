"""What is asked of a resident process, what it may take, and how a question stands. No torch."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from resnet_viz.jobs.inquiries import Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """What the process may take.

    Attributes:
        wall_s: longest time of one question in seconds; where it is the first, torch's import is in it.
        cancel_s: time in seconds within which a question that nobody waits for has to be given up before the process
            is killed.
        idle_s: seconds without a question after which the process ends.
        memory_mib: data that it may allocate.
        niceness: 0 to 19; behind the pages, before training.
        most_waiting: questions in line; one more is refused.
        most_kept: answers that are kept here, the oldest go first.
        answer_bytes: longest answer.
    """

    wall_s: float = 300.0
    cancel_s: float = 2.0
    idle_s: float = 600.0
    memory_mib: int = 3_072
    niceness: int = 10
    most_waiting: int = 40
    most_kept: int = 24
    answer_bytes: int = 40_000_000


class Standing(NamedTuple):
    """A question as someone finds it.

    Attributes:
        stage: how far it has come.
        place: in the line, from 1; 0 where it is out of it.
        seconds: since it was begun with; 0.0 before.
        share: that is done, 0 to 1.
        answer: where it is answered.
        sentence: why it failed.
    """

    stage: Stage
    place: int = 0
    seconds: float = 0.0
    share: float = 0.0
    answer: Any = None
    sentence: str = ""


class Asked(NamedTuple):
    """A question as the line has it.

    Attributes:
        key: the same for equal questions.
        fields: what the process is told, JSON values.
    """

    key: str
    fields: Any


@dataclass(kw_only=True, slots=True, eq=False)
class Inquiry:
    """A question in the line, at work or answered."""

    asked: Asked
    number: int
    askers: set[str]
    stage: Stage = Stage.WAITING
    began: float = 0.0
    share: float = 0.0
    answer: Any = None
    sentence: str = ""
