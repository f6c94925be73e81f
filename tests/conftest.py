"""No test touches the visitor's own runs, uploads and caches; a store of a test's own, and its writer."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.paths import HOME_VARIABLE
from resnet_viz.runs.store import RunStore

# Tests compute on tiny tensors, several processes at once: a second thread of torch spins for a core that is not free.
# Set before any test module loads torch, and handed on to the processes that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Lets everything that a test keeps lie in a folder of this session; a test may name another."""
    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = str(tmp_path_factory.mktemp("home"))
    yield
    if before is None:
        del os.environ[HOME_VARIABLE]
    else:
        os.environ[HOME_VARIABLE] = before


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs.sqlite")


@pytest.fixture
def daemon(store: RunStore) -> Iterator[DaemonStore]:
    with DaemonStore(store.path) as daemon:
        yield daemon
