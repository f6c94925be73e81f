"""View "Sanity check": the map while the learned weights are replaced by random ones."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from resnet_viz.attribution.net_result import SanityVerdict
from resnet_viz.attribution.query import Topic
from resnet_viz.attribution.result import SanityResult
from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.attribution.correlation_figures import sanity_figure
from resnet_viz.present.attribution.small_multiples import randomised_figure
from resnet_viz.present.attribution.text import verdict_text
from resnet_viz.spec.net import NetSpec
from resnet_viz.ui.attribution import method
from resnet_viz.ui.attribution.method import MethodChoice
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.widgets import chart, query_panel
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.nets.menu import spec_of
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def show(selection: PageSelection, row: "DeltaGenerator") -> None:
    """Shows the map while the net is randomised from the head down, and the verdict on the method."""
    choice = method.pick(selection, row)
    st.markdown(
        _("Weights are re-initialised from the head down. A map that explains the learned net must change."),
        help=_("Model parameter randomisation test of Adebayo et al. 2018. A map that stays shows the image alone."),
    )
    query = choice.query(Topic.SANITY, selection.nets, selection.image)
    query_panel.show(
        query,
        SanityResult,
        lambda result: _draw(result, choice, [_role(ref) for ref in selection.nets]),
        slot="sanity",
        cost=selection_cost(query, selection),
        is_dear=True,
    )


def _role(ref: NetRef) -> Role:
    """Returns the role whose colour a net has in charts."""
    spec = spec_of(ref)
    if not isinstance(spec, NetSpec):
        return Role.HEAD
    return Role.BRANCH if spec.is_plain else Role.SHORTCUT


def _draw(result: SanityResult, choice: MethodChoice, roles: Sequence[Role]) -> None:
    for net, check in zip(result.nets, result.checks, strict=True):
        is_sensitive = check.verdict is SanityVerdict.CHANGES
        icon = ":material/check_circle:" if is_sensitive else ":material/report:"
        color = "green" if is_sensitive else "orange"
        text = verdict_text(choice.method.title, check)
        st.markdown(f":{color}[{icon}] **{escape_markdown(net.title)}**: {escape_markdown(text)}")
    query_panel.show_net_notes(result)
    chart.show(
        randomised_figure(result, theme_mode(), is_signed=choice.method.is_signed, is_narrow=is_narrow()),
        "randomised",
        alt=_("the map after more and more layers were randomised"),
        file_name="sanity",
    )
    chart.show(
        sanity_figure(result, roles, theme_mode()),
        "sanity",
        alt=_("rank correlation with the trained net's map against the randomised part of the net"),
    )
