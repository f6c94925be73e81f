"""A stand-in for training in which every net of a run is trained: deeper plain nets end higher. Without torch."""

from collections.abc import Iterator
from functools import partial

from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Record, Step
from resnet_viz.training.step_gate import CheckpointBarrier, CheckpointSource, StepGate
from tests.fakes.racers import BLOCKS, CONVS, save

FAILING = 2  # seed whose run fails


def race(
    recipe: Recipe, *, gate: StepGate, start: CheckpointSource | None = None
) -> Iterator[Record | CheckpointBarrier]:
    """Yields the records of a run; that of seed FAILING fails half-way."""
    for label in recipe.labels:
        yield NetStarted(net=label, params=1, macs=1, convs=CONVS, blocks=BLOCKS, device="cpu")
    gate.begin_at(0)
    for number in range(recipe.steps):
        while not gate.try_enter(number):
            yield CheckpointBarrier(step=number, save=partial(save, number))
            gate.pass_checkpoint(number)
        if recipe.seed == FAILING and number == recipe.steps // 2:
            raise RuntimeError("half-way")
        for spec, label in zip(recipe.nets, recipe.labels, strict=True):
            yield step(label, number, loss(spec.depth, recipe.seed, number, recipe.steps))
    for label in recipe.labels:
        yield NetEnded(net=label, ending=Ending.FINISHED)


def loss(depth: int, seed: int, number: int, steps: int) -> float:
    """Returns the loss of a step: from that of guessing down to depth / 50, a little higher with each seed."""
    end = depth / 50 + seed / 100
    return 2.3 + (end - 2.3) * min(1.0, 2 * number / steps)


def step(net: str, number: int, value: float) -> Step:
    return Step(net=net, step=number, loss=value, accuracy=0.5, lr=0.1, images_per_s=1.0, seconds=float(number))
