"""At every addition the attribution is that of the branch plus that of the shortcut, whatever the shortcut does."""

import itertools
from math import isnan
from typing import Any

import pytest
import torch
from captum.attr import LayerConductance

from resnet_viz.attribution.engine.branch_split import AdditionShare, DepthProfile, along_path
from resnet_viz.attribution.methods import Cancelled
from resnet_viz.errors import SpecError
from resnet_viz.nets.modules import Net
from resnet_viz.spec.enums import BlockKind, DimMatch, Order, Shortcut
from resnet_viz.spec.vgg import VggSpec
from tests.fakes.perturbed import TARGET, image, perturbed, small

pytestmark = pytest.mark.torch

VGG = VggSpec(blocks=(1, 2, 1), widths=(4, 8, 8), hidden_features=16, in_channels=1, image_size=32, num_classes=5)

KINDS = [kind for kind in Shortcut if kind is not Shortcut.NONE]


def num_hooks(net: Net) -> int:
    return sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in net.modules())


def parts(profile: DepthProfile) -> list[tuple[float, float]]:
    return [(share.branch + share.shortcut, share.whole) for share in profile.shares]


@pytest.mark.parametrize(
    ("order", "kind", "option"),
    list(itertools.product(Order, KINDS, (DimMatch.ZERO_PAD, DimMatch.PROJECTION))),
)
def test_branch_and_shortcut_add_up_to_the_whole(order: Order, kind: Shortcut, option: DimMatch) -> None:
    spec = small(order, kind, dim_match=option)
    net, x_1CHW = perturbed(spec).double(), image(spec).double()
    baseline_1CHW = torch.zeros_like(x_1CHW)
    profile = along_path(net, x_1CHW, target=TARGET, baseline_1CHW=baseline_1CHW, steps=5)
    assert [share.block for share in profile.shares] == list(net.blocks)
    for summed, whole in parts(profile):
        assert summed == pytest.approx(whole, rel=1e-9, abs=1e-12)
    for share in profile.shares:
        assert float(share.branch_HW.sum()) == pytest.approx(share.branch, rel=1e-4, abs=1e-5)
        assert float(share.shortcut_HW.sum()) == pytest.approx(share.shortcut, rel=1e-4, abs=1e-5)


def test_a_branch_of_zeros_brings_nothing_and_is_the_idle_one() -> None:
    spec = small()
    net, x_1CHW = perturbed(spec), image(spec)
    norm = net.get_submodule("stage2.block2.branch.norm2")
    torch.nn.init.zeros_(norm.get_parameter("weight"))
    torch.nn.init.zeros_(norm.get_parameter("bias"))
    profile = along_path(net, x_1CHW, target=TARGET, baseline_1CHW=torch.zeros_like(x_1CHW), steps=5)
    last = profile.shares[-1]
    weakest = min(profile.shares, key=lambda share: abs(share.branch))
    assert weakest.block == last.block == "stage2.block2"
    assert (last.branch, last.branch_share) == (0, 0)
    assert last.shortcut == pytest.approx(last.whole)


@pytest.mark.parametrize(
    "fields", [{"block": BlockKind.BOTTLENECK}, {"dim_match": DimMatch.PROJECTION_EVERYWHERE}], ids=["bottleneck", "C"]
)
def test_they_do_in_other_blocks_too(fields: dict[str, Any]) -> None:
    spec = small(**fields)
    net, x_1CHW = perturbed(spec).double(), image(spec).double()
    profile = along_path(net, x_1CHW, target=TARGET, baseline_1CHW=torch.zeros_like(x_1CHW), steps=5)
    for summed, whole in parts(profile):
        assert summed == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("spec", [small(shortcut=Shortcut.NONE), VGG], ids=["plain", "vgg"])
def test_a_plain_net_has_no_additions_and_no_shares(spec: object) -> None:
    net = perturbed(spec)  # type: ignore[arg-type]
    x_1CHW = image(spec)  # type: ignore[arg-type]
    profile = along_path(net, x_1CHW, target=TARGET, baseline_1CHW=torch.zeros_like(x_1CHW), steps=3)
    assert profile.shares == ()
    assert profile.change == pytest.approx(
        float((net(x_1CHW) - net(torch.zeros_like(x_1CHW)))[0, TARGET].detach()), abs=1e-4
    )


