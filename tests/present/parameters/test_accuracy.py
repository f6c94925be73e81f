"""Published results against cost: no chart mixes data, crops or sources, and every point is a published one."""

import pytest

from resnet_viz.present.parameters.accuracy import TABLES, accuracy_charts, accuracy_text, costed_results
from resnet_viz.present.theme import Mode


@pytest.mark.parametrize("name", TABLES)
def test_all_points_of_a_chart_share_source_data_and_crops(name: str) -> None:
    rows = costed_results(name)
    assert len(rows) >= 4
    shared = {(r.result.citation, r.result.protocol.data, r.result.protocol.crops, r.result.quantity) for r in rows}
    assert len(shared) == 1


@pytest.mark.parametrize("name", TABLES)
def test_every_point_is_drawn_with_its_protocol_and_source(name: str) -> None:
    rows = costed_results(name)
    params, macs = (figure.data[0] for figure in accuracy_charts(name, Mode.LIGHT))
    assert list(params.x) == [row.params for row in rows]
    assert list(macs.x) == [row.macs for row in rows]
    assert list(params.y) == list(macs.y) == [row.result.value for row in rows]
    for row, hover in zip(rows, params.customdata, strict=True):
        assert row.result.citation in hover
        assert row.result.protocol.data in hover
        assert row.result.protocol.runs in hover
        assert f"{row.params:,}" in hover


def test_results_of_other_runs_are_drawn_open() -> None:
    rows = costed_results("he2015_table6")
    figure = accuracy_charts("he2015_table6", Mode.LIGHT)[0]
    is_open = [symbol == "circle-open" for symbol in figure.data[0].marker.symbol]
    assert [row.result.net for row, own in zip(rows, is_open, strict=True) if own] == ["ResNet-110"]
    assert "ResNet-110 (6.43: best of 5 runs)" in accuracy_text("he2015_table6")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "he2015_table3",
            "ResNet-152, option B has the smallest top-1 error, 21.43 %, with ",
        ),  # He et al. 2015, table 3
        (
            "he2015_table6",
            "ResNet-110 has the smallest test error, 6.43 %, with 1,727,962 parameters: 6.4 times those of",
        ),
        ("he2016_table3", "ResNet-1001, pre-activation unit has the smallest test error, 4.92 %"),  # He et al. 2016
    ],
)
def test_the_best_net_is_named_with_what_it_costs(name: str, told: str) -> None:
    assert told in accuracy_text(name)
