"""Presentation: `?present=1` hides menu and controls and enlarges type, for a projector.

Controls are hidden by styles, not left out of the script: so their values stay, and nothing on a page needs to know.
What a page draws itself takes its size from `scale`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.presentation import present_styles

NAME: Final = "present"
ON: Final = "1"
LED: Final = "scene"  # in the address of a page that a scene has opened; its bar has the way out
_KEY: Final = "present"
_LONGEST: Final = 60  # characters of a wrong value in a message
_USUAL: Final = 1.25  # of 1024 x 768
_SCALES: Final = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5)
_SCRIPT: Final = """
export default function ({ data, setStateValue, setTriggerValue }) {
  const tell = () => {
    const { innerWidth, innerHeight } = window; // and not the page's type, whose styles may come later
    const type = innerWidth > 640 ? Math.min(innerWidth * data.of_width, innerHeight * data.of_height) / 16 : 1;
    const wanted = data.scales.reduce((a, b) => (Math.abs(b - type) < Math.abs(a - type) ? b : a));
    if (wanted !== data.scale) setStateValue("scale", wanted);
  };
  const isTaken = (event) =>
    event.defaultPrevented || document.fullscreenElement || document.querySelector("[role=dialog], [role=listbox]") ||
    document.querySelector("[data-testid=stFullScreenFrame] button[aria-label='Close fullscreen']");
  const leave = (event) => {
    if (event.key === "Escape" && data.leaves && !isTaken(event)) setTriggerValue("leave", true);
  };
  tell();
  window.addEventListener("resize", tell);
  window.addEventListener("keydown", leave);
  return () => {
    window.removeEventListener("resize", tell);
    window.removeEventListener("keydown", leave);
  };
}
"""
_component = st.components.v2.component("resnet_viz_present", js=_SCRIPT)


def is_on() -> bool:
    """Returns whether the address asks for the presentation."""
    return st.query_params.get(NAME) == ON


def scale() -> float:
    """Returns the factor of type in charts: 1, or in a presentation that of the visitor's screen as far as known."""
    if not is_on():
        return 1.0
    known = st.session_state.get(_KEY, {}).get("scale", _USUAL)
    return float(known) if known in _SCALES else _USUAL


def apply(controls: Sequence[str] = (), *, hides_controls: bool = True) -> None:
    """Hides menu and controls, but for those of these names in the address, and enlarges type."""
    given = st.query_params.get(NAME, ON)
    if given != ON:
        show_warning(_("“present” is 1 or absent; got {given}.").format(given=given[:_LONGEST]))
    if is_on():
        has_title = LED not in st.query_params
        st.html(present_styles.presented(controls, hides_controls=hides_controls, has_title=has_title))


def keep(query: Mapping[str, str]) -> dict[str, str]:
    """Returns an address to go to, which is presented if the present one is."""
    return {**query, NAME: ON} if is_on() else dict(query)


def without(query: Mapping[str, str]) -> dict[str, str]:
    """Returns an address without the presentation, which is no setting of a page."""
    return {name: text for name, text in query.items() if name != NAME}


def carry(last: Collection[str]) -> None:
    """Keeps the presentation on a page that a link without it has opened from a page that is presented.

    Args:
        last: names in the address of that page.
    """
    if NAME in last and LED not in last:
        st.query_params.setdefault(NAME, ON)


def show_switch() -> None:
    """Shows the way into the presentation, or out of it: a small button, which takes no space on the page."""
    if not is_on():
        st.html(present_styles.ENTRY)
        st.button(
            _("Present"), key=present_styles.ENTRY_KEY, icon=":material/slideshow:", type="tertiary", on_click=_enter
        )
        return
    is_led = LED in st.query_params
    _component(
        key=_KEY,
        data={
            "scale": scale(),
            "scales": _SCALES,
            "of_width": present_styles.OF_WIDTH,
            "of_height": present_styles.OF_HEIGHT,
            "leaves": not is_led,
        },
        default={"scale": _USUAL},
        on_scale_change=_nothing,
        on_leave_change=leave,
    )
    if not is_led:
        st.button(
            _("Leave the presentation (Esc)"),
            key=present_styles.EXIT_KEY,
            icon=":material/close_fullscreen:",
            type="tertiary",
            on_click=leave,
        )


def leave() -> None:
    """Ends the presentation; a callback."""
    with url_state.changing():
        st.query_params.pop(NAME, None)


def _enter() -> None:
    with url_state.changing():
        st.query_params[NAME] = ON


def _nothing() -> None:
    """Does nothing: a state needs a callback to exist, and its change causes the run of the script that is wanted."""
