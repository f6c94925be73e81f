"""Contents of the theory page, and the instrument that the address names: `?show=lambda`."""

from collections.abc import Callable
from typing import Final, NamedTuple

import streamlit as st

from resnet_viz.i18n import N_, _
from resnet_viz.ui.theory import (
    function_classes,
    growth,
    identity_task,
    loss_by_depth,
    order_signals,
    shattering,
    shortcut_factor,
)
from resnet_viz.ui.widgets import url_state

NAME: Final = "show"  # in the address


class InstrumentView(NamedTuple):
    """Instrument on the page.

    Attributes:
        id: in the address.
        title: a few words; untranslated.
        question: what a class is asked first; untranslated.
        show: draws control, figure and computed sentence.
        often_said: a statement that one hears, and what is measured; untranslated Markdown; "" for none.
        source: paper, section; untranslated.
    """

    id: str
    title: str
    question: str
    show: Callable[[], None]
    often_said: str = ""
    source: str = ""


INSTRUMENTS: Final = (
    InstrumentView(
        id="functions",
        title=N_("Nested function classes"),
        question=N_("Does a larger class of functions always come closer to the target?"),
        show=function_classes.show,
        source=N_("d2l.ai, section 7.6.1"),
    ),
    InstrumentView(
        id="construction",
        title=N_("Deeper by construction"),
        question=N_("Can a deeper net always do what a shallower one does?"),
        show=growth.show,
        often_said=N_(
            "Often said: “a plain block cannot do nothing, because of its ReLU.” It can: behind a ReLU x ≥ 0, and "
            "there another ReLU changes nothing."
        ),
        source=N_("He et al. 2015 (arXiv 1512.03385), section 1"),
    ),
    InstrumentView(
        id="nothing",
        title=N_("Learning to do nothing"),
        question=N_("How hard is it to learn the identity?"),
        show=identity_task.show,
        source=N_("He et al. 2015 (arXiv 1512.03385), section 3.1; the task is ours"),
    ),
    InstrumentView(
        id="depth",
        title=N_("Loss against depth"),
        question=N_("Does a deeper net reach a lower training loss?"),
        show=loss_by_depth.show,
        often_said=N_(
            "Often said: “with shortcuts, deeper is better.” In 400 steps it is, from 8 to 20 layers and in the mean "
            "of seeds; ResNet-56 does not come below ResNet-20 in so short a run. What shortcuts do here at any depth: "
            "more layers hardly harm."
        ),
        source=N_("He et al. 2015 (arXiv 1512.03385), figures 1, 4 and 6; the measurements are ours"),
    ),
    InstrumentView(
        id="lambda",
        title=N_("A factor λ on the shortcut"),
        question=N_("Does a shortcut factor below 1 make gradients vanish?"),
        show=shortcut_factor.show,
        often_said=N_(
            "Often said: “λ < 1 makes the gradient vanish.” True of the shortcut’s term, which is λⁿ exactly. The "
            "whole gradient of ResNet-110 with batch norm grows instead: at λ = 0.9 it is 851, 316 and 871 times as "
            "large at the first block as at the last (seeds 0 to 2)."
        ),
        source=N_("He et al. 2016 (arXiv 1603.05027), section 3, equations 6 to 8; section 3.1 on gates"),
    ),
    InstrumentView(
        id="orders",
        title=N_("Activation orders over many units"),
        question=N_("What does the place of norm and ReLU do to a signal over thirty units?"),
        show=order_signals.show,
        often_said=N_(
            "Often said: “(b) is no longer linear.” It never was: (a) has a ReLU behind each addition, too. In (b) the "
            "norm rescales the shortcut. And “a direct path without nonlinearity” is true of (c), (d) and (e) alone."
        ),
        source=N_("He et al. 2016 (arXiv 1603.05027), section 4.1, figure 4, table 2"),
    ),
    InstrumentView(
        id="shattering",
        title=N_("Shattered gradients"),
        question=N_("How fast does a gradient change when the input moves a little?"),
        show=shattering.show,
        often_said=N_(
            "Often said: “gradients shatter in deep plain nets.” With batch norm they do. Without it neither net "
            "shatters: switch it off."
        ),
        source=N_("Balduzzi et al. 2017 (arXiv 1702.08591)"),
    ),
)


def show() -> None:
    """Shows the contents and the chosen instrument."""
    by_id = {one.id: one for one in INSTRUMENTS}
    chosen = by_id[
        url_state.select(
            _("Instrument"), NAME, list(by_id), INSTRUMENTS[0].id, lambda name: _(by_id[name].title), width=320
        )
    ]
    st.title(_(chosen.question), anchor=False)
    chosen.show()
    if chosen.often_said:
        st.info(_(chosen.often_said))
    st.caption(_(chosen.source))
