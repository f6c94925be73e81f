"""Step gate: the step that no net of a race may pass, and the learning rate. Set by one thread, obeyed by others.

Nets of a race run a few steps ahead of one another. When the gate is held, all of them stop before the first step that
none has begun, so a pause, a checkpoint or a new learning rate takes effect at the same step for every net.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from resnet_viz.training.recipe import Recipe

MAX_CHECKPOINTS: Final = 8  # of a run, besides those at its beginning and at pauses
MIN_STEPS_BETWEEN: Final = 25  # between two checkpoints


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointSource:
    """Checkpoints that a run resumes from.

    Attributes:
        files: checkpoint files, newest first; the first readable one is used, or step 0 if none is readable.
        sources: index of each net's source among the nets of the file; None for the same order.
    """

    files: tuple[Path, ...]
    sources: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointBarrier:
    """All nets of a race wait before the same step, until the next record is requested.

    Attributes:
        step: the step that no net has begun.
        save: writes a checkpoint of this step to a file and returns its size in bytes.
    """

    step: int
    save: Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class RateChange:
    """Change of the schedule's highest learning rate from a step on."""

    step: int
    lr: float


class GateClosed(Exception):
    """Raised in waiting threads when the race ends."""


class StepGate:
    """Gate that no net of a race passes, with the race's learning rate.

    Attributes:
        every: steps between two checkpoints.
    """

    def __init__(
        self, recipe: Recipe, *, rates: Sequence[RateChange] = (), is_held: bool = False, has_checkpoints: bool = True
    ) -> None:
        """Makes the gate of a race that has not begun.

        Args:
            recipe: of the race.
            rates: earlier changes of the learning rate, ascending by step.
            is_held: True to wait before the first step.
            has_checkpoints: True to stop for checkpoints.
        """
        self._steps = recipe.steps
        self.every = max(MIN_STEPS_BETWEEN, -(-recipe.steps // MAX_CHECKPOINTS))
        self._has_checkpoints = has_checkpoints
        self._changed = threading.Condition()
        self._next = 0  # the first step that no net has begun
        self._limit = 0 if has_checkpoints or is_held else recipe.steps + 1
        self._is_held = is_held
        self._is_closed = False
        self._rates = [(rate.step, recipe.replace(lr=rate.lr)) for rate in rates]
        self._recipe = recipe

    @property
    def is_held(self) -> bool:
        """True while the race is to wait before the next step that no net has begun."""
        return self._is_held

    def begin_at(self, step: int) -> None:
        """Sets the first step of all nets."""
        with self._changed:
            self._next = step
            if self._has_checkpoints or self._is_held:
                self._limit = step

    def is_open(self, step: int) -> bool:
        """Returns whether a step may begin."""
        return step < self._limit

    def try_enter(self, step: int) -> bool:
        """Begins a step if it may begin; returns whether it may."""
        with self._changed:
            if step >= self._limit:
                return False
            self._next = max(self._next, step + 1)
            return True

    def enter(self, step: int) -> None:
        """Waits until a step may begin, and begins it.

        Raises:
            GateClosed: the race ends.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or step < self._limit)
            if self._is_closed:
                raise GateClosed
            self._next = max(self._next, step + 1)

    def lr_at(self, step: int) -> float:
        """Returns the learning rate of a step."""
        recipe = next((changed for since, changed in reversed(self._rates) if since <= step), self._recipe)
        return recipe.lr_at(step)

    def hold(self) -> None:
        """Stops all nets before the first step that none has begun."""
        with self._changed:
            self._is_held = True
            self._limit = self._next

    def release(self) -> None:
        """Lets the nets continue."""
        with self._changed:
            self._is_held = False
            self._open_until_next_mark()

    def step_once(self) -> None:
        """Lets the nets take one more step, then stops them."""
        with self._changed:
            self._limit = (self._limit if self._is_held else self._next) + 1
            self._is_held = True
            self._changed.notify_all()

    def set_lr(self, lr: float, *, tell: Callable[[RateChange], None] = lambda _rate: None) -> None:
        """Sets the schedule's highest rate from the first step that no net has begun.

        Args:
            lr: the rate.
            tell: called with the change before any net takes such a step.
        """
        with self._changed:
            rate = RateChange(step=self._next, lr=lr)
            tell(rate)
            self._rates = [*self._rates, (rate.step, self._recipe.replace(lr=lr))]

    def pass_checkpoint(self, step: int) -> None:
        """Continues after a checkpoint at `step`, unless the race is held there."""
        with self._changed:
            if self._limit == step and not self._is_held:
                self._open_until_next_mark()

    def close(self) -> None:
        """Wakes all waiting threads with GateClosed."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _open_until_next_mark(self) -> None:
        after = self._steps + 1
        mark = min(self._next - self._next % self.every + self.every, self._steps)
        self._limit = mark if self._has_checkpoints and mark > self._next else after
        self._changed.notify_all()
