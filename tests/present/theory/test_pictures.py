"""Pictures of the cards: whole SVG in both themes, drawn from their numbers."""

import re
import xml.etree.ElementTree as ET

import pytest

from resnet_viz.graph.roles import Role
from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.pictures import PICTURES
from resnet_viz.present.theory.small_charts import HEIGHT, Bar, Line, bar_chart, heatmap, line_chart


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_svg_with_something_in_it(name: str, mode: Mode) -> None:
    svg = ET.fromstring(PICTURES[name](mode))
    assert svg.tag.endswith("svg")
    assert len(list(svg.iter())) > 2
    assert "nan" not in PICTURES[name](mode)


def test_higher_values_are_drawn_higher() -> None:
    (line,) = (
        one for one in ET.fromstring(line_chart([Line((1.0, 3.0, 2.0), Role.BRANCH)], Mode.LIGHT)) if one.get("points")
    )
    heights = [float(point.split(",")[1]) for point in str(line.get("points")).split()]
    assert heights[1] < heights[2] < heights[0] <= HEIGHT


def test_bars_are_as_tall_as_their_values() -> None:
    svg = bar_chart([[Bar(1.0, Role.BRANCH), Bar(2.0, Role.BRANCH)], [Bar(4.0, Role.SHORTCUT)]], Mode.LIGHT)
    one, two, four = (float(height) for height in re.findall(r'<rect[^>]* height="([0-9.]+)"', svg))
    assert [two / one, four / one] == pytest.approx([2, 4])


def test_a_heatmap_has_a_square_per_value() -> None:
    svg = heatmap([[0.0, 1.0], [2.0, 3.0]])
    colors = re.findall(r'fill="(#[0-9A-F]{6})"', svg)
    assert (colors[0], colors[-1], len(colors)) == ("#440154", "#FDE725", 4)
    assert heatmap([[1.0, 1.0]]).count("<rect") == 2
