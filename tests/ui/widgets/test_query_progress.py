"""How far a query has come, in a few words."""

import pytest

from resnet_viz.jobs.queries.queue import QueryState, QueryStatus
from resnet_viz.ui.widgets.query_progress import status_text


@pytest.mark.parametrize(
    ("status", "parts"),
    [
        (QueryStatus(state=QueryState.QUEUED, position=2), ("2",)),
        (QueryStatus(state=QueryState.RUNNING, seconds=3.0), ("torch", "3 s", "5 min")),
        (QueryStatus(state=QueryState.RUNNING, seconds=3.0, share=0.404), ("40 %", "3 s", "5 min")),
    ],
    ids=["queued", "loading", "computing"],
)
def test_the_text_holds_position_or_share_and_times(status: QueryStatus, parts: tuple[str, ...]) -> None:
    text = status_text(status, limit_s=300.0)
    assert [part for part in parts if part not in text] == []
