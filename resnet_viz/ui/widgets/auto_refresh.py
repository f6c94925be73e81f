"""A part of a page that is redrawn at intervals, without the rest of the page."""

import logging
from collections.abc import Callable
from typing import Final

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import N_, _
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.visitor import activate_language

FAILED: Final = N_("Internal error in this part of the page; see the server log.")

_log = logging.getLogger(__name__)


def show(draw: Callable[[], bool], *, every_s: float | None) -> None:
    """Calls `draw` now and every `every_s` seconds until it returns True, then draws the whole page; None for once.

    Such a call runs outside the frame: it needs a language, and an error in it must end as a message, too.
    """

    def framed() -> None:
        activate_language()
        is_over = False
        try:
            is_over = draw()
        except Refusal as refusal:
            show_warning(str(refusal))
        except Exception:
            _log.exception("drawing %s failed", draw.__qualname__)
            show_warning(_(FAILED))
        if is_over and every_s is not None:
            st.rerun()  # the whole page, which then no longer polls

    st.fragment(framed, run_every=every_s)()
