"""Architecture: layers, shapes and costs of one net, or the differences between several."""

import streamlit as st

from resnet_viz.analysis.report import analyse
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.present.architecture.summary import net_summary
from resnet_viz.ui import frame
from resnet_viz.ui.architecture import columns, comparison, graph_panel, net_details
from resnet_viz.ui.architecture.nets import pick_nets

frame.ensure()

st.title(_("Architecture"), anchor=False)
st.markdown(_("Which layers does a network have, what shapes do they produce, and what do they cost?"))
specs = pick_nets(default="resnet50")
analyses = [analyse(lower(spec)) for spec in specs]
first = analyses[0]

if len(analyses) == 1:
    st.markdown(net_summary(first))
    net_details.show_totals(first)
    graph_panel.show_graph(analyses)
elif (level := columns.pick_columns()) is not None:
    columns.show_columns(analyses, level)
    comparison.show_overview(analyses)
else:
    comparison.show_overview(analyses)
    graph_panel.show_graph(analyses)

if len(analyses) == 1:
    net_details.show_details(first)
else:
    comparison.show_details(analyses)
