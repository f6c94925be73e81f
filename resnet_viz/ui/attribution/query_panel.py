"""Queries about trained nets on a page: asked when the page needs an answer, followed while it is made, left alone.

An answer that comes at once is drawn in the same run of the script. One that takes longer is followed by a fragment, so
that the rest of the page can be used meanwhile.
"""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import streamlit as st

from resnet_viz.attribution.cost import QueryCost
from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.attribution.result import ImageResult, QueryResult
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _, ngettext
from resnet_viz.jobs.queries import attribution
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus, Request
from resnet_viz.present.attribution.text import net_notes
from resnet_viz.present.units import seconds_text
from resnet_viz.ui.widgets import query_progress
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning
from resnet_viz.ui.widgets.visitor import session_owner

Kind = TypeVar("Kind", bound=QueryResult)

_AT_ONCE_S: Final = 0.35  # what a map of a small net takes: quicker than a progress bar that is drawn and taken away
_LOOK_S: Final = 0.02
_LEFT: Final = "attribution:left"


def show(
    query: AttributionQuery,
    kind: type[Kind],
    draw: Callable[[Kind], None],
    *,
    line: str = "main",
    cost: QueryCost | None = None,
    is_dear: bool = False,
) -> None:
    """Draws the answer to a query, or how far it has come, or why there is none.

    Args:
        query: what is asked.
        kind: of its result.
        draw: draws the result.
        line: of one visitor only the newest query of a line is answered; a page may have several lines.
        cost: what it takes, where that is known.
        is_dear: whether it is asked only when somebody presses a button, unless its answer is there already.
    """
    asker = f"{session_owner()}:{line}"
    request = attribution.request_for(query)
    status = attribution.SERVICE.status(request, owner=asker)
    if status is None:
        if st.session_state.get(_LEFT) == query.key():
            _offer(query, line, _("Stopped."), cost)
            return
        is_wanted = st.session_state.get(_wanted(line)) == query.key()
        if is_dear and not is_wanted and not attribution.SERVICE.recall(request, owner=asker):
            _offer(query, line, "", cost)
            return
        status = _ask(request, asker)
    if status is None:
        return
    match status.state:
        case QueryState.DONE:
            result = status.result
            assert isinstance(result, kind)  # each topic has one kind of result
            if cost is not None and result.seconds is not None:
                attribution.QUERY_SPEED.note(query.key(), cost, result.seconds)
            draw(result)
        case QueryState.FAILED:
            show_warning(_(status.message), is_here=True)
            if st.button(_("Try again"), icon=":material/refresh:", key=f"again:{line}"):
                _ask(request, asker)
                st.rerun()
        case _:
            query_progress.show(
                attribution.SERVICE, request, owner=asker, key=line, on_cancel=lambda: _mark_cancelled(query)
            )


def warm_up() -> None:
    """Has torch loaded while the visitor looks at what was known already."""
    attribution.SERVICE.warm_up()


def _ask(request: Request, asker: str) -> QueryStatus | None:
    """Asks, and waits a moment for an answer that comes at once."""
    try:
        attribution.SERVICE.ask(request, owner=asker)
    except Refusal as refusal:
        show_warning(str(refusal), is_here=True)
        return None
    deadline = time.monotonic() + _AT_ONCE_S
    while True:
        status = attribution.SERVICE.status(request, owner=asker)
        if status is None or status.is_over or time.monotonic() >= deadline:
            return status
        time.sleep(_LOOK_S)


def cost_text(cost: QueryCost) -> str:
    """Returns what an answer takes in a few words: "290 passes, about 3 s"."""
    text = ngettext("{n} pass", "{n} passes", cost.passes).format(n=_about(cost.passes))
    seconds = attribution.QUERY_SPEED.seconds(cost)
    return text if seconds is None else _("{passes}, about {time}").format(passes=text, time=seconds_text(seconds))


def passes_text() -> str:
    """Returns the definition of a pass."""
    return _("Pass: one image forward through a net, or its gradients back.")


def show_net_notes(result: ImageResult) -> None:
    """Shows a line for each net with guessed preprocessing or an inverted image."""
    for note in net_notes(result):
        st.markdown(f":material/info: {escape_markdown(note)}")


def _about(count: int) -> str:
    """Returns a number with two digits that count."""
    unit = 10 ** max(0, len(str(count)) - 2)
    return f"{round(count / unit) * unit:,}"


def _offer(query: AttributionQuery, line: str, sentence: str, cost: QueryCost | None) -> None:
    """Shows a button that has a query computed which nobody waits for."""
    label = _("Compute") if cost is None else _("Compute (about {cost})").format(cost=cost_text(cost))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if sentence:
            st.markdown(sentence)
        st.button(
            label,
            icon=":material/play_arrow:",
            type="primary",
            key=f"compute:{line}",
            on_click=_want,
            args=(query, line),
            help=passes_text(),
        )


def _want(query: AttributionQuery, line: str) -> None:
    st.session_state.pop(_LEFT, None)
    st.session_state[_wanted(line)] = query.key()


def _wanted(line: str) -> str:
    return f"attribution:wanted:{line}"


def _mark_cancelled(query: AttributionQuery) -> None:
    st.session_state[_LEFT] = query.key()
