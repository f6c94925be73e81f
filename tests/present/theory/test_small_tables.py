"""Small tables: rows, readings and charts."""

import pytest

from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.small_tables import (
    SmallTable,
    field_chart,
    small_table,
    survival_chart,
    table_title,
    with_chosen,
)


@pytest.mark.parametrize("table", SmallTable)
@pytest.mark.parametrize("num", [1, 54, 200])
def test_every_table_has_rows_a_reading_and_a_source(table: SmallTable, num: int) -> None:
    shown = small_table(table, num)
    assert shown.rows
    assert shown.text.endswith((".", ")."))
    assert shown.source
    assert table_title(table)
    assert len({tuple(row) for row in shown.rows}) == 1  # the same columns


def test_formula_and_sum_stand_beside_each_other() -> None:
    rows = small_table(SmallTable.DEPTH, 54).rows
    assert all(row["trained per step, Σ p"] == pytest.approx(row["(3L − 1)/4"]) for row in rows)
    text = small_table(SmallTable.DEPTH, 54).text
    assert text.startswith("A step trains 40.25 of 54 blocks")
    assert "6.41 % error" in text  # Huang et al. 2016, table 1
    assert "5.25 %" in text


def test_the_chosen_depth_is_in_the_table() -> None:
    assert with_chosen((5, 10), 7) == [5, 7, 10]
    assert with_chosen((5, 10), 10) == [5, 10]
    assert any(row["layers n"] == 17 for row in small_table(SmallTable.FIELD, 17).rows)


def test_the_ranks_are_told() -> None:
    text = small_table(SmallTable.RANK, 1).text
    assert "36 directions change the outputs of the plain net, and 30 where" in text
    assert "with a shortcut 42 and 36." in text


def test_the_charts_have_a_bar_per_block_and_a_point_per_pixel() -> None:
    assert len(survival_chart(9, Mode.DARK).data[0].x) == 9
    assert [len(curve.x) for curve in field_chart(4, Mode.DARK).data] == [9, 9]
