"""Training loop of one net: a generator of records, stopped by not requesting the next one.

Shape suffixes: N images, B images of a batch, C channels, H and W pixels, K classes.
"""

import math
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, assert_never

import torch
import torch.nn.functional as F
from torch import Tensor

from resnet_viz.data import datasets
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net
from resnet_viz.training.budget import TEST_BATCH, TEST_IMAGES
from resnet_viz.training.engine import gradients
from resnet_viz.training.engine.activations import measure_activations
from resnet_viz.training.engine.augment import pad_crop_flip
from resnet_viz.training.engine.images import ImageData, batches, with_channels
from resnet_viz.training.engine.optimizers import make_optimizer
from resnet_viz.training.engine.setup import TrainingSetup, prepare, set_up
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_values import Augment
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Record, Step
from resnet_viz.training.step_gate import StepGate

MAX_TEST_BYTES: Final = 2**28  # bytes of activations while looking at the test images


@torch.no_grad()
def evaluate(setup: TrainingSetup) -> tuple[float, float]:
    """Returns loss in nats and accuracy over the first test images, which are balanced; running statistics are kept."""
    data, net = setup.data, setup.net
    loss = torch.zeros((), device=data.device)
    right = torch.zeros((), device=data.device)
    num = min(TEST_IMAGES, len(data.test_y_N))
    at_once = max(1, min(TEST_BATCH, MAX_TEST_BYTES // setup.cost.inference_bytes))
    net.eval()
    try:
        for start in range(0, num, at_once):
            part = slice(start, min(start + at_once, num))
            y_B = data.test_y_N[part]
            logits_BK = net(with_channels(data.test_x_NCHW[part], setup.spec.in_channels))
            loss += F.cross_entropy(logits_BK, y_B, reduction="sum")
            right += (logits_BK.argmax(1) == y_B).sum()
    finally:
        net.train()
    sum_loss, num_right = torch.stack([loss, right]).tolist()
    return sum_loss / num, num_right / num


READBACK_S: Final = 0.08  # on an accelerator; six nets in turn still speak twice a second
MAX_HELD_STEPS: Final = 64  # steps between two readbacks


@dataclass(frozen=True, kw_only=True, slots=True)
class ResumePoint:
    """Resume point of one net's training.

    Attributes:
        step: the next one.
        seconds: of training so far.
        optimizer: of the net, from `make_optimizer`; a new one if None.
    """

    step: int = 0
    seconds: float = 0.0
    optimizer: torch.optim.Optimizer | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Taken:
    """Step that was taken and not yet read back: its values on the device, loss and accuracy first."""

    step: int
    lr: float
    values: Tensor
    measurement: gradients.Measurement | None


def train(
    net: Net,
    data: ImageData,
    recipe: Recipe,
    *,
    label: str,
    readback_s: float | None = None,
    clock: Callable[[], float] = time.perf_counter,
    gate: StepGate | None = None,
    resume: ResumePoint | None = None,
) -> Iterator[Record]:
    """Trains a net in place and yields its records: NetStarted, one Step per step, NetEnded.

    On the CPU every step is taken when its record is requested. On an accelerator the steps between two probed ones
    are read back several at a time, so the net may be a few steps ahead of the record.

    Args:
        net: from `build`; it is moved to the device of `data`.
        data: the images.
        recipe: of the run.
        label: the net's label, one of `recipe.labels`.
        readback_s: seconds of training that are read back together; None: each step on a CPU, READBACK_S elsewhere.
        clock: seconds from any origin.
        gate: limit of the steps; the caller enters each step before requesting its record. None for no limit.
        resume: resume point; the beginning if None.

    Raises:
        DataError: the net has fewer outputs than the data has classes.
    """
    spec = recipe.nets[recipe.labels.index(label)]
    datasets.check_fits(spec, data.name)
    resume = resume or ResumePoint()
    gate = gate or StepGate(recipe, has_checkpoints=False)
    prepare(net, spec, data.device)
    setup = set_up(net, data, recipe, spec, label, resume.optimizer or make_optimizer(net, recipe), gate)
    if readback_s is None:
        readback_s = 0.0 if data.device.type == "cpu" else READBACK_S
    yield _started(setup)

    order = batches(len(data.train_y_N), batch_size=recipe.batch_size, seed=recipe.seed, device=data.device)
    own_batches = islice(order, resume.step, None)
    held: list[_Taken] = []
    at_once = 1
    held_since = clock()
    begun = held_since - resume.seconds
    for step in range(resume.step, recipe.steps):
        if not held:
            held_since = clock()
        held.append(_take_step(setup, step, next(own_batches)))
        is_due = len(held) >= at_once or recipe.is_probed(step) or recipe.is_evaluated(step)
        if not is_due and gate.try_enter(step + 1):
            continue
        records = _read(setup, held, begun=begun, since=held_since, clock=clock)
        at_once = max(1, min(MAX_HELD_STEPS, int(readback_s * records[0].images_per_s / recipe.batch_size)))
        held.clear()
        for record in records:
            yield record
            if not math.isfinite(record.loss):
                yield _diverged(record, recipe.titles[label])
                return
    yield NetEnded(net=label, ending=Ending.FINISHED)


def dropout_seed(seed: int, step: int) -> int:
    """Returns the seed of a step's dropout masks, a function of the run's seed and the step alone.

    Hashed, since torch uses 32 bits only and the initial weights come from the seed itself.
    """
    return zlib.crc32(f"dropout {seed} {step}".encode())


def _started(setup: TrainingSetup) -> NetStarted:
    return NetStarted(
        net=setup.label,
        params=setup.cost.params,
        macs=setup.cost.macs,
        convs=tuple(setup.layers.convs),
        blocks=tuple(setup.layers.blocks),
        device=str(setup.data.device),
    )


def _take_step(setup: TrainingSetup, step: int, indices_B: Tensor) -> _Taken:
    """Takes a step, and measures it if it is probed; reads nothing back."""
    data, lr = setup.data, setup.gate.lr_at(step)
    x_BCHW = with_channels(_changed(data.train_x_NCHW[indices_B], setup.recipe, step), setup.spec.in_channels)
    y_B = data.train_y_N[indices_B]
    measurement = None
    if setup.dropout is not None:
        setup.dropout.manual_seed(dropout_seed(setup.recipe.seed, step))
    setup.optimizer.zero_grad(set_to_none=True)  # before the forward pass, which can reuse the memory
    if setup.recipe.is_probed(step):
        with (
            gradients.measure_block_gradients(setup.layers) as block_norms,
            measure_activations(setup.layers.blocks) as stats,
        ):
            logits_BK = setup.net(x_BCHW)
        measurement = gradients.Measurement(setup.layers, setup.optimizer, block_norms, stats)
    else:
        logits_BK = setup.net(x_BCHW)
    loss = F.cross_entropy(logits_BK, y_B)
    loss.backward()
    for group in setup.optimizer.param_groups:
        group["lr"] = lr
    if measurement:
        measurement.before_update()
    setup.optimizer.step()
    values = torch.stack([loss.detach(), (logits_BK.argmax(1) == y_B).float().mean()])
    if measurement:
        measurement.after_update()
        values = torch.cat([values, measurement.packed()])  # in the wider of the two types
    return _Taken(step=step, lr=lr, values=values, measurement=measurement)


def _changed(x_BCHW: Tensor, recipe: Recipe, step: int) -> Tensor:
    """Returns the augmented images of a batch at this step, the same for all nets."""
    match recipe.augment:
        case Augment.NONE:
            return x_BCHW
        case Augment.PAD_CROP_FLIP:
            return pad_crop_flip(x_BCHW, seed=recipe.seed, step=step)
        case _:
            assert_never(recipe.augment)


def _read(
    setup: TrainingSetup, held: Sequence[_Taken], *, begun: float, since: float, clock: Callable[[], float]
) -> list[Step]:
    """Reads all held steps back in one transfer, and evaluates the net if the last of them is evaluated."""
    rows = torch.cat([taken.values for taken in held]).tolist()
    until = clock()
    share = max(until - since, 1e-9) / len(held)
    records = []
    for number, taken in enumerate(held, start=1):
        values, rows = rows[: len(taken.values)], rows[len(taken.values) :]
        loss, accuracy, *measured = values
        norms = taken.measurement.unpack(measured, lr=taken.lr) if taken.measurement else _NO_NORMS
        is_evaluated = setup.recipe.is_evaluated(taken.step) and math.isfinite(loss)
        test_loss, test_accuracy = evaluate(setup) if is_evaluated else (None, None)
        records.append(
            Step(
                net=setup.label,
                step=taken.step,
                loss=loss,
                accuracy=accuracy,
                lr=taken.lr,
                images_per_s=setup.recipe.batch_size / share,
                seconds=since + number * share - begun,
                grad_norm=norms.grad,
                block_grad_norm=norms.block_grad,
                update_ratio=norms.update_ratio,
                activation_std=norms.activation_std,
                branch_share=norms.branch_share,
                test_loss=test_loss,
                test_accuracy=test_accuracy,
            )
        )
    return records


_NO_NORMS: Final = gradients.StepNorms(grad={}, block_grad={}, update_ratio={}, activation_std={}, branch_share={})


def _diverged(last: Step, title: str) -> NetEnded:
    sentence = _(
        "{net} diverged: at step {step:,}, with a learning rate of {lr:.3g}, its loss became infinite or NaN. "
        "Try a smaller learning rate."
    ).format(net=title, step=last.step, lr=last.lr)
    return NetEnded(net=last.net, ending=Ending.DIVERGED, sentence=sentence)
