"""View "Methods": several methods beside each other for the same image and nets, and their agreement."""

from typing import TYPE_CHECKING, Final

import streamlit as st

from resnet_viz.attribution import methods
from resnet_viz.attribution.methods import METHODS
from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.result import MapsResult
from resnet_viz.i18n import _
from resnet_viz.present.attribution.convergence import gallery_notes
from resnet_viz.present.attribution.correlation_figures import agreement_figure
from resnet_viz.present.attribution.small_multiples import methods_figure
from resnet_viz.ui.attribution.method import baseline_field, layer_field, scale_switch, target_field
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.widgets import chart, query_panel, url_state
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_DEFAULT: Final = ("saliency", "integrated_gradients", "deep_lift", "guided_backprop", "occlusion", "grad_cam")
_TITLES: Final = {name: method.title for name, method in METHODS.items()}


def show(selection: PageSelection, row: "DeltaGenerator") -> None:
    """Shows the maps of the selected methods with their default parameters."""
    names = url_state.several(_("Methods"), "methods", list(METHODS), _DEFAULT, lambda name: METHODS[name].title)
    with row:
        target = target_field(selection)
        layer = layer_field(selection) if any(METHODS[name].needs_layer for name in names) else None
        baseline = baseline_field()
        is_one_scale = scale_switch()
    if not names:
        st.markdown(_("Select at least one method."))
        return
    query = AttributionQuery(
        topic=Topic.MAPS,
        nets=selection.nets,
        image=selection.image,
        method=names[0],
        params=methods.checked_params(names[0], {}, image_size=selection.image_size),
        target=target,
        layer=layer,
        baseline=baseline,
        options={"also": ",".join(names[1:])},
    )
    cost = selection_cost(query, selection)
    if cost is not None:
        row.caption(query_panel.cost_text(cost), help=query_panel.passes_text(), width="content")
    query_panel.show(query, MapsResult, lambda result: _draw(result, is_one_scale=is_one_scale), cost=cost)


def _draw(result: MapsResult, *, is_one_scale: bool) -> None:
    names = [one.method for one in result.maps[0].maps]
    chart.show(
        methods_figure(result, _TITLES, theme_mode(), is_one_scale=is_one_scale, is_narrow=is_narrow()),
        "gallery",
        alt=_("the maps of {methods}").format(methods=", ".join(_TITLES[name] for name in names)),
        file_name="methods",
    )
    st.markdown(_("Green: for the class; magenta: against it. Each method has its own scale."))
    for note in gallery_notes(result, [METHODS[name] for name in names]):
        st.markdown(escape_markdown(note))
    query_panel.show_net_notes(result)
    if len(names) == 1:
        return
    st.subheader(_("Agreement of the methods"), anchor=False)
    st.markdown(
        _("Spearman's rank correlation of the maps, with signs. 1: the same order of all pixels; −1: reversed.")
    )
    for column, net in zip(st.columns(len(result.nets), gap="medium"), result.nets, strict=True):
        with column:
            st.markdown(f"**{escape_markdown(net.title)}**")
            chart.show(
                agreement_figure(result, net, _TITLES, theme_mode()),
                f"agreement:{net.place}",
                alt=_("rank correlations between methods for {net}").format(net=net.title),
            )
