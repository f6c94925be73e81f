"""The gradient bench measures what torch computes, within the bands of the theory, and its records can be trusted.

Bands: set on seeds 0 to 2 and tried on ten fresh ones without a miss; here a seed of the first and a later one.
"""

from dataclasses import replace
from math import isfinite, isnan, nan

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from resnet_viz.data.datasets import DataName
from resnet_viz.errors import BudgetError, Cancelled
from resnet_viz.nets.build import build
from resnet_viz.plan.lower import lower
from resnet_viz.spec.enums import Init, Norm
from resnet_viz.spec.net import NetSpec
from resnet_viz.theory.engine import gradients as engine
from resnet_viz.theory.engine.gradients import gradient_curves
from resnet_viz.theory.gradient_lines import PLAIN_NORM, PLAIN_TORCH, RESIDUAL_BARE, factor_per_step
from resnet_viz.theory.gradients import (
    ORDERS,
    GradientCurves,
    GradientQuestion,
    SinglePrecision,
    bench_net,
    first_to_last,
    lambda_fields,
)
from resnet_viz.training.engine.images import batches, load_images

pytestmark = pytest.mark.torch

SEEDS = (0, 11)


def curves_of(*nets: NetSpec, seeds: tuple[int, ...] = SEEDS, init: Init = Init.HE) -> list[GradientCurves]:
    return list(gradient_curves(GradientQuestion(nets=nets, seeds=seeds, init=init)))


def assert_within(values: list[float], low: float, high: float) -> None:
    assert all(low <= value <= high for value in values), values


@pytest.mark.parametrize(
    ("variant", "low", "high"),
    [
        ("plain", 1e3, 2e4),
        ("a_original", 6, 40),
        ("b_bn_after_add", 25, 300),
        ("c_relu_before_add", 3, 30),
        ("d_relu_only_preact", 6, 40),
        ("e_full_preact", 12, 90),
    ],
)
def test_the_block_gradient_grows_by_the_order(variant: str, low: float, high: float) -> None:
    found = curves_of(bench_net(variant, depth=56))
    assert_within([first_to_last(each.block_grad) for each in found], low, high)


def test_weight_gradients_of_plain_nets_explode_with_depth() -> None:
    shallow, deep = bench_net("plain", depth=56), bench_net("plain", depth=110)
    assert_within([first_to_last(each.grad) for each in curves_of(shallow)], 300, 1e4)
    assert_within([first_to_last(each.grad) for each in curves_of(deep, seeds=(5,))], 2e5, 1e9)


@pytest.mark.parametrize(("depth", "width"), [(56, 4), (56, 16), (110, 8)])
def test_batch_norm_and_relu_let_plain_nets_grow_by_the_law(depth: int, width: int) -> None:
    spec = bench_net("plain", depth=depth, width=width)
    factors = [factor_per_step(PLAIN_NORM, spec, first_to_last(one.block_grad)) for one in curves_of(spec, seeds=(4,))]
    assert_within(factors, 1.13, 1.21)  # 1.2112 as batch and width grow


def test_without_norm_torchs_init_shrinks_signal_and_gradient_alike() -> None:
    spec = bench_net("plain", depth=56, norm=Norm.NONE)
    found = curves_of(spec, init=Init.TORCH_DEFAULT)
    ratios = [first_to_last(each.block_grad) for each in found]
    assert_within(ratios, 1e-24, 1e-20)
    assert_within([factor_per_step(PLAIN_TORCH, spec, ratio) for ratio in ratios], 0.34, 0.41)
    assert_within([first_to_last(each.grad) for each in found], 0.5, 50)  # flat; on 0 to 2: 7.4, 3.8, 7.4


def test_without_norm_each_residual_block_doubles_the_variance() -> None:
    spec = bench_net("a_original", depth=56, norm=Norm.NONE)
    stage = spec.replace(blocks=(9,), widths=(4,))
    ratios = [each.block_grad[0] / each.block_grad[8] for each in curves_of(spec)]
    assert_within([factor_per_step(RESIDUAL_BARE, stage, ratio) for ratio in ratios], 1.26, 1.50)


