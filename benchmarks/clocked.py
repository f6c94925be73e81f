"""A stand-in for training that says when each step was computed: `seconds` is this machine's monotonic clock."""

import time
from collections.abc import Iterator

from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Record, Step
from resnet_viz.training.step_gate import CheckpointBarrier, CheckpointSource, StepGate

STEP_S = 0.02  # four nets of the default run together take about as many


def race(
    recipe: Recipe, *, gate: StepGate, start: CheckpointSource | None = None
) -> Iterator[Record | CheckpointBarrier]:
    """Yields the records of a run of one net, a step every STEP_S seconds; it stands nowhere."""
    del start
    (net,) = recipe.labels
    yield NetStarted(net=net, params=1, macs=1, convs=("c",), blocks=("b",), device="cpu")
    gate.begin_at(0)
    for number in range(recipe.steps):
        while not gate.try_enter(number):
            gate.pass_checkpoint(number)
        time.sleep(STEP_S)
        now = time.monotonic()
        yield Step(net=net, step=number, loss=1.0, accuracy=0.5, lr=0.1, images_per_s=1.0, seconds=now)
    yield NetEnded(net=net, ending=Ending.FINISHED)
