"""Console: the worker's side of control. A run's race is held, stepped, rewound, and put down in files through it."""

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
    """The run stands before this step until it is told otherwise; None: it goes on."""

    step: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointSaved:
    """A checkpoint is there."""

    step: int
    num_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LearningRateChanged:
    """From this rate's step on the run learns at another rate."""

    rate: RateChange


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewound:
    """What comes next belongs to a new attempt, which begins where the run began."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointFailed:
    """A checkpoint could not be written; the run goes on without it."""

    step: int
    trace: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionsKnown:
    """What the attempt is made with, by name."""

    versions: Mapping[str, str]


ControlEvent = PauseChanged | CheckpointSaved | LearningRateChanged | Rewound | CheckpointFailed | VersionsKnown


class RunController:
    """What a run is told while it trains, from a thread of its own; and what it does where its nets stand.

    Attributes:
        must_stop: whether the run was told to stop.
        must_rewind: whether it was told to begin anew.
    """

    def __init__(self, claim: Claim, send: Callable[[ControlEvent], None], folder: Path | None) -> None:
        self._claim, self._send, self._folder = claim, send, folder
        self._attempt = claim.attempt
        self._changed = threading.Condition(threading.RLock())
        self._pace: StepGate | None = None
        self._start = claim.start
        self._rates = claim.rates
        self._is_held = claim.is_paused
        self._saved = -1
        self._has_begun = False  # the race stood before its first step, which it had to find first
        self._early: list[bytes] = []
        self.must_stop = False
        self.must_rewind = False

    def begin(self, recipe: Recipe) -> tuple[StepGate, CheckpointSource | None]:
        """Returns the pace and the start of a race that is about to begin."""
        with self._changed:
            self.must_rewind = self._has_begun = False
            self._pace = StepGate(
                recipe, rates=self._rates, is_held=self._is_held, has_checkpoints=self._folder is not None
            )
            return self._pace, self._start

    def note_device(self, device: str) -> None:
        """Tells what the attempt is made with, now that it is known where it trains."""
        self._send(VersionsKnown(versions=versions(device)))

    def hear(self, message: bytes) -> None:
        """Does what a message asks for."""
        verb, value = decode(message)
        with self._changed:
            if verb in (Verb.STEP, Verb.RATE) and not self._has_begun:
                self._early.append(message)
                return
            pace = self._pace
            match verb:
                case None:
                    self.must_stop = True
                case Verb.PAUSE:
                    self._is_held = True
                    if pace:
                        pace.hold()
                case Verb.CONTINUE:
                    self._is_held = False
                    if pace:
                        pace.release()
                case Verb.STEP:
                    self._is_held = True
                    if pace:
                        pace.step_once()
                case Verb.RATE:
                    if pace:
                        pace.set_lr(value, tell=lambda rate: self._send(LearningRateChanged(rate=rate)))
                case Verb.REWIND:
                    self.must_rewind = True
            self._changed.notify_all()

    def rewind(self) -> None:
        """Makes the next race a new attempt from where the run began."""
        with self._changed:
            self._send(Rewound())
            self._attempt += 1
            self._start, self._rates, self._saved = self._claim.origin, (), -1

    def stand(self, landmark: CheckpointBarrier) -> None:
        """Writes the checkpoint and returns when the run may go on, or has to end or to begin anew."""
        self._save(landmark)
        with self._changed:
            if not self._has_begun:
                self._has_begun = True
                while self._early:
                    self.hear(self._early.pop(0))
            pace = self._pace
            assert pace is not None  # a race has begun
            if not self._waits(pace, landmark.step):
                return
            self._send(PauseChanged(step=landmark.step))
            self._changed.wait_for(lambda: not self._waits(pace, landmark.step))
            self._send(PauseChanged(step=None))

    def _waits(self, pace: StepGate, step: int) -> bool:
        return not (self.must_stop or self.must_rewind) and pace.is_held and not pace.is_open(step)

    def _save(self, landmark: CheckpointBarrier) -> None:
        if self._folder is None or landmark.step <= self._saved:
            return
        path = self._folder / file_name(self._claim.id, self._attempt, landmark.step)
        try:
            num_bytes = landmark.save(path)
        except OSError as error:
            self._send(CheckpointFailed(step=landmark.step, trace=str(error)))
            return
        self._saved = landmark.step
        self._send(CheckpointSaved(step=landmark.step, num_bytes=num_bytes))


def encode(verb: Verb | None, value: float = 0.0) -> bytes:
    """Returns the message that says `verb` to a worker; None stands for stop."""
    return json.dumps([verb, value]).encode()


def decode(message: bytes) -> tuple[Verb | None, float]:
    """Returns what `encode` was given."""
    verb, value = json.loads(message)
    return None if verb is None else Verb(verb), float(value)
