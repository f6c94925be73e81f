"""Inception 3a among residual blocks: its layers in their rows, the blocks as they are without it."""

import re

import pytest

from resnet_viz.present.blocks.drawing import draw_blocks
from resnet_viz.present.theme import Mode
from tests.fakes.blocks import ORDERS, blocks, drawn_blocks, lit_rows, words_of

PATHS = {  # Szegedy et al. 2015, table 1, row inception (3a)
    "1×1, 64", "1×1, 96", "3×3, 128", "1×1, 16", "5×5, 32", "max pool", "1×1, 32",
}  # fmt: skip


@pytest.mark.parametrize("place", [0, 1, 2])
def test_it_has_its_place_in_the_row(place: int) -> None:
    svg = draw_blocks(blocks("a_original", "bottleneck"), Mode.LIGHT, inception_at=place).svg
    columns = drawn_blocks(svg)
    assert [index for index, layers in enumerate(columns) if {layer.words for layer in layers} >= PATHS] == [place]
    assert [round(max(layer.x for layer in layers)) for layers in columns] == sorted(
        round(max(layer.x for layer in layers)) for layers in columns
    )
    assert words_of(svg, "title")[place] == "Inception 3a"


@pytest.mark.parametrize("names", [("a_original",), ("bottleneck",), ORDERS[:4], ("e_full_preact", "plain")])
def test_convolutions_and_join_are_in_the_rows_of_convolutions_and_addition(names: tuple[str, ...]) -> None:
    *others, inception = drawn_blocks(draw_blocks(blocks(*names), Mode.LIGHT, inception_at=len(names)).svg)
    convs = {layer.row for layers in others for layer in layers if layer.words.startswith("conv")}
    assert {layer.row for layer in inception if re.match("[135]×", layer.words)} == {min(convs), max(convs)}
    (join,) = (layer for layer in inception if layer.words == "concatenation")
    assert join.row == max(layer.row for layers in others for layer in layers if layer.words == "+")
    places = {layer.row: layer.y for layers in others for layer in layers}
    assert all(layer.y == pytest.approx(places[layer.row], abs=8) for layer in inception)


def test_the_blocks_beside_it_are_as_they_are_without_it() -> None:
    names = ORDERS[:4]
    beside = draw_blocks(blocks(*names), Mode.LIGHT, inception_at=4).svg
    alone = draw_blocks(blocks(*names), Mode.LIGHT).svg
    assert drawn_blocks(beside)[:4] == drawn_blocks(alone)
    assert lit_rows(beside) == lit_rows(alone)


def test_its_channels_add_up_at_the_output() -> None:
    svg = draw_blocks(blocks("a_original"), Mode.LIGHT, inception_at=1).svg
    assert "256×28×28" in svg  # Szegedy et al. 2015, table 1
