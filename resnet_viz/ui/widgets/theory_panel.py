"""Questions to an instrument on a page: asked when the page needs an answer, drawn as its records come.

An answer that is there, or comes at once, is drawn in the same run of the script. Until a longer one is whole, the
drawing is a fragment that is redrawn with each record, so that the rest of the page stays usable.
"""

from collections.abc import Callable
from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.jobs.queries import theory
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus, Request
from resnet_viz.present.units import seconds_text
from resnet_viz.theory.answers import Records
from resnet_viz.theory.question import Question
from resnet_viz.ui.widgets import auto_refresh, query_progress
from resnet_viz.ui.widgets.visitor import session_owner

Draw = Callable[[Records, bool], None]
"""Draws the records that have come; the flag tells whether all of them are there. There may be none."""

DEAR_S: Final = 1.5  # seconds; a question that takes longer is asked at the press of a button
_EVERY_S: Final = 0.3
_STOPPED: Final = "theory:stopped"


def show(question: Question, draw: Draw, *, slot: str, cost_s: float = 0.0, is_drawn_empty: bool = False) -> None:
    """Draws the answer to a question, or as much of it as has come with its progress, or its error.

    Args:
        question: the question.
        draw: draws records.
        slot: part of the page; each slot of a session keeps only its newest question.
        cost_s: seconds that the answer takes; above DEAR_S a button says so first, unless the answer is known.
        is_drawn_empty: whether to draw before the first record, too: what needs none.
    """
    owner = f"{session_owner()}:theory:{slot}"
    request = theory.request_for(question)
    status = theory.SERVICE.status(request, owner=owner)
    if status is None:
        is_stopped = st.session_state.get(_STOPPED) == request.key
        is_wanted = st.session_state.get(_wanted(slot)) == request.key
        is_dear = cost_s > DEAR_S and not is_wanted
        if is_stopped or (is_dear and not theory.SERVICE.recall(request, owner=owner)):
            _offer(request, slot, _("Stopped.") if is_stopped else "", cost_s)
            return
        status = _ask(request, owner)
    if status is None:
        return
    match status.state:
        case QueryState.DONE:
            draw(status.result, True)
        case QueryState.FAILED:
            query_progress.show_failure(theory.SERVICE, request, status.message, owner=owner, key=slot)
        case _:
            _follow(request, owner, draw, slot, is_drawn_empty=is_drawn_empty)


def warm_up() -> None:
    """Starts the process with torch in the background."""
    theory.SERVICE.warm_up()


def _follow(request: Request, owner: str, draw: Draw, slot: str, *, is_drawn_empty: bool) -> None:
    """Draws what has come, again and again, until the answer is whole."""

    def cancel() -> None:
        st.session_state[_STOPPED] = request.key
        theory.SERVICE.cancel(request, owner=owner)

    def redraw() -> bool:
        status = theory.SERVICE.status(request, owner=owner)
        if status is None or status.is_over:
            return True
        query_progress.show_status(theory.SERVICE, status, label=_("Stop"), key=f"stop:{slot}", on_click=cancel)
        if status.pieces or is_drawn_empty:
            draw(status.pieces, False)
        return False

    auto_refresh.show(redraw, every_s=_EVERY_S)


def _ask(request: Request, owner: str) -> QueryStatus | None:
    st.session_state.pop(_STOPPED, None)
    return query_progress.ask(theory.SERVICE, request, owner=owner)


def _offer(request: Request, slot: str, message: str, cost_s: float) -> None:
    """Shows a button that asks, with the cost of the answer."""

    def want() -> None:
        st.session_state.pop(_STOPPED, None)
        st.session_state[_wanted(slot)] = request.key

    label = _("Compute (about {time})").format(time=seconds_text(cost_s)) if cost_s > DEAR_S else _("Compute")
    query_progress.show_offer(label, message, key=slot, on_click=want)


def _wanted(slot: str) -> str:
    return f"theory:wanted:{slot}"
