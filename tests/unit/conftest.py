"""A store of a test's own, and its writer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_viz.runs.daemon_store import Ledger
from resnet_viz.runs.store import RunStore


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs.sqlite")


@pytest.fixture
def ledger(store: RunStore) -> Iterator[Ledger]:
    with Ledger(store.path) as ledger:
        yield ledger
