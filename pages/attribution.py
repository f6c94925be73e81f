"""Attribution: what a trained net looks at, beside another net, over depth, over training, and whether that holds."""

import streamlit as st

from resnet_viz.attribution.sources.images import shown_to
from resnet_viz.i18n import _
from resnet_viz.ui import frame
from resnet_viz.ui.widgets import url_state as address
from resnet_viz.ui.attribution import query as attribution_asking
from resnet_viz.ui.attribution import depth_view as attribution_depth
from resnet_viz.ui.attribution import features_view as attribution_features
from resnet_viz.ui.attribution import methods_view as attribution_gallery
from resnet_viz.ui.attribution import map_view as attribution_map
from resnet_viz.ui.attribution import nets as attribution_nets
from resnet_viz.ui.attribution import images as attribution_pictures
from resnet_viz.ui.attribution import sanity_view as attribution_sanity
from resnet_viz.ui.attribution import training_view as attribution_training
from resnet_viz.ui.attribution.subject import subject

frame.ensure()

st.title(_("What does a trained net look at?"), anchor=False)
with st.container(border=True, key="asked", gap="small"):
    top = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    is_known = attribution_nets.learn()
    with top:
        nets = attribution_nets.pick()
        data = shown_to(attribution_nets.data_of(nets[0]))
        way = attribution_pictures.pick_way(data)
    picture = attribution_pictures.pick(way, nets, data)

views = {
    "map": (_("Map"), attribution_map.show),
    "methods": (_("Methods"), attribution_gallery.show),
    "depth": (_("By depth"), attribution_depth.show),
    "sanity": (_("Sanity check"), attribution_sanity.show),
    "training": (_("Over training"), attribution_training.show),
    "features": (_("Features"), attribution_features.show),
}
row = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="view_row")
with row:
    view = address.segments(
        _("View"), "view", list(views), "map", lambda name: views[name][0], label_visibility="collapsed", wrap=True
    )
if is_known:
    views[view][1](subject(nets, picture, data), row)
attribution_asking.warm_up()
