"""The view "By depth": GradCAM at every block, the split between shortcut and branch, and the net without a block."""

from typing import TYPE_CHECKING

import streamlit as st

from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.result import AttributionResult
from resnet_viz.i18n import _
from resnet_viz.present.attribution import blocks, depth_figure
from resnet_viz.present.attribution.correlations import film_figure
from resnet_viz.present.attribution.results import net_predictions
from resnet_viz.ui.attribution import query
from resnet_viz.ui.attribution.map_view import chart_config
from resnet_viz.ui.attribution.method import baseline_field, target_field
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def show(subject: PageSelection, row: "DeltaGenerator") -> None:
    """Shows the film strip and, under it, the profile over depth."""
    with row:
        target = target_field(subject)
        baseline = baseline_field()
    split_of = AttributionQuery(
        topic=Topic.DEPTH, nets=subject.nets, picture=subject.picture, target=target, baseline=baseline
    )
    film_of = AttributionQuery(topic=Topic.FILM, nets=subject.nets, picture=subject.picture, target=target)
    cost = selection_cost(split_of, subject)
    if cost is not None:
        row.caption(query.cost_text(cost), help=query.PASSES, width="content")
    query.show(film_of, _film, line="film", cost=selection_cost(film_of, subject))
    st.subheader(_("By the shortcut or by the branch?"), anchor=False)
    query.show(split_of, _profile, line="depth", cost=cost)


def _film(answer: AttributionResult) -> None:
    seen = net_predictions(answer)
    st.plotly_chart(
        film_figure(answer, seen, theme_mode(), is_narrow=is_narrow()),
        theme=None,
        key="film",
        config=chart_config("gradcam-at-every-block"),
        alt=_("GradCAM at every block, from input to output"),
    )
    st.markdown(
        _(
            "GradCAM at every block, from input to output, out of one forward and one backward pass; under each the "
            "size of its map. Green speaks for the class, magenta against it, each tile on its own scale. It is meant "
            "for the last block: nearer to the input the mean gradient of a channel says little about a place."
        )
    )


def _profile(answer: AttributionResult) -> None:
    seen = net_predictions(answer)
    st.markdown(
        _(
            "All that the picture adds to the class's score passes through every block, so both parts together make "
            "the same number at each addition (conductance, Dhamdhere et al. 2018). What differs is how it is split: "
            "**:orange[by the shortcut]** past the block, or **:blue[by the branch]** through it."
        )
    )
    st.plotly_chart(
        depth_figure.profile_figure(seen, theme_mode(), is_narrow=is_narrow()),
        theme=None,
        key="profile",
        config=chart_config("by-depth"),
        alt=_("What came to each block by the shortcut and by the branch, and the probability without the block"),
    )
    st.markdown(
        _(
            "Below: the class's probability when that block alone is removed (its branch left out of the sum, or a "
            "plain block passed by); dotted is the whole net, **:violet[coloured]** where it then predicts another "
            "class, a cross where nothing fits without the block."
        )
    )
    for net in seen:
        for sentence in blocks.block_findings(net):
            st.markdown(escape_markdown(sentence))
    with st.expander(_("Numbers"), icon=":material/table:"):
        show_table(blocks.lesion_rows(seen), name="depth", height=360)
