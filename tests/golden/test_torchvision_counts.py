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
