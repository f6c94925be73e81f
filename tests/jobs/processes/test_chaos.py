"""A short chaos; `make chaos` has a longer one."""

from pathlib import Path

import pytest

from resnet_viz.jobs.training import client
from tests.jobs.processes import chaos

SECONDS = 30.0

pytestmark = [pytest.mark.torch, pytest.mark.slow]


def test_whatever_is_killed_no_shown_step_is_lost_and_every_run_ends_in_exactly_one_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in chaos.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    report = chaos.wreak(client.store(), seconds=SECONDS, seed=1)
    assert report.faults == []
    assert report.shown > 100
    assert set(report.ended) <= {"done", "failed", "cancelled"}
