"""One torch thread, for the nets are so small that threads cost more than they do; and a run with kept steps."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def run_id(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A run with kept steps."""
    from tests.fakes.kept_run import trained

    with trained(tmp_path_factory.mktemp("home")) as found:
        yield found
