"""Images that are no squares in words, tables, charts and drawings; and squares as ever."""

import io
import json

import pyarrow as pa
import pytest

from resnet_viz.analysis.compare import compare
from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.graph.build import draw_net
from resnet_viz.graph.drawing import Level
from resnet_viz.graph.expansion import Expansion
from resnet_viz.graph.side_by_side import TitledDrawing, stack_drawings
from resnet_viz.plan.lower import lower
from resnet_viz.present.architecture.differences import part_table
from resnet_viz.present.architecture.graph_colors import ColorQuantity, counted_values
from resnet_viz.present.architecture.graph_data import NOTHING, GraphOptions, component_data
from resnet_viz.present.architecture.layer_details import NetDetails
from resnet_viz.present.architecture.stage_charts import stage_charts
from resnet_viz.present.architecture.summary import net_summary
from resnet_viz.present.architecture.volumes import place_volumes
from resnet_viz.present.tables import layer_table, stage_table
from resnet_viz.present.theme import Mode
from resnet_viz.spec.presets import preset

TALL = (448, 224)


def analysed(name: str = "resnet18", image_size: int | tuple[int, int] = TALL) -> Analysis:
    return analyse(lower(preset(name, image_size=image_size)))


def test_the_sentence_on_sight_names_both_sides() -> None:
    assert "435 × 435 px, of an image of 448 × 224 px." in net_summary(analysed())
    assert "435 × 435 px, more than the whole image." in net_summary(analysed(image_size=(434, 224)))
    assert "435 × 435 px, more than the whole image." in net_summary(analysed(image_size=224))
    assert "435 × 435 px, of an image of 448 px." in net_summary(analysed(image_size=448))


@pytest.mark.parametrize("table", [stage_table, layer_table])
def test_tables_have_both_axes_in_columns_of_numbers(table: object) -> None:
    assert callable(table)
    rows = table(analysed())
    last = rows[-1]
    sides = last["receptive field, height"], last["receptive field, width"]
    assert sides == (435 + 13 * 32, 435 + 6 * 32)  # the head reads 14 by 7 pixels, 32 px apart
    assert (last["jump downwards, px"], last["jump to the right, px"]) == TALL
    assert "receptive field, px" not in last
    assert {"receptive field, px", "jump, px"} <= table(analysed(image_size=224))[0].keys()


def test_a_comparison_keeps_its_columns_of_one_type() -> None:
    rows = part_table(compare(analysed(image_size=224), analysed()))
    assert rows[-2]["field, px b"] == f"{435 + 13 * 32}×{435 + 6 * 32}"
    assert (rows[-2]["field, px a"], rows[0]["field, px b"]) == (435 + 6 * 32, "11")
    pa.Table.from_pylist(rows)


def test_cards_name_both_sides_where_they_differ() -> None:
    details = NetDetails(analysed())
    lines = {part: dict(found.lines) for part in ("stage4", "head") if (found := details.details(part))}
    assert (lines["stage4"]["receptive field"], lines["stage4"]["jump"]) == ("435 px", "32 px")
    assert (lines["head"]["receptive field"], lines["head"]["jump"]) == ("851 × 627 px", "448 × 224 px")
    assert "512×14×7" in lines["stage4"]["out"]


def test_the_chart_of_fields_has_a_line_for_each_side() -> None:
    lines = [len(stage_charts(analysed(image_size=size), Mode.LIGHT)[3].layout.shapes) for size in (224, TALL)]
    assert lines == [1, 2]
    title = json.dumps(stage_charts(analysed(), Mode.LIGHT)[3].layout.to_plotly_json(), default=str)
    assert "448\\u00d7224" in title


@pytest.mark.parametrize("size", [(1024, 32), (32, 1024), (64, 64)])
def test_boxes_of_any_image_fit_onto_the_sheet(size: tuple[int, int]) -> None:
    sheet = place_volumes([analysed(image_size=size)])
    assert sheet.scale.channel > 0
    corners = [corner for box in sheet.rows[0] for face in box.faces for corner in face]
    assert max(x for x, _y in corners) <= sheet.width
    assert max(y for _x, y in corners) <= sheet.height


def test_the_drawing_and_the_code_have_the_shapes_of_this_image() -> None:
    analysis = analysed()
    text = str(draw_net(analysis, Expansion(level=Level.STAGE)))
    assert "3×448×224" in text
    assert "512×14×7" in text
    values = counted_values({row.name: row for row in analysis.parts}, ColorQuantity.FIELD)
    assert values["head"] == 851
    code = io.StringIO(pytorch_source(analysis.plan.spec)).getvalue()
    assert "(N, 3, 448, 224)" in code
    assert "512 x 14 x 7" in code


def test_each_card_measures_the_field_on_the_image_of_its_own_net() -> None:
    nets = [analysed(image_size=224), analysed()]
    drawing = stack_drawings([TitledDrawing("", "", draw_net(net, Expansion(level=Level.STAGE))) for net in nets])
    data = component_data(drawing, nets, GraphOptions(Mode.LIGHT, ColorQuantity.KIND, NOTHING, "net", ""))
    cards = {box["net"]: box["card"] for box in data["boxes"].values() if box["name"] == "head"}
    assert [cards[net]["image_sides"] for net in (0, 1)] == [(224, 224), TALL]
    assert [cards[net]["field"] for net in (0, 1)] == [(627, 627), (851, 627)]
