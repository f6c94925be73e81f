"""What is published of VGG-11, VGG-13, VGG-16 and VGG-19: counts, multiply-adds, tensors and fields."""

import pytest

from resnet_viz.analysis.report import analyse
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import BatchNorm, Conv, Linear
from resnet_viz.plan.torchvision_keys import layers_of, state_shapes, torchvision_names
from resnet_viz.spec.presets import preset


@pytest.mark.parametrize(
    ("net", "params", "macs", "layers"),
    [
        ("vgg11", 132_863_336, 7_609_090_048, (8, 0, 3)),  # torchvision 0.29.1, vgg11; metadata: 7.609
        ("vgg11_bn", 132_868_840, 7_609_090_048, (8, 8, 3)),  # torchvision 0.29.1, vgg11_bn
        ("vgg13", 133_047_848, 11_308_466_176, (10, 0, 3)),  # torchvision 0.29.1, vgg13; metadata: 11.308
        ("vgg13_bn", 133_053_736, 11_308_466_176, (10, 10, 3)),  # torchvision 0.29.1, vgg13_bn
        ("vgg16", 138_357_544, 15_470_264_320, (13, 0, 3)),  # torchvision 0.29.2, vgg16
        ("vgg16_bn", 138_365_992, 15_470_264_320, (13, 13, 3)),  # torchvision 0.29.2, vgg16_bn
        ("vgg19", 143_667_240, 19_632_062_464, (16, 0, 3)),  # torchvision 0.29.2, vgg19
        ("vgg19_bn", 143_678_248, 19_632_062_464, (16, 16, 3)),  # torchvision 0.29.2
    ],
)
def test_parameters_macs_and_layers_are_torchvisions(
    net: str, params: int, macs: int, layers: tuple[int, int, int]
) -> None:
    analysis = analyse(lower(preset(net)))
    assert (analysis.totals.params, analysis.totals.macs) == (params, macs)
    ops = [node.op for node in analysis.plan.nodes]
    assert tuple(sum(isinstance(op, kind) for op in ops) for kind in (Conv, BatchNorm, Linear)) == layers
    assert analysis.plan.spec.depth == layers[0] + layers[2]


@pytest.mark.parametrize(
    ("net", "conv_macs", "conv_params"),
    [
        ("vgg16", 15_346_630_656, 14_714_688),  # torchvision 0.29.2, vgg16.features; He et al. 2015 print 15.3 billion
        ("vgg19", 19_508_428_800, 20_018_880 + 5_504),  # torchvision 0.29.2, vgg19.features: weights and biases
    ],
)
def test_nearly_all_work_is_in_the_convolutions_and_nearly_all_weights_in_the_fc(
    net: str, conv_macs: int, conv_params: int
) -> None:
    *stages, head = analyse(lower(preset(net))).parts
    assert sum(stage.macs for stage in stages) == conv_macs
    assert sum(stage.params for stage in stages) == conv_params
    assert (head.macs, head.params) == (
        123_633_664,
        123_633_664 + 9_192,
    )  # torchvision 0.29.2: 9,192 biases


@pytest.mark.parametrize(
    ("net", "fields"),
    [
        ("vgg16", ((6, 2), (16, 4), (44, 8), (100, 16), (212, 32))),  # google-research/receptive_field, vgg_16: 212, 32
        ("vgg19", ((6, 2), (16, 4), (52, 8), (124, 16), (268, 32))),  # torchvision 0.29.2, vgg19, pool5: 268, 32
    ],
)
def test_receptive_field_and_jump_behind_each_pool(net: str, fields: tuple[tuple[int, int], ...]) -> None:
    parts = analyse(lower(preset(net))).parts[:-1]
    assert tuple((part.field.size, part.field.jump) for part in parts) == fields
    assert [part.shape for part in parts] == [
        (64, 112, 112), (128, 56, 56), (256, 28, 28), (512, 14, 14), (512, 7, 7),  # Simonyan and Zisserman 2014
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("net", "num_tensors", "convs"),
    [
        ("vgg11", 22, (0, 3, 6, 8, 11, 13, 16, 18)),  # torchvision 0.29.1, vgg11
        ("vgg13", 26, (0, 2, 5, 7, 10, 12, 15, 17, 20, 22)),  # torchvision 0.29.1, vgg13
        ("vgg13_bn", 76, (0, 3, 7, 10, 14, 17, 21, 24, 28, 31)),  # torchvision 0.29.1, vgg13_bn
        ("vgg16", 32, (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)),  # torchvision 0.29.2, vgg16
        ("vgg16_bn", 97, (0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40)),  # torchvision 0.29.2, vgg16_bn
        ("vgg19", 38, (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)),  # torchvision 0.29.2, vgg19
        (
            "vgg19_bn",
            118,
            (0, 3, 7, 10, 14, 17, 20, 23, 27, 30, 33, 36, 40, 43, 46, 49),
        ),  # torchvision 0.29.2
    ],
)
def test_torchvisions_numbers_of_layers(net: str, num_tensors: int, convs: tuple[int, ...]) -> None:
    plan = lower(preset(net))
    names = torchvision_names(plan)
    assert len(names) == num_tensors
    shapes = state_shapes(layers_of(plan))
    found = [theirs for ours, theirs in names.items() if len(shapes[ours]) == 4]
    assert found == [f"features.{number}.weight" for number in convs]
    fc = [theirs for theirs in names.values() if theirs.startswith("classifier")]
    assert fc == [f"classifier.{number}.{tensor}" for number in (0, 3, 6) for tensor in ("weight", "bias")]


def test_a_34_layer_residual_net_does_18_percent_of_the_work_of_vgg19() -> None:
    vgg19, plain34 = (analyse(lower(preset(net))).totals.macs for net in ("vgg19", "plain34"))
    assert plain34 / vgg19 == pytest.approx(0.18, abs=0.01)  # "only 18% of VGG-19", He et al. 2015, section 3.3
