"""Published results against cost: no chart mixes data, crops or sources, and every point is a published one."""

import pytest

from resnet_viz.present.parameters.accuracy import (
    TABLES,
    accuracy_charts,
    accuracy_text,
    chart_name,
    costed_results,
    result_charts,
)
from resnet_viz.present.theme import Mode


@pytest.mark.parametrize("name", TABLES)
def test_all_points_of_a_chart_share_source_data_and_crops(name: str) -> None:
    rows = costed_results(name)
    assert len(rows) >= 4
    shared = {(r.result.citation, r.result.protocol.data, r.result.protocol.crops, r.result.quantity) for r in rows}
    assert len(shared) == 1


@pytest.mark.parametrize("name", result_charts())
def test_every_point_is_drawn_with_its_protocol_and_source(name: str) -> None:
    rows = result_charts()[name].rows
    params, macs = (figure.data[0] for figure in accuracy_charts(name, Mode.LIGHT))
    assert list(params.x) == [row.params for row in rows]
    assert list(macs.x) == [row.macs for row in rows]
    assert list(params.y) == list(macs.y) == [row.result.value for row in rows]
    for row, hover in zip(rows, params.customdata, strict=True):
        assert row.result.citation in hover
        assert row.result.protocol.data in hover
        assert row.result.protocol.runs in hover
        assert f"{row.params:,}" in hover


@pytest.mark.parametrize("name", result_charts())
def test_no_chart_mixes_runs_augmentation_or_other_conditions(name: str) -> None:
    protocols = [row.result.protocol for row in result_charts()[name].rows]
    assert len({(one.runs, one.augmentation, one.crops, one.note, one.data) for one in protocols}) == 1


@pytest.mark.parametrize("table", TABLES)
def test_each_result_of_a_table_is_in_one_chart_or_told_beside_it(table: str) -> None:
    charts = {name: chart for name, chart in result_charts().items() if chart.table == table}
    drawn = [row for chart in charts.values() for row in chart.rows]
    assert all(drawn.count(row) == 1 for row in drawn)
    for name, chart in charts.items():
        assert sorted(costed_results(table), key=str) == sorted((*chart.rows, *chart.others), key=str)
        for row in chart.others:
            assert f"({row.result.printed}: " in accuracy_text(name)


def test_results_of_other_runs_are_told_and_not_drawn() -> None:
    assert "ResNet-110" not in [row.result.net for row in result_charts()["he2015_table6"].rows]
    assert "ResNet-110 (6.43: best of 5 runs)" in accuracy_text("he2015_table6")
    assert chart_name("he2016_table4").endswith("CIFAR-10, number of runs not given")
    assert chart_name("he2016_table4_2").endswith("CIFAR-10, median of 5 runs")
    assert "(4.62: batch size 64)" in accuracy_text("he2016_table4_2")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "he2015_table3",
            "ResNet-152, option B has the smallest top-1 error, 21.43 %, with ",
        ),  # He et al. 2015, table 3
        (
            "he2015_table6",
            "ResNet-56 has the smallest test error, 6.97 %, with 853,018 parameters: 3.2 times those of ResNet-20",
        ),
        ("he2016_table3", "ResNet-1001, pre-activation unit has the smallest test error, 4.92 %"),  # He et al. 2016
    ],
)
def test_the_best_net_is_named_with_what_it_costs(name: str, told: str) -> None:
    assert told in accuracy_text(name)
