"""Filters of the list of runs (words, states, pins, page of the list), all in the address."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.runs.library import SHIPPED, RunEntry
from resnet_viz.runs.run import RunState
from resnet_viz.ui.runs import actions
from resnet_viz.ui.widgets import run_library, url_state
from resnet_viz.ui.widgets.run_library import state_name
from resnet_viz.ui.widgets.viewport import bottom_aligned, is_narrow

PER_PAGE: Final = 8
_PAGE: Final = "page"
_NAMES: Final = ("q", "state", "pinned")


def pick(entries: Sequence[RunEntry]) -> list[RunEntry]:
    """Shows the filters and the import, and returns the runs to list."""
    store = run_library.library().store
    if store.is_newer():
        st.info(
            _(
                "These runs were saved by a newer version of this program. They can be viewed and exported; update the "
                "program to change them."
            ),
            icon=":material/lock:",
        )
    is_worth_it = any(entry.summary is not None for entry in entries) or any(name in st.query_params for name in _NAMES)
    text, chosen, is_pinned = "", list[str](), False
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if is_worth_it:
            text = url_state.text(_("Search"), "q", width=240, placeholder=_("name, net, id"))
            states = [state.value for state in RunState]
            room = "stretch" if is_narrow() else "content"  # where pills break into lines
            with bottom_aligned():
                chosen = url_state.several(_("State"), "state", [*states, SHIPPED], [], state_name, width=room)
            is_pinned = url_state.switch(_("Pinned only"), "pinned", default=False)
        else:
            st.markdown(
                _("Example runs. Your runs appear here; beyond the limits below the oldest unpinned ones are deleted."),
                width="content",
            )
        actions.import_button()
    pinned = store.pinned_ids() if is_pinned else None
    found = _matching(entries, text=text, states=chosen, pinned=pinned)
    if not found:
        st.info(_("No runs match these filters."), icon=":material/search_off:")
    return _one_page(found)


def _matching(
    entries: Sequence[RunEntry], *, text: str, states: Sequence[str], pinned: frozenset[str] | None
) -> list[RunEntry]:
    """Returns the runs with all words of a text in title, nets or id, in one of the states, pinned where asked for."""
    words = text.lower().split()

    def fits(entry: RunEntry) -> bool:
        known = " ".join(
            [entry.title, *entry.labels, *entry.net_titles, entry.id, str(entry.recipe_fields.get("data", ""))]
        ).lower()
        return (
            all(word in known for word in words)
            and (not states or entry.state in states)
            and (pinned is None or entry.id in pinned)
        )

    return [entry for entry in entries if fits(entry)]


def _one_page(found: Sequence[RunEntry]) -> list[RunEntry]:
    num_pages = max(1, -(-len(found) // PER_PAGE))
    number = url_state.page_number(_PAGE, num_pages)
    return list(found[(number - 1) * PER_PAGE : number * PER_PAGE])
