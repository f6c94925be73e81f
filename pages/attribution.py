"""Attribution: maps of one or two trained nets, over depth and over training, and their sanity check."""

import streamlit as st

from resnet_viz.attribution.sources.images import fitting_data
from resnet_viz.i18n import _
from resnet_viz.ui import frame
from resnet_viz.ui.attribution import (
    depth_view,
    features_view,
    images,
    map_view,
    methods_view,
    sanity_view,
    training_view,
)
from resnet_viz.ui.attribution.nets import NETS
from resnet_viz.ui.attribution.selection import page_selection
from resnet_viz.ui.widgets import query_panel, url_state
from resnet_viz.ui.widgets.nets.menu import data_of

frame.ensure()

st.title(_("Attribution"), anchor=False)
st.markdown(_("Which parts of an image does the prediction of a trained network depend on?"))
with st.container(border=True, key="asked", gap="small"):
    top = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    is_known = NETS.ensure_known()
    with top:
        nets = NETS.pick()
        data = fitting_data(data_of(nets[0]))
        way = images.pick_image_choice(data)
    is_settled = NETS.settle_uploaded(nets)
    image = images.pick(way, nets, data)

views = {
    "map": (_("Map"), map_view.show),
    "methods": (_("Methods"), methods_view.show),
    "depth": (_("By depth"), depth_view.show),
    "sanity": (_("Sanity check"), sanity_view.show),
    "training": (_("Over training"), training_view.show),
    "features": (_("Features"), features_view.show),
}
row = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="view_row")
with row:
    view = url_state.segments(
        _("View"), "view", list(views), "map", lambda name: views[name][0], label_visibility="collapsed", wrap=True
    )
if is_known and is_settled:
    views[view][1](page_selection(nets, image, data), row)
query_panel.warm_up()
