"""The view "Features": what a node holds, the first layer's filters, and what excites a channel most."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import streamlit as st

from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.result import AttributionResult
from resnet_viz.i18n import _
from resnet_viz.present.attribution.features_figure import MOST_SHOWN, features_figure, filters_figure, patches_figure
from resnet_viz.present.attribution.results import net_predictions
from resnet_viz.ui.attribution import node_picker, query
from resnet_viz.ui.attribution.map_view import chart_config
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_PATCHES: Final = 9
_DEFAULT: Final = "stage1.block1"


def show(subject: PageSelection, row: "DeltaGenerator") -> None:
    """Shows the feature maps of a node of each net, and the patches of one channel."""
    layers = subject.layers() or [_DEFAULT]
    default = _DEFAULT if _DEFAULT in layers else layers[0]
    with row:
        node = url_state.select(_("Layer or block"), "node", layers, default, width=260)
        last = subject.num_channels(node) - 1
        channel = url_state.integer(_("Channel"), "channel", low=0, high=last, default=0, width=130)
    with st.expander(_("Choose it in the graph of net a"), icon=":material/account_tree:", key="graph_of_a"):
        node_picker.show(subject.specs[0], node, lambda name: _choose(name, layers, default))
    features = AttributionQuery(topic=Topic.FEATURES, nets=subject.nets, picture=subject.picture, layer=node)
    query.show(features, _draw, line="features")
    st.subheader(_("What excites channel {n} most").format(n=channel), anchor=False)
    options = {"channel": channel, "count": _PATCHES}
    question = AttributionQuery(topic=Topic.PATCHES, nets=subject.nets, layer=node, options=options)
    query.show(
        question,
        lambda answer: _patches(answer, node, channel),
        line="patches",
        cost=selection_cost(question, subject),
        is_dear=True,
    )


def _choose(name: str, layers: Sequence[str], default: str) -> None:
    if name in layers:
        url_state.write("node", name, default)


def _draw(answer: AttributionResult) -> None:
    for net in net_predictions(answer):
        maps = answer.arrays[f"{net.place}.features"]
        st.plotly_chart(
            features_figure(answer, net, theme_mode(), is_narrow=is_narrow()),
            theme=None,
            key=f"features:{net.place}",
            config=chart_config("features"),
            alt=_("feature maps of {net}").format(net=net.title),
        )
        sentence = _("{n} channels of {rows} × {columns}").format(
            n=len(maps), rows=maps.shape[-2], columns=maps.shape[-1]
        )
        st.caption(
            escape_markdown(
                sentence if len(maps) <= MOST_SHOWN else _("{all}; the first {n}").format(all=sentence, n=MOST_SHOWN)
            )
        )
    with st.expander(_("Filters of the first convolution"), icon=":material/blur_on:", expanded=False):
        for net in net_predictions(answer):
            st.plotly_chart(
                filters_figure(answer, net, theme_mode(), is_narrow=is_narrow()),
                theme=None,
                key=f"filters:{net.place}",
                config=chart_config("filters"),
                alt=_("filters of {net}'s first convolution").format(net=net.title),
            )


def _patches(answer: AttributionResult, node: str, channel: int) -> None:
    for place, facts in enumerate(answer.meta["nets"]):
        st.plotly_chart(
            patches_figure(
                answer,
                place,
                _("{net}: {node}, channel {channel}").format(net=facts["title"], node=node, channel=channel),
                [str(name) for name in facts["class_names"]],
                theme_mode(),
                is_narrow=is_narrow(),
            ),
            theme=None,
            key=f"patches:{place}",
            config=chart_config("patches"),
            alt=_("the patches that excite channel {channel} of {node} most").format(channel=channel, node=node),
        )
    st.markdown(
        _("The part of a test picture that the channel sees, strongest first: its class above, its value below.")
    )
