"""What is measured while a net trains is right, and measuring changes and leaves nothing."""

import copy
from itertools import islice

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from resnet_viz.data.datasets import DataName
from resnet_viz.nets.build import build
from resnet_viz.spec.enums import Norm
from resnet_viz.training.engine.images import ImageData, load_images
from tests.fakes.small_nets import first_batch, hold_update_ratios, recipe, run, small, steps_of
from tests.training.engine.test_gradients import num_hooks

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]


def test_norms_are_measured_on_probed_steps_and_the_test_images_looked_at_on_evaluated_ones(
    stripes: ImageData,
) -> None:
    what = recipe(small(), probe_every=5, eval_every=4)
    steps = steps_of(build(small()), stripes, what)
    assert [s.step for s in steps if s.grad_norm] == [0, 5, 10, 11]
    assert [s.step for s in steps if s.block_grad_norm and s.update_ratio] == [0, 5, 10, 11]
    assert [s.step for s in steps if s.test_loss is not None and s.test_accuracy is not None] == [3, 7, 11]


def test_probing_does_not_change_what_is_learnt(stripes: ImageData) -> None:
    curves = [
        [step.loss for step in steps_of(build(small()), stripes, recipe(small(), probe_every=every, eval_every=every))]
        for every in (1, 100)
    ]
    assert curves[0] == curves[1]


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
    fields = {"momentum": momentum, "weight_decay": weight_decay}
    hold_update_ratios(stripes, recipe(small(), probe_every=1, eval_every=100, **fields))


def test_plain_nets_explode_at_initialisation_and_residual_nets_do_not() -> None:
    data = load_images(DataName.FASHION_MNIST_SUBSET, image_size=14)

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
