"""This machine is measured in a process of its own, and what was measured is kept and plausible."""

from pathlib import Path

import pytest

from resnet_viz.jobs.queries import speed_test
from resnet_viz.runs import machine
from resnet_viz.training import budget
from resnet_viz.training.recipe_files import make
from tests.fakes.waiting import until

pytestmark = pytest.mark.torch


def test_a_machine_is_measured_in_the_background_and_known_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    monkeypatch.delenv(speed_test.VARIABLE, raising=False)
    assert speed_test.ensure()
    until(lambda: not speed_test.ensure(), "the measurement")
    here = machine.known()
    assert here.is_measured
    assert 2**26 < here.base_bytes < 2**32
    run = make("degradation", {})
    # No wall clock: only that it is of this world. The reference is right within a factor of two on one machine.
    assert 0.01 < budget.estimate(run, machine=here) / budget.estimate(run) < 100
