"""One net's training: its records are right, repeatable, and come when they are asked for."""

import copy
import dataclasses
import math
from itertools import count

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from resnet_viz.analysis.report import totals
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import DataError
from resnet_viz.nets.build import build
from resnet_viz.plan.lower import lower
from resnet_viz.spec.enums import Norm
from resnet_viz.training.engine.images import ImageData, batches
from resnet_viz.training.recipe_values import Augment, Schedule
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Step
from tests.fakes.small_nets import first_batch, recipe, run, small, steps_of

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]


def test_records_come_in_order_and_say_what_is_trained(stripes: ImageData) -> None:
    spec = small()
    records = list(run(build(spec), stripes, recipe(spec)))
    started, *steps, ended = records
    assert isinstance(started, NetStarted)
    assert started.params == totals(lower(spec)).params
    assert started.macs == totals(lower(spec)).macs
    assert started.device == "cpu"
    assert started.convs[:2] == ("stem.conv", "stage1.block1.branch.conv1")
    assert started.blocks == ("stage1.block1", "stage2.block1", "stage3.block1")
    assert [step.step for step in steps if isinstance(step, Step)] == list(range(12))
    assert ended == NetEnded(net="ResNet-8", ending=Ending.FINISHED)


def test_training_learns(stripes: ImageData) -> None:
    steps = steps_of(build(small()), stripes, recipe(small(), steps=60, eval_every=60))
    assert steps[0].loss > 2.0
    assert steps[-1].loss < 0.5
    assert steps[-1].test_accuracy is not None
    assert steps[-1].test_accuracy > 0.8


def test_the_same_seed_gives_the_identical_loss_curve(stripes: ImageData) -> None:
    def curve(seed: int) -> list[float]:
        return [step.loss for step in steps_of(build(small(), seed=seed), stripes, recipe(small(), seed=seed))]

    assert curve(0) == curve(0)
    assert curve(0) != curve(1)


@pytest.mark.parametrize(("momentum", "weight_decay"), [(0.9, 1e-2), (0.9, 0.0), (0.0, 1e-2)])
def test_the_loop_trains_like_the_plainest_loop(stripes: ImageData, momentum: float, weight_decay: float) -> None:
    what = recipe(small(), momentum=momentum, weight_decay=weight_decay, lr=0.05)
    net, plain = build(small()), build(small())
    losses = [step.loss for step in steps_of(net, stripes, what)]
    optimizer = torch.optim.SGD(plain.parameters(), momentum=momentum, weight_decay=weight_decay)
    order = batches(len(stripes.train_y_N), batch_size=what.batch_size, seed=what.seed)
    expected = []
    for step, indices in zip(range(what.steps), order, strict=False):
        optimizer.param_groups[0]["lr"] = what.lr_at(step)
        optimizer.zero_grad()
        loss = F.cross_entropy(plain(stripes.train_x_NCHW[indices]), stripes.train_y_N[indices])
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    assert losses == pytest.approx(expected, rel=1e-4)


def test_a_net_that_diverges_says_so_and_raises_nothing(stripes: ImageData) -> None:
    spec = small("cifar_resnet56", norm=Norm.NONE)
    what = recipe(spec, lr=10.0, warmup_steps=0, schedule=Schedule.CONSTANT, eval_every=1, probe_every=1)
    for readback_s in (0.0, 10.0):
        *_, last, ended = run(build(spec), stripes, what, readback_s=readback_s)
        assert isinstance(last, Step)
        assert isinstance(ended, NetEnded)
        assert not math.isfinite(last.loss)
        assert last.test_loss is None
        assert ended.ending is Ending.DIVERGED
        assert f"at step {last.step}" in ended.sentence
        assert "learning rate of 10" in ended.sentence
        assert "Try a smaller learning rate" in ended.sentence


def test_nothing_is_trained_until_it_is_asked_for(stripes: ImageData) -> None:
    net = build(small())
    before = copy.deepcopy(net.state_dict())
    records = run(net, stripes, recipe(small()))
    next(records)
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())


def test_reading_several_steps_back_at_once_gives_the_same_records(stripes: ImageData) -> None:
    one, many = (
        steps_of(build(small()), stripes, recipe(small(), probe_every=6), readback_s=seconds) for seconds in (0.0, 10.0)
    )
    for a, b in zip(one, many, strict=True):
        assert (a.step, a.loss, a.accuracy, a.lr, a.test_loss) == (b.step, b.loss, b.accuracy, b.lr, b.test_loss)
        assert (a.grad_norm, a.block_grad_norm, a.update_ratio) == (b.grad_norm, b.block_grad_norm, b.update_ratio)


def test_speed_and_time_follow_the_clock(stripes: ImageData) -> None:
    ticks = count()  # one second passes at each look: when a step begins and when it was read
    steps = steps_of(build(small()), stripes, recipe(small(), steps=3), clock=lambda: float(next(ticks)))
    assert [step.images_per_s for step in steps] == [32.0] * 3
    assert [step.seconds for step in steps] == [2.0, 4.0, 6.0]


def test_grey_images_train_a_net_with_three_channels(stripes: ImageData) -> None:
    spec = small(in_channels=3)
    assert len(steps_of(build(spec), stripes, recipe(spec, steps=2))) == 2


def test_wide_nets_train_as_well(stripes: ImageData) -> None:
    spec = small("cifar_resnet8", widths=(8, 16, 32))  # in the other memory layout
    steps = steps_of(build(spec), stripes, recipe(spec, steps=40, probe_every=1))
    assert steps[-1].loss < steps[0].loss


def test_a_net_with_too_few_outputs_is_refused(stripes: ImageData) -> None:
    spec = small(num_classes=9)
    with pytest.raises(DataError, match="num_classes is at least 10"):
        next(run(build(spec), stripes, recipe(spec)))


def test_all_nets_see_the_same_changed_images(stripes: ImageData) -> None:
    spec = small(image_size=8)
    seen: list[list[Tensor]] = []
    for seed_of_net in (1, 2):
        net = build(spec, seed=seed_of_net)
        taken: list[Tensor] = []
        net.register_forward_pre_hook(
            lambda module, inputs, kept=taken: kept.append(inputs[0]) if module.training else None
        )
        steps_of(net, stripes, recipe(spec, augment=Augment.PAD_CROP_FLIP, steps=4))
        seen.append(taken)
    assert all(torch.equal(one, other) for one, other in zip(*seen, strict=True))
    first, _labels = first_batch(stripes, recipe(spec))
    assert not torch.equal(seen[0][0], first)


def test_test_images_stay_as_they_are(stripes: ImageData) -> None:
    spec = small(image_size=8)
    net = build(spec)
    shown: list[Tensor] = []
    net.register_forward_pre_hook(lambda module, inputs: None if module.training else shown.append(inputs[0]))
    steps_of(net, stripes, recipe(spec, augment=Augment.PAD_CROP_FLIP, steps=1))
    assert torch.equal(torch.cat(shown), stripes.test_x_NCHW)


def test_colour_images_train_a_net_with_three_channels(stripes: ImageData) -> None:
    data = dataclasses.replace(
        stripes,
        name=DataName.CIFAR10,
        train_x_NCHW=stripes.train_x_NCHW.expand(-1, 3, -1, -1),
        test_x_NCHW=stripes.test_x_NCHW.expand(-1, 3, -1, -1),
    )
    spec = small(in_channels=3)
    assert len(steps_of(build(spec), data, recipe(spec, augment=Augment.PAD_CROP_FLIP))) == 12
