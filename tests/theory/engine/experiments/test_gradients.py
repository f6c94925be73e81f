"""Cheap experiments of the gradient bench hold."""

import pytest

from resnet_viz.theory.engine.experiments.gradients import EXPERIMENTS
from resnet_viz.theory.experiment import Experiment, run

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("experiment", [row for row in EXPERIMENTS if row.is_cheap], ids=lambda row: row.id)
def test_it_holds(experiment: Experiment) -> None:
    outcome = run(experiment)
    assert outcome.holds, outcome.values


def test_ids_are_unique_and_belong_to_the_bench() -> None:
    assert len({row.id for row in EXPERIMENTS}) == len(EXPERIMENTS)
    assert {row.instrument for row in EXPERIMENTS} == {"gradients"}
