"""Architecture: pick a net, see its layers, its shapes and what it costs."""

import streamlit as st

from resnet_viz.analysis.report import analyse
from resnet_viz.plan.lower import lower
from resnet_viz.present.prose import about
from resnet_viz.ui import drawing, figures_of_net, frame
from resnet_viz.ui.net_controls import pick_net

frame.ensure()

spec = pick_net(default="resnet50")
analysis = analyse(lower(spec))

st.markdown(about(analysis))
figures_of_net.totals(analysis)
drawing.draw((analysis,))

figures_of_net.details(analysis)
