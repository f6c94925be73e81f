"""Selection of the compared runs: a tick at each, and `runs=ID,ID` in the address."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.runs import shipped
from resnet_viz.runs.library import RunEntry
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.messages import show_warning

NAME: Final = "runs"
DEFAULT: Final = shipped.NAMES[0]
MOST: Final = 6
_LONGEST: Final = 60


def picked(entries: Sequence[RunEntry]) -> list[RunEntry]:
    """Returns the runs that the address names, in its order; shows a warning for an unknown one."""
    known = {entry.id: entry for entry in entries}
    ids = _ids()
    unknown = [run_id for run_id in ids if run_id not in known]
    if unknown:
        show_warning(
            _("There is no run {id} on this machine; it may have been deleted.").format(id=repr(unknown[0][:_LONGEST]))
        )
    found = [known[run_id] for run_id in ids if run_id in known]
    if len(found) > MOST:
        show_warning(_("At most {most} runs can be compared; the first {most} are shown.").format(most=MOST))
    return found[:MOST]


def tick(entry: RunEntry, *, is_picked: bool) -> None:
    """Shows the tick of one run."""
    key = f"compare:{entry.id}"
    st.session_state[key] = is_picked
    st.checkbox(
        _("Compare {name}").format(name=entry.id),
        key=key,
        label_visibility="collapsed",
        on_change=_toggle,
        args=(entry.id, key),
    )


def forget(ids: Sequence[str]) -> None:
    """Removes runs from the comparison."""
    with url_state.changing():
        url_state.write(NAME, ",".join(run_id for run_id in _ids() if run_id not in ids), DEFAULT)


def _toggle(run_id: str, key: str) -> None:
    with url_state.changing():
        others = [each for each in _ids() if each != run_id]
        ids = [*others, run_id] if st.session_state[key] else others
        url_state.write(NAME, ",".join(ids), DEFAULT)


def _ids() -> list[str]:
    text = st.query_params.get(NAME, DEFAULT)
    return list(dict.fromkeys(part for part in text.split(",") if part))
