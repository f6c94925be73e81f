"""The instruments answer from what is shipped, and compute what is not."""

import pytest


@pytest.fixture(autouse=True)
def instruments() -> None:
    """The service itself in place of its stand-in."""
