"""Nets identified by a count of parameters or FLOPs or by a name, each with a link to its page."""

from typing import Final

import streamlit as st

from resnet_viz.analysis.identify import identify_text
from resnet_viz.analysis.matches import Match
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.present.parameters.identify import counted, match_text
from resnet_viz.present.units import exact
from resnet_viz.present.work_counts import work_table
from resnet_viz.spec import codec
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.widgets import url_state, viewport
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning

_NAME: Final = "which"
_EXAMPLE: Final = "widget:example"
NAMESAKES: Final = ("11,689,512", "11,181,642", "11,173,962", "11,178,378")  # all called ResNet-18
EXAMPLES: Final = (
    *NAMESAKES, "25,636,712", "23.53M", "4.1 GFLOPs", "ResNet-50", "ResNet-50 v1.5", "WRN-28-10",
)  # fmt: skip
_MOST_SHOWN: Final = 12


def show_identification() -> None:
    """Shows the field, examples and the nets that fit; without a clue the four nets called ResNet-18."""
    clue = _pick()
    if not clue:
        st.markdown(_("Example: four networks are called **ResNet-18**, and each has another number of parameters."))
    try:
        matches = identify_text(clue) if clue else tuple(identify_text(count)[0] for count in NAMESAKES)
    except SpecError as refusal:
        show_warning(str(refusal), is_here=True)
        return
    _rows(matches)
    if matches[0].work is not None:
        st.markdown(_("Who counts what, for {net}:").format(net=escape_markdown(matches[0].preset)))
        st.markdown(work_table(matches[0].spec, is_narrow=viewport.is_narrow()))


def _pick() -> str:
    """Shows the field and the examples, both bound to one name of the address, and returns the clue."""
    given = st.query_params.get(_NAME, "")
    st.session_state[_EXAMPLE] = given if given in EXAMPLES else None

    def example_picked() -> None:
        with url_state.changing():
            url_state.write(_NAME, st.session_state[_EXAMPLE] or "", "")

    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        clue = url_state.text(
            _("Parameters, FLOPs or name"), _NAME, placeholder=_("11,181,642, 4.1 GFLOPs or ResNet-50"), width=300
        )
        st.pills(_("Examples"), EXAMPLES, key=_EXAMPLE, on_change=example_picked, width="content")
    return clue


def _rows(matches: tuple[Match, ...]) -> None:
    """Shows a row per net: a link to its page, its parameters and its changes from the nearest net."""
    with st.container(border=True, gap="small"):
        for match in matches[:_MOST_SHOWN]:
            link, text = st.columns([4, 8], gap=None, vertical_alignment="center")
            query = codec.to_query(match.spec, base=match.preset)
            fields = [f"{name}={value}" for name, value in query.items() if name != codec.NET]
            link.page_link(
                page_path("architecture"),
                label=escape_markdown(", ".join([match.preset, *fields])),
                icon=":material/account_tree:",
                query_params=query,
            )
            text.markdown(f"**{exact(counted(match))}**: {escape_markdown(match_text(match))}")
