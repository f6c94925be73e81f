"""The view "Methods": several methods beside each other for the same picture and nets, and how far they agree."""

from typing import TYPE_CHECKING, Final

import streamlit as st

from resnet_viz.attribution import methods
from resnet_viz.attribution.methods import METHODS
from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.result import AttributionResult
from resnet_viz.i18n import _
from resnet_viz.present.attribution.correlations import agreement_figure, methods_figure
from resnet_viz.present.attribution.results import net_predictions
from resnet_viz.ui.attribution import query
from resnet_viz.ui.attribution.map_view import NO_BAR, chart_config
from resnet_viz.ui.attribution.method import baseline_field, layer_field, scale_switch, target_field
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_DEFAULT: Final = ("saliency", "integrated_gradients", "deep_lift", "guided_backprop", "occlusion", "grad_cam")
_TITLES: Final = {name: method.title for name, method in METHODS.items()}


def show(subject: PageSelection, row: "DeltaGenerator") -> None:
    """Shows the maps of the chosen methods with their default parameters."""
    chosen = url_state.several(_("Methods"), "methods", list(METHODS), _DEFAULT, lambda name: METHODS[name].title)
    with row:
        target = target_field(subject)
        layer = layer_field(subject) if any(METHODS[name].needs_layer for name in chosen) else None
        baseline = baseline_field()
        is_one_scale = scale_switch()
    if not chosen:
        st.markdown(_("Choose at least one method."))
        return
    question = AttributionQuery(
        topic=Topic.MAPS,
        nets=subject.nets,
        picture=subject.picture,
        method=chosen[0],
        params=methods.checked_params(chosen[0], {}, image_size=subject.image_size),
        target=target,
        layer=layer,
        baseline=baseline,
        options={"also": ",".join(chosen[1:])},
    )
    cost = selection_cost(question, subject)
    if cost is not None:
        row.caption(query.cost_text(cost), help=query.PASSES, width="content")
    query.show(question, lambda answer: _draw(answer, is_one_scale=is_one_scale), cost=cost)


def _draw(answer: AttributionResult, *, is_one_scale: bool) -> None:
    seen = net_predictions(answer)
    names = [str(entry["method"]) for entry in seen[0].facts["maps"]]
    st.plotly_chart(
        methods_figure(answer, seen, _TITLES, theme_mode(), is_one_scale=is_one_scale, is_narrow=is_narrow()),
        theme=None,
        key="gallery",
        config=chart_config("methods"),
        alt=_("the maps of {methods}").format(methods=", ".join(_TITLES[name] for name in names)),
    )
    st.markdown(
        _("Green speaks for the class, magenta against it. Between methods sizes mean nothing: each has its own scale.")
    )
    pairs = answer.meta.get("agreement") or ()
    if len(names) > 1 and pairs:
        st.subheader(_("How far the methods agree"), anchor=False)
        st.markdown(_("Spearman's rank correlation of the maps, with their signs: 1 is the same order of all pixels."))
        for column, net in zip(st.columns(len(seen), gap="medium"), seen, strict=True):
            with column:
                st.markdown(f"**{net.title}**")
                st.plotly_chart(
                    agreement_figure(pairs, net.place, names, _TITLES, theme_mode()),
                    theme=None,
                    key=f"agreement:{net.place}",
                    config=NO_BAR,
                    alt=_("rank correlations between methods for {net}").format(net=net.title),
                )
