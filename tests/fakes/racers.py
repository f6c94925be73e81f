"""A stand-in for training: what it does is chosen by the recipe's seed. Loaded by workers, without torch."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from enum import IntEnum
from functools import partial
from pathlib import Path

from resnet_viz.errors import BudgetError
from resnet_viz.runs.paths import home
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Record, Step
from resnet_viz.training.step_gate import CheckpointBarrier, CheckpointSource, StepGate

REFUSAL = "This net is too large for a lecture. Choose at most 110 layers."
CONVS = ("stem.conv", "stage1.block1.conv1")
BLOCKS = ("stage1.block1",)
PROBE_EVERY = 5


class Act(IntEnum):
    """What a run does; the value goes into the recipe's seed."""

    QUICK = 0
    SLOW = 1
    SEGFAULT = 2
    EXIT = 3
    HANG = 4
    REFUSE = 5
    RAISE = 6
    CRASH_ONCE = 7
    NONSENSE = 8
    GREEDY = 9
    HONEST = 10


def recipe(act: Act, *, steps: int = 20) -> Recipe:
    """A recipe that makes the stand-in do `act`."""
    return Recipe(nets=(residual_preset("cifar_plain20"),), steps=steps, seed=int(act))


def step(net: str, number: int) -> Step:
    """The step that every attempt of every run records under this number."""
    norms = {name: float(number + place) for place, name in enumerate(CONVS)} if number % PROBE_EVERY == 0 else {}
    return Step(
        net=net,
        step=number,
        loss=1 / (number + 1),
        accuracy=number / 1000,
        lr=0.1,
        images_per_s=100.0,
        seconds=number / 100,
        grad_norm=norms,
        update_ratio=norms,
        block_grad_norm={BLOCKS[0]: 1e32} if norms else {},
        activation_std={BLOCKS[0]: 1.5} if norms else {},
    )


def race(
    recipe: Recipe, *, gate: StepGate, start: CheckpointSource | None = None
) -> Iterator[Record | CheckpointBarrier]:
    """Yields the records of a run, with mischief half-way."""
    act, net = Act(recipe.seed), recipe.labels[0]
    if act is Act.REFUSE:
        raise BudgetError(REFUSAL)
    yield NetStarted(net=net, params=1, macs=1, convs=CONVS, blocks=BLOCKS, device="cpu")
    first = 0
    if start is not None and start.files[0].exists():
        first = int(start.files[0].read_text(encoding="ascii"))
    gate.begin_at(first)
    for number in range(first, recipe.steps + 1):
        while not gate.try_enter(number):
            yield CheckpointBarrier(step=number, save=partial(save, number))
            gate.pass_checkpoint(number)
        if number == recipe.steps:
            break
        if number == recipe.steps // 2:
            _mischief(act)
        if act in (Act.SLOW, Act.CRASH_ONCE, Act.HONEST):
            time.sleep(0.01)
        taken = step("no such net" if act is Act.NONSENSE else net, number)
        yield replace(taken, lr=gate.lr_at(number)) if act is Act.HONEST else taken
    yield NetEnded(net=net, ending=Ending.FINISHED)


def save(number: int, path: Path) -> int:
    """Writes a checkpoint before this step, and returns its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(number), encoding="ascii")
    return path.stat().st_size


def _mischief(act: Act) -> None:
    match act:
        case Act.SEGFAULT:
            os.kill(os.getpid(), signal.SIGSEGV)
        case Act.EXIT:
            os._exit(1)
        case Act.HANG:
            time.sleep(3600)
        case Act.RAISE:
            raise RuntimeError("the password is hunter2")
        case Act.GREEDY:
            bytearray(3 * 2**30)
        case Act.CRASH_ONCE:
            been_here = home() / "been_here"
            if not been_here.exists():
                been_here.touch()
                os._exit(1)
        case _:
            pass
