"""A query on a page: the button that asks it, its position in the queue or its share, a button that cancels it."""

import time
from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus, Request
from resnet_viz.jobs.queries.service import QueryService
from resnet_viz.present.units import seconds_text
from resnet_viz.ui.widgets import auto_refresh
from resnet_viz.ui.widgets.messages import show_warning

_EVERY_S: Final = 0.4
_AT_ONCE_S: Final = 0.35  # time of a map of a small net: a progress bar would only flicker
_LOOK_S: Final = 0.02


def ask(service: QueryService, request: Request, *, owner: str) -> QueryStatus | None:
    """Asks a query, waits a moment for a result that comes at once, and returns its status.

    None, below a message, where the query cannot be taken now, and where the owner has asked another one meanwhile.
    """
    try:
        service.ask(request, owner=owner)
    except Refusal as refusal:
        show_warning(str(refusal), is_here=True)
        return None
    deadline = time.monotonic() + _AT_ONCE_S
    while True:
        status = service.status(request, owner=owner)
        if status is None or status.is_over or time.monotonic() >= deadline:
            return status
        time.sleep(_LOOK_S)


def show_failure(service: QueryService, request: Request, message: str, *, owner: str, key: str) -> None:
    """Shows why a query failed, and a button that asks it again; `key` is unique on its page."""
    show_warning(_(message), is_here=True)
    if st.button(_("Try again"), icon=":material/refresh:", key=f"again:{key}"):
        ask(service, request, owner=owner)
        st.rerun()


def show_offer(label: str, message: str, *, key: str, on_click: Callable[[], None], **look: Any) -> None:
    """Shows a button that asks a query, behind a message if there is one; `key` is unique on its page."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if message:
            st.markdown(message)
        st.button(label, icon=":material/play_arrow:", type="primary", key=f"compute:{key}", on_click=on_click, **look)


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
        show_status(service, status, label=_("Cancel"), key=f"cancel:{key}", on_click=cancel)
        return False

    auto_refresh.show(draw, every_s=_EVERY_S)


def show_status(
    service: QueryService, status: QueryStatus, *, label: str, key: str, on_click: Callable[[], None]
) -> None:
    """Shows how far a query has come, and beside it a button that ends it; `key` is unique on its page."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.progress(status.share, status_text(status, limit_s=service.kind.wall_s))
        st.button(label, icon=":material/stop:", key=key, on_click=on_click)


def status_text(status: QueryStatus, *, limit_s: float) -> str:
    """Returns how far a query has come that is not over, such as "Computing: 40 %, 3 s (at most 5 min)"."""
    if status.state is QueryState.QUEUED:
        return _("Queued (position {n})").format(n=status.position)
    time = _("{spent} (at most {limit})").format(spent=seconds_text(status.seconds), limit=seconds_text(limit_s))
    if status.share <= 0:
        return _("Loading torch and the network: {time}").format(time=time)
    return _("Computing: {share:.0f} %, {time}").format(share=100 * status.share, time=time)
