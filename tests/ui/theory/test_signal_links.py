"""Links from instruments to the lab open a run that can be started."""

import pytest

from tests.fakes.visiting import value, visit, warnings


def test_the_lab_takes_the_compared_depths() -> None:
    at = visit("training", recipe="degradation", order="original", depth="8,20,56", seeds="3")
    assert warnings(at) == []
    assert value(at, "depth") == ["8", "20", "56"]
    assert value(at, "order") == "original"


@pytest.mark.parametrize(("name", "recipe"), [("depth", "degradation"), ("orders", "activation_orders")])
def test_an_instrument_leads_to_its_recipe(name: str, recipe: str) -> None:
    queries = [link.proto.query_string for link in visit("theory", show=name).get("page_link")]
    assert any(f"recipe={recipe}" in query for query in queries)
