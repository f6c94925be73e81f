"""Attribution: what a trained net looks at, beside another net, over depth, over training, and whether that holds."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui import (
    address,
    attribution_depth,
    attribution_features,
    attribution_gallery,
    attribution_map,
    attribution_method,
    attribution_nets,
    attribution_pictures,
    attribution_sanity,
    attribution_training,
    frame,
)

frame.ensure()

st.title(_("What does a trained net look at?"), anchor=False)
with st.container(border=True, key="asked", gap="small"):
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        refs = attribution_nets.pick()
    picture = attribution_pictures.pick(refs)
specs = attribution_nets.specs(refs)
class_names, image_size = attribution_nets.class_names(specs), attribution_nets.image_size(specs)

views = {
    "map": _("Map"),
    "methods": _("Methods"),
    "depth": _("By depth"),
    "sanity": _("Sanity check"),
    "training": _("Over training"),
    "features": _("Features"),
}
view = address.segments(_("View"), "view", list(views), "map", views.__getitem__, label_visibility="collapsed")
match view:
    case "methods":
        attribution_gallery.show(refs, picture, specs, class_names, image_size)
    case "depth":
        attribution_depth.show(refs, picture, specs, class_names)
    case "features":
        attribution_features.show(refs, picture, specs)
    case _:
        chosen = attribution_method.pick(specs, class_names, image_size)
        shown = {
            "map": attribution_map.show,
            "sanity": attribution_sanity.show,
            "training": attribution_training.show,
        }
        shown[view](refs, picture, chosen)
