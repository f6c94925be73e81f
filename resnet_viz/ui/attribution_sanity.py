"""The view "Sanity check": does the map change when what the net has learned is taken away?"""

from collections.abc import Sequence

import streamlit as st

from resnet_viz.explain.questions import Question, Topic
from resnet_viz.explain.references import NetRef, PictureRef
from resnet_viz.i18n import _
from resnet_viz.present.attribution_answer import Answer, nets
from resnet_viz.present.attribution_strips import randomised, sanity_figure
from resnet_viz.ui import attribution_asking
from resnet_viz.ui.attribution_map import NO_BAR, chart_config
from resnet_viz.ui.attribution_method import Chosen
from resnet_viz.ui.say import plain
from resnet_viz.ui.theme import mode
from resnet_viz.ui.viewport import is_narrow


def show(refs: Sequence[NetRef], picture: PictureRef, chosen: Chosen) -> None:
    """Shows the map while more and more of the net is randomised, and what that says of the method."""
    st.markdown(
        _(
            "From the top down, weights are drawn anew as before training (Adebayo et al. 2018). A map that explains "
            "what the net has learned must become another one; a map that stays shows the picture, not the net."
        )
    )
    question = Question(
        topic=Topic.SANITY,
        nets=tuple(refs),
        picture=picture,
        method=chosen.method.name,
        params=chosen.params,
        target=chosen.target,
        layer=chosen.layer,
        baseline=chosen.baseline,
        seed=chosen.seed,
    )
    attribution_asking.show(question, lambda answer: _draw(answer, chosen))


def _draw(answer: Answer, chosen: Chosen) -> None:
    seen = nets(answer)
    for net in seen:
        is_sensitive = bool(net.facts.get("is_sensitive"))
        icon = ":material/check_circle:" if is_sensitive else ":material/report:"
        color = "green" if is_sensitive else "orange"
        st.markdown(f":{color}[{icon}] **{plain(net.title)}**: {plain(str(net.facts['verdict']))}")
    st.plotly_chart(
        randomised(answer, seen, chosen.method.name, mode(), is_signed=chosen.method.is_signed, is_narrow=is_narrow()),
        theme=None,
        key="randomised",
        config=chart_config("sanity"),
        alt=_("the map after more and more layers were randomised"),
    )
    st.plotly_chart(
        sanity_figure(seen, mode()),
        theme=None,
        key="sanity",
        config=NO_BAR,
        alt=_("rank correlation with the trained net's map against how much was randomised"),
    )
