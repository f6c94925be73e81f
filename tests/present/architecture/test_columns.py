"""Nets in columns: bands are output sizes, costs add up, shortcuts are there, and shares are worked out."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings

from resnet_viz.analysis.report import analyse
from resnet_viz.graph.drawing import Level
from resnet_viz.graph.roles import Role
from resnet_viz.plan.lower import lower
from resnet_viz.present.architecture.columns import MOST_ALIKE, bands, net_items, num_shortcuts, sums
from resnet_viz.present.architecture.columns_drawing import draw_columns
from resnet_viz.present.architecture.shares import share_texts
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.spec.net import NetSpec
from tests.fakes.drawings import analysed
from tests.fakes.spec_strategies import small_specs

FIGURE = (analysed("vgg19"), analysed("plain34"), analysed("resnet34", dim_match="zero_pad"))  # He et al. 2015, fig. 3
SVG = "{http://www.w3.org/2000/svg}"


def test_the_bands_are_those_of_the_figure() -> None:
    found = bands(FIGURE, Level.BLOCK)
    assert [band.sides for band in found] == [(side, side) for side in (224, 112, 56, 28, 14, 7, 1)]
    counts = [tuple(map(len, band.columns)) for band in found]
    # He et al. 2015, fig. 3, a block for two of its convolutions: convolutions, pools and fc by output size
    assert counts == [(2, 0, 0), (3, 1, 1), (5, 4, 4), (5, 4, 4), (5, 6, 6), (1, 3, 3), (3, 2, 2)]


def test_a_residual_net_has_the_shortcuts_of_the_figure_and_the_others_none() -> None:
    items = [net_items(analysis) for analysis in FIGURE]
    assert [num_shortcuts(column) for column in items] == [0, 0, 16]
    assert sum(item.is_dashed for item in items[2]) == 3  # dotted in the figure: where dimensions grow
    assert not any(item.is_dashed for column in items[:2] for item in column)


@given(spec=small_specs())
@settings(deadline=None, max_examples=60)
def test_the_costs_of_a_column_are_those_of_its_net_at_every_level(spec: NetSpec) -> None:
    analysis = analyse(lower(spec))
    expected = analysis.totals.params, analysis.totals.macs
    for level in Level:
        items = [item for band in bands([analysis], level) for item in band.columns[0]]
        assert sums(items) == expected
        assert num_shortcuts(items) == (0 if spec.is_plain else len(analysis.plan.blocks))
        areas = [height * width for band in bands([analysis], level) for height, width in [band.sides]]
        assert areas == sorted(areas, reverse=True)


@pytest.mark.parametrize("net", ["vgg19", "vgg16_bn", "resnext50_32x4d", "cifar_preact_resnet20", "d2l_resnet18"])
def test_the_costs_of_known_nets_add_up(net: str) -> None:
    analysis = analysed(net)
    assert sums(net_items(analysis)) == (analysis.totals.params, analysis.totals.macs)


def test_equal_blocks_are_one_at_the_level_of_stages_and_folded_where_they_are_many() -> None:
    deep = [analysed("resnet152")]
    stages, blocks = bands(deep, Level.STAGE), bands(deep, Level.BLOCK)
    counts = [[item.times for item in band.columns[0]] for band in stages]
    assert counts == [[1], [1, 1, 2], [1, 7], [1, 35], [1, 2], [1, 1]]  # He et al. 2015, table 1: 3, 8, 36, 3 blocks
    (fourteen,) = (band.columns[0] for band in blocks if band.sides == (14, 14))
    assert [item.times for item in fourteen] == [1, 1, 34]
    assert all(len(band.columns[0]) <= MOST_ALIKE + 2 for band in blocks)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("mode", Mode)
def test_the_drawing_has_a_box_for_each_item_and_its_words(level: Level, mode: Mode) -> None:
    picture = draw_columns(FIGURE, level, mode)
    root = ET.fromstring(picture.svg)
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert {"VGG-19", "plain-34", "ResNet-34, option A", "100.0 %", "18.6 %", "224", "7", "fc, 1000"} <= set(words)
    arcs = [path for path in root.iter(f"{SVG}path") if path.get("class") == "shortcut"]
    assert len(arcs) == (7 if level is Level.STAGE else 16)
    assert {arc.get("stroke") for arc in arcs} == {PALETTES[mode][Role.SHORTCUT].line}
    assert sum(bool(arc.get("stroke-dasharray")) for arc in arcs) == 3
    counts = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "count"]
    assert counts == (["× 3", "× 3", "× 5", "× 2"] if level is Level.STAGE else [])
    assert (picture.width, picture.height) == (int(root.get("width", 0)), int(root.get("height", 0)))


def test_the_level_of_layers_has_a_box_for_each_convolution() -> None:
    root = ET.fromstring(draw_columns([FIGURE[2], FIGURE[1]], Level.LAYER, Mode.LIGHT).svg)
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert (
        sum(text.partition(" /")[0] in ("3×3, 64", "3×3, 128", "3×3, 256", "3×3, 512") for text in words if text) == 64
    )


def test_boxes_lie_in_their_band_and_none_over_another() -> None:
    root = ET.fromstring(draw_columns(FIGURE, Level.BLOCK, Mode.LIGHT).svg)
    grounds = [one for one in root.iter(f"{SVG}rect") if one.get("class") == "band"]
    tops = [(float(one.get("y", 0)), float(one.get("y", 0)) + float(one.get("height", 0))) for one in grounds]
    assert len(tops) == 7
    places = []
    for item in (group for group in root.iter(f"{SVG}g") if group.get("class") == "item"):
        for box in item.iter(f"{SVG}rect"):
            x, y, height = (float(box.get(name, 0)) for name in ("x", "y", "height"))
            assert any(top <= y and y + height <= bottom for top, bottom in tops)
            places.append((x, y, y + height))
    assert len(places) == 24 + 20 + 20
    for x, top, bottom in places:
        assert sum(x == other and top < low and high < bottom for other, high, low in places) == 1  # itself


def test_the_share_is_worked_out_beside_the_published_one() -> None:
    plain, residual = share_texts(FIGURE)
    assert "3,644,493,824 / 19,632,062,464 = **18.6 %**" in plain
    assert "He et al. 2015, section 3.3: 18 %." in plain  # "which is only 18% of VGG-19"
    assert "3.6 G of 19.6 G, rounded counts whose quotient is 18.4 %" in plain
    assert "**ResNet-34, option A**" in residual
    assert "section 3.3" not in residual
    assert "He et al. 2015, figure 3: 3.6 G of 19.6 G" in residual
    (other,) = share_texts([analysed("resnet18"), analysed("cifar_resnet20")])
    assert "He et al." not in other


def test_no_word_breaks_out_of_the_drawing() -> None:
    text = draw_columns(FIGURE, Level.STAGE, Mode.LIGHT).svg
    assert "<script" not in text
    assert ET.fromstring(text).get("aria-label", "").startswith("VGG-19, plain-34")