def test_the_signal_of_full_preactivation_grows_by_one_variance_a_block() -> None:
    found = curves_of(bench_net("e_full_preact", depth=110), seeds=(3, 4, 5, 6, 7))
    found += curves_of(bench_net("e_full_preact", depth=110), seeds=(8, 9, 10, 11, 12))
    for number in (1, 2, 4, 8, 16, 18):
        mean = np.mean([each.activation_std[number - 1] ** 2 / number for each in found])
        assert 0.75 <= mean <= 1.45, number


@pytest.mark.parametrize(("one", "other"), [("a_original", "b_bn_after_add"), ("d_relu_only_preact", "e_full_preact")])
def test_without_norm_two_orders_are_the_same_net_to_the_last_bit(one: str, other: str) -> None:
    first, second = curves_of(*(bench_net(each, depth=26, norm=Norm.NONE) for each in (one, other)), seeds=(5,))
    same = replace(second, place=0)
    for name in ("loss", "grad", "block_grad", "activation_std", "branch_share"):
        assert getattr(first, name) == getattr(same, name), name


@pytest.mark.parametrize("variant", ["plain", "e_full_preact", "exclusive_gating", "dropout"])
@pytest.mark.parametrize("norm", Norm)
def test_norms_are_those_of_an_ordinary_backward_pass(variant: str, norm: Norm) -> None:
    spec = bench_net(variant, depth=14, norm=norm)
    (found,) = curves_of(spec, seeds=(2,))
    net = build(spec, seed=2).double().train()
    net.draw_dropout_from(torch.Generator().manual_seed(2))
    outputs: dict[str, torch.Tensor] = {}
    for name, block in net.blocks.items():
        block.register_forward_hook(lambda _m, _i, output, name=name: outputs.__setitem__(name, output))
    data = load_images(DataName.FASHION_MNIST_SUBSET, image_size=14)
    images_N = next(batches(len(data.train_y_N), batch_size=64, seed=2))
    loss = F.cross_entropy(net(data.train_x_NCHW[images_N].double()), data.train_y_N[images_N])
    for output in outputs.values():
        output.retain_grad()
    loss.backward()
    layers = dict(net.named_modules())
    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    assert found.blocks == tuple(outputs)
    for name, norm_ in zip(found.convs, found.grad, strict=True):
        layer = layers[name]
        assert isinstance(layer, nn.Conv2d)
        assert norm_ == pytest.approx(float(layer.weight.grad.norm()), rel=1e-9)  # type: ignore[union-attr]
    for name, norm_, std in zip(found.blocks, found.block_grad, found.activation_std, strict=True):
        assert norm_ == pytest.approx(float(outputs[name].grad.norm()), rel=1e-9)  # type: ignore[union-attr]
        assert std == pytest.approx(float(outputs[name].detach().std(correction=0)), rel=1e-9)


def test_measured_are_the_convolutions_of_the_branches_in_running_order() -> None:
    spec = bench_net({"shortcut": "conv1x1"}, depth=14)
    (found,) = curves_of(spec, seeds=(0,))
    convs = [f"{block.name}.branch.conv{number}" for block in lower(spec).blocks for number in (1, 2)]
    assert list(found.convs) == convs


def test_a_plain_net_has_no_branch_share_and_a_residual_one_has() -> None:
    plain, residual = curves_of(bench_net("plain", depth=8), bench_net("a_original", depth=8), seeds=(0,))
    assert all(map(isnan, plain.branch_share))
    assert all(0 < share < 1 for share in residual.branch_share)


def test_single_precision_is_noise_in_deep_plain_nets_only() -> None:
    plain, deep, residual = curves_of(
        bench_net("plain", depth=56),
        bench_net("plain", depth=110),
        bench_net("a_original", depth=110),
        seeds=(0,),
    )
    assert (plain.single, deep.single, residual.single) == (
        SinglePrecision.NOISE,  # norms 3 to 5 % off, cosine 0.998
        SinglePrecision.NOISE,  # cosine -0.31: the direction is none
        SinglePrecision.SAME,
    )
    assert plain.single_cosine > 0.9
    assert deep.single_cosine < 0.7
    assert deep.single_error > 0.01 > residual.single_error


def test_shallow_plain_nets_are_the_same_in_single_precision() -> None:
    (found,) = curves_of(bench_net("plain", depth=20), seeds=(0,))
    assert found.single is SinglePrecision.SAME
    assert found.single_cosine == pytest.approx(1, abs=1e-4)


