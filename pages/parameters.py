"""Parameters: 73,728 against 69,632 factor by factor, whose count it is, and families against published tables."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.parameters.published import FAMILIES, FAMILY_NAMES, family_table
from resnet_viz.ui import frame
from resnet_viz.ui.parameters import block_count, identify
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.data_table import show_table

frame.ensure()

st.title(_("Why a deeper block can be the cheaper one"), anchor=False)
st.markdown(
    _(
        "He et al. 2015, fig. 5, set a basic block of 64 channels beside a bottleneck of 256 and call their cost "
        "similar. The count, for any width:"
    )
)
block_count.show_block_count()

st.header(_("Which ResNet is this?"), anchor=False)
identify.show_identification()

st.header(_("Whole nets against what was published"), anchor=False)
st.markdown(
    _(
        "Our counts come from the same plan that draws and builds the net. The papers print two digits, so that most "
        "differences are their rounding; their multiply-adds are those of *stride on the first 1×1* "
        "(`_v1`), torchvision's of *stride on the 3×3*."
    )
)
family = url_state.segments(_("Nets for"), "family", list(FAMILIES), "imagenet", FAMILY_NAMES.__getitem__)
show_table(family_table(FAMILIES[family]), name=family)
