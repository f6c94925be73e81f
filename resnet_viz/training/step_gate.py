"""Pace: how far the nets of a race may go and with which learning rate. Set from one thread, kept by others. No torch.

Nets of a race run a few steps ahead of one another. Told to stop, all of them come to stand at the first step that none
has begun: so a pause, a checkpoint or a new learning rate falls on the same step for every net.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from resnet_viz.training.recipe import Recipe

MAX_CHECKPOINTS: Final = 8  # checkpoints of a run, its beginning and pauses not counted
MIN_STEPS_BETWEEN: Final = 25  # between two of them


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointSource:
    """Where a run begins if not at the beginning.

    Attributes:
        files: checkpoints, newest first; the first that can be read is taken, and step 0 where none can.
        sources: for each net of the recipe, which net of the file it goes on from; None: the same.
    """

    files: tuple[Path, ...]
    sources: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointBarrier:
    """All nets of a race stand still before the same step; nothing moves until the next record is asked for.

    Attributes:
        step: the step that no net has begun.
        save: writes a checkpoint of this moment to a file and returns its size in bytes.
    """

    step: int
    save: Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class RateChange:
    """A learning rate that was set while the run went on: the schedule's highest rate from this step on."""

    step: int
    lr: float


class GateClosed(Exception):
    """The race ends; whoever waits for its next step need not wait any more."""


class StepGate:
    """The limit of a race, which no net passes, and its learning rate.

    Attributes:
        every: steps between two checkpoints.
    """

    def __init__(
        self, recipe: Recipe, *, rates: Sequence[RateChange] = (), is_held: bool = False, marks: bool = True
    ) -> None:
        """Makes the pace of a race that has not begun.

        Args:
            recipe: what is trained.
            rates: that were set before, rising by step.
            is_held: whether the nets stand before their first step.
            marks: whether they stand for a checkpoint now and then.
        """
        self._steps = recipe.steps
        self.every = max(MIN_STEPS_BETWEEN, -(-recipe.steps // MAX_CHECKPOINTS))
        self._has_marks = marks
        self._changed = threading.Condition()
        self._next = 0  # the first step that no net has begun
        self._limit = 0 if marks or is_held else recipe.steps + 1
        self._is_held = is_held
        self._is_closed = False
        self._rates = [(rate.step, recipe.replace(lr=rate.lr)) for rate in rates]
        self._recipe = recipe

    @property
    def is_held(self) -> bool:
        """Whether the race is to stand at the next step that no net has begun."""
        return self._is_held

    def begin_at(self, step: int) -> None:
        """Says that all nets stand before this step."""
        with self._changed:
            self._next = step
            if self._has_marks or self._is_held:
                self._limit = step

    def is_open(self, step: int) -> bool:
        """Whether a step may be begun."""
        return step < self._limit

    def try_enter(self, step: int) -> bool:
        """Begins a step if it may be begun; returns whether it may."""
        with self._changed:
            if step >= self._limit:
                return False
            self._next = max(self._next, step + 1)
            return True

    def enter(self, step: int) -> None:
        """Waits until a step may be begun, and begins it.

        Raises:
            Closed: it never will.
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
        """Lets all nets come to stand before the first step that none has begun."""
        with self._changed:
            self._is_held = True
            self._limit = self._next

    def release(self) -> None:
        """Lets the nets go on."""
        with self._changed:
            self._is_held = False
            self._open_until_next_mark()

    def step_once(self) -> None:
        """Lets the nets, which stand or come to stand, take one step more."""
        with self._changed:
            self._limit = (self._limit if self._is_held else self._next) + 1
            self._is_held = True
            self._changed.notify_all()

    def set_lr(self, lr: float, *, tell: Callable[[RateChange], None] = lambda _rate: None) -> None:
        """Sets the schedule's highest rate from the first step on that no net has begun.

        Args:
            lr: the rate.
            tell: hears of it before any net takes such a step.
        """
        with self._changed:
            rate = RateChange(step=self._next, lr=lr)
            tell(rate)
            self._rates = [*self._rates, (rate.step, self._recipe.replace(lr=lr))]

    def pass_mark(self, step: int) -> None:
        """Goes on from a checkpoint at `step`, unless the race is held there."""
        with self._changed:
            if self._limit == step and not self._is_held:
                self._open_until_next_mark()

    def close(self) -> None:
        """Ends all waiting."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _open_until_next_mark(self) -> None:
        after = self._steps + 1
        mark = min(self._next - self._next % self.every + self.every, self._steps)
        self._limit = mark if self._has_marks and mark > self._next else after
        self._changed.notify_all()
