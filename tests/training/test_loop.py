"""One net's training: its records are right, repeatable, and stopping leaves nothing behind."""

import copy
import dataclasses
import math
from collections.abc import Generator, Iterator
from itertools import count, islice
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from resnet_viz.analysis.report import totals
from resnet_viz.data.images import ImageData, batches, load
from resnet_viz.data.names import DataName
from resnet_viz.errors import DataError
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.plan.lower import lower
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import residual
from resnet_viz.spec.terms import Norm
from resnet_viz.training.loop import train
from resnet_viz.training.recipe import Augment, Recipe, Schedule
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Record, Step

from .test_probes import num_hooks

pytestmark = pytest.mark.torch


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def small(name: str = "cifar_resnet8", **fields: Any) -> NetSpec:
    return residual(name, **{"widths": (4, 8, 16), "in_channels": 1, "image_size": 8, **fields})


def recipe(spec: NetSpec, **fields: Any) -> Recipe:
    return Recipe(nets=(spec,), **{"steps": 12, "batch_size": 32, "warmup_steps": 2, "eval_every": 5, **fields})


def run(net: Net, data: ImageData, what: Recipe, **settings: Any) -> Generator[Record, None, None]:
    records = train(net, data, what, label=what.labels[0], **settings)
    assert isinstance(records, Generator)
    return records


def steps_of(net: Net, data: ImageData, what: Recipe, **settings: Any) -> list[Step]:
    return [record for record in run(net, data, what, **settings) if isinstance(record, Step)]


def first_batch(data: ImageData, what: Recipe) -> tuple[Tensor, Tensor]:
    indices = next(batches(len(data.train_y_N), batch_size=what.batch_size, seed=what.seed))
    return data.train_x_NCHW[indices], data.train_y_N[indices]


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


def test_norms_are_measured_on_probed_steps_and_the_test_images_looked_at_on_evaluated_ones(
    stripes: ImageData,
) -> None:
    what = recipe(small(), probe_every=5, eval_every=4)
    steps = steps_of(build(small()), stripes, what)
    assert [s.step for s in steps if s.grad_norm] == [0, 5, 10, 11]
    assert [s.step for s in steps if s.block_grad_norm and s.update_ratio] == [0, 5, 10, 11]
    assert [s.step for s in steps if s.test_loss is not None and s.test_accuracy is not None] == [3, 7, 11]


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


def test_probing_does_not_change_what_is_learnt(stripes: ImageData) -> None:
    curves = [
        [step.loss for step in steps_of(build(small()), stripes, recipe(small(), probe_every=every, eval_every=every))]
        for every in (1, 100)
    ]
    assert curves[0] == curves[1]


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


def test_gradient_norms_are_those_of_autograd(stripes: ImageData) -> None:
    spec = small("cifar_preact_resnet8")
    what = recipe(spec)
    net = build(spec)
    by_hand = copy.deepcopy(net)
    outputs: dict[str, Tensor] = {}
    for name, block in by_hand.blocks.items():
        block.register_forward_hook(lambda _m, _i, output, name=name: outputs.__setitem__(name, output))
    x_BCHW, y_B = first_batch(stripes, what)
    loss = F.cross_entropy(by_hand(x_BCHW), y_B)
    convs = {name: module.weight for name, module in by_hand.named_modules() if isinstance(module, nn.Conv2d)}
    gradients = torch.autograd.grad(loss, [*convs.values(), *outputs.values()])

    step = steps_of(net, stripes, what)[0]
    expected = [gradient.double().norm().item() for gradient in gradients]
    measured = {**step.grad_norm, **step.block_grad_norm}
    assert list(measured) == [*convs, *outputs]
    assert list(measured.values()) == pytest.approx(expected, rel=1e-5)
    assert step.loss == pytest.approx(loss.item(), rel=1e-6)


