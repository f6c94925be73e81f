"""The view "Sanity check": does the map change when what the net has learned is taken away?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from resnet_viz.attribution.query import Topic
from resnet_viz.attribution.result import AttributionResult
from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.attribution.correlations import randomised_figure, sanity_figure
from resnet_viz.present.attribution.results import net_predictions
from resnet_viz.spec.net import NetSpec
from resnet_viz.ui.attribution import method, query
from resnet_viz.ui.attribution.map_view import NO_BAR, chart_config
from resnet_viz.ui.attribution.method import MethodChoice
from resnet_viz.ui.attribution.nets import spec_of
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def show(subject: PageSelection, row: "DeltaGenerator") -> None:
    """Shows the map while more and more of the net is randomised, and what that says of the method."""
    chosen = method.pick(subject, row)
    st.markdown(
        _(
            "From the top down, weights are drawn anew as before training (Adebayo et al. 2018). A map that explains "
            "what the net has learned must become another one; a map that stays shows the picture, not the net."
        )
    )
    question = chosen.question(Topic.SANITY, subject.nets, subject.picture)
    query.show(
        question,
        lambda answer: _draw(answer, chosen, [_role(ref) for ref in subject.nets]),
        line="sanity",
        cost=selection_cost(question, subject),
        is_dear=True,
    )


def _role(ref: NetRef) -> Role:
    """Returns whose colour a net has in charts."""
    spec = spec_of(ref)
    if not isinstance(spec, NetSpec):
        return Role.HEAD
    return Role.BRANCH if spec.is_plain else Role.SHORTCUT


def _draw(answer: AttributionResult, chosen: MethodChoice, roles: Sequence[Role]) -> None:
    seen = net_predictions(answer)
    for net in seen:
        is_sensitive = bool(net.facts.get("is_sensitive"))
        icon = ":material/check_circle:" if is_sensitive else ":material/report:"
        color = "green" if is_sensitive else "orange"
        st.markdown(f":{color}[{icon}] **{escape_markdown(net.title)}**: {escape_markdown(str(net.facts['verdict']))}")
    st.plotly_chart(
        randomised_figure(
            answer, seen, chosen.method.name, theme_mode(), is_signed=chosen.method.is_signed, is_narrow=is_narrow()
        ),
        theme=None,
        key="randomised",
        config=chart_config("sanity"),
        alt=_("the map after more and more layers were randomised"),
    )
    st.plotly_chart(
        sanity_figure(seen, roles, theme_mode()),
        theme=None,
        key="sanity",
        config=NO_BAR,
        alt=_("rank correlation with the trained net's map against how much was randomised"),
    )
