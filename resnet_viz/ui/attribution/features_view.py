"""View "Features": feature maps of a layer, filters of the first convolution, strongest patches of a channel."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import streamlit as st

from resnet_viz.attribution.cost import num_test_images
from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.result import FeaturesResult, PatchesResult
from resnet_viz.attribution.sources.images import fitting_data
from resnet_viz.data.datasets import class_names
from resnet_viz.i18n import _
from resnet_viz.present.attribution.features_figure import (
    MOST_SHOWN,
    features_figure,
    filters_figure,
    patches_figure,
    quiet_channel_text,
)
from resnet_viz.ui.attribution import node_picker
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.widgets import chart, query_panel, url_state
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_PATCHES: Final = 9
_DEFAULT: Final = "stage1.block1"


def show(selection: PageSelection, row: "DeltaGenerator") -> None:
    """Shows the feature maps of a node of each net, and the patches of one channel."""
    layers = selection.layers() or [_DEFAULT]
    default = _DEFAULT if _DEFAULT in layers else layers[0]
    with row:
        node = url_state.select(_("Layer or block"), "node", layers, default, width=260)
        last = selection.num_channels(node) - 1
        channel = url_state.integer(_("Channel"), "channel", low=0, high=last, default=0, width=130)
    with st.expander(_("Select in the graph of net a"), icon=":material/account_tree:", key="graph_of_a"):
        node_picker.show(selection.specs[0], node, lambda name: _select(name, layers, default))
    features = AttributionQuery(topic=Topic.FEATURES, nets=selection.nets, image=selection.image, layer=node)
    query_panel.show(features, FeaturesResult, _features, slot="features")
    st.subheader(_("Strongest patches of channel {n}").format(n=channel), anchor=False)
    options = {"channel": channel, "count": _PATCHES}
    patches = AttributionQuery(topic=Topic.PATCHES, nets=selection.nets, layer=node, options=options)
    query_panel.show(
        patches,
        PatchesResult,
        lambda result: _patches(result, node, channel, _num_images(selection)),
        slot="patches",
        cost=selection_cost(patches, selection),
        is_dear=True,
    )


def _select(name: str, layers: Sequence[str], default: str) -> None:
    if name in layers:
        url_state.write("node", name, default)


def _features(result: FeaturesResult) -> None:
    for net, features in zip(result.nets, result.features, strict=True):
        chart.show(
            features_figure(net, features, theme_mode(), is_narrow=is_narrow()),
            f"features:{net.place}",
            alt=_("feature maps of {net}").format(net=net.title),
            file_name="features",
        )
        num, rows, columns = features.maps.shape
        text = _("{n} channels of {rows} × {columns}").format(n=num, rows=rows, columns=columns)
        st.caption(
            escape_markdown(text if num <= MOST_SHOWN else _("{all}; the first {n}").format(all=text, n=MOST_SHOWN))
        )
    query_panel.show_net_notes(result)
    with st.expander(_("Filters of the first convolution"), icon=":material/blur_on:", expanded=False):
        for net, features in zip(result.nets, result.features, strict=True):
            chart.show(
                filters_figure(net, features, theme_mode(), is_narrow=is_narrow()),
                f"filters:{net.place}",
                alt=_("filters of the first convolution of {net}").format(net=net.title),
                file_name="filters",
            )


def _num_images(selection: PageSelection) -> int:
    """Returns the number of test images that are searched, the largest over the nets."""
    return max(
        num_test_images(spec.in_channels, spec.square_side, _PATCHES, selection.data) for spec in selection.specs
    )


def _patches(result: PatchesResult, node: str, channel: int, num_images: int) -> None:
    for net, patches in zip(result.nets, result.patches, strict=True):
        title = _("{net}: {node}, channel {channel}").format(net=net.title, node=node, channel=channel)
        names = class_names(fitting_data(net.data))
        chart.show(
            patches_figure(patches, title, names, theme_mode(), is_narrow=is_narrow()),
            f"patches:{net.place}",
            alt=_("the patches that excite channel {channel} of {node} most").format(channel=channel, node=node),
            file_name="patches",
        )
        if quiet := quiet_channel_text(net, patches, channel):
            st.markdown(escape_markdown(quiet))
    st.markdown(
        _(
            "Receptive field of the channel in the first {n} test images, strongest first; above: class, below: "
            "activation."
        ).format(n=f"{num_images:,}")
    )
