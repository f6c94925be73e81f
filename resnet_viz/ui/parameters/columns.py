"""Figure 3 of He et al. 2015: the share of multiply-adds worked out, and a link to the nets in columns."""

from typing import Final

import streamlit as st

from resnet_viz.analysis.report import analyse
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.present.architecture.shares import share_texts
from resnet_viz.spec import codec
from resnet_viz.spec.suggested_pairs import PAIRS
from resnet_viz.ui.frame import page_path

_PREFIXES: Final = ("", "b.", "c.")


def show_link() -> None:
    """Shows how VGG-19, plain-34 and ResNet-34 compare, and the link to their layers side by side."""
    figure = PAIRS[0]
    analyses = [analyse(lower(codec.from_query(net, default=net[codec.NET]))) for net in figure.nets]
    st.markdown(_("Depth is no measure of cost. {source}:").format(source=figure.source))
    for text in share_texts(analyses):
        st.markdown(text)
    query = {
        prefix + name: value for prefix, net in zip(_PREFIXES, figure.nets, strict=True) for name, value in net.items()
    }
    st.page_link(
        page_path("architecture"),
        label=_("{nets} in columns").format(nets=figure.name),
        icon=":material/view_column:",
        query_params={**query, "layout": "columns"},
    )
