"""Every figure that torchvision's own ResNets have: the numbers are in torchvision.json, counted there without us."""

import json
from pathlib import Path
from typing import Any

import pytest

from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import BatchNorm, Conv
from resnet_viz.spec.presets import preset

GOLDEN: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("torchvision.json").read_text("utf-8"))
NETS = pytest.mark.parametrize("net", GOLDEN)

# A pair a net: side of the map behind each part, and MACs, for a picture of that side; torchvision 0.29.2.
INPUT_SIZES = [
    ("resnet18", 32, (8, 8, 4, 2, 1), 37_523_456),
    ("resnet18", 64, (16, 16, 8, 4, 2), 148_557_824),
    ("resnet18", 96, (24, 24, 12, 6, 3), 333_615_104),
    ("resnet50", 32, (8, 8, 4, 2, 1), 85_458_944),
    ("resnet50", 64, (16, 16, 8, 4, 2), 335_691_776),
    ("resnet50", 96, (24, 24, 12, 6, 3), 752_746_496),
]

# replace_stride_with_dilation: stages, MACs, side of the map behind each part, and of the first and the later blocks of
# stages 2 to 4 stride, dilation and padding of the 3x3; torchvision 0.29.2 on the meta device, also of mixed stages.
HALVES, KEEPS = (2, 1, 1), (1, 1, 1)
DILATED_2, DILATED_4, DILATED_8 = (1, 2, 2), (1, 4, 4), (1, 8, 8)
HALVES_DILATED = (2, 2, 2)  # a stage that keeps its stride behind a dilated one keeps the dilation too
Conv3x3 = tuple[int, int, int]
DILATED: list[tuple[str, tuple[int, ...], int, tuple[int, ...], tuple[Conv3x3, ...]]] = [
    ("resnet50", (), 4_089_184_256, (56, 56, 28, 14, 7), (HALVES, KEEPS) * 3),  # FFF
    ("resnet50", (4,), 6_208_618_496, (56, 56, 28, 14, 14), (*(HALVES, KEEPS) * 2, KEEPS, DILATED_2)),  # FFT
    (
        "resnet50", (3, 4), 19_079_364_608, (56, 56, 28, 28, 28),
        (HALVES, KEEPS, KEEPS, DILATED_2, DILATED_2, DILATED_4),
    ),  # FTT
    (
        "resnet50", (2, 3, 4), 73_645_162_496, (56, 56, 56, 56, 56),
        (KEEPS, DILATED_2, DILATED_2, DILATED_4, DILATED_4, DILATED_8),
    ),  # TTT
    (
        "resnet50", (3,), 10_601_627_648, (56, 56, 28, 28, 14),
        (HALVES, KEEPS, KEEPS, DILATED_2, HALVES_DILATED, DILATED_2),
    ),  # FTF
    (
        "resnet50", (2, 4), 22_162_178_048, (56, 56, 56, 28, 28),
        (KEEPS, DILATED_2, HALVES_DILATED, DILATED_2, DILATED_2, DILATED_4),
    ),  # TFT
    ("resnext50_32x4d", (4,), 6_210_224_128, (56, 56, 28, 14, 14), (*(HALVES, KEEPS) * 2, KEEPS, DILATED_2)),  # FFT
    (
        "resnext50_32x4d", (2, 3, 4), 71_941_586_944, (56, 56, 56, 56, 56),
        (KEEPS, DILATED_2, DILATED_2, DILATED_4, DILATED_4, DILATED_8),
    ),  # TTT
]  # fmt: skip


def analysed(net: str, **changes: Any) -> Analysis:
    return analyse(lower(preset(net, **changes)))


@NETS
def test_parameters_and_macs_are_torchvisions(net: str) -> None:
    totals = analysed(net).totals
    assert (totals.params, totals.macs) == (GOLDEN[net]["params"], GOLDEN[net]["macs"])


@NETS
def test_each_part_has_torchvisions_shape_parameters_and_macs(net: str) -> None:
    found = {
        row.name: {"params": row.params, "macs": row.macs, "shape": list(row.shape)} for row in analysed(net).parts
    }
    assert found == GOLDEN[net]["parts"]


@NETS
def test_each_block_has_torchvisions_shape_and_parameters(net: str) -> None:
    found = {row.name: {"params": row.params, "shape": list(row.shape)} for row in analysed(net).blocks}
    assert found == GOLDEN[net]["blocks"]


@NETS
def test_there_are_as_many_convolutions_and_norms_as_in_torchvision(net: str) -> None:
    ops = [node.op for node in lower(preset(net)).nodes]
    assert sum(isinstance(op, Conv) for op in ops) == GOLDEN[net]["convs"]
    assert sum(isinstance(op, BatchNorm) for op in ops) == GOLDEN[net]["norms"]


