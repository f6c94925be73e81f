"""The kinds of shortcuts of He et al. 2016, fig. 2: their layers and what they cost."""

from typing import Any

import pytest

from resnet_viz.analysis.report import Analysis, analyse, totals
from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import Conv, Dropout, Scale
from resnet_viz.plan.plan import ShortcutKind
from resnet_viz.spec.enums import DimMatch, Order, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset, residual_preset
from resnet_viz.spec.titles import title

OF_2016 = [kind for kind in Shortcut if kind not in (Shortcut.NONE, Shortcut.IDENTITY)]
NUMBERS = ("shortcut_scale", "residual_scale", "gate_bias", "dropout")
ONE_STAGE: dict[str, Any] = {"blocks": (2,), "widths": (16,), "stem": Stem.CIFAR, "image_size": 32}

# He et al. 2016, fig. 2 b to f, read from the picture: what stands beside a branch of ResNet-110 and in its sum.
BRANCH = "branch.conv1 branch.norm1 branch.act1 branch.conv2 branch.norm2"
UNITS = [
    (Shortcut.IDENTITY, f"{BRANCH} add post.act"),
    (Shortcut.CONSTANT_SCALING, f"{BRANCH} branch.scale shortcut.scale add post.act"),
    (
        Shortcut.EXCLUSIVE_GATING,
        f"{BRANCH} gate.conv gate.sigmoid gated_branch one_minus_gate gated_shortcut add post.act",
    ),
    (Shortcut.SHORTCUT_ONLY_GATING, f"{BRANCH} gate.conv gate.sigmoid one_minus_gate gated_shortcut add post.act"),
    (Shortcut.CONV1X1, f"{BRANCH} shortcut.conv shortcut.norm add post.act"),
    (Shortcut.DROPOUT, f"{BRANCH} shortcut.dropout add post.act"),
]


def analysed(net: str, **changes: object) -> Analysis:
    return analyse(lower(preset(net, **changes)))


def inside(spec: NetSpec, block: str) -> dict[str, Any]:
    """The nodes of a block by their names in it."""
    return {
        node.name.removeprefix(f"{block}."): node for node in lower(spec).nodes if node.name.startswith(f"{block}.")
    }


# --------------------------------------------------------------------------------------------------------------- layers


@pytest.mark.parametrize(("kind", "unit"), UNITS)
def test_a_unit_stands_as_figure_2_draws_it(kind: Shortcut, unit: str) -> None:
    assert list(inside(residual_preset("cifar_resnet110", shortcut=kind), "stage1.block2")) == unit.split()


@pytest.mark.parametrize("kind", OF_2016)
def test_the_shape_changes_as_without_the_kind_and_scales_gates_and_dropout_act_behind_it(kind: Shortcut) -> None:
    for option, first in ((DimMatch.ZERO_PAD, "shortcut.pad"), (DimMatch.PROJECTION, "shortcut.conv")):
        usual = inside(residual_preset("cifar_resnet20", dim_match=option), "stage2.block1")
        nodes = inside(residual_preset("cifar_resnet20", dim_match=option, shortcut=kind), "stage2.block1")
        assert nodes[first].op == usual[first].op
        assert set(usual) <= set(nodes)
        assert (len(nodes) > len(usual)) == (kind is not Shortcut.CONV1X1)


@pytest.mark.parametrize("kind", OF_2016)
def test_blocks_know_their_kind_and_how_x_gets_its_shape(kind: Shortcut) -> None:
    blocks = lower(preset("cifar_resnet20", shortcut=kind)).blocks
    same = ShortcutKind.CONV1X1 if kind is Shortcut.CONV1X1 else ShortcutKind.IDENTITY
    assert [block.match for block in blocks] == [
        ShortcutKind.ZERO_PAD if block.in_shape != block.shape else same for block in blocks
    ]
    if kind is not Shortcut.CONV1X1:
        assert {block.shortcut.value for block in blocks} == {kind.value}


def test_the_numbers_of_a_kind_are_those_of_its_layers() -> None:
    scaled = inside(
        residual_preset("cifar_resnet20", shortcut=Shortcut.CONSTANT_SCALING, shortcut_scale=0.3), "stage1.block1"
    )
    assert (scaled["shortcut.scale"].op, scaled["branch.scale"].op) == (Scale(0.3), Scale(0.5))
    dropped = inside(residual_preset("cifar_resnet20", shortcut=Shortcut.DROPOUT, dropout=0.1), "stage1.block1")
    assert dropped["shortcut.dropout"].op == Dropout(0.1)


def test_a_branch_times_one_is_left_alone() -> None:
    changes = {"shortcut": Shortcut.CONSTANT_SCALING, "residual_scale": 1.0}  # He et al. 2016, table 1, third row
    assert "branch.scale" not in inside(residual_preset("cifar_resnet20", **changes), "stage1.block1")


def test_a_gate_reads_what_branch_and_shortcut_read_and_has_a_value_for_each_of_the_sums() -> None:
    for order in Order:
        for block in ("stage1.block1", "stage2.block1", "stage2.block2"):
            spec = residual_preset("cifar_resnet14", order=order, shortcut=Shortcut.EXCLUSIVE_GATING)
            nodes = inside(spec, block)
            first = next(node for name, node in nodes.items() if name.startswith("branch."))
            shared = nodes["gate.conv"].inputs
            assert first.inputs == shared
            assert nodes.get("shortcut.pad", nodes["gated_shortcut"]).inputs[0] == shared[0]
            assert nodes["gate.conv"].shape == nodes["add"].shape
    op = inside(residual_preset("cifar_resnet14", shortcut=Shortcut.EXCLUSIVE_GATING), "stage2.block1")["gate.conv"].op
    assert op == Conv(16, 32, 1, 2, 0, has_bias=True)  # W_g x + b_g: He et al. 2016, section 3.1


