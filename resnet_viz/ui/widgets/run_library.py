"""The library of runs as pages show it: shared reads, names of states, downloads."""

from typing import Any, Final, Literal

import streamlit as st

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.runs.downloads import RunFormat, file_name, make_file, mime_type
from resnet_viz.runs.library import SHIPPED, RunEntry, RunLibrary, Snapshot
from resnet_viz.runs.run import HoldReason, RunState
from resnet_viz.ui.widgets.shared_cache import shared_cache
from resnet_viz.ui.widgets.visitor import may_change

_MOST_POINTS: Final = 400  # per curve: more than a chart has pixels to show
_FRESH_S: Final = 0.9
_KEPT_S: Final = 600.0  # of a run that will not change again


def library() -> RunLibrary:
    """Returns the runs of this machine's user and the shipped ones.

    Raises:
        QueueError: the folder of runs cannot be made.
    """
    return RunLibrary(client.store())


def may_be_changed(entry: RunEntry) -> bool:
    """Whether this visitor may rename, pin and delete a run: on a public server only its owner may."""
    return entry.summary is not None and may_change(entry.summary.owner)


def snapshot(run_id: str, state: str) -> Snapshot:
    """Returns the measurements of a run, read once a second for all sessions that watch it.

    The state is part of the key, so that nobody keeps the values from just before the end.
    """
    may_change_again = state in (RunState.QUEUED, RunState.RUNNING)
    return shared_cache.get(
        ("snapshot", run_id, state),
        lambda: library().snapshot(run_id, at_most=_MOST_POINTS),
        fresh_s=_FRESH_S if may_change_again else _KEPT_S,
    )


def exported(run_id: str) -> dict[str, Any]:
    """Returns a run with all its records as JSON values.

    Raises:
        QueueError: there is none of this id.
    """
    found = library().export(run_id)
    if found is None:
        raise QueueError(_("This run has been deleted."))
    return found


def download_button(
    run_id: str, title: str, form: RunFormat, label: str, *, kind: Literal["secondary", "tertiary"] = "secondary"
) -> None:
    """Shows a button that downloads a run; the file is made when the button is pressed."""
    st.download_button(
        label,
        lambda: make_file(exported(run_id), form).content,
        file_name({"id": run_id, "name": title}, form),
        mime_type(form),
        key=f"export:{run_id}:{form.value}",
        icon=":material/download:",
        type=kind,
        on_click="ignore",
    )


def state_name(state: str) -> str:
    """Returns the name of a state or of a reason to be held."""
    return {
        SHIPPED: _("example"),
        RunState.QUEUED.value: _("queued"),
        RunState.RUNNING.value: _("running"),
        RunState.DONE.value: _("done"),
        RunState.FAILED.value: _("failed"),
        RunState.CANCELLED.value: _("stopped"),
        HoldReason.PAUSED.value: _("paused"),
        HoldReason.INTERRUPTED.value: _("interrupted"),
    }.get(state, state)
