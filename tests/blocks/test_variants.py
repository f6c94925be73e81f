"""The vocabulary: each variant is a block of a plan, with the counts of its source."""

import pytest

from resnet_viz.blocks.variants import VARIANTS, BlockSettings, ShapeChange, VariantGroup, spec_of, variants_of
from resnet_viz.plan.plan import ShortcutKind
from resnet_viz.spec.enums import BlockKind, Norm
from tests.fakes.blocks import block

LAYERS = {  # He et al. 2016, fig. 4, from top to bottom
    "a_original": "conv1 norm1 act1 conv2 norm2 add act",
    "b_bn_after_add": "conv1 norm1 act1 conv2 add norm act",
    "c_relu_before_add": "conv1 norm1 act1 conv2 norm2 act2 add",
    "d_relu_only_preact": "act1 conv1 norm1 act2 conv2 norm2 add",
    "e_full_preact": "norm1 act1 conv1 norm2 act2 conv2 add",
    "plain": "conv1 norm1 act1 conv2 norm2 act",
}
PATHS = {  # shared/THEORY.md, section 1: between input and output on the way of the shortcut
    "a_original": ["act"],
    "b_bn_after_add": ["norm", "act"],
    "c_relu_before_add": [],
    "d_relu_only_preact": [],
    "e_full_preact": [],
    "plain": [],
}


@pytest.mark.parametrize("name", LAYERS)
def test_an_order_has_the_layers_of_the_paper_s_figure(name: str) -> None:
    assert [node.leaf for node in block(name).nodes] == LAYERS[name].split()


@pytest.mark.parametrize("name", PATHS)
def test_layers_on_the_path_of_the_shortcut(name: str) -> None:
    assert [node.leaf for node in block(name).on_shortcut_path()] == PATHS[name]


def test_at_a_change_of_shape_pre_activation_lies_on_the_shortcut_too() -> None:
    # shared/THEORY.md, section 5: nets of the authors pass BN and ReLU at each change of width
    path = block("e_full_preact", shape=ShapeChange.HALVES).on_shortcut_path()
    assert [node.leaf for node in path] == ["norm1", "act1", "conv"]


@pytest.mark.parametrize("convs", BlockKind)
@pytest.mark.parametrize("shape", ShapeChange)
@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_is_a_block_with_any_settings(name: str, shape: ShapeChange, convs: BlockKind) -> None:
    found = block(name, shape=shape, convs=convs, width=16, size=8, has_norm=False)
    assert found.block.name == ("stage1.block2" if found.block.in_shape == found.block.shape else "stage2.block1")
    own = VARIANTS[name]
    assert (found.spec.norm is Norm.BATCH) == (own.own is not None)  # a class of code keeps what it has
    wanted = own.shape or shape
    assert (found.block.in_shape == found.block.shape) == (wanted is ShapeChange.STAYS)


@pytest.mark.parametrize(
    ("name", "params", "shapes"),
    [
        ("d2l_residual", 180, ((3, 6, 6), (3, 6, 6))),  # shared/THEORY.md, section 1: Residual(3, 3)
        ("d2l_residual_1x1", 546, ((3, 6, 6), (6, 3, 3))),  # Residual(3, 6, True, 2)
        ("residual_64_64", 2 * 9 * 64 * 64 + 4 * 64, ((64, 56, 56), (64, 56, 56))),
        ("residual_64_128", 9 * 64 * 128 + 9 * 128 * 128 + 64 * 128 + 6 * 128, ((64, 56, 56), (128, 28, 28))),
        ("torchvision_bottleneck", 70_400, ((256, 56, 56), (256, 56, 56))),  # torchvision 0.29.2, layer1.1 of resnet50
    ],
)
def test_a_class_of_code_has_its_own_size(name: str, params: int, shapes: tuple[object, object]) -> None:
    found = block(name, width=7, size=9)
    assert (found.params, (found.block.in_shape, found.block.shape)) == (params, shapes)


def test_d2l_s_shapes_have_the_batch_of_the_book() -> None:
    found = block("d2l_residual_1x1")
    assert found.shape_with_batch(found.block.in_shape) == (4, 3, 6, 6)
    assert found.shape_with_batch(found.block.shape) == (4, 6, 3, 3)
    assert block("option_b").shape_with_batch((64, 56, 56)) == (64, 56, 56)


def test_the_stride_of_a_bottleneck_changes_its_multiply_adds_and_not_its_parameters() -> None:
    v1, v1_5 = block("bottleneck_v1"), block("bottleneck_v1_5")
    assert v1.params == v1_5.params
    assert v1.macs < v1_5.macs


def test_the_six_kinds_of_shortcut() -> None:
    kinds = {block(variant.id).block.shortcut for variant in variants_of(VariantGroup.SHORTCUTS)}
    assert kinds == {
        ShortcutKind.IDENTITY,
        ShortcutKind.CONSTANT_SCALING,
        ShortcutKind.EXCLUSIVE_GATING,
        ShortcutKind.SHORTCUT_ONLY_GATING,
        ShortcutKind.CONV1X1,
        ShortcutKind.DROPOUT,
    }


def test_options_at_a_change_of_shape() -> None:
    kinds = [block(f"option_{letter}", shape=ShapeChange.HALVES).block.shortcut for letter in "abc"]
    assert kinds == [ShortcutKind.ZERO_PAD, ShortcutKind.PROJECTION, ShortcutKind.PROJECTION]
    assert block("option_c").block.shortcut is ShortcutKind.PROJECTION  # on every shortcut


def test_width_and_size_are_those_of_the_input() -> None:
    found = block("e_full_preact", shape=ShapeChange.HALVES, width=10, size=7)
    assert (found.block.in_shape, found.block.shape) == ((10, 7, 7), (20, 4, 4))
    assert spec_of(VARIANTS["plain"], BlockSettings(width=3)).widths == (3,)
