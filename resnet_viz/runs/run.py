"""What the store tells about runs: frozen values. Times are seconds since 1970."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Ending
from resnet_viz.training.step_gate import CheckpointSource, RateChange

_RUN_ID: Final = re.compile(r"[0-9a-f]{12}", flags=re.ASCII)


class RunState(StrEnum):
    """Where a run is in its life. The last three are final: a run that is there stays there."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether the run has ended and will never change again."""
        return self in FINAL_STATES


FINAL_STATES: Final = frozenset({RunState.DONE, RunState.FAILED, RunState.CANCELLED})


class HoldReason(StrEnum):
    """Why a run that is not over is not trained until it is told to go on."""

    PAUSED = "paused"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, kw_only=True, slots=True)
class RunControl:
    """How a run is held, where it stands and what was done to it.

    Attributes:
        hold: why it has no worker and gets none; None where it trains, waits for its turn or has ended.
        is_pausing: whether it was told to pause.
        standing: the step that its worker stands before; None while it goes on, or where there is no worker.
        interrupted: the step that was next when it lost a worker; None where it never did.
        resumed: the step from which its worker went on; None where it began at the beginning.
        parent: the run whose checkpoint it began with.
        parent_step: the step of that checkpoint.
        rates: learning rates that were set while it went on, rising by step.
        checkpoints: steps from which it can go on, rising.
    """

    hold: HoldReason | None = None
    is_pausing: bool = False
    standing: int | None = None
    interrupted: int | None = None
    resumed: int | None = None
    parent: str | None = None
    parent_step: int | None = None
    rates: tuple[RateChange, ...] = ()
    checkpoints: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RunNet:
    """One net of a run's newest attempt, as its training announced it.

    Attributes:
        label: its name, unique within the run.
        params: trainable parameters.
        macs: multiply-adds of one image's forward pass.
        device: where it trains, as torch names it.
        convs: node names of its convolutions, in running order.
        blocks: names of its blocks, in running order.
        num_steps: one more than its newest recorded step; 0 where there is none.
        ending: how its training ended; None while it goes on.
        sentence: what to tell about the ending; empty when there is nothing to tell.
    """

    label: str
    params: int
    macs: int
    device: str
    convs: tuple[str, ...]
    blocks: tuple[str, ...]
    num_steps: int
    ending: Ending | None
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RunSummary:
    """One line of a list of runs.

    Attributes:
        id: 12 hexadecimal digits.
        owner: who submitted it; never shown.
        name: what its owner calls it.
        state: where it is in its life.
        labels: its nets' labels, in the recipe's order.
        recipe_fields: the recipe as it was saved; readable even where this version refuses it.
        created: when it was submitted.
        started: when its newest attempt began; None while it waits.
        ended: when it reached its final state; None before.
        error: the sentence that says why it failed; empty otherwise.
        hold: why it is not trained until it is told to go on; None for most.
    """

    id: str
    owner: str
    name: str
    state: RunState
    labels: tuple[str, ...]
    recipe_fields: Mapping[str, Any]
    created: float
    started: float | None
    ended: float | None
    error: str
    hold: HoldReason | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """Everything about one run but its steps.

    Attributes:
        id: 12 hexadecimal digits.
        owner: who submitted it; never shown.
        name: what its owner calls it.
        state: where it is in its life.
        recipe: what is trained and how.
        created: when it was submitted.
        started: when its newest attempt began; None while it waits.
        ended: when it reached its final state; None before.
        attempt: number of the newest attempt, from 1; 0 before the first.
        is_cancelling: whether it was asked to stop.
        error: the sentence that says why it failed; empty otherwise.
        pid: process that trains it; None where there is none.
        nets: nets of the newest attempt that have started, in the order in which they did.
        control: how it is held, where it stands and what was done to it.
        versions: what the newest attempt is made with, by name: resnet_viz, python, torch, system, cpu, gpu.
    """

    id: str
    owner: str
    name: str
    state: RunState
    recipe: Recipe
    created: float
    started: float | None
    ended: float | None
    attempt: int
    is_cancelling: bool
    error: str
    pid: int | None
    nets: tuple[RunNet, ...]
    control: RunControl = RunControl()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_paused(self) -> bool:
        """Whether it stands until it is told to go on, because somebody paused it."""
        return self.control.hold is HoldReason.PAUSED or (self.control.is_pausing and self.control.standing is not None)

    @property
    def is_interrupted(self) -> bool:
        """Whether it lost its worker to a restart and waits to be told to go on."""
        return self.control.hold is HoldReason.INTERRUPTED


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """One net's losses and accuracies as columns of equal length, ready for a chart.

    Attributes:
        net: the net's label.
        attempt: the attempt they belong to. A reader that keeps earlier columns drops them when it changes.
        steps: numbers of the steps, rising.
        loss: mean cross-entropy of each step's batch in nats.
        accuracy: share of each step's batch that was right.
        seconds: since the net's training began.
        test_steps: steps after which the test images were looked at; the next two columns go with it.
        test_loss: mean cross-entropy over the test images in nats.
        test_accuracy: share of the test images that was right.
        images_per_s: images trained per second at the last of these steps; None without steps.
    """

    net: str
    attempt: int
    steps: tuple[int, ...]
    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    seconds: tuple[float, ...]
    test_steps: tuple[int, ...]
    test_loss: tuple[float, ...]
    test_accuracy: tuple[float, ...]
    images_per_s: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A run that the daemon has taken from the queue and must bring to an end.

    Attributes:
        id: the run.
        attempt: number of this attempt, from 1.
        recipe_json: the recipe as text.
        start: where it goes on, if not at the beginning.
        origin: where it goes on after a rewind, if not at the beginning.
        rates: learning rates that were set in this attempt before, rising by step.
        is_paused: whether it is to stand before its first step.
        owner: whose run it is.
    """

    id: str
    attempt: int
    recipe_json: str
    start: CheckpointSource | None = None
    origin: CheckpointSource | None = None
    rates: tuple[RateChange, ...] = ()
    is_paused: bool = False
    owner: str = ""


def new_id() -> str:
    """Returns 12 hexadecimal digits that nobody can guess."""
    return secrets.token_hex(6)


def checked_id(text: str) -> str:
    """Returns `text` if it can be a run's id.

    Raises:
        QueueError: it cannot.
    """
    if not isinstance(text, str) or not _RUN_ID.fullmatch(text):
        raise QueueError(_("A run's id is 12 digits out of 0-9 and a-f; got {text!r}.").format(text=str(text)[:60]))
    return text
