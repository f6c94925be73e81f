"""View "By depth": GradCAM at every block, conductance by shortcut and branch, and the net without each block."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from resnet_viz.attribution.query import DEPTH_STEPS, AttributionQuery, Topic
from resnet_viz.attribution.result import DepthResult, FilmResult
from resnet_viz.i18n import _
from resnet_viz.present.attribution import blocks, depth_figure
from resnet_viz.present.attribution.convergence import depth_share, split_error_text
from resnet_viz.present.attribution.small_multiples import film_figure
from resnet_viz.ui.attribution import refinement
from resnet_viz.ui.attribution.method import baseline_field, target_field
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.widgets import chart, query_panel, url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_STEPS: Final = "depth_steps"  # in the address


def show(selection: PageSelection, row: "DeltaGenerator") -> None:
    """Shows the film strip and, under it, the profile over depth."""
    with row:
        target = target_field(selection)
        baseline = baseline_field()
    nets, image = selection.nets, selection.image
    split_query = _with_steps(
        AttributionQuery(topic=Topic.DEPTH, nets=nets, image=image, target=target, baseline=baseline), _steps()
    )
    film_query = AttributionQuery(topic=Topic.FILM, nets=nets, image=image, target=target)
    cost = selection_cost(split_query, selection)
    if cost is not None:
        row.caption(query_panel.cost_text(cost), help=query_panel.passes_text(), width="content")
    query_panel.show(film_query, FilmResult, _film, slot="film", cost=selection_cost(film_query, selection))
    st.subheader(_("Conductance by shortcut and branch"), anchor=False)
    query_panel.show(
        split_query, DepthResult, lambda result: _profile(result, split_query, selection), slot="depth", cost=cost
    )


def _film(result: FilmResult) -> None:
    chart.show(
        film_figure(result, theme_mode(), is_narrow=is_narrow()),
        "film",
        alt=_("GradCAM at every block, from input to output"),
        file_name="gradcam-at-every-block",
    )
    st.markdown(
        _("GradCAM at every block, each on its own scale. Green: for the class; magenta: against it."),
        help=_(
            "One forward and one backward pass; under each map its size. GradCAM is meant for the last block: nearer "
            "to the input, the mean gradient of a channel says little about a place."
        ),
    )


def _steps() -> int:
    """Returns the steps of the path from the address."""
    return url_state.integer(
        _("Steps of the path"),
        _STEPS,
        low=DEPTH_STEPS.low,
        high=DEPTH_STEPS.high,
        default=DEPTH_STEPS.default,
        is_shown=False,
    )


def _with_steps(query: AttributionQuery, steps: int) -> AttributionQuery:
    return replace(query, options={**query.options, "steps": steps})


def _profile(result: DepthResult, query: AttributionQuery, selection: PageSelection) -> None:
    st.markdown(
        _("At each addition, **:orange[shortcut]** and **:blue[branch]** sum to the same value, but for an error."),
        help=_(
            "Every path to the logit passes through every block, so that conductance (Dhamdhere et al. 2019) sums to "
            "the logit's change from baseline to image at each addition. Blocks differ in the split."
        ),
    )
    chart.show(
        depth_figure.profile_figure(result, theme_mode(), is_narrow=is_narrow()),
        "profile",
        alt=_("Conductance of each block by shortcut and branch, and the probability without the block"),
        file_name="by-depth",
    )
    st.markdown(
        _("Lower row: the class's probability without the block; dotted line: with all blocks."),
        help=_(
            "One block is removed at a time: its branch is left out of the sum, a plain block is bypassed. "
            "**:violet[Violet]**: the net then predicts another class. ✕: the block cannot be removed."
        ),
    )
    for net, depth in zip(result.nets, result.depths, strict=True):
        for line in filter(None, (*blocks.block_findings(net, depth), split_error_text(net, depth))):
            st.markdown(escape_markdown(line))
    refinement.show_offer(
        refinement.Count(
            name=_STEPS, value=int(query.options["steps"]), default=DEPTH_STEPS.default, high=DEPTH_STEPS.high
        ),
        depth_share(result.depths),
        lambda steps: _with_steps(query, steps),
        lambda steps: selection_cost(_with_steps(query, steps), selection),
    )
    query_panel.show_net_notes(result)
    with st.expander(_("Numbers"), icon=":material/table:"):
        show_table(blocks.lesion_rows(result.nets, result.depths), name="depth", height=360)
