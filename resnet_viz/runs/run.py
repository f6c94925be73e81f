"""Runs as frozen values. Times are seconds since 1970."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _
from resnet_viz.training.recipe import Recipe, net_titles
from resnet_viz.training.records import Ending
from resnet_viz.training.step_gate import CheckpointSource, RateChange

_RUN_ID: Final = re.compile(r"[0-9a-f]{12}", flags=re.ASCII)


class RunState(StrEnum):
    """States of a run. The last three are final."""

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
    """Reasons why a run that has not ended is not trained before a command continues it."""

    PAUSED = "paused"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, kw_only=True, slots=True)
class RunControl:
    """Pauses, interruptions, branching and learning rates of a run.

    Attributes:
        hold: why it has no worker and gets none; None where it is running, queued for its turn, or has ended.
        is_pausing: whether a command asked it to pause.
        standing: the step before which its worker is paused; None while it goes on, or where there is no worker.
        interrupted: the step that was next when it lost a worker; None where it never did.
        resumed: the step from which its worker went on; None where it began at step 0.
        parent: the run that it was branched from.
        parent_step: the step of the parent's checkpoint.
        rates: learning rates that were set during training, rising by step.
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
    """One net of a run's newest attempt.

    Attributes:
        label: its name, unique within the run.
        params: trainable parameters.
        macs: multiply-adds of one image's forward pass.
        device: torch's name of the device that trains it.
        convs: node names of its convolutions, in the order of the forward pass.
        blocks: names of its blocks, in the order of the forward pass.
        num_steps: one more than its newest recorded step; 0 where there is none.
        ending: how its training ended; None while it goes on.
        sentence: message about the ending; empty for an ordinary one.
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
    """A run in a list of runs.

    Attributes:
        id: 12 hexadecimal digits.
        owner: session that submitted it; never shown.
        name: given by its owner.
        state: queued, running or ended.
        labels: its nets' labels, in the recipe's order.
        recipe_fields: the recipe as it was saved; readable even where this version refuses it.
        created: when it was submitted.
        started: when its newest attempt began; None while it is queued.
        ended: when it reached its final state; None before.
        error: message about its failure; empty otherwise.
        hold: why it is not trained before a command continues it; None for most.
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

    @property
    def net_titles(self) -> tuple[str, ...]:
        """Titles of its nets, in the recipe's order."""
        return net_titles(self.recipe_fields, self.labels)

    @property
    def title(self) -> str:
        """Its name, or the titles of its nets."""
        return self.name or " · ".join(self.net_titles)


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A run without its steps.

    Attributes:
        id: 12 hexadecimal digits.
        owner: session that submitted it; never shown.
        name: given by its owner.
        state: queued, running or ended.
        recipe: nets, data and settings of the training.
        created: when it was submitted.
        started: when its newest attempt began; None while it is queued.
        ended: when it reached its final state; None before.
        attempt: number of the newest attempt, from 1; 0 before the first.
        is_cancelling: whether it was asked to stop.
        error: message about its failure; empty otherwise.
        pid: process that trains it; None where there is none.
        nets: nets of the newest attempt that have started, in the order in which they did.
        control: pauses, interruptions, branching and learning rates.
        versions: versions and hardware of the newest attempt, by name: resnet_viz, python, torch, system, cpu, gpu.
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
        """Whether it is paused and goes on with the next command to continue."""
        return self.control.hold is HoldReason.PAUSED or (self.control.is_pausing and self.control.standing is not None)

    @property
    def is_interrupted(self) -> bool:
        """Whether it lost its worker to a restart and goes on with the next command to continue."""
        return self.control.hold is HoldReason.INTERRUPTED


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """One net's losses and accuracies as columns of equal length, ready for a chart.

    Attributes:
        net: the net's label.
        attempt: their attempt. A reader that keeps earlier columns drops them when it changes.
        steps: numbers of the steps, rising.
        loss: mean cross-entropy of each step's batch in nats.
        accuracy: share of each step's batch that was classified correctly.
        seconds: since the net's training began.
        test_steps: steps after which the net was tested; the next two columns go with it.
        test_loss: mean cross-entropy over the test images in nats.
        test_accuracy: share of the test images that was classified correctly.
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
    """A run that the daemon has claimed from the queue and must bring to an end.

    Attributes:
        id: the run.
        attempt: number of this attempt, from 1.
        recipe_json: the recipe as text.
        start: checkpoint that it goes on from; None for step 0.
        origin: checkpoint that it goes on from after a rewind; None for step 0.
        rates: learning rates that were set in this attempt before, rising by step.
        is_paused: whether it is to pause before its first step.
        owner: session that submitted it.
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
    """Returns 12 random hexadecimal digits."""
    return secrets.token_hex(6)


def checked_id(text: str) -> str:
    """Returns `text` if it is a run's id.

    Raises:
        QueueError: it is none.
    """
    if not isinstance(text, str) or not _RUN_ID.fullmatch(text):
        raise QueueError(_("A run ID is 12 digits out of 0-9 and a-f; got {text!r}.").format(text=str(text)[:60]))
    return text
