"""Frame of every page: page config, language, navigation, errors.

`app.py` calls `run`, every file in `pages/` begins with `ensure`. While a folder `pages/` exists, Streamlit runs the
page file alone on the first deep link after a start, without frame or menu, until `st.navigation` is called: `ensure`
does so before it starts over.
"""

import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import N_, _
from resnet_viz.resources import ASSETS, PAGES
from resnet_viz.ui.widgets import viewport
from resnet_viz.ui.widgets.lecture import scene_bar, way
from resnet_viz.ui.widgets.messages import notices, show_warning
from resnet_viz.ui.widgets.presentation import present_mode
from resnet_viz.ui.widgets.visitor import activate_language

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

FAILED: Final = N_("Internal error on this page; see the server log. Your choices are kept in the address.")

_STAGES: Final = ("scene", "vote")  # pages whose controls are what they present

_inside: ContextVar[bool] = ContextVar("resnet_viz_inside_frame", default=False)
_log = logging.getLogger(__name__)


def run() -> None:
    """Draws the frame and runs the page that the address names."""
    page = _chrome()
    _recall_address(page.url_path)
    _inside.set(True)  # each run of the script has a context of its own
    notices.set(st.container())
    try:
        present_mode.apply(scene_bar.controls(), hides_controls=page.url_path not in _STAGES)
        scene_bar.show()
        page.run()
    except Refusal as refusal:
        show_warning(str(refusal))
    except Exception:  # Streamlit's own control flow is no Exception
        _log.exception("page %s failed", page.url_path or "/")
        show_warning(_(FAILED))
    finally:
        viewport.watch()
        if present_mode.is_on() or page.url_path not in _STAGES:
            present_mode.show_switch()
        _inside.set(False)
        notices.set(None)
        _keep_address(page.url_path)


def ensure() -> None:
    """Leaves a page file that Streamlit ran without the frame, and starts over inside it."""
    if not _inside.get():
        _chrome()
        st.rerun()


def page_path(stem: str) -> str:
    """Returns the file of a page, for `st.page_link`; absolute, so that it does not depend on which script runs."""
    return str(PAGES / f"{stem}.py")


def _chrome() -> "StreamlitPage":
    activate_language()
    st.set_page_config(
        page_title="resnet_viz",
        page_icon=str(ASSETS / "favicon.png"),
        layout="wide",
        menu_items={"About": _("Residual networks drawn, counted, trained and explained. MIT licence.")},
    )
    return st.navigation(_pages(), position="top")


def _pages() -> "list[StreamlitPage]":
    def page(stem: str, title: str, *, is_default: bool = False) -> "StreamlitPage":
        return st.Page(PAGES / f"{stem}.py", title=title, default=is_default)

    return [
        page("start", _("Start"), is_default=True),
        page("architecture", _("Architecture")),
        page("blocks", _("Blocks")),
        page("parameters", _("Parameters")),
        page("training", _("Training lab")),
        page("gradients", _("Gradients")),
        page("theory", _("Theory")),
        page("attribution", _("Attribution")),
        page("runs", _("Runs")),
        page("scene", _("Lecture")),
        st.Page(PAGES / "vote.py", title=_("Vote"), visibility="hidden"),  # phones come by its address
    ]


def _recall_address(page: str) -> None:
    """Gives a page its choices back when the menu leads to it with an empty address."""
    last = st.session_state.get("last_page")
    if last not in (None, page):
        addresses: dict[str, dict[str, str]] = st.session_state.get("addresses", {})
        if not st.query_params:
            st.query_params.from_dict(present_mode.without(way.without_lecture(addresses.get(page, {}))))
        if page not in _STAGES:
            present_mode.carry(addresses.get(last, {}))
    st.session_state["last_page"] = page


def _keep_address(page: str) -> None:
    if way.has_led_away():
        return
    st.session_state.setdefault("addresses", {})[page] = st.query_params.to_dict()
