"""How much room runs take, and what was deleted to make some."""

import time

import streamlit as st

from resnet_viz.i18n import _, ngettext
from resnet_viz.present.runs.comparison import ago_text
from resnet_viz.present.units import bytes_text, exact
from resnet_viz.runs.sql.retention import KEPT_VARIABLE, SIZE_VARIABLE
from resnet_viz.ui.widgets import run_library
from resnet_viz.ui.widgets.messages import escape_markdown


def show(num_runs: int) -> None:
    """Says how many runs of this machine there are, what they take and may take, and which made room for others."""
    usage = run_library.library().store.usage()
    runs = ngettext("{n} run of this machine takes", "{n} runs of this machine take", num_runs)
    sentence = _(
        "{runs} {used} for records and {kept} for checkpoints. Beyond {limit} of records, or {most} runs that have "
        "ended, the oldest that is not pinned is deleted; {size} and {count} change that. Beyond {checkpoints} of "
        "checkpoints the oldest of those go."
    )
    st.caption(
        escape_markdown(
            sentence.format(
                runs=runs.format(n=exact(num_runs)),
                used=bytes_text(usage.used_bytes),
                kept=bytes_text(usage.checkpoint_bytes),
                limit=bytes_text(usage.limits.used_bytes),
                checkpoints=bytes_text(usage.limits.checkpoint_bytes),
                most=exact(usage.limits.finished_runs),
                size=SIZE_VARIABLE,
                count=KEPT_VARIABLE,
            )
        )
    )
    if not usage.retired:
        return
    count = len(usage.retired)
    told = ngettext("{n} run was deleted to make room", "{n} runs were deleted to make room", count).format(n=count)
    with st.expander(told, icon=":material/auto_delete:"):
        for run in usage.retired:
            name = run.name or " · ".join(run.labels)
            st.markdown("- " + escape_markdown(f"{name}: {ago_text(time.time() - run.at)}"))