@pytest.mark.parametrize(("net", "size_px", "sides", "macs"), INPUT_SIZES)
def test_smaller_pictures_make_torchvisions_shapes_and_macs(
    net: str, size_px: int, sides: tuple[int, ...], macs: int
) -> None:
    analysis = analysed(net, image_size=size_px)
    assert tuple(row.shape[-1] for row in analysis.parts[:-1]) == sides
    assert analysis.totals.macs == macs
    assert analysis.totals.params == GOLDEN[net]["params"]  # a fully convolutional net with a global mean


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_moving_the_stride_to_the_3x3_costs_231_211_008_macs(depth: int) -> None:
    first_1x1, conv_3x3 = analysed(f"resnet{depth}_v1").totals, analysed(f"resnet{depth}").totals
    assert conv_3x3.macs - first_1x1.macs == 231_211_008  # torchvision 0.29.2 minus KaimingHe's Caffe nets
    assert conv_3x3.params == first_1x1.params


@pytest.mark.parametrize(
    ("net", "name", "shape"),
    [
        ("resnet50", "stage2.block1.branch.conv1", (128, 56, 56)),  # torchvision 0.29.2, layer2.0.conv1
        ("resnet50", "stage2.block1.branch.conv2", (128, 28, 28)),  # torchvision 0.29.2, layer2.0.conv2
        ("resnet50", "stage4.block1.branch.conv1", (512, 14, 14)),  # torchvision 0.29.2, layer4.0.conv1
        ("resnet50", "stage2.block1.shortcut.conv", (512, 28, 28)),  # torchvision 0.29.2, layer2.0.downsample.0
        ("resnet50_v1", "stage2.block1.branch.conv1", (128, 28, 28)),  # KaimingHe, Caffe: res3a_branch2a
        ("resnet50_v1", "stage4.block1.branch.conv1", (512, 7, 7)),  # KaimingHe, Caffe: res5a_branch2a
    ],
)
def test_shapes_inside_a_block_show_where_it_downsamples(net: str, name: str, shape: tuple[int, ...]) -> None:
    assert {node.name: node.shape for node in lower(preset(net)).nodes}[name] == shape


@pytest.mark.parametrize(("net", "stages", "macs", "sides", "convs"), DILATED)
def test_dilation_in_place_of_stride_keeps_the_map_large_as_in_torchvision(
    net: str, stages: tuple[int, ...], macs: int, sides: tuple[int, ...], convs: tuple[Conv3x3, ...]
) -> None:
    analysis = analysed(net, dilated_stages=stages)
    assert analysis.totals.macs == macs
    assert analysis.totals.params == GOLDEN[net]["params"]  # dilation has no weights
    assert [row.params for row in analysis.parts] == [part["params"] for part in GOLDEN[net]["parts"].values()]
    assert tuple(row.shape[-1] for row in analysis.parts[:-1]) == sides
    assert analysis.plan.spec.total_stride == analysis.parts[-2].field.jump == 224 // sides[-1]


@pytest.mark.parametrize(("net", "stages", "macs", "sides", "convs"), DILATED)
def test_stride_dilation_and_padding_of_each_3x3_are_torchvisions(
    net: str, stages: tuple[int, ...], macs: int, sides: tuple[int, ...], convs: tuple[Conv3x3, ...]
) -> None:
    plan = lower(preset(net, dilated_stages=stages))
    expected = [KEEPS] * plan.spec.blocks[0]
    for count, first, later in zip(plan.spec.blocks[1:], convs[::2], convs[1::2], strict=True):
        expected += [first, *[later] * (count - 1)]
    ops = [node.op for node in plan.nodes if node.name.endswith(".branch.conv2")]
    assert [(op.stride, op.dilation, op.padding) for op in ops if isinstance(op, Conv)] == expected


def test_a_resnext_groups_its_3x3_and_nothing_else() -> None:
    ops = {node.name: node.op for node in lower(preset("resnext50_32x4d")).nodes}
    assert ops["stage1.block1.branch.conv2"] == Conv(128, 128, 3, 1, 1, False, groups=32)  # torchvision 0.29.2
    assert ops["stage4.block1.branch.conv2"] == Conv(1024, 1024, 3, 2, 1, False, groups=32)  # torchvision 0.29.2
    others = [op for name, op in ops.items() if isinstance(op, Conv) and not name.endswith(".branch.conv2")]
    assert {op.groups for op in others} == {1}


def test_wide_and_grouped_nets_count_as_in_timm_and_by_their_fields() -> None:
    assert analysed("wide_resnet50_2").totals.params == 68_883_240  # timm 1.0.31, wide_resnet50_2
    assert analysed("resnext50_32x4d").totals.params == 25_028_904  # timm 1.0.31, resnext50_32x4d
    assert analysed("resnet50", cardinality=1, width_per_group=128).nodes == analysed("wide_resnet50_2").nodes
