"""Disk space of the runs, its limits, and the runs that retention has deleted."""

import time

import streamlit as st

from resnet_viz.i18n import _, ngettext
from resnet_viz.present.runs.comparison import ago_text
from resnet_viz.present.units import bytes_text, exact
from resnet_viz.runs.sql.retention import KEPT_VARIABLE, SIZE_VARIABLE
from resnet_viz.ui.widgets import run_library
from resnet_viz.ui.widgets.messages import escape_markdown


def show(num_runs: int) -> None:
    """Shows number and size of this machine's runs beside the limits, and the runs that were deleted beyond them."""
    usage = run_library.library().store.usage()
    runs = ngettext("{n} run", "{n} runs", num_runs).format(n=exact(num_runs))
    st.caption(
        escape_markdown(
            _("{runs}, {used} of {limit}; oldest unpinned runs are deleted first.").format(
                runs=runs, used=bytes_text(usage.used_bytes), limit=bytes_text(usage.limits.used_bytes)
            )
        ),
        help=_(
            "Limits: {size_limit} of records (`{size}`) and {count_limit} runs that have ended (`{count}`). "
            "Checkpoints: {kept} of {checkpoint_limit}; those of the oldest runs are deleted first."
        ).format(
            size_limit=bytes_text(usage.limits.used_bytes),
            size=SIZE_VARIABLE,
            count_limit=exact(usage.limits.finished_runs),
            count=KEPT_VARIABLE,
            kept=bytes_text(usage.checkpoint_bytes),
            checkpoint_limit=bytes_text(usage.limits.checkpoint_bytes),
        ),
    )
    if not usage.retired:
        return
    count = len(usage.retired)
    title = ngettext("{n} run was deleted to make room", "{n} runs were deleted to make room", count).format(n=count)
    with st.expander(title, icon=":material/auto_delete:"):
        for run in usage.retired:
            name = run.name or " · ".join(run.nets)
            st.markdown("- " + escape_markdown(f"{name}: {ago_text(time.time() - run.at)}"))