@pytest.mark.parametrize("order", Order)
def test_1x1_convolutions_with_projections_are_option_c(order: Order) -> None:
    of_2016 = lower(preset("resnet18", order=order, shortcut=Shortcut.CONV1X1))
    option_c = lower(preset("resnet18", order=order, dim_match=DimMatch.PROJECTION_EVERYWHERE))
    layers = [[(node.name, node.op) for node in plan.nodes] for plan in (of_2016, option_c)]
    if order.is_preact:  # there option C activates for both paths in every block
        assert {op for _, op in layers[0]} == {op for _, op in layers[1]}
    else:
        assert layers[0] == layers[1]


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_have_no_effect_on_another_kind(name: str) -> None:
    owners = {
        "shortcut_scale": {Shortcut.CONSTANT_SCALING},
        "residual_scale": {Shortcut.CONSTANT_SCALING},
        "gate_bias": set(),  # it is where a gate starts, not what it is
        "dropout": {Shortcut.DROPOUT},
    }
    for kind in Shortcut:
        usual = preset("cifar_resnet8", shortcut=kind)
        other = usual.replace(**{name: 0.125})
        assert (lower(usual).nodes == lower(other).nodes) == (kind not in owners[name]), kind
        if kind not in owners[name] and not (name == "gate_bias" and kind.is_gated):
            assert pytorch_source(usual) == pytorch_source(other)
            assert title(usual) == title(other)


# ---------------------------------------------------------------------------------------------------------------- costs

# ResNet-110 by hand: blocks of 16, 32 and 64 channels, 18 each; 1,727,962 with the identity and option A.
GATES = 18 * (16 * 16 + 16) + (16 * 32 + 32) + 17 * (32 * 32 + 32) + (32 * 64 + 64) + 17 * (64 * 64 + 64)
CONVS = 18 * (16 * 16 + 2 * 16) + 17 * (32 * 32 + 2 * 32) + 17 * (64 * 64 + 2 * 64)  # where the shape stays, with norms
PROJECTIONS = (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64)
# Multiply-adds of one 1x1 convolution per block: pixels of the output times channels in times channels out.
GATE_MACS = 32**2 * 18 * 16**2 + 16**2 * (16 * 32 + 17 * 32**2) + 8**2 * (32 * 64 + 17 * 64**2)
CONV_MACS = 32**2 * 18 * 16**2 + 16**2 * 17 * 32**2 + 8**2 * 17 * 64**2


@pytest.mark.parametrize(
    ("kind", "more_params", "more_macs"),
    [
        (Shortcut.IDENTITY, 0, 0),
        (Shortcut.CONSTANT_SCALING, 0, 0),
        (Shortcut.EXCLUSIVE_GATING, GATES, GATE_MACS),
        (Shortcut.SHORTCUT_ONLY_GATING, GATES, GATE_MACS),
        (Shortcut.CONV1X1, CONVS, CONV_MACS),
        (Shortcut.DROPOUT, 0, 0),
    ],
)
def test_resnet110_costs_what_counting_by_hand_gives(kind: Shortcut, more_params: int, more_macs: int) -> None:
    identity = totals(lower(preset("cifar_resnet110")))
    found = totals(lower(preset("cifar_resnet110", shortcut=kind)))
    assert identity.params == 1_727_962  # He et al. 2015, table 6: 1.7M
    assert found.params == identity.params + more_params
    assert found.macs == identity.macs + more_macs
    projected = totals(lower(preset("cifar_resnet110", shortcut=kind, dim_match=DimMatch.PROJECTION)))
    assert projected.params == found.params + PROJECTIONS


def test_resnet110_with_each_kind_in_digits() -> None:
    counts = {kind: totals(lower(preset("cifar_resnet110", shortcut=kind))).params for kind in Shortcut}
    assert counts[Shortcut.EXCLUSIVE_GATING] == counts[Shortcut.SHORTCUT_ONLY_GATING] == 1_824_186  # by hand, as above
    assert counts[Shortcut.CONV1X1] == 1_823_450  # by hand, as above
    assert counts[Shortcut.NONE] == counts[Shortcut.CONSTANT_SCALING] == counts[Shortcut.DROPOUT] == 1_727_962


@pytest.mark.parametrize("kind", OF_2016)
def test_no_kind_changes_depth_shapes_or_what_the_net_sees(kind: Shortcut) -> None:
    usual, other = analysed("cifar_resnet20"), analysed("cifar_resnet20", shortcut=kind)
    assert other.plan.spec.depth == 20
    assert [(row.name, row.shape, row.field) for row in other.blocks] == [
        (row.name, row.shape, row.field) for row in usual.blocks
    ]


def test_what_training_keeps_of_one_block_by_hand() -> None:
    one_map = 4 * 16 * 32 * 32  # bytes of float32
    usual = totals(lower(NetSpec(**ONE_STAGE)))
    per_block = {  # beyond the branch, whose input every shortcut and gate reads
        Shortcut.CONSTANT_SCALING: 0,
        Shortcut.EXCLUSIVE_GATING: 3,  # g, 1 - g and the branch's output
        Shortcut.SHORTCUT_ONLY_GATING: 2,  # g and 1 - g
        Shortcut.CONV1X1: 1,  # what its norm reads
        Shortcut.DROPOUT: 1,  # which values it dropped
    }
    for kind, maps in per_block.items():
        assert totals(lower(NetSpec(**ONE_STAGE, shortcut=kind))).training_bytes == (
            usual.training_bytes + 2 * maps * one_map
        ), kind
    assert totals(lower(NetSpec(**ONE_STAGE, shortcut=Shortcut.DROPOUT, dropout=0.0))) == usual
