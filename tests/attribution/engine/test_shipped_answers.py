"""The answers that come with the program are those that it computes."""

import numpy as np
import pytest

from resnet_viz.attribution import defaults, result_cache
from resnet_viz.attribution.engine import worker
from resnet_viz.attribution.query import AttributionQuery

pytestmark = pytest.mark.torch

QUESTIONS = defaults.default_queries()
CLOSE = 1e-3  # relative to the largest value: another processor adds in another order


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.topic.value for question in QUESTIONS])
def test_a_shipped_answer_equals_a_fresh_one(question: AttributionQuery) -> None:
    shipped = result_cache.load(result_cache.key_of(question))
    assert shipped is not None, "run python -m tools.record_attribution"
    meta, arrays = worker.answer(question, lambda _share: None)
    assert [net["target"] for net in shipped.meta["nets"]] == [net["target"] for net in meta["nets"]]
    assert [net["weights"] for net in shipped.meta["nets"]] == [net["weights"] for net in meta["nets"]]
    assert shipped.arrays.keys() == arrays.keys()
    for name, values in shipped.arrays.items():
        largest = float(np.abs(values).max())
        np.testing.assert_allclose(values, arrays[name], rtol=0, atol=CLOSE * largest, err_msg=name)


def test_nothing_is_shipped_that_nobody_asks_for() -> None:
    asked = {f"{result_cache.key_of(question)}.npz" for question in QUESTIONS}
    assert {path.name for path in result_cache.SHIPPED.glob("*")} == asked


def test_the_shipped_answers_are_small() -> None:
    assert sum(path.stat().st_size for path in result_cache.SHIPPED.glob("*.npz")) < 500_000