def test_dropout_leaves_out_the_same_values_in_both_precisions() -> None:
    (found,) = curves_of(bench_net("dropout", depth=20), seeds=(0,))
    assert found.single is SinglePrecision.SAME


def test_what_overflows_in_single_precision_is_not_finite_there() -> None:
    compared, deep = curves_of(*(bench_net(lambda_fields(10.0), depth=depth) for depth in (110, 158)), seeds=(0,))
    assert compared.single is SinglePrecision.NOT_FINITE
    assert isfinite(compared.block_grad[0])
    assert deep.single is SinglePrecision.NOT_FINITE  # by its size alone


@pytest.mark.parametrize("fields", [lambda_fields(0.0), {"zero_init_residual": True}], ids=["lambda 0", "zero"])
def test_nets_with_gradients_of_zero_have_curves(fields: dict[str, object]) -> None:
    (found,) = curves_of(bench_net(fields, depth=14), seeds=(0,))
    assert all(map(isfinite, (*found.grad, *found.block_grad)))
    assert (min(found.grad) == 0) is ("zero_init_residual" in fields)


def test_gradients_of_zero_are_the_same_in_both_precisions() -> None:
    """Of a net whose units are all dead."""
    kind, error, cosine = engine._compare([torch.zeros(3)], [torch.zeros(3, dtype=torch.float64)], [0.0])
    assert (kind, error) == (SinglePrecision.SAME, 0.0)
    assert isnan(cosine)


def test_deeper_nets_are_not_compared() -> None:
    (found,) = curves_of(bench_net("a_original", depth=116), seeds=(0,))
    assert found.single is SinglePrecision.NOT_MEASURED
    assert isnan(found.single_error)


def test_curves_are_measured_once_wherever_their_net_is(monkeypatch: pytest.MonkeyPatch) -> None:
    nets = [bench_net(variant, depth=8, width=5) for variant in ORDERS[:3]]
    before = curves_of(*nets, seeds=(1,))
    monkeypatch.setattr(engine, "_measure", None)
    after = curves_of(nets[2], nets[0], seeds=(1,))
    assert [each.place for each in after] == [0, 1]
    assert repr(after) == repr([replace(before[2], place=0), replace(before[0], place=1)])


def test_curves_come_one_after_the_other_nets_first() -> None:
    nets = (bench_net("plain", depth=8), bench_net("a_original", depth=8))
    shares: list[float] = []
    found = gradient_curves(GradientQuestion(nets=nets, seeds=(21, 22)), shares.append)
    assert (next(found).seed, shares[-1] <= 0.25) == (21, True)
    assert [(each.place, each.seed) for each in found] == [(0, 22), (1, 21), (1, 22)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 4 * 3  # within a net, too: deep ones take seconds


@pytest.mark.parametrize("after", [1, 4])
def test_it_can_be_cancelled_within_a_net_in_both_directions(after: int) -> None:
    left = after

    def tick(_share: float) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Cancelled

    question = GradientQuestion(nets=(bench_net("plain", depth=8, width=3),), seeds=(30 + after,))
    with pytest.raises(Cancelled):
        next(gradient_curves(question, tick))
    assert len(list(gradient_curves(question))) == 1


def test_colour_nets_get_the_grey_image_in_each_channel() -> None:
    (found,) = curves_of(bench_net("a_original", depth=8).replace(in_channels=3), seeds=(0,))
    assert isfinite(found.loss)


def test_other_sizes_of_images_are_taken() -> None:
    small, large = curves_of(*(bench_net("plain", depth=8, image_size=side) for side in (7, 28)), seeds=(0,))
    assert small.loss != large.loss


def test_too_much_memory_is_refused_before_anything_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_measure", None)
    nets = (bench_net("plain", depth=8), bench_net("a_original", depth=998, width=64))
    with pytest.raises(BudgetError, match=r"ResNet-998.* need 7\.3 GiB .* at most 1\.8 GiB"):
        next(gradient_curves(GradientQuestion(nets=nets)))


def test_a_ratio_without_a_last_value_is_none() -> None:
    assert first_to_last((4.0, 2.0)) == 2.0
    assert isnan(first_to_last((4.0, 0.0)))
    assert isnan(first_to_last((nan, 1.0)))
