"""A plan is a net written out: its nodes stand in running order, and its spans hold together."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings

from resnet_viz.errors import SpecError
from resnet_viz.plan.builder import INPUT
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import Add, BatchNorm, Conv, GlobalAvgPool, Linear, MaxPool, ReLU, ZeroPad, output_shape
from resnet_viz.plan.plan import Block, Part, Plan, Section, ShortcutKind
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec
from tests.fakes.spec_strategies import small_nets, small_specs

# He et al. 2016, fig. 4 a to e, read from the picture: what a unit does, in order, and its shortcut beside it.
UNITS = [
    (Order.ORIGINAL, "conv1 norm1 act1 conv2 norm2 add act"),
    (Order.BN_AFTER_ADD, "conv1 norm1 act1 conv2 add norm act"),
    (Order.RELU_BEFORE_ADD, "conv1 norm1 act1 conv2 norm2 act2 add"),
    (Order.RELU_ONLY_PREACT, "act1 conv1 norm1 act2 conv2 norm2 add"),
    (Order.FULL_PREACT, "norm1 act1 conv1 norm2 act2 conv2 add"),
]


def leaves(plan: Plan, block: Block) -> list[str]:
    return [node.name.removeprefix(f"{block.name}.") for node in plan.nodes_of(block)]


@given(small_nets())
@settings(deadline=None)
def test_every_node_reads_what_was_made_before_it(spec: AnySpec) -> None:
    made = {INPUT}
    for node in lower(spec).nodes:
        assert set(node.inputs) <= made
        assert node.name not in made
        made.add(node.name)


@given(small_nets())
@settings(deadline=None)
def test_every_output_is_read_but_for_the_logits(spec: AnySpec) -> None:
    nodes = lower(spec).nodes
    read = {name for node in nodes for name in node.inputs}
    assert {INPUT, *(node.name for node in nodes)} - read == {"head.fc"}
    assert nodes[-1].shape == (spec.num_classes,)


@given(small_nets())
@settings(deadline=None)
def test_shapes_are_positive_and_follow_from_the_shapes_that_are_read(spec: AnySpec) -> None:
    plan = lower(spec)
    shapes = {INPUT: plan.input_shape}
    for node in plan.nodes:
        assert min(node.shape) >= 1
        for name in node.inputs:
            assert output_shape(node.op, shapes[name]) == node.shape
        shapes[node.name] = node.shape
    for node in plan.nodes:
        if isinstance(node.op, Add):
            branch, shortcut = node.inputs
            assert shapes[branch] == shapes[shortcut] == node.shape


@given(small_specs())
@settings(deadline=None)
def test_parts_and_blocks_cover_the_nodes_without_gap_or_overlap(spec: NetSpec) -> None:
    plan = lower(spec)
    assert [part.name for part in plan.parts] == ["stem", *(f"stage{n + 1}" for n in range(len(spec.blocks))), "head"]
    assert (plan.parts[0].start, plan.parts[-1].stop) == (0, len(plan.nodes))
    for before, after in pairwise(plan.parts):
        assert before.stop == after.start
    for stage, count in zip(plan.stages, spec.blocks, strict=True):
        assert len(stage.blocks) == count
        assert (stage.blocks[0].start, stage.blocks[-1].stop) == (stage.start, stage.stop)
        assert [block.stop for block in stage.blocks[:-1]] == [block.start for block in stage.blocks[1:]]
    spans: list[Block | Part] = [*plan.parts, *plan.blocks]
    for span in spans:
        assert all(node.name.startswith(f"{span.name}.") for node in plan.nodes_of(span))
        assert plan.nodes_of(span)[-1].shape == span.shape


@given(small_nets())
@settings(deadline=None)
def test_blocks_know_where_they_read_and_what_comes_in(spec: AnySpec) -> None:
    plan = lower(spec)
    shapes = {INPUT: plan.input_shape} | {node.name: node.shape for node in plan.nodes}
    for block in plan.blocks:
        assert shapes[block.source] == block.in_shape
        inside = {node.name for node in plan.nodes_of(block)}
        read = {name for node in plan.nodes_of(block) for name in node.inputs}
        assert read - inside == {block.source}


@given(small_nets())
@settings(deadline=None)
def test_one_addition_a_block_in_a_residual_net_and_none_in_a_plain_one(spec: AnySpec) -> None:
    plan = lower(spec)
    additions = sum(isinstance(node.op, Add) for node in plan.nodes)
    assert additions == (0 if spec.is_plain else len(plan.blocks))
    assert (ShortcutKind.NONE in {block.shortcut for block in plan.blocks}) == spec.is_plain


@given(small_specs())
@settings(deadline=None)
def test_a_shortcut_is_the_identity_only_where_the_shape_stays(spec: NetSpec) -> None:
    for block in lower(spec).blocks:
        if block.in_shape != block.shape:
            assert block.shortcut is not ShortcutKind.IDENTITY
        elif block.shape[1] > 1 and spec.dim_match is not DimMatch.PROJECTION_EVERYWHERE and not spec.is_plain:
            assert block.shortcut.value == spec.shortcut.value
            assert block.match.keeps_shape


@given(small_nets())
@settings(deadline=None)
def test_no_norm_where_nothing_is_normalised_and_biases_where_asked(spec: AnySpec) -> None:
    ops = [node.op for node in lower(spec).nodes]
    assert any(isinstance(op, BatchNorm) for op in ops) == (spec.norm is Norm.BATCH)
    convs = [node for node in lower(spec).nodes if isinstance(node.op, Conv)]
    gates = [node for node in convs if node.section is Section.GATE]
    assert {node.op.has_bias for node in convs if node not in gates and isinstance(node.op, Conv)} == {spec.conv_bias}
    assert all(isinstance(node.op, Conv) and node.op.has_bias for node in gates)  # b_g: He et al. 2016, section 3.1


@given(small_nets())
@settings(deadline=None)
def test_depth_counts_convolutions_off_the_shortcut_and_its_gate_and_the_fc(spec: AnySpec) -> None:
    off_path = (Section.SHORTCUT, Section.GATE)
    on_path = [node for node in lower(spec).nodes if node.section not in off_path]
    assert spec.depth == sum(isinstance(node.op, Conv | Linear) for node in on_path)


@given(small_specs())
@settings(deadline=None)
def test_only_the_3x3_of_a_bottleneck_has_groups_and_only_a_3x3_of_a_branch_dilation(spec: NetSpec) -> None:
    plan = lower(spec)
    for node in plan.nodes:
        if not isinstance(node.op, Conv):
            continue
        is_3x3_of_bottleneck = spec.block is BlockKind.BOTTLENECK and node.name.endswith(".branch.conv2")
        assert node.op.groups == (spec.cardinality if is_3x3_of_bottleneck else 1)
        is_3x3_of_branch = node.op.kernel == 3 and node.section is Section.BRANCH
        assert is_3x3_of_branch or node.op.dilation == 1
        assert node.op.in_channels % node.op.groups == node.op.out_channels % node.op.groups == 0


@given(small_specs())
@settings(deadline=None)
def test_groups_have_as_many_channels_as_the_width_and_the_width_per_group_say(spec: NetSpec) -> None:
    plan = lower(spec)
    for stage, width in zip(plan.stages, spec.widths, strict=True):
        inside = [node.op for node in plan.nodes_of(stage) if node.leaf == "conv2" and ".branch." in node.name]
        per_group = {op.out_channels // op.groups for op in inside if isinstance(op, Conv)}
        assert per_group == {width * spec.width_per_group // 64}  # torchvision 0.29.2: planes * base_width / 64
        is_basic = spec.block is BlockKind.BASIC
        assert stage.shape[0] == (width * spec.width_per_group // 64 if is_basic else 4 * width)


@given(small_specs())
@settings(deadline=None)
def test_each_dilated_stage_keeps_the_side_and_doubles_the_dilation_behind_its_first_block(spec: NetSpec) -> None:
    plan = lower(spec)
    side, dilation = plan.parts[0].shape[1], 1
    for number, stage in enumerate(plan.stages, start=1):
        in_branch = [node.op for node in plan.nodes_of(stage) if node.section is Section.BRANCH]
        convs = [op for op in in_branch if isinstance(op, Conv) and op.kernel == 3]
        assert convs[0].dilation == dilation  # torchvision 0.29.2: the 3x3 in the stride's place keeps the one before
        dilation *= 2 if number in spec.dilated_stages else 1
        assert {op.dilation for op in convs[1:]} <= {dilation}  # timm 1.0.31: of a basic block's second 3x3, too
        side = side if number == 1 or number in spec.dilated_stages else -(-side // 2)
        assert {block.shape[1] for block in stage.blocks} == {side}
    assert dilation == 2 ** len(spec.dilated_stages)


@given(small_specs())
@settings(deadline=None)
def test_bare_projections_lack_their_norm_and_nothing_else(spec: NetSpec) -> None:
    normed, bare = (lower(spec.replace(projection_norm=has)) for has in (True, False))
    is_norm_of_projection = [node.name.endswith(".shortcut.norm") for node in normed.nodes]
    kept = [node.name for node, is_out in zip(normed.nodes, is_norm_of_projection, strict=True) if not is_out]
    assert [node.name for node in bare.nodes] == kept
    ends_in_norm = spec.norm is Norm.BATCH and spec.order not in (Order.BN_AFTER_ADD, Order.FULL_PREACT)
    convolved = (ShortcutKind.PROJECTION, ShortcutKind.CONV1X1)
    projections = sum(block.match in convolved for block in normed.blocks)
    assert sum(is_norm_of_projection) == (projections if ends_in_norm else 0)


@given(small_nets())
@settings(deadline=None)
def test_lowering_twice_makes_the_same_plan(spec: AnySpec) -> None:
    assert lower(spec) == lower(spec)


@pytest.mark.parametrize(("order", "unit"), UNITS)
def test_a_unit_stands_as_figure_4_draws_it(order: Order, unit: str) -> None:
    plan = lower(preset("cifar_resnet14", order=order))
    second = plan.blocks[1]  # neither the first unit nor a change of shape
    assert [name.rpartition(".")[2] for name in leaves(plan, second)] == unit.split()


@pytest.mark.parametrize(("order", "unit"), UNITS)
def test_a_bottleneck_has_one_more_convolution_in_the_same_order(order: Order, unit: str) -> None:
    plan = lower(preset("cifar_bottleneck20", order=order))
    kinds = [name.rpartition(".")[2].rstrip("123") for name in leaves(plan, plan.blocks[1])]
    basic = [leaf.rstrip("12") for leaf in unit.split()]
    assert sorted(kinds) == sorted([*basic, "conv", "norm", "act"])


def test_plain_blocks_are_residual_blocks_without_their_shortcut() -> None:
    residual, plain = lower(preset("resnet18")), lower(preset("plain18"))
    kept = [node.name for node in residual.nodes if ".shortcut." not in node.name and not isinstance(node.op, Add)]
    assert [node.name for node in plain.nodes] == kept


def preact_blocks(plan: Plan) -> Iterator[str]:
    return (block.name for block in plan.blocks if f"{block.name}.pre.act1" in {node.name for node in plan.nodes})


def test_both_paths_see_the_activated_input_in_first_units_and_changes_of_shape() -> None:
    cifar = lower(preset("cifar_preact_bottleneck20"))  # KaimingHe/resnet-1k-layers, resnet-pre-act.lua
    assert list(preact_blocks(cifar)) == ["stage1.block1", "stage2.block1", "stage3.block1"]


def test_behind_the_imagenet_stem_the_first_unit_does_not_activate_again() -> None:
    plan = lower(preset("resnet18", order=Order.FULL_PREACT))  # facebookarchive/fb.resnet.torch, preresnet.lua
    assert [node.name for node in plan.nodes[:6]] == [
        "stem.conv", "stem.norm", "stem.act", "stem.pool", "stage1.block1.branch.conv1", "stage1.block1.branch.norm2",
    ]  # fmt: skip
    assert list(preact_blocks(plan)) == ["stage2.block1", "stage3.block1", "stage4.block1"]


def test_a_preactivation_net_activates_once_more_before_the_pooling() -> None:
    names = [node.name for node in lower(preset("cifar_preact_resnet20")).nodes]
    assert names[-4:] == ["head.norm", "head.act", "head.pool", "head.fc"]  # He et al. 2016, appendix
    assert names[:2] == ["stem.conv", "stage1.block1.pre.norm1"]  # He et al. 2016, appendix


@pytest.mark.parametrize(
    ("net", "option", "projections", "paddings"),
    [
        ("resnet34", DimMatch.ZERO_PAD, 0, 3),  # He et al. 2015, section 4.1: A
        ("resnet34", DimMatch.PROJECTION, 3, 0),  # B
        ("resnet34", DimMatch.PROJECTION_EVERYWHERE, 16, 0),  # C: thirteen more
        ("resnet50", DimMatch.PROJECTION, 4, 0),  # torchvision 0.29.2: layer1.0 too, 64 to 256 channels
        ("cifar_resnet110", DimMatch.ZERO_PAD, 0, 2),  # He et al. 2015, section 4.2
    ],
)
def test_options_a_b_c_place_their_shortcuts(net: str, option: DimMatch, projections: int, paddings: int) -> None:
    kinds = [block.shortcut for block in lower(preset(net, dim_match=option)).blocks]
    assert (kinds.count(ShortcutKind.PROJECTION), kinds.count(ShortcutKind.ZERO_PAD)) == (projections, paddings)


def test_a_stage_that_dilates_replaces_the_stride_of_its_projection_too() -> None:
    ops = {node.name: node.op for node in lower(preset("resnet50", dilated_stages=(4,))).nodes}
    assert ops["stage4.block1.shortcut.conv"] == Conv(1024, 2048, 1, 1, 0, False)  # torchvision 0.29.2, FFT
    assert ops["stage4.block1.branch.conv2"] == Conv(512, 512, 3, 1, 1, False, 1)  # torchvision 0.29.2, FFT
    assert ops["stage4.block2.branch.conv2"] == Conv(512, 512, 3, 1, 2, False, 2)  # torchvision 0.29.2, FFT


def test_a_dilated_convolution_reaches_further_and_keeps_the_side() -> None:
    assert output_shape(Conv(8, 8, 3, 1, 4, False, 4), (8, 9, 9)) == (8, 9, 9)  # torch.nn.Conv2d, its formula
    assert output_shape(Conv(8, 8, 3, 2, 2, False, 2), (8, 9, 9)) == (8, 5, 5)  # torch.nn.Conv2d, its formula
    assert output_shape(Conv(8, 8, 3, 1, 0, False, 4), (8, 9, 9)) == (8, 1, 1)  # its taps span nine pixels


def test_the_projections_of_the_d2l_net_are_bare() -> None:
    names = [node.name for node in lower(preset("d2l_resnet18")).nodes if ".shortcut." in node.name]
    assert names == [f"stage{stage}.block1.shortcut.conv" for stage in (2, 3, 4)]  # d2l-ai/d2l-zh, ResNet-18


def test_a_wide_net_projects_where_its_stem_is_narrower_than_its_first_stage() -> None:
    kinds = [block.shortcut for block in lower(preset("wrn_16_8")).blocks]
    wide, same = ShortcutKind.PROJECTION, ShortcutKind.IDENTITY
    assert kinds == [wide, same] * 3  # szagoruyko/wide-residual-networks: 16 to 128, 128 to 256, 256 to 512
    assert lower(preset("wrn_40_1")).blocks[0].shortcut is same  # 16 to 16


def test_a_projection_without_stride_in_its_stage_keeps_the_side() -> None:
    plan = lower(preset("resnet50"))
    projection = {node.name: node for node in plan.nodes}["stage1.block1.shortcut.conv"]
    assert projection.op == Conv(64, 256, 1, 1, 0, False)  # torchvision 0.29.2, layer1.0.downsample.0


@pytest.mark.parametrize(("net", "stem"), [("resnet18", Stem.IMAGENET), ("cifar_resnet20", Stem.CIFAR)])
def test_only_the_imagenet_stem_pools(net: str, stem: Stem) -> None:
    pools = [node for node in lower(preset(net)).nodes if isinstance(node.op, MaxPool)]
    assert len(pools) == (stem is Stem.IMAGENET)
    assert all(node.op == MaxPool(3, 2, 1) for node in pools)  # torchvision 0.29.2


def test_equal_looking_operations_are_told_apart() -> None:
    assert len({ReLU(), Add(), GlobalAvgPool(), ReLU()}) == 3  # none of them has a field
    assert output_shape(ZeroPad(3, 5, 2), (3, 9, 9)) == (5, 5, 5)  # every second of nine pixels
    assert output_shape(Conv(3, 5, 3, 2, 1, False), (3, 9, 9)) == (5, 5, 5)  # torch.nn.Conv2d, its formula


@pytest.mark.parametrize("kind", BlockKind)
def test_the_deepest_nets_allowed_are_lowered(kind: BlockKind) -> None:
    plan = lower(NetSpec(blocks=(1_000,), widths=(4,), stem=Stem.CIFAR, block=kind, image_size=8))
    assert len(plan.blocks) == 1_000


def sides_of_all_outputs(spec: AnySpec, side: int) -> list[int]:
    """The sides that the operations of a net make of an image of another size, whether its spec allows it or not."""
    shapes: dict[str, tuple[int, ...]] = {INPUT: (spec.in_channels, side, side)}
    for name, op, inputs, _shape, _section in lower(spec).nodes:
        shapes[name] = output_shape(op, shapes[inputs[0]])
    return [each for shape in shapes.values() if len(shape) == 3 for each in shape[1:]]


@given(small_nets())
@settings(deadline=None)
def test_the_smallest_image_is_the_least_of_which_every_operation_leaves_a_pixel(spec: AnySpec) -> None:
    for side in range(1, 35):
        is_enough = min(sides_of_all_outputs(spec, side)) >= 1
        try:
            spec.replace(image_size=side)
        except SpecError:
            assert not is_enough
        else:
            assert is_enough
