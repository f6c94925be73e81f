"""Training one net: a generator of records. Stopping it is not asking for the next one.

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
from resnet_viz.training.engine.setup import TrainingSetup, prepare, set_up, sgd
from resnet_viz.training.recipe import Augment, Recipe
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Record, Step
from resnet_viz.training.step_gate import StepGate

MAX_TEST_BYTES: Final = 2**28  # bytes of activations while looking at the test images


@torch.no_grad()
def evaluate(bench: TrainingSetup) -> tuple[float, float]:
    """Returns loss in nats and accuracy over the first test images, which are balanced; statistics stay as they are."""
    data, net = bench.data, bench.net
    loss = torch.zeros((), device=data.device)
    right = torch.zeros((), device=data.device)
    num = min(TEST_IMAGES, len(data.test_y_N))
    at_once = max(1, min(TEST_BATCH, MAX_TEST_BYTES // bench.cost.inference_bytes))
    net.eval()
    try:
        for start in range(0, num, at_once):
            part = slice(start, min(start + at_once, num))
            y_B = data.test_y_N[part]
            logits_BK = net(with_channels(data.test_x_NCHW[part], bench.spec.in_channels))
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
    """Where a net's training goes on.

    Attributes:
        step: the next one.
        seconds: of training so far.
        optimizer: of the net, from `sgd`; a fresh one where None.
    """

    step: int = 0
    seconds: float = 0.0
    optimizer: torch.optim.SGD | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Taken:
    """A step that was taken and not yet read: its values lie on the device, loss and accuracy first."""

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
    pace: StepGate | None = None,
    since: ResumePoint | None = None,
) -> Iterator[Record]:
    """Trains a net in place and yields its records: NetStarted, one Step per step, NetEnded.

    On the CPU every step is taken when its record is asked for. On an accelerator the steps between two probed ones
    are read back several at a time, so that the net may be a few steps ahead of the record.

    Args:
        net: what `build` returned; it is moved to the device of `data`.
        data: the images.
        recipe: what to do.
        label: the net's label, one of `recipe.labels`.
        readback_s: seconds of training that are read back together; None: each step on a CPU, READBACK_S elsewhere.
        clock: seconds from any beginning.
        pace: how far the net may go; whoever asks for a record has begun its step there. None: as far as it likes.
        since: where to go on, if not at the beginning.

    Raises:
        DataError: the net has fewer outputs than the data has classes.
    """
    spec = recipe.nets[recipe.labels.index(label)]
    datasets.check_fits(spec, data.name)
    since = since or ResumePoint()
    pace = pace or StepGate(recipe, marks=False)
    prepare(net, spec, data.device)
    bench = set_up(net, data, recipe, spec, label, since.optimizer or sgd(net, recipe), pace)
    if readback_s is None:
        readback_s = 0.0 if data.device.type == "cpu" else READBACK_S
    yield _started(bench)

    order = batches(len(data.train_y_N), batch_size=recipe.batch_size, seed=recipe.seed, device=data.device)
    own_batches = islice(order, since.step, None)
    held: list[_Taken] = []
    at_once = 1
    held_since = clock()
    begun = held_since - since.seconds
    for step in range(since.step, recipe.steps):
        if not held:
            held_since = clock()
        held.append(_take_step(bench, step, next(own_batches)))
        is_due = len(held) >= at_once or recipe.is_probed(step) or recipe.is_evaluated(step)
        if not is_due and pace.try_enter(step + 1):
            continue
        records = _read(bench, held, begun=begun, since=held_since, clock=clock)
        at_once = max(1, min(MAX_HELD_STEPS, int(readback_s * records[0].images_per_s / recipe.batch_size)))
        held.clear()
        for record in records:
            yield record
            if not math.isfinite(record.loss):
                yield _diverged(record)
                return
    yield NetEnded(net=label, ending=Ending.FINISHED)


def dropout_seed(seed: int, step: int) -> int:
    """Returns where the dropout of a step begins, so that it depends on nothing but the run's seed and the step.

    Scrambled, for torch looks at 32 bits only and the initial weights come from the plain seed.
    """
    return zlib.crc32(f"dropout {seed} {step}".encode())


def _started(bench: TrainingSetup) -> NetStarted:
    return NetStarted(
        net=bench.label,
        params=bench.cost.params,
        macs=bench.cost.macs,
        convs=tuple(bench.watched.convs),
        blocks=tuple(bench.watched.blocks),
        device=str(bench.data.device),
    )


def _take_step(bench: TrainingSetup, step: int, indices_B: Tensor) -> _Taken:
    """Forward, backward, update; measures on the way where the step is probed. Reads nothing back."""
    data, lr = bench.data, bench.pace.lr_at(step)
    x_BCHW = with_channels(_changed(data.train_x_NCHW[indices_B], bench.recipe, step), bench.spec.in_channels)
    y_B = data.train_y_N[indices_B]
    measurement = None
    if bench.dropout is not None:
        bench.dropout.manual_seed(dropout_seed(bench.recipe.seed, step))
    bench.optimizer.zero_grad(set_to_none=True)  # before the forward pass, which can use the memory again
    if bench.recipe.is_probed(step):
        with (
            gradients.measure_block_gradients(bench.watched) as block_norms,
            measure_activations(bench.watched.blocks) as signals,
        ):
            logits_BK = bench.net(x_BCHW)
        measurement = gradients.Measurement(bench.watched, bench.optimizer, block_norms, signals)
    else:
        logits_BK = bench.net(x_BCHW)
    loss = F.cross_entropy(logits_BK, y_B)
    loss.backward()
    for group in bench.optimizer.param_groups:
        group["lr"] = lr
    if measurement:
        measurement.before_update()
    bench.optimizer.step()
    values = torch.stack([loss.detach(), (logits_BK.argmax(1) == y_B).float().mean()])
    if measurement:
        measurement.after_update()
        values = torch.cat([values, measurement.packed()])  # in the wider of the two types
    return _Taken(step=step, lr=lr, values=values, measurement=measurement)


def _changed(x_BCHW: Tensor, recipe: Recipe, step: int) -> Tensor:
    """Returns the images of a batch as the recipe wants them seen at this step, the same for all nets."""
    match recipe.augment:
        case Augment.NONE:
            return x_BCHW
        case Augment.PAD_CROP_FLIP:
            return pad_crop_flip(x_BCHW, seed=recipe.seed, step=step)
        case _:
            assert_never(recipe.augment)


def _read(
    bench: TrainingSetup, held: Sequence[_Taken], *, begun: float, since: float, clock: Callable[[], float]
) -> list[Step]:
    """Reads all held steps in one transfer and looks at the test images where the last of them asks for it."""
    rows = torch.cat([taken.values for taken in held]).tolist()
    until = clock()
    share = max(until - since, 1e-9) / len(held)
    records = []
    for number, taken in enumerate(held, start=1):
        values, rows = rows[: len(taken.values)], rows[len(taken.values) :]
        loss, accuracy, *measured = values
        norms = taken.measurement.unpack(measured, lr=taken.lr) if taken.measurement else _NO_NORMS
        is_evaluated = bench.recipe.is_evaluated(taken.step) and math.isfinite(loss)
        test_loss, test_accuracy = evaluate(bench) if is_evaluated else (None, None)
        records.append(
            Step(
                net=bench.label,
                step=taken.step,
                loss=loss,
                accuracy=accuracy,
                lr=taken.lr,
                images_per_s=bench.recipe.batch_size / share,
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


def _diverged(last: Step) -> NetEnded:
    sentence = _(
        "{net} diverged: at step {step:,}, with a learning rate of {lr:.3g}, its loss became infinite or NaN. "
        "Try a smaller learning rate."
    ).format(net=last.net, step=last.step, lr=last.lr)
    return NetEnded(net=last.net, ending=Ending.DIVERGED, sentence=sentence)
