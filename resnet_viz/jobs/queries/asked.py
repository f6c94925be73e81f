"""What is asked of a resident process, what it may take. No torch."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from resnet_viz.jobs.queries.queue import Entry


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


class Asked(NamedTuple):
    """A question as the line has it.

    Attributes:
        key: the same for equal questions.
        fields: what the process is told, JSON values.
    """

    key: str
    fields: Any


@dataclass(kw_only=True, slots=True, eq=False)
class Inquiry(Entry):
    """A question in the line, at work or answered; `number` names it to the process."""

    asked: Asked
    number: int
