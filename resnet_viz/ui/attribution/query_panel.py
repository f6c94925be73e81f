"""Queries about trained nets on a page: asked when the page needs an answer, followed while it is made, left alone.

An answer that comes at once is drawn in the same run of the script. One that takes longer is followed by a fragment, so
that the rest of the page can be used meanwhile.
"""

import json
import time
from collections.abc import Callable
from typing import Final, TypeVar

import streamlit as st

from resnet_viz.attribution.cost import QueryCost
from resnet_viz.attribution.query import AttributionQuery, from_json
from resnet_viz.attribution.result import ImageResult, QueryResult
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _, ngettext
from resnet_viz.jobs.queries import attribution
from resnet_viz.jobs.queries.inquiries import QueryState
from resnet_viz.jobs.queries.service import QueryStatus
from resnet_viz.present.attribution.text import net_notes
from resnet_viz.present.units import seconds_text
from resnet_viz.ui.widgets import auto_refresh
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning
from resnet_viz.ui.widgets.visitor import session_owner

Kind = TypeVar("Kind", bound=QueryResult)

_EVERY_S: Final = 0.4
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
    standing = attribution.look(query, owner=asker)
    if standing is None:
        if st.session_state.get(_LEFT) == query.key():
            _offer(query, line, _("Stopped."), cost)
            return
        is_wanted = st.session_state.get(_wanted(line)) == query.key()
        if is_dear and not is_wanted and not attribution.recall(query, owner=asker):
            _offer(query, line, "", cost)
            return
        standing = _asked(query, asker)
    if standing is None:
        return
    match standing.stage:
        case QueryState.ANSWERED:
            result = standing.answer
            assert isinstance(result, kind)  # each topic has one kind of result
            if cost is not None and result.seconds is not None:
                attribution.QUERY_SPEED.note(query.key(), cost, result.seconds)
            draw(result)
        case QueryState.FAILED:
            show_warning(standing.sentence, is_here=True)
            if st.button(_("Try again"), icon=":material/refresh:", key=f"again:{line}"):
                _asked(query, asker)
                st.rerun()
        case _:
            subject = json.dumps({"question": query.key(), "asker": asker, "line": line})
            auto_refresh.show(_progress, subject, every_s=_EVERY_S)


def warm_up() -> None:
    """Has torch loaded while the visitor looks at what was known already."""
    attribution.warm_up()


def _asked(query: AttributionQuery, asker: str) -> QueryStatus | None:
    """Asks, and waits a moment for an answer that comes at once."""
    try:
        attribution.ask(query, owner=asker)
    except Refusal as refusal:
        show_warning(str(refusal), is_here=True)
        return None
    deadline = time.monotonic() + _AT_ONCE_S
    while True:
        standing = attribution.look(query, owner=asker)
        is_over = standing is None or standing.stage in (QueryState.ANSWERED, QueryState.FAILED)
        if is_over or time.monotonic() >= deadline:
            return standing
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


def _progress(subject: str) -> bool:
    """Says how far a query has come, and offers to stop; returns whether it is over."""
    told = json.loads(subject)
    query, asker = from_json(json.loads(told["question"])), told["asker"]
    standing = attribution.look(query, owner=asker)
    if standing is None or standing.stage in (QueryState.ANSWERED, QueryState.FAILED):
        return True
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.progress(min(1.0, standing.share), _state(standing))
        st.button(
            _("Cancel"),
            icon=":material/stop:",
            key=f"cancel:{told['line']}",
            on_click=_leave,
            args=(query, asker),
        )
    return False


def _leave(query: AttributionQuery, asker: str) -> None:
    st.session_state[_LEFT] = query.key()
    attribution.leave(query, owner=asker)


def _state(standing: QueryStatus) -> str:
    if standing.stage is QueryState.WAITING:
        return _("waiting: number {n} in the line").format(n=standing.place)
    if standing.share <= 0:
        return _("loading torch and the nets: {spent} so far").format(spent=seconds_text(standing.seconds))
    return _("computing outside the web server: {share:.0%}, {spent} so far").format(
        share=standing.share, spent=seconds_text(standing.seconds)
    )
