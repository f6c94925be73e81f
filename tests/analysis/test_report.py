"""Figures of a plan: they add up, they agree with each other, and small ones agree with counting by hand."""

from math import prod

import pytest
from hypothesis import given, settings

from resnet_viz.analysis.cost import macs, params
from resnet_viz.analysis.memory import FLOAT_BYTES, INDEX_BYTES, float_bytes
from resnet_viz.analysis.receptive_field import receptive_fields
from resnet_viz.analysis.report import Analysis, analyse, totals
from resnet_viz.plan.builder import INPUT
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import ADD, RELU, BatchNorm, Conv, Linear, MaxPool, Op, ZeroPad
from resnet_viz.spec.enums import Norm, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec
from tests.fakes.spec_strategies import small_nets, small_specs


@pytest.mark.parametrize(
    ("op", "shape", "num_params", "num_macs"),
    [
        (Conv(3, 64, 7, 2, 3, False), (64, 112, 112), 9_408, 118_013_952),  # torchvision 0.29.2, conv1
        (Conv(64, 64, 3, 1, 1, False), (64, 56, 56), 36_864, 115_605_504),  # 9*64*64, times 56*56
        (Conv(64, 64, 3, 1, 1, True), (64, 56, 56), 36_928, 115_605_504),  # 64 biases, which are no MACs
        (BatchNorm(64), (64, 56, 56), 128, 0),  # a scale and a shift per channel
        (Linear(2048, 1000), (1000,), 2_049_000, 2_048_000),  # torchvision 0.29.2, resnet50 fc
        (RELU, (64, 56, 56), 0, 0),
        (ADD, (64, 56, 56), 0, 0),
        (MaxPool(3, 2, 1), (64, 56, 56), 0, 0),
        (ZeroPad(16, 32, 2), (32, 16, 16), 0, 0),  # option A has no parameters: He et al. 2015, section 3.3
    ],
)
def test_a_layer_costs_what_counting_by_hand_gives(
    op: Op, shape: tuple[int, ...], num_params: int, num_macs: int
) -> None:
    assert (params(op), macs(op, shape)) == (num_params, num_macs)


@given(small_nets())
@settings(deadline=None)
def test_rows_of_layers_add_up_to_blocks_parts_and_the_net(spec: AnySpec) -> None:
    analysis = analyse(lower(spec))
    for rows, inside in ((analysis.parts, analysis.nodes), (analysis.blocks, analysis.nodes)):
        for row in rows:
            own = [node for node in inside if node.name.startswith(f"{row.name}.")]
            assert row.params == sum(node.params for node in own)
            assert row.macs == sum(node.macs for node in own)
            assert row.output_bytes == sum(node.output_bytes for node in own)
            assert row.kept_bytes == sum(node.kept_bytes for node in own)
            assert (row.shape, row.field) == (own[-1].shape, own[-1].field)
    assert analysis.totals.params == sum(row.params for row in analysis.nodes)
    assert analysis.totals.macs == sum(row.macs for row in analysis.nodes)
    assert analysis.totals.training_bytes == sum(row.kept_bytes for row in analysis.nodes)


@given(small_nets())
@settings(deadline=None)
def test_every_layer_costs_its_own_parameters_and_macs(spec: AnySpec) -> None:
    plan = lower(spec)
    for row, node in zip(analyse(plan).nodes, plan.nodes, strict=True):
        assert (row.name, row.shape) == (node.name, node.shape)
        assert (row.params, row.macs) == (params(node.op), macs(node.op, node.shape))
        assert row.output_bytes == FLOAT_BYTES * prod(node.shape)


@given(small_specs())
@settings(deadline=None)
def test_no_memory_is_negative_and_none_is_more_than_all_outputs(spec: NetSpec) -> None:
    plan = lower(spec)
    analysis = analyse(plan)
    everything = float_bytes(plan.input_shape) + sum(row.output_bytes for row in analysis.nodes)
    largest = max(row.output_bytes for row in analysis.nodes)
    assert largest < analysis.totals.inference_bytes <= everything
    indices = sum(INDEX_BYTES * prod(node.shape) for node in plan.nodes if isinstance(node.op, MaxPool))
    assert 0 < analysis.totals.training_bytes <= everything + indices


