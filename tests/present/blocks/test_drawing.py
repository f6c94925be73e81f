"""The drawing read back: two lines, rows aligned over all blocks, differences lit, layers on the shortcut marked."""

import re

import pytest

from resnet_viz.blocks.variants import VARIANTS, ShapeChange
from resnet_viz.graph.roles import Role
from resnet_viz.present.blocks.drawing import draw_blocks
from resnet_viz.present.blocks.svg import element, text_in
from resnet_viz.present.theme import PALETTES, Mode
from tests.fakes.blocks import ORDERS, block, blocks, drawn_blocks, lit_rows, paths_of, words_of


def titles(names: list[str]) -> list[str]:
    return [re.sub(r" \d.*", "", name) for name in names]


def test_branch_and_shortcut_are_two_lines_and_meet_at_the_sum() -> None:
    picture = draw_blocks(blocks("option_b"), Mode.LIGHT)
    (layers,) = drawn_blocks(picture.svg)
    branch = {layer.x for layer in layers if layer.lane == "branch"}
    shortcut = {layer.x for layer in layers if layer.lane == "shortcut"}
    assert (len(branch), len(shortcut)) == (1, 1)
    assert max(branch) < min(shortcut)
    (plus,) = (layer for layer in layers if layer.words == "+")
    way, rest = paths_of(picture.svg, "shortcut-path")
    xs = [float(x) for x, _y in re.findall(r"(?:[MLQ]| )([\d.]+) ([\d.]+)", way)]
    assert max(xs) == pytest.approx(min(shortcut))  # out to the right,
    assert xs[0] == pytest.approx(plus.x)  # from the line of the branch,
    assert xs[-1] == pytest.approx(plus.x, abs=20)  # and back to the sum,
    assert rest.startswith(f"M{plus.x:g} ")  # from which it goes on to the output


def test_all_layers_of_the_plan_are_drawn_once_from_top_to_bottom() -> None:
    for name in VARIANTS:
        for shape in ShapeChange:
            found = block(name, shape=shape)
            (layers,) = drawn_blocks(draw_blocks([found], Mode.LIGHT).svg)
            assert len(layers) == len(found.nodes)
            assert len({(layer.row, layer.lane) for layer in layers}) == len(layers)  # no box on top of another
            line = [layer.y for layer in layers if layer.lane == "branch"]
            assert line == sorted(line)


def test_rows_are_aligned_over_the_orders_and_differences_are_lit() -> None:
    svg = draw_blocks(blocks(*ORDERS), Mode.LIGHT).svg
    columns = drawn_blocks(svg)
    row_y = {layer.row: layer.y for layer in columns[0]}
    for layers in columns:
        assert all(layer.y == row_y[layer.row] for layer in layers if layer.row in row_y and layer.words != "+")
    convs = [[layer.row for layer in layers if layer.words.startswith("conv")] for layers in columns]
    assert convs == [[3, 6]] * 5
    assert lit_rows(svg) == [1, 2, 7, 8, 10, 11]  # before the first convolution, behind the last, behind the sum
    for layers in columns:
        assert {layer.row for layer in layers if "different" in layer.classes} <= set(lit_rows(svg))
        assert {layer.row for layer in layers if "equal" in layer.classes} == {3, 4, 5, 6, 9}


def test_two_equal_blocks_have_nothing_lit() -> None:
    svg = draw_blocks(blocks("a_original", "identity", "basic"), Mode.LIGHT).svg
    assert lit_rows(svg) == []
    assert all("equal" in layer.classes for layers in drawn_blocks(svg) for layer in layers)


def test_blocks_of_other_sizes_are_compared_by_their_structure() -> None:
    assert lit_rows(draw_blocks(blocks("d2l_residual", "residual_64_64"), Mode.LIGHT).svg) == [1, 4]  # biases
    ends = lit_rows(draw_blocks(blocks("d2l_residual_1x1", "residual_64_128"), Mode.LIGHT).svg)
    assert ends == [1, 2, 4]  # biases, and the norm behind the projection
    assert lit_rows(draw_blocks(blocks("basic", "torchvision_basic", width=16), Mode.LIGHT).svg) == []


def test_without_norm_a_and_b_are_drawn_the_same_as_are_d_and_e() -> None:
    for pair in (("a_original", "b_bn_after_add"), ("d_relu_only_preact", "e_full_preact")):
        assert lit_rows(draw_blocks(blocks(*pair, has_norm=False), Mode.LIGHT).svg) == []
        assert lit_rows(draw_blocks(blocks(*pair), Mode.LIGHT).svg) != []


def test_layers_on_the_path_of_the_shortcut_have_its_colour_around_them() -> None:
    svg = draw_blocks(blocks(*ORDERS), Mode.DARK).svg
    marked = [[layer.words for layer in layers if "on-path" in layer.classes] for layers in drawn_blocks(svg)]
    assert marked == [["ReLU"], ["batch norm 64", "ReLU"], [], [], []]
    assert words_of(svg, "path") == [
        "on the shortcut: ReLU", "on the shortcut: BN, ReLU", *["on the shortcut: nothing"] * 3
    ]  # fmt: skip
    line = PALETTES[Mode.DARK][Role.SHORTCUT].line
    assert svg.count(f'stroke="{line}" stroke-width="3.2"') == 3


def test_first_and_last_convolutions_of_basic_and_bottleneck_share_rows() -> None:
    columns = drawn_blocks(draw_blocks(blocks("basic", "bottleneck"), Mode.LIGHT).svg)
    basic, bottleneck = ([layer.row for layer in layers if "conv" in layer.words] for layers in columns)
    assert basic == [bottleneck[0], bottleneck[2]]


def test_a_plain_block_has_no_second_line() -> None:
    svg = draw_blocks(blocks("plain"), Mode.LIGHT).svg
    assert paths_of(svg, "shortcut-path") == []
    assert {layer.lane for layer in drawn_blocks(svg)[0]} == {"branch"}


@pytest.mark.parametrize(("name", "products"), [("exclusive_gating", 2), ("shortcut_only_gating", 1)])
def test_a_gate_has_a_line_of_its_own_and_an_arrow_to_each_product(name: str, products: int) -> None:
    svg = draw_blocks(blocks(name), Mode.LIGHT).svg
    gate = [layer.words for layer in drawn_blocks(svg)[0] if layer.lane == "gate"]
    assert titles(gate) == ["conv", "sigmoid", "1 − gate"]
    assert len(paths_of(svg, "gate")) == 1 + products


def test_words_are_escaped() -> None:
    evil = '<script>"&'
    assert element("text", evil, {"class": evil}) == (
        "<text class='&lt;script&gt;\"&amp;'>&lt;script&gt;\"&amp;</text>"
    )
    assert "<script" not in text_in(evil, 0, 0, 10, 10)
