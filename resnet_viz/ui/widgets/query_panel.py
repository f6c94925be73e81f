"""Attribution queries on a page: asked when the page needs a result, with progress, a cancel button and errors.

A result that comes at once is drawn in the same run of the script. Progress of a longer query is a fragment, so that
the rest of the page stays usable.
"""

from collections.abc import Callable
from typing import Final, TypeVar

import streamlit as st

from resnet_viz.attribution.cost import QueryCost
from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.attribution.result import ImageResult, QueryResult
from resnet_viz.i18n import _, ngettext
from resnet_viz.jobs.queries import attribution
from resnet_viz.jobs.queries.queue import QueryState
from resnet_viz.present.attribution.text import net_notes
from resnet_viz.present.units import seconds_text
from resnet_viz.ui.widgets import query_progress
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.visitor import session_owner

Kind = TypeVar("Kind", bound=QueryResult)

_CANCELLED: Final = "attribution:left"


def show(
    query: AttributionQuery,
    kind: type[Kind],
    draw: Callable[[Kind], None],
    *,
    slot: str = "main",
    cost: QueryCost | None = None,
    is_dear: bool = False,
) -> None:
    """Draws the result of a query, or its progress, or its error.

    Args:
        query: the query.
        kind: of its result.
        draw: draws the result.
        slot: part of the page; each slot of a session keeps only its newest query.
        cost: of the query, where known.
        is_dear: whether it is asked only at the press of a button, unless its result is there already.
    """
    asker = f"{session_owner()}:{slot}"
    request = attribution.request_for(query)
    status = attribution.SERVICE.status(request, owner=asker)
    if status is None:
        if st.session_state.get(_CANCELLED) == query.key():
            _offer(query, slot, _("Stopped."), cost)
            return
        is_wanted = st.session_state.get(_wanted(slot)) == query.key()
        if is_dear and not is_wanted and not attribution.SERVICE.recall(request, owner=asker):
            _offer(query, slot, "", cost)
            return
        status = query_progress.ask(attribution.SERVICE, request, owner=asker)
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
            query_progress.show_failure(attribution.SERVICE, request, status.message, owner=asker, key=slot)
        case _:
            query_progress.show(
                attribution.SERVICE, request, owner=asker, key=slot, on_cancel=lambda: _mark_cancelled(query)
            )


def warm_up() -> None:
    """Starts the process with torch in the background."""
    attribution.SERVICE.warm_up()


def cost_text(cost: QueryCost) -> str:
    """Returns a cost as text: "290 passes, about 3 s"."""
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
    """Returns a number with two significant digits."""
    unit = 10 ** max(0, len(str(count)) - 2)
    return f"{round(count / unit) * unit:,}"


def _offer(query: AttributionQuery, slot: str, message: str, cost: QueryCost | None) -> None:
    """Shows a button that asks a query."""

    def want() -> None:
        st.session_state.pop(_CANCELLED, None)
        st.session_state[_wanted(slot)] = query.key()

    label = _("Compute") if cost is None else _("Compute (about {cost})").format(cost=cost_text(cost))
    query_progress.show_offer(label, message, key=slot, on_click=want, help=passes_text())


def _wanted(slot: str) -> str:
    return f"attribution:wanted:{slot}"


def _mark_cancelled(query: AttributionQuery) -> None:
    st.session_state[_CANCELLED] = query.key()
