"""Parameters and MACs of nets that others wrote out: counts.json names the source of each row."""

import json
from pathlib import Path
from typing import Any

import pytest

from resnet_viz.analysis.report import analyse, totals
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import BatchNorm, Conv
from resnet_viz.plan.plan import Plan
from resnet_viz.present.architecture.formulas import block_count
from resnet_viz.present.theme import Mode
from resnet_viz.spec.codec import format_field, from_query
from resnet_viz.spec.enums import BlockKind, Norm, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset

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


# Side behind each part at 224 and 96 px, and parameters part by part and block by block: d2l-ai/d2l-zh, ResNet-18.
@pytest.mark.parametrize(("size_px", "sides"), [(224, (56, 56, 28, 14, 7)), (96, (24, 24, 12, 6, 3))])
def test_the_d2l_net_counts_part_by_part_and_block_by_block(size_px: int, sides: tuple[int, ...]) -> None:
    analysis = analyse(lower(preset("d2l_resnet18", image_size=size_px)))
    assert [row.shape for row in analysis.parts[:-1]] == [
        (width, side, side) for width, side in zip((64, 64, 128, 256, 512), sides, strict=True)
    ]
    assert [row.params for row in analysis.parts] == [3_328, 148_224, 525_952, 2_100_480, 8_395_264, 5_130]
    assert [row.params for row in analysis.blocks] == [
        74_112, 74_112, 230_272, 295_680, 919_296, 1_181_184, 3_673_600, 4_721_664,
    ]  # fmt: skip


def test_the_d2l_net_has_4_800_biases_of_convolutions_and_17_norms() -> None:
    ops = [node.op for node in lower(preset("d2l_resnet18")).nodes]
    convs = [op for op in ops if isinstance(op, Conv)]
    assert sum(op.out_channels for op in convs if op.has_bias) == 4_800  # d2l-ai/d2l-zh, ResNet-18
    assert len(convs) == 20  # three of them bare 1x1, without a norm behind
    assert sum(isinstance(op, BatchNorm) for op in ops) == 17
    without = totals(lower(preset("d2l_resnet18", conv_bias=False)))
    assert without.params == 11_173_578  # d2l-ai/d2l-zh, MindSpore tab, where has_bias is False


def test_norms_on_the_projections_of_the_d2l_net_would_have_1_792_parameters() -> None:
    normed = totals(lower(preset("d2l_resnet18", projection_norm=True)))
    assert normed.params == 11_178_378 + 2 * (128 + 256 + 512)  # d2l-ai/d2l-zh and two for each new channel
    assert normed.macs == totals(lower(preset("d2l_resnet18"))).macs  # norms are no MACs


@pytest.mark.parametrize(
    ("channels_in", "width", "stride", "params"),
    [
        (3, 3, 1, 180),  # d2l-ai/d2l-zh: Residual(3, 3)
        (3, 6, 2, 546),  # d2l-ai/d2l-zh: Residual(3, 6, use_1x1conv=True, strides=2)
    ],
)
def test_the_d2l_examples_of_one_block(channels_in: int, width: int, stride: int, params: int) -> None:
    net = preset("d2l_resnet18", blocks=(1, 1), widths=(channels_in, width), image_size=24)
    assert analyse(lower(net)).blocks[stride - 1].params == params


@pytest.mark.parametrize(
    ("net", "printed"),
    [
        ("wrn_40_1", 0.6),  # Zagoruyko and Komodakis 2016, table 4
        ("wrn_40_4", 8.9),  # Zagoruyko and Komodakis 2016, table 4
        ("wrn_16_8", 11.0),  # Zagoruyko and Komodakis 2016, table 4
        ("wrn_28_10", 36.5),  # Zagoruyko and Komodakis 2016, table 4
        ("resnext29_8x64d", 34.4),  # Xie et al. 2017, table 7
        ("resnext29_16x64d", 68.1),  # Xie et al. 2017, table 7
        ("resnext50_32x4d", 25.0),  # Xie et al. 2017, table 1
    ],
)
def test_wide_and_grouped_nets_have_the_millions_of_their_papers(net: str, printed: float) -> None:
    millions = totals(lower(preset(net))).params / 1e6
    assert millions == pytest.approx(printed, abs=0.06)  # 68.16 is printed as 68.1


@pytest.mark.parametrize(("depth", "k"), [(16, 4), (28, 10), (40, 1)])  # Zagoruyko and Komodakis 2016, 6n + 4
def test_a_wide_net_counts_its_projections_into_its_depth_and_leaves_the_fc_out(depth: int, k: int) -> None:
    spec = preset(f"wrn_{depth}_{k}")
    assert sum(spec.blocks) * 2 + 1 + 3 == depth  # stem and three projections
    assert spec.depth == depth - 2  # our depth: the fc and no projection
    widths = [part.shape[0] for part in lower(spec).stages]
    assert widths == [16 * k, 32 * k, 64 * k]  # Zagoruyko and Komodakis 2016, table 1
