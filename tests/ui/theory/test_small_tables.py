"""Small tables on the page."""

import pytest

from resnet_viz.present.theory.small_tables import SmallTable
from tests.fakes.visiting import change, is_whole, prose, visit, warnings


@pytest.mark.parametrize("table", SmallTable)
def test_each_table_has_its_address(table: SmallTable) -> None:
    at = visit("theory", show="tables", table=table.value)
    assert is_whole(at)
    assert warnings(at) == []
    assert len(at.dataframe[0].value) > 2


def test_the_depth_is_in_the_address_and_in_the_sentence() -> None:
    at = change(visit("theory", show="tables"), "n", 100)
    assert "A step trains 74.75 of 100 blocks" in prose(at)
    assert at.query_params == {"show": "tables", "n": "100"}
    change(at, "table", "field")  # whose depth is another
    assert at.query_params == {"show": "tables", "table": "field"}
    assert "The field of 20 layers is 41 px wide" in prose(at)
