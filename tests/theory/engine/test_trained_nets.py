"""Instruments on trained nets: exact against the naive way, bands of the shipped nets, refusals."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional as F

from resnet_viz.attribution.engine.lesion import accuracy_per_lesion, probabilities, run
from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.errors import Refusal, SpecError
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.enums import DimMatch, Order, Shortcut
from resnet_viz.spec.vgg import VggSpec
from resnet_viz.theory.engine import paths, trained_nets
from resnet_viz.theory.engine.early_exits import exit_accuracies
from resnet_viz.theory.engine.lesions import accuracy_of, block_lesions, random_damage, rewired_accuracy
from resnet_viz.theory.engine.loss_surface import Slice, filter_normalised, loss_surface, moving_weights
from resnet_viz.theory.engine.trained_nets import net_with_images, training_images
from resnet_viz.theory.trained.early_exits import Exit, ExitQuestion, head_refusal
from resnet_viz.theory.trained.lesions import LesionQuestion, RandomDamageQuestion, RewiringQuestion
from resnet_viz.theory.trained.loss_surface import SurfaceQuestion, grid_of
from resnet_viz.theory.trained.paths import PathQuestion, mode_of, untrained_net
from tests.fakes.perturbed import corner_images, corner_net, image, perturbed, small

pytestmark = pytest.mark.torch

PLAIN, RESIDUAL = (NetRef.parse(f"shipped:{name}") for name in ("plain20", "resnet20"))
VGG = VggSpec(blocks=(1, 2, 1), widths=(4, 8, 8), hidden_features=16, in_channels=1, image_size=32, num_classes=5)


@pytest.mark.parametrize("spec", [small(), small(Order.FULL_PREACT), small(shortcut=Shortcut.NONE), VGG])
def test_the_pieces_of_a_net_one_after_the_other_are_the_net(spec: object) -> None:
    net, x_1CHW = perturbed(spec), image(spec)  # type: ignore[arg-type]
    with torch.no_grad():
        assert torch.equal(run(net.pieces.values(), x_1CHW), net(x_1CHW))
    assert [name for name in net.pieces if name in net.blocks] == list(net.blocks)


def test_lesions_that_keep_what_goes_before_equal_whole_passes() -> None:
    net = corner_net()
    x_NCHW, y_N = corner_images(150, seed=900)
    for found in accuracy_per_lesion(net, x_NCHW, y_N):
        parts = [probabilities(net, part, removed=found.block) for part in x_NCHW.split(64)]
        assert found.accuracy == float((torch.cat(parts).argmax(1) == y_N).double().mean()), found.block


def test_lesions_that_do_not_fit_the_memory_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    net = corner_net()
    x_NCHW, y_N = corner_images(100, seed=901)
    whole = list(accuracy_per_lesion(net, x_NCHW, y_N))
    monkeypatch.setattr("resnet_viz.attribution.engine.lesion.KEPT_BYTES", 0)
    assert list(accuracy_per_lesion(net, x_NCHW, y_N)) == whole


def test_a_plain_net_guesses_without_any_block_and_a_residual_one_does_not() -> None:
    # THEORY section 4, I9 (2,000 images): plain-20 at most 0.205, ResNet-20 at least 0.72 but for its first block
    plain, residual = (
        {one.block: one for one in block_lesions(LesionQuestion(nets=(ref,), images=250))} for ref in (PLAIN, RESIDUAL)
    )
    known = [one.accuracy for name, one in plain.items() if name and not one.refusal]
    assert max(known) < 0.35
    assert {name for name, one in plain.items() if one.refusal} == {"stage2.block1", "stage3.block1"}
    assert sum(one.accuracy > 0.7 for name, one in residual.items() if name) == 8
    tested = net_with_images(RESIDUAL, 250)
    for name in ("stage1.block2", "stage3.block3"):
        assert accuracy_of(tested, deleted=[name]) == residual[name].accuracy


def test_a_net_whose_weights_have_changed_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    before = net_with_images(RESIDUAL, 20)
    assert net_with_images(RESIDUAL, 20) is before
    monkeypatch.setattr(trained_nets, "net_source", lambda _ref: SimpleNamespace(checksum=lambda: "of other weights"))
    assert net_with_images(RESIDUAL, 20).loaded is not before.loaded


def test_deletions_and_exchanges_come_together_and_leave_the_net_whole() -> None:
    names = tuple(net_with_images(RESIDUAL, 100).loaded.net.blocks)
    order = tuple({"stage1.block2": "stage1.block3", "stage1.block3": "stage1.block2"}.get(n, n) for n in names)
    question = RewiringQuestion(nets=(RESIDUAL,), deleted=("stage2.block2",), order=order, images=100)
    (found,) = rewired_accuracy(question)
    assert found.tau == pytest.approx(1 - 2 / 5)  # one of 3 + 1 + 1 pairs
    assert found.accuracy < found.whole
    (whole,) = rewired_accuracy(replace(question, deleted=(), order=()))
    assert whole.accuracy == whole.whole == found.whole


@pytest.mark.parametrize(
    ("ref", "fields", "message"),
    [
        (PLAIN, {"deleted": ("stage2.block1",)}, "has no shortcut and changes the shape"),
        (PLAIN, {"deleted": ("stage7.block1",)}, "no block 'stage7.block1'"),
        (NetRef.parse("torchvision:resnet50"), {}, "ImageNet"),
        (NetRef.parse("run:0123456789ab/0/last"), {}, "no run 0123456789ab"),
    ],
    ids=["no path is left", "no such block", "other images", "no such run"],
)
def test_what_cannot_be_measured_is_refused(ref: NetRef, fields: dict[str, tuple[str, ...]], message: str,
                                            tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    with pytest.raises(Refusal, match=message):
        list(rewired_accuracy(RewiringQuestion(nets=(ref,), images=20, **fields)))


def test_random_damage_of_one_seed_is_the_same_twice() -> None:
    question = RandomDamageQuestion(nets=(RESIDUAL,), images=20, draws=1, seed=3)
    found = list(random_damage(question))
    assert found == list(random_damage(question))
    assert {record.number for record in found} == {1, 2, 4, 8, 12, 16}
    assert all(0 <= share <= 1 for record in found for share in record.accuracies)


def test_the_last_exit_is_the_net_and_the_first_guesses() -> None:
    found = list(exit_accuracies(ExitQuestion(nets=(RESIDUAL,), images=250)))
    head = [one.accuracy for one in found if one.kind is Exit.HEAD]
    ridge = [one.accuracy for one in found if one.kind is Exit.RIDGE]
    assert len(head) == len(ridge) == 10
    assert head[-1] == accuracy_of(net_with_images(RESIDUAL, 250))
    assert max(head[:7]) < 0.25  # THEORY I11: only the last stage refines
    assert head[8] > 0.8
    assert ridge[-1] > 0.88
    assert ridge[1] < 0.8 < ridge[7]


def test_a_plain_net_has_no_early_head_but_linear_classifiers() -> None:
    found = list(exit_accuracies(ExitQuestion(nets=(PLAIN,), images=200)))
    assert [one.refusal for one in found if one.kind is Exit.HEAD] == [
        head_refusal(net_with_images(PLAIN, 200).loaded.spec)
    ]
    assert "no early exit" in found[0].refusal
    assert len([one for one in found if one.kind is Exit.RIDGE]) == 10
    assert "option A" in head_refusal(small(dim_match=DimMatch.PROJECTION))
    assert head_refusal(small(dim_match=DimMatch.ZERO_PAD)) == ""


@pytest.mark.parametrize("order", list(Order))
def test_the_gradient_is_the_sum_over_all_paths(order: Order) -> None:
    spec = small(order, dim_match=DimMatch.PROJECTION, in_channels=1)
    net = perturbed(spec).double()
    x_NCHW = torch.randn(3, 1, *spec.image_sides, generator=torch.Generator().manual_seed(1)).double()
    y_N = torch.tensor([0, 1, 2])
    steps, last_NCHW = paths._forward(net, x_NCHW, y_N)
    numbers = range(len(steps))
    total = sum(
        paths.gradient_through(steps, last_NCHW, set(through))
        for length in (*numbers, len(steps))
        for through in combinations(numbers, length)
    )
    torch.testing.assert_close(total, _whole_gradient(net, x_NCHW, y_N), rtol=1e-9, atol=1e-14)


def _whole_gradient(net: Net, x_NCHW: torch.Tensor, y_N: torch.Tensor) -> torch.Tensor:
    modules = list(net.pieces.items())
    first = next(at for at, (name, _module) in enumerate(modules) if name in net.blocks)
    with torch.no_grad():
        into_NCHW = run((module for _name, module in modules[:first]), x_NCHW)
    into_NCHW.requires_grad_()
    loss = F.cross_entropy(run((module for _name, module in modules[first:]), into_NCHW), y_N)
    return torch.autograd.grad(loss, into_NCHW)[0]


def test_the_gradient_of_untrained_nets_takes_paths_of_middle_length() -> None:
    # THEORY I8: ResNet-110 at initialisation, mode of the total at k = 16 of 54; seeds scatter by a few
    question = PathQuestion(nets=(), untrained=(untrained_net(Order.ORIGINAL),), samples=6)
    assert 10 <= mode_of(list(paths.path_gradients(question))) <= 22


def test_the_slice_does_not_depend_on_the_scale_of_a_filter_before_batch_norm() -> None:
    spec = small(in_channels=1)
    net = perturbed(spec).double()
    x_NCHW = torch.randn(32, 1, *spec.image_sides, generator=torch.Generator().manual_seed(2)).double()
    y_N = torch.arange(32) % 5
    scaled = perturbed(spec).double()
    with torch.no_grad():
        scaled.get_submodule("stage1.block1.branch.conv1").weight.mul_(10)  # type: ignore[operator]
    for module in (*net.modules(), *scaled.modules()):
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eps = 1e-12  # the scale is compared with it, too
    one, other = (Slice(each, x_NCHW, y_N, seed=4, points=5) for each in (net, scaled))
    for place in ((0, 0), (1, 3), (2, 2), (4, 4)):
        assert one.loss(*place) == pytest.approx(other.loss(*place), rel=1e-6)
    assert one.loss(0, 0) != pytest.approx(one.loss(2, 2), rel=1e-3)


def test_directions_have_the_norm_of_each_filter_and_leave_batch_norm_and_biases() -> None:
    net = perturbed(small())
    weights = moving_weights(net)
    assert all(tensor.dim() > 1 for tensor in weights.values())
    direction = filter_normalised(weights, torch.Generator().manual_seed(0))
    for name, weight in weights.items():
        torch.testing.assert_close(direction[name].flatten(1).norm(dim=1), weight.flatten(1).norm(dim=1))


def test_a_surface_comes_coarse_first_and_leaves_the_net_as_it_was() -> None:
    before = {name: tensor.clone() for name, tensor in net_with_images(PLAIN, 16).loaded.net.state_dict().items()}
    question = SurfaceQuestion(nets=(PLAIN,), images=16, points=7)
    first, *rest = loss_surface(question)
    assert len(first.losses) == 25
    grid = grid_of([first, *rest], 0, 7)
    assert (grid > 0).all()
    assert grid[3, 3] < 0.2 * min(grid[0, 0], grid[0, -1], grid[-1, 0], grid[-1, -1])
    after = net_with_images(PLAIN, 16).loaded.net.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_training_images_are_normalised_as_the_net_sees_them() -> None:
    tested = net_with_images(PLAIN, 10)
    x_NCHW, y_N = training_images(tested, 50)
    assert x_NCHW.shape == (50, 1, 28, 28)
    assert abs(float(x_NCHW.mean())) < 0.2
    with torch.no_grad():
        assert float((tested.loaded.net(x_NCHW).argmax(1) == y_N).float().mean()) > 0.85


def test_a_net_that_has_diverged_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    tested = net_with_images(RESIDUAL, 11)
    broken = build(tested.loaded.spec).eval()
    with torch.no_grad():
        broken.get_submodule("stem.conv").weight.fill_(float("nan"))  # type: ignore[operator]
    monkeypatch.setattr(
        "resnet_viz.theory.engine.trained_nets.open_net", lambda _ref: replace(tested.loaded, net=broken)
    )
    with pytest.raises(Refusal, match="not finite"):
        net_with_images(RESIDUAL, 12)
    monkeypatch.setattr(
        "resnet_viz.theory.engine.trained_nets.open_net", lambda _ref: replace(tested.loaded, class_names=())
    )
    with pytest.raises(SpecError, match="classes of ResNet-20 are not known"):
        net_with_images(RESIDUAL, 13)