@pytest.mark.parametrize(("momentum", "weight_decay"), [(0.9, 1e-2), (0.9, 0.0), (0.0, 1e-2), (0.0, 0.0)])
def test_update_ratios_are_those_of_cloned_weights(stripes: ImageData, momentum: float, weight_decay: float) -> None:
    what = recipe(small(), momentum=momentum, weight_decay=weight_decay, probe_every=1, eval_every=100)
    net = build(small())
    convs = {name: module.weight for name, module in net.named_modules() if isinstance(module, nn.Conv2d)}
    before = {name: weight.detach().clone().double() for name, weight in convs.items()}
    for record in run(net, stripes, what):
        if not isinstance(record, Step):
            continue
        after = {name: weight.detach().clone().double() for name, weight in convs.items()}
        for name, ratio in record.update_ratio.items():
            direct = (after[name] - before[name]).norm() / before[name].norm()
            assert ratio == pytest.approx(direct.item(), rel=2e-3, abs=1e-9), (record.step, name)
        before = after


def test_plain_nets_explode_at_initialisation_and_residual_nets_do_not() -> None:
    data = load(DataName.FASHION_MNIST_SUBSET, image_size=14)

    def first_to_last(name: str) -> float:
        spec = small(name, image_size=14)
        what = recipe(spec, batch_size=64, steps=1)
        (step,) = steps_of(build(spec), data, what)
        norms = step.grad_norm
        return norms["stage1.block1.branch.conv1"] / norms["stage3.block3.branch.conv2"]

    # Measured over three seeds: plain-20 7.8, ResNet-20 2.3, and 4.3 with full pre-activation.
    assert 3 < first_to_last("cifar_plain20") < 30
    assert first_to_last("cifar_resnet20") < 10
    assert first_to_last("cifar_preact_resnet20") < 10


def test_depth_without_norm_gives_norms_that_float32_could_not_hold(stripes: ImageData) -> None:
    spec = small("cifar_plain56", norm=Norm.NONE)
    net = build(spec)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.Conv2d):
                module.weight.mul_(0.4)
    (step,) = steps_of(net, stripes, recipe(spec, steps=1))
    first = step.grad_norm["stage1.block1.branch.conv1"]
    assert 0 < first < 1e-20


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


def test_looking_at_the_test_images_leaves_the_net_as_it_was(stripes: ImageData) -> None:
    states = []
    for every in (1, 100):
        net = build(small())
        records = run(net, stripes, recipe(small(), eval_every=every))
        list(islice(records, 4))
        assert net.training
        states.append(copy.deepcopy(net.state_dict()))
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])


def test_test_loss_is_that_of_the_net_after_the_update(stripes: ImageData) -> None:
    net = build(small())
    step = steps_of(net, stripes, recipe(small(), steps=3))[-1]
    net.eval()
    with torch.no_grad():
        logits = net(stripes.test_x_NCHW)
    assert step.test_loss == pytest.approx(F.cross_entropy(logits, stripes.test_y_N).item(), rel=1e-5)
    assert step.test_accuracy == pytest.approx((logits.argmax(1) == stripes.test_y_N).float().mean().item())


def test_training_mode_comes_back_when_the_test_fails(stripes: ImageData) -> None:
    net = build(small())
    records = run(net, stripes, recipe(small(), eval_every=1))
    next(records)
    net.head.register_forward_pre_hook(lambda module, _inputs: None if module.training else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        next(records)
    assert net.training


@pytest.mark.parametrize("taken", [1, 2, 3])
def test_no_hook_is_left_when_the_generator_is_closed(stripes: ImageData, taken: int) -> None:
    net = build(small())
    records = run(net, stripes, recipe(small(), probe_every=1))
    list(islice(records, taken))
    assert num_hooks(net) == 0  # while it waits, too
    records.close()
    assert num_hooks(net) == 0


def test_no_hook_is_left_when_a_step_fails(stripes: ImageData) -> None:
    net = build(small())
    records = run(net, stripes, recipe(small(), probe_every=1))
    next(records)
    handle = net.head.register_forward_pre_hook(lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        next(records)
    handle.remove()
    assert num_hooks(net) == 0


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
