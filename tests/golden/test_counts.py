"""Parameters and MACs of nets that others wrote out: counts.json names the source of each row."""

import json
from pathlib import Path
from typing import Any

import pytest

from resnet_viz.analysis.report import totals
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import BatchNorm, Conv
from resnet_viz.plan.plan import Plan
from resnet_viz.present.formulas import block_count
from resnet_viz.present.theme import Mode
from resnet_viz.spec.codec import format_field, from_query
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.terms import BlockKind, Norm, Stem

ROWS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("counts.json").read_text("utf-8"))


def row_id(row: dict[str, Any]) -> str:
    return "-".join([row["net"], *map(str, row["changes"].values())])


def plan_of(row: dict[str, Any]) -> Plan:
    changes = {name: format_field(value) for name, value in row["changes"].items()}
    return lower(from_query({"net": row["net"], **changes}, default="resnet18"))


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_parameters_and_macs_are_as_counted_elsewhere(row: dict[str, Any]) -> None:
    cost = totals(plan_of(row))
    assert (cost.params, cost.macs) == (row["params"], row["macs"]), row["source"]


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_convolutions_and_norms_are_as_many_as_counted_elsewhere(row: dict[str, Any]) -> None:
    ops = [node.op for node in plan_of(row).nodes]
    counted = (sum(isinstance(op, Conv) for op in ops), sum(isinstance(op, BatchNorm) for op in ops))
    assert counted == (row["convs"], row["norms"]), row["source"]


@pytest.mark.parametrize(
    ("depth", "params"),
    [
        (20, 269_722),  # akamaster/pytorch_resnet_cifar10
        (32, 464_154),  # akamaster/pytorch_resnet_cifar10
        (44, 658_586),  # akamaster/pytorch_resnet_cifar10
        (56, 853_018),  # akamaster/pytorch_resnet_cifar10
        (110, 1_727_962),  # akamaster/pytorch_resnet_cifar10
        (1202, 19_421_274),  # akamaster/pytorch_resnet_cifar10
    ],
)
def test_the_cifar_family_counts_as_its_best_known_reimplementation(depth: int, params: int) -> None:
    n = (depth - 2) // 6
    assert totals(lower(preset(f"cifar_resnet{depth}"))).params == params
    assert totals(lower(preset(f"cifar_plain{depth}"))).params == params  # option A has no parameters
    assert params == 97_216 * n - 21_926  # closed form, by hand from He et al. 2015, section 4.2


@pytest.mark.parametrize("depth", [8, 14, 20, 110, 1202])
def test_a_cifar_block_costs_the_same_macs_in_every_stage(depth: int) -> None:
    n = (depth - 2) // 6
    block = 2 * 9 * 16 * 16 * 32 * 32  # twice the channels, half the side: He et al. 2015, section 3.3
    stem, fc = 27 * 16 * 32 * 32, 64 * 10
    narrow_entries = 2 * block // 4  # the first convolution of stages 2 and 3 reads half the channels
    assert totals(lower(preset(f"cifar_resnet{depth}"))).macs == stem + 3 * n * block - narrow_entries + fc


@pytest.mark.parametrize(
    ("block", "width", "has_norm", "has_projection", "params"),
    [
        (BlockKind.BASIC, 64, False, False, 73_728),  # 2 (3*3*64*64): He et al. 2015, fig. 5 left
        (BlockKind.BOTTLENECK, 64, False, False, 69_632),  # 16,384 + 36,864 + 16,384: He et al. 2015, fig. 5 right
        (BlockKind.BASIC, 64, True, False, 73_984),  # torchvision 0.29.2, resnet18 layer1.0
        (BlockKind.BOTTLENECK, 64, True, False, 70_400),  # torchvision 0.29.2, resnet50 layer1.1
        (BlockKind.BOTTLENECK, 64, False, True, 135_168),  # "doubled" by a projection: He et al. 2015, section 4.1
        (BlockKind.BASIC, 256, False, False, 1_179_648),  # 2 (3*3*256*256), a basic block at 256 channels
    ],
)
def test_one_block_counts_as_in_the_paper(
    block: BlockKind, width: int, has_norm: bool, has_projection: bool, params: int
) -> None:
    count = block_count(block, width, has_norm=has_norm, has_bias=False, has_projection=has_projection, mode=Mode.LIGHT)
    assert count.params == params


def test_both_blocks_of_figure_5_stand_in_one_net_each() -> None:
    for block, params in ((BlockKind.BASIC, 73_728), (BlockKind.BOTTLENECK, 69_632)):  # He et al. 2015, fig. 5
        spec = NetSpec(blocks=(2,), widths=(64,), stem=Stem.CIFAR, block=block, norm=Norm.NONE, image_size=8)
        plan = lower(spec)
        second = plan.nodes_of(plan.blocks[1])
        kernels = [node.op for node in second if isinstance(node.op, Conv)]
        assert sum(op.kernel**2 * op.in_channels * op.out_channels for op in kernels) == params


def test_biases_of_resnet18s_convolutions_are_4_800_scalars() -> None:
    bare = totals(lower(preset("resnet18")))
    biased = totals(lower(preset("resnet18", conv_bias=True)))
    assert biased.params - bare.params == 4_800  # d2l.ai, ResNet-18: 3 of its 20 biases are on 1x1 convolutions
    assert biased.macs == bare.macs  # additions of biases are no MACs


def test_the_d2l_net_at_96_pixels_has_its_macs() -> None:
    spec = preset("resnet18", conv_bias=True, in_channels=1, num_classes=10, image_size=96)
    assert totals(lower(spec)).macs == 318_657_536  # d2l.ai, ResNet-18 on 1x96x96
    assert totals(lower(spec)).params == 11_178_378 + 2 * (128 + 256 + 512)  # d2l.ai; its 1x1 have no norm
