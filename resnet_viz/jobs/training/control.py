"""Control of a run inside its worker: pause, step, rewind, learning rate, checkpoints."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from resnet_viz.runs.run import Claim
from resnet_viz.runs.sql.checkpoints import file_name
from resnet_viz.runs.sql.control import Verb
from resnet_viz.training.environment import versions
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.step_gate import CheckpointBarrier, CheckpointSource, RateChange, StepGate


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseChanged:
    """The run is paused before this step; None: it goes on."""

    step: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointSaved:
    """A checkpoint was written, of so many bytes."""

    step: int
    num_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LearningRateChanged:
    """From this change's step on the run has another learning rate."""

    rate: RateChange


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewound:
    """All that follows belongs to a new attempt, which begins where the run began."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointFailed:
    """A checkpoint could not be written; the run goes on without it."""

    step: int
    trace: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionsKnown:
    """Versions of the software, and device, of the attempt, by name."""

    versions: Mapping[str, str]


ControlEvent = PauseChanged | CheckpointSaved | LearningRateChanged | Rewound | CheckpointFailed | VersionsKnown


class RunController:
    """Applies commands to a run, from a thread of their own, and holds it at checkpoint barriers.

    Attributes:
        must_stop: whether the run has to stop.
        must_rewind: whether it has to begin anew.
    """

    def __init__(self, claim: Claim, send: Callable[[ControlEvent], None], folder: Path | None) -> None:
        self._claim, self._send, self._folder = claim, send, folder
        self._attempt = claim.attempt
        self._changed = threading.Condition(threading.RLock())
        self._gate: StepGate | None = None
        self._start = claim.start
        self._rates = claim.rates
        self._is_held = claim.is_paused
        self._saved = -1
        self._has_begun = False  # the race has reached its first barrier: before, its first step is not known
        self._early: list[bytes] = []
        self.must_stop = False
        self.must_rewind = False

    def begin(self, recipe: Recipe) -> tuple[StepGate, CheckpointSource | None]:
        """Returns the step gate and the start of a race that is about to begin."""
        with self._changed:
            self.must_rewind = self._has_begun = False
            self._gate = StepGate(
                recipe, rates=self._rates, is_held=self._is_held, has_checkpoints=self._folder is not None
            )
            return self._gate, self._start

    def send_versions(self, device: str) -> None:
        """Sends the versions of the attempt, now that its device is known."""
        self._send(VersionsKnown(versions=versions(device)))

    def handle(self, message: bytes) -> None:
        """Applies the command of a message."""
        verb, value = decode(message)
        with self._changed:
            if verb in (Verb.STEP, Verb.RATE) and not self._has_begun:
                self._early.append(message)
                return
            gate = self._gate
            match verb:
                case None:
                    self.must_stop = True
                case Verb.PAUSE:
                    self._is_held = True
                    if gate:
                        gate.hold()
                case Verb.CONTINUE:
                    self._is_held = False
                    if gate:
                        gate.release()
                case Verb.STEP:
                    self._is_held = True
                    if gate:
                        gate.step_once()
                case Verb.RATE:
                    if gate:
                        gate.set_lr(value, tell=lambda rate: self._send(LearningRateChanged(rate=rate)))
                case Verb.REWIND:
                    self.must_rewind = True
            self._changed.notify_all()

    def rewind(self) -> None:
        """Makes the next race a new attempt from where the run began."""
        with self._changed:
            self._send(Rewound())
            self._attempt += 1
            self._start, self._rates, self._saved = self._claim.origin, (), -1

    def wait_at(self, barrier: CheckpointBarrier) -> None:
        """Writes the checkpoint and returns when the run may go on, or has to stop or to begin anew."""
        self._save(barrier)
        with self._changed:
            if not self._has_begun:
                self._has_begun = True
                while self._early:
                    self.handle(self._early.pop(0))
            gate = self._gate
            assert gate is not None  # a race has begun
            if not self._waits(gate, barrier.step):
                return
            self._send(PauseChanged(step=barrier.step))
            self._changed.wait_for(lambda: not self._waits(gate, barrier.step))
            self._send(PauseChanged(step=None))

    def _waits(self, gate: StepGate, step: int) -> bool:
        return not (self.must_stop or self.must_rewind) and gate.is_held and not gate.is_open(step)

    def _save(self, barrier: CheckpointBarrier) -> None:
        if self._folder is None or barrier.step <= self._saved:
            return
        path = self._folder / file_name(self._claim.id, self._attempt, barrier.step)
        try:
            num_bytes = barrier.save(path)
        except OSError as error:
            self._send(CheckpointFailed(step=barrier.step, trace=str(error)))
            return
        self._saved = barrier.step
        self._send(CheckpointSaved(step=barrier.step, num_bytes=num_bytes))


def encode(verb: Verb | None, value: float = 0.0) -> bytes:
    """Returns the message of a command to a worker; None is to stop."""
    return json.dumps([verb, value]).encode()


def decode(message: bytes) -> tuple[Verb | None, float]:
    """Returns the command of a message that `encode` made."""
    verb, value = json.loads(message)
    return None if verb is None else Verb(verb), float(value)