@given(small_specs())
@settings(deadline=None)
def test_field_and_jump_never_shrink_along_an_arrow(spec: NetSpec) -> None:
    plan = lower(spec)
    seen = receptive_fields(plan)
    assert seen[INPUT] == (1, 1)
    for node in plan.nodes:
        for name in node.inputs:
            assert seen[node.name].size >= seen[name].size
            assert seen[node.name].jump >= seen[name].jump
    assert seen[plan.blocks[-1].source].jump <= spec.total_stride
    assert seen[plan.nodes[plan.stages[-1].stop - 1].name].jump == spec.total_stride


def by_hand(*, shortcut: Shortcut) -> Analysis:
    """Stem, one block, head on four channels of 8 px: a map is 4*8*8 floats, 1,024 bytes."""
    return analyse(
        lower(
            NetSpec(
                blocks=(1,), widths=(4,), stem=Stem.CIFAR, shortcut=shortcut, norm=Norm.NONE,
                in_channels=1, image_size=8, num_classes=2,
            )
        )
    )  # fmt: skip


def test_kept_bytes_of_a_net_of_one_block_by_hand() -> None:
    picture, one_map, pooled = 256, 1_024, 16  # bytes: 1*8*8, 4*8*8 and 4 floats
    kept = {row.name: row.kept_bytes for row in by_hand(shortcut=Shortcut.IDENTITY).nodes}
    assert kept == {
        "stem.conv": picture,
        "stem.act": one_map,  # its own output, which conv1 needs too: counted once
        "stage1.block1.branch.conv1": 0,
        "stage1.block1.branch.act1": one_map,
        "stage1.block1.branch.conv2": 0,
        "stage1.block1.add": 0,
        "stage1.block1.post.act": one_map,
        "head.pool": 0,
        "head.fc": pooled,
    }
    more_maps = {  # that a shortcut keeps besides; the stem's map, which every shortcut reads, is kept anyway
        Shortcut.EXCLUSIVE_GATING: 3,  # g, 1 - g and the branch, each a factor of a product
        Shortcut.SHORTCUT_ONLY_GATING: 2,  # g for the sigmoid's derivative, 1 - g as a factor
        Shortcut.DROPOUT: 1,  # which values were dropped
    }
    for shortcut in Shortcut:
        expected = picture + (3 + more_maps.get(shortcut, 0)) * one_map + pooled
        assert by_hand(shortcut=shortcut).totals.training_bytes == expected, shortcut


def test_a_shortcut_holds_its_map_while_the_branch_runs() -> None:
    one_map = 1_024  # bytes: 4*8*8 floats
    assert by_hand(shortcut=Shortcut.NONE).totals.inference_bytes == 2 * one_map  # what goes in, what comes out
    assert by_hand(shortcut=Shortcut.IDENTITY).totals.inference_bytes == 3 * one_map  # and x, for the addition


def test_pictures_of_one_pixel_have_figures() -> None:
    spec = NetSpec(blocks=(1,), widths=(1,), stem=Stem.CIFAR, in_channels=1, image_size=1, num_classes=2)
    analysis = analyse(lower(spec))
    assert analysis.totals.macs == 9 + 9 + 9 + 2  # three 3x3 convolutions of one pixel and the fc


@pytest.mark.parametrize("depth", [20, 56, 110])
def test_kept_memory_of_a_cifar_net_grows_linearly_with_its_blocks(depth: int) -> None:
    n = (depth - 2) // 6
    per_n = [totals(lower(preset(f"cifar_resnet{6 * k + 2}"))).training_bytes for k in (n, n + 1, n + 2)]
    assert per_n[2] - per_n[1] == per_n[1] - per_n[0] > 0


def test_describe_prints_the_contracts_fields() -> None:
    from resnet_viz import describe

    spec = preset("resnet50")
    told = describe(spec)
    assert list(told) == ["name", "spec", "params", "macs", "depth", "input", "stages", "layers"]
    assert (told["name"], told["depth"], told["input"]) == ("ResNet-50", 50, [3, 224, 224])
    assert told["params"] == 25_557_032  # torchvision 0.29.2
    assert [stage["name"] for stage in told["stages"]] == ["stem", "stage1", "stage2", "stage3", "stage4", "head"]
    assert set(told["stages"][0]) == {"name", "shape", "params", "macs", "receptive_field", "jump"}
    assert set(told["layers"][0]) == {"name", "kind", "shape", "params", "macs", "receptive_field"}
    assert all(len(row["shape"]) == 3 for row in (*told["stages"], *told["layers"]))
    assert told["stages"][-1]["shape"] == [1000, 1, 1]
    assert sum(stage["params"] for stage in told["stages"]) == told["params"]
    assert sum(layer["macs"] for layer in told["layers"]) == told["macs"]
