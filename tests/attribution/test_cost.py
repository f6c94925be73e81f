"""What an answer costs: passes counted from the table of methods, seconds from the last answers."""

from typing import Any

import pytest

from resnet_viz.attribution.cost import QueryCost, QuerySpeed, query_cost
from resnet_viz.attribution.query import AttributionQuery, from_json
from resnet_viz.data.datasets import DataName
from resnet_viz.spec.presets import preset

SPEC = preset("cifar_resnet20", in_channels=1, image_size=28)


def query(topic: str, **fields: Any) -> AttributionQuery:
    return from_json({"topic": topic, "nets": ["shipped:resnet20"], "picture": "data:fashion_mnist_subset/9", **fields})


@pytest.mark.parametrize(
    ("asked", "passes"),
    [
        (query("maps", method="saliency"), 2),  # there and back
        (query("maps", method="occlusion"), 1 + 13**2),  # windows of 5 px in steps of 2 on 28 px
        (query("maps", method="saliency", options={"also": "grad_cam,integrated_gradients"}), 2 + 2 + 102),
        (query("sanity", method="saliency"), 2 * (12 + 9)),  # trained, fc, 9 blocks, stem; trained, 8 random nets
        (query("over_training", method="saliency"), 2 * 5),
        (query("film"), 2),
        (query("patches", layer="stage1.block1"), 2_000),  # all shipped test images
    ],
    ids=lambda value: value.topic if isinstance(value, AttributionQuery) else str(value),
)
def test_the_passes_are_those_of_the_table_times_the_maps_that_are_made(asked: AttributionQuery, passes: int) -> None:
    found = query_cost(asked, [SPEC], data=DataName.FASHION_MNIST_SUBSET, num_steps=5)
    assert found.passes == passes
    both = query_cost(asked, [SPEC, SPEC], data=DataName.FASHION_MNIST_SUBSET, num_steps=5)
    assert both == QueryCost(2 * found.passes, 2 * found.macs)


def test_seconds_are_those_of_the_answer_with_the_most_similar_work() -> None:
    pace = QuerySpeed()
    assert pace.seconds(QueryCost(10, 1_000)) is None
    pace.note("a", QueryCost(10, 1_000), 2.0)
    pace.note("b", QueryCost(100, 10_000), 10.0)
    assert pace.seconds(QueryCost(10, 1_500)) == pytest.approx(3.0)
    assert pace.seconds(QueryCost(200, 20_000)) == pytest.approx(20.0)
    assert pace.seconds(QueryCost(10**6, 10**8)) is None  # nothing near


def test_an_answer_that_is_looked_at_again_counts_once() -> None:
    pace = QuerySpeed()
    pace.note("a", QueryCost(10, 1_000), 2.0)
    for _again in range(100):
        pace.note("b", QueryCost(10, 1_000_000), 3.0)
    assert pace.seconds(QueryCost(10, 1_000)) == pytest.approx(2.0)
