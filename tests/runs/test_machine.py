"""What was measured of this machine: kept for a month, and never believed where it cannot be true."""

import json
from pathlib import Path

import pytest

from resnet_viz.jobs.queries import speed_test
from resnet_viz.runs import machine
from resnet_viz.training.machine_speed import REFERENCE, Machine

HERE = Machine(base_bytes=400_000_000, is_measured=True)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    return tmp_path


def test_without_a_measurement_the_reference_is_known() -> None:
    assert machine.read() is None
    assert machine.known() is REFERENCE


def test_a_measurement_holds_for_thirty_days() -> None:
    machine.write(HERE, now=1_000_000.0)
    day = 24 * 3_600.0
    assert machine.read(now=1_000_000.0 + 29 * day) == HERE
    assert machine.read(now=1_000_000.0 + 31 * day) is None
    assert machine.read(now=1_000_000.0 - day) is None  # a clock that was wrong


def test_another_torch_or_processor_is_measured_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    machine.write(HERE)
    assert machine.known() == HERE
    monkeypatch.setattr(machine, "identity", lambda: {"cpu": "another", "cores": 2, "torch": "2.13.0"})
    assert machine.read() is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 5_000, b" " * 20_000, b'{"version": 1, "of": {}}']
)
def test_a_damaged_file_is_ignored(home: Path, content: bytes) -> None:
    (home / machine.FILE_NAME).write_bytes(content)
    assert machine.known() is REFERENCE


@pytest.mark.parametrize("change", [{"version": 2}, {"measured": "today"}, {"machine": {"cpu": {}}}, {"of": None}])
def test_a_changed_file_is_ignored(home: Path, change: dict[str, object]) -> None:
    machine.write(HERE)
    path = home / machine.FILE_NAME
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert machine.known() is REFERENCE


def test_writing_leaves_one_file(home: Path) -> None:
    machine.write(HERE)
    machine.write(HERE)
    assert [path.name for path in home.iterdir()] == [machine.FILE_NAME]


def test_nothing_is_measured_where_it_is_switched_off_or_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(speed_test.VARIABLE, "0")
    assert not speed_test.ensure()
    monkeypatch.delenv(speed_test.VARIABLE)
    machine.write(HERE)
    assert not speed_test.ensure()
