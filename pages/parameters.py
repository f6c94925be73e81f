"""Parameters: two kinds of block counted factor by factor, nets identified by a count, published counts beside ours."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.parameters.depths import depth_table, wide_note
from resnet_viz.present.parameters.published import FAMILY_NAMES, explanations, family_table, published_figures
from resnet_viz.ui import frame
from resnet_viz.ui.parameters import accuracy, block_count, columns, identify
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.messages import escape_markdown

frame.ensure()

st.title(_("Parameters"), anchor=False)
st.markdown(_("How many parameters does a network have, and which network has how many?"))

st.header(_("Basic and bottleneck block"), anchor=False)
st.markdown(
    _(
        "Why can the deeper block be the cheaper one? He et al. 2015, fig. 5, compare a basic block of 64 channels "
        "with a bottleneck of 256 channels and call their costs similar. The counts for any width:"
    )
)
block_count.show_block_count()

st.header(_("Identify a network"), anchor=False)
st.markdown(_("Which network has this number of parameters or FLOPs, or this name?"))
identify.show_identification()

st.header(_("Published counts"), anchor=False)
st.markdown(
    _(
        "Do the counts agree with the papers and with torchvision? Ours come from the plan that draws and builds the "
        "network. The papers round to two or three digits; figures that this does not explain equal another count, "
        "named below the table. Their MACs are those of *stride on the first 1×1* (`_v1`), torchvision's those of "
        "*stride on the 3×3*."
    )
)
family = url_state.segments(_("Networks for"), "family", list(FAMILY_NAMES), "imagenet", FAMILY_NAMES.__getitem__)
figures = published_figures(family)
show_table(family_table(figures), name=family)
for explanation in explanations(figures):
    st.markdown(escape_markdown(explanation))

st.header(_("Depth"), anchor=False)
st.markdown(
    _(
        "Where does the number in a name come from? He et al. 2015, table 1, count the layers with weights on the "
        "longest path: the convolutions of the branches, two in a basic block and three in a bottleneck, the first "
        "convolution and the fully connected layer. Projections on shortcuts do not count."
    )
)
show_table(depth_table(family), name=f"depth_{family}")
if note := wide_note(family):
    st.markdown(note)

columns.show_link()

st.header(_("Accuracy and cost"), anchor=False)
st.markdown(
    _(
        "Do more parameters and MACs buy a smaller error? Published results beside our counts of the same networks. "
        "Each chart holds one table of one source, for results under different protocols are not comparable."
    )
)
accuracy.show_accuracy()