def test_along_the_way_the_whole_goes_where_captums_conductance_goes() -> None:
    spec = small()
    net, x_1CHW = perturbed(spec).double(), image(spec).double()
    zero_1CHW = torch.zeros_like(x_1CHW)
    for share in along_path(net, x_1CHW, target=TARGET, baseline_1CHW=zero_1CHW, steps=200).shares:
        add = net.get_submodule(f"{share.block}.add")
        theirs = LayerConductance(net, add).attribute(x_1CHW, zero_1CHW, target=TARGET, n_steps=200)
        assert share.whole == pytest.approx(float(theirs.sum().detach()), abs=0.05)


def test_every_addition_carries_the_whole_change_of_the_logit_and_better_with_more_steps() -> None:
    spec = small()
    net, x_1CHW = perturbed(spec).double(), image(spec).double()
    zero_1CHW = torch.zeros_like(x_1CHW)
    coarse, fine = (along_path(net, x_1CHW, target=TARGET, baseline_1CHW=zero_1CHW, steps=steps) for steps in (4, 200))
    assert coarse.change == fine.change == pytest.approx(float((net(x_1CHW) - net(zero_1CHW))[0, TARGET].detach()))
    assert fine.delta < 0.05 * abs(fine.change)
    assert fine.delta < 0.3 * coarse.delta


def test_the_way_back_takes_away_what_the_way_there_brought() -> None:
    """Which the trapezoid rule keeps at any number of steps; a rule that looks at one end of a step does not."""
    spec = small()
    net, x_1CHW = perturbed(spec).double(), image(spec).double()
    other_1CHW = image(spec, seed=9).double()
    there = along_path(net, x_1CHW, target=TARGET, baseline_1CHW=other_1CHW, steps=4)
    back = along_path(net, other_1CHW, target=TARGET, baseline_1CHW=x_1CHW, steps=4)
    for one, two in zip(there.shares, back.shares, strict=True):
        assert (one.branch, one.shortcut) == pytest.approx((-two.branch, -two.shortcut))


def test_how_many_points_go_together_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = small()
    net, x_1CHW = perturbed(spec).double(), image(spec).double()
    found = []
    for size in (1, 3, 64):
        monkeypatch.setattr("resnet_viz.attribution.engine.branch_split.batch_size", lambda _net, _x, size=size: size)
        profile = along_path(net, x_1CHW, target=TARGET, baseline_1CHW=torch.zeros_like(x_1CHW), steps=10)
        found.append([(share.branch, share.shortcut, share.whole) for share in profile.shares])
    for other in found[1:]:
        torch.testing.assert_close(torch.tensor(found[0]), torch.tensor(other))


def test_the_branch_share_is_defined_as_in_training() -> None:
    def share(block: str, branch: float) -> AdditionShare:
        nothing = torch.zeros(1, 1)
        return AdditionShare(
            block=block, branch=branch, shortcut=1.0, whole=0.0, branch_HW=nothing, shortcut_HW=nothing
        )

    profile = DepthProfile(shares=(share("a", 1.0), share("b", -3.0), share("c", 0.0)), change=1.0)
    assert [one.branch_share for one in profile.shares] == [0.5, 0.75, 0.0]
    assert isnan(
        AdditionShare(block="d", branch=0.0, shortcut=0.0, whole=0.0, branch_HW=None, shortcut_HW=None).branch_share  # type: ignore[arg-type]
    )


def test_no_hook_is_left_after_success_failure_or_cancel() -> None:
    spec = small()
    net, x_1CHW = perturbed(spec), image(spec)

    def cancel(share: float) -> None:
        if share > 0.3:
            raise Cancelled

    along_path(net, x_1CHW, target=TARGET, baseline_1CHW=x_1CHW * 0, steps=4)
    with pytest.raises(Cancelled):
        along_path(net, x_1CHW, target=TARGET, baseline_1CHW=x_1CHW * 0, steps=4, tick=cancel)
    with pytest.raises(SpecError):
        along_path(net, x_1CHW, target=99, baseline_1CHW=x_1CHW * 0, steps=4)
    with pytest.raises(RuntimeError):
        along_path(net, x_1CHW[:, :1], target=TARGET, baseline_1CHW=x_1CHW[:, :1] * 0, steps=4)
    assert num_hooks(net) == 0
    assert all(parameter.grad is None for parameter in net.parameters())
