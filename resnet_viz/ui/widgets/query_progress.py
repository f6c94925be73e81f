"""Progress of a query on a page: its position in the queue or its share, and a button that cancels it."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus, Request
from resnet_viz.jobs.queries.service import QueryService
from resnet_viz.present.units import seconds_text
from resnet_viz.ui.widgets import auto_refresh

_EVERY_S: Final = 0.4


def show(
    service: QueryService, request: Request, *, owner: str, key: str, on_cancel: Callable[[], None] = lambda: None
) -> None:
    """Shows how far a query has come until it is over, then draws the page anew.

    Args:
        service: of the query.
        request: the query.
        owner: session that asked it.
        key: of the button, unique on its page.
        on_cancel: called when the button is pressed, before the query is cancelled.
    """

    def cancel() -> None:
        on_cancel()
        service.cancel(request, owner=owner)

    def draw() -> bool:
        status = service.status(request, owner=owner)
        if status is None or status.is_over:
            return True
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.progress(status.share, status_text(status, limit_s=service.kind.wall_s))
            st.button(_("Cancel"), icon=":material/stop:", key=f"cancel:{key}", on_click=cancel)
        return False

    auto_refresh.show(draw, every_s=_EVERY_S)


def status_text(status: QueryStatus, *, limit_s: float) -> str:
    """Returns how far a query has come that is not over, such as "Computing: 40 %, 3 s (at most 5 min)"."""
    if status.state is QueryState.QUEUED:
        return _("Queued (position {n})").format(n=status.position)
    time = _("{spent} (at most {limit})").format(spent=seconds_text(status.seconds), limit=seconds_text(limit_s))
    if status.share <= 0:
        return _("Loading torch and the network: {time}").format(time=time)
    return _("Computing: {share:.0f} %, {time}").format(share=100 * status.share, time=time)
