"""The view "By depth": GradCAM at every block, the split between shortcut and branch, and the net without a block."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from resnet_viz.explain.questions import Question, Topic
from resnet_viz.explain.references import NetRef, PictureRef
from resnet_viz.i18n import _
from resnet_viz.present import attribution_depth
from resnet_viz.present.attribution_answer import Answer, nets
from resnet_viz.present.attribution_strips import film
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui import attribution_asking
from resnet_viz.ui.attribution_map import chart_config
from resnet_viz.ui.attribution_method import baseline_field, target_field
from resnet_viz.ui.say import plain
from resnet_viz.ui.tables import table
from resnet_viz.ui.theme import mode
from resnet_viz.ui.viewport import is_narrow

_STEPS: Final = 20


def show(refs: Sequence[NetRef], picture: PictureRef, specs: Sequence[AnySpec], class_names: Sequence[str]) -> None:
    """Shows the film strip and, under it, the profile over depth."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        target = target_field(class_names, specs)
        baseline = baseline_field()
    common = {"nets": tuple(refs), "picture": picture, "target": target}
    attribution_asking.show(Question(topic=Topic.FILM, **common), _film, line="film")
    st.subheader(_("By the shortcut or by the branch?"), anchor=False)
    attribution_asking.show(
        Question(topic=Topic.DEPTH, **common, baseline=baseline, options={"steps": _STEPS}), _profile, line="depth"
    )


def _film(answer: Answer) -> None:
    seen = nets(answer)
    st.plotly_chart(
        film(answer, seen, mode(), is_narrow=is_narrow()),
        theme=None,
        key="film",
        config=chart_config("gradcam-at-every-block"),
        alt=_("GradCAM at every block, from input to output"),
    )
    st.markdown(
        _(
            "GradCAM at every block, from input to output, out of one forward and one backward pass; under each the "
            "size of its map. Green speaks for the class, magenta against it, each tile on its own scale. Meant for the "
            "last block: further up the mean gradient of a channel says less about a place."
        )
    )


def _profile(answer: Answer) -> None:
    seen = nets(answer)
    st.markdown(
        _(
            "All that the picture adds to the class's score passes through every block, so both parts together make "
            "the same number at each addition (conductance, Dhamdhere et al. 2018). What differs is how it is split: "
            "**:orange[by the shortcut]** past the block, or **:blue[by the branch]** through it."
        )
    )
    st.plotly_chart(
        attribution_depth.profile_figure(seen, mode(), is_narrow=is_narrow()),
        theme=None,
        key="profile",
        config=chart_config("by-depth"),
        alt=_("What came to each block by the shortcut and by the branch, and the probability without the block"),
    )
    for net in seen:
        for sentence in attribution_depth.sentences(net):
            st.markdown(plain(sentence))
    with st.expander(_("Numbers"), icon=":material/table:"):
        table(attribution_depth.lesion_rows(seen), name="depth", height=360)
