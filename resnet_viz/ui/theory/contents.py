"""Contents of the theory page, and the instrument that the address names: `?show=lambda`.

A further instrument is a row of `INSTRUMENTS`, in its place; form and look are in `instrument_view`.
"""

from typing import Final

import streamlit as st

from resnet_viz.errors import SpecError
from resnet_viz.i18n import N_, _
from resnet_viz.spec.validation import one_of
from resnet_viz.ui.theory import early_exits, function_classes, lesions, loss_surface, paths
from resnet_viz.ui.theory.instrument_view import NAME, InstrumentView, show_cards, show_instrument
from resnet_viz.ui.widgets.messages import show_warning

# In this order: functions, construction, nothing, layers, depth | sum, lambda, paths, lesions | orders, exits,
# shattering, surface, tables. An id that is not in GROUPS must be added there. `often_said` begins with what is said in
# quotation marks and bold, then what is measured. A picture for the card exists for all but "surface", which brings its
# own (`picture=`, e.g. `small_charts.heatmap` of a shipped answer).
INSTRUMENTS: Final = (
    InstrumentView(
        id="functions",
        title=N_("Nested function classes"),
        question=N_("Does a larger class of functions always come closer to the target?"),
        show=function_classes.show,
        source=N_("Dive into Deep Learning, section 7.6.1 and exercise 5"),
    ),
    InstrumentView(
        id="paths",
        title=N_("Paths"),
        question=N_("Is a residual net deep, or many shallow nets at once?"),
        show=paths.show,
        often_said=N_(
            "**“A deep residual net learns because the gradient goes through all of its layers.”** Measured here: "
            "nearly all of it takes short paths, which are a small part of all; each further branch makes it smaller."
        ),
        source=N_("Veit, Wilber and Belongie 2016, sections 3 and 5"),
        is_wide=True,
    ),
    InstrumentView(
        id="lesions",
        title=N_("Lesions"),
        question=N_("What is left of a trained net without one of its blocks?"),
        show=lesions.show,
        often_said=N_(
            "**“Each layer needs the one before it.”** In a plain net it does: delete one block and it guesses. In a "
            "residual net most blocks can go, because half of the paths avoid each of them. Not the first ones: those "
            "that change the shape, and early ones of a shallow net, cost much."
        ),
        source=N_("Veit, Wilber and Belongie 2016, section 4"),
        is_wide=True,
    ),
    InstrumentView(
        id="exits",
        title=N_("Early exits"),
        question=N_("How early does a net know the answer?"),
        show=early_exits.show,
        often_said=N_(
            "**“Each residual block refines the answer a little.”** Only in the last stage: before it, the net's own "
            "head reads nothing. A linear classifier reads more block by block, in plain and residual nets alike."
        ),
        source=N_("Alain and Bengio 2017; Greff, Srivastava and Schmidhuber 2017"),
        is_wide=True,
    ),
    InstrumentView(
        id="surface",
        title=N_("Loss surface"),
        question=N_("Do shortcuts make the loss smoother?"),
        show=loss_surface.show,
        often_said=N_(
            "**“Plain nets have a chaotic loss surface.”** At 20 layers both look alike; the published difference is "
            "one of 56 and 110 layers. And a plane is two of hundreds of thousands of directions."
        ),
        source=N_("Li, Xu, Taylor, Studer and Goldstein 2018, sections 4 and 5"),
        is_wide=True,
        picture=loss_surface.card,
    ),
)

GROUPS: Final = (
    (N_("Deeper should not be worse"), ("functions", "construction", "nothing", "layers", "depth")),
    (N_("What the shortcut carries"), ("sum", "lambda", "paths", "lesions")),
    (N_("Inside the net"), ("orders", "exits", "shattering", "surface", "tables")),
)


def show() -> None:
    """Shows the instrument that the address names, or the contents."""
    by_id = {one.id: one for one in INSTRUMENTS}
    name = st.query_params.get(NAME)
    if name is None:
        _show_contents()
        return
    try:
        one_of(NAME, name, list(by_id))
    except SpecError as refusal:
        show_warning(str(refusal))
        _show_contents()
    else:
        show_instrument(INSTRUMENTS, by_id[name])


def _show_contents() -> None:
    st.title(_("Why residual networks work"), anchor=False)
    st.markdown(
        _("Each card is a question with one thing to move: the answer is computed as you move it, or measured on nets.")
    )
    for heading, ids in GROUPS:
        inside = [one for one in INSTRUMENTS if one.id in ids]
        if inside:
            st.subheader(_(heading), anchor=False)
            show_cards(inside, key=f"cards:{ids[0]}")
