"""Contents of the theory page, and the instrument that the address names: `?show=lambda`.

A further instrument is a row of `INSTRUMENTS`, in its place; form and look are in `instrument_view`.
"""

from typing import Final

import streamlit as st

from resnet_viz.errors import SpecError
from resnet_viz.i18n import N_, _
from resnet_viz.spec.validation import one_of
from resnet_viz.ui.theory import function_classes
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
