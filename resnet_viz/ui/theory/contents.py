"""Contents of the theory page, and the instrument that the address names: `?show=lambda`.

A further instrument is a row of `INSTRUMENTS`, in its place; form and look are in `instrument_view`.
"""

from typing import Final

import streamlit as st

from resnet_viz.errors import SpecError
from resnet_viz.i18n import N_, _
from resnet_viz.spec.validation import one_of
from resnet_viz.ui.theory import (
    function_classes,
    identity_task,
    layers,
    loss_by_depth,
    order_signals,
    propagation,
    shattering,
    shortcut_factor,
    small_tables,
)
from resnet_viz.ui.theory.exercises import show_exercises
from resnet_viz.ui.theory.instrument_view import NAME, InstrumentView, show_cards, show_instrument
from resnet_viz.ui.theory.trained import early_exits, growth, lesions, loss_surface, paths
from resnet_viz.ui.widgets.messages import show_warning

# In the order of GROUPS; an id that is not in GROUPS has no card. `often_said` begins with what is said, in quotation
# marks and bold, then comes what is measured. A picture for the card is in `present.theory.pictures`, or the row brings
# its own (`picture=`, such as `small_charts.heatmap` of a shipped answer).
INSTRUMENTS: Final = (
    InstrumentView(
        id="functions",
        title=N_("Nested function classes"),
        question=N_("Does a larger class of functions always come closer to the target?"),
        show=function_classes.show,
        often_said=N_(
            '**"A larger class is better."** Only where it contains the smaller one. A residual block makes that easy: '
            "with F = 0 the deeper net is the shallower one."
        ),
        source=N_("Dive into Deep Learning, section 7.6.1 and exercise 5"),
    ),
    InstrumentView(
        id="construction",
        title=N_("Deeper by construction"),
        question=N_("Can a deeper net always do what a shallower one does?"),
        show=growth.show,
        often_said=N_(
            '**"A plain block cannot do nothing, because of its ReLU."** It can: behind a ReLU x ≥ 0, and there '
            "another ReLU changes nothing. With kernels that hand on their channel a plain block is the identity, "
            "to the last bit."
        ),
        source=N_("He et al. 2015 (arXiv 1512.03385), section 1"),
        is_wide=True,
    ),
    InstrumentView(
        id="nothing",
        title=N_("Learning to do nothing"),
        question=N_("How hard is it to learn the identity?"),
        show=identity_task.show,
        often_said=N_(
            '**"A residual block starts as the identity."** Only where its last norm starts at zero. With the usual '
            "initial weights nine residual blocks start farther from the identity than nine plain ones; they get there "
            "sooner."
        ),
        source=N_("He et al. 2015 (arXiv 1512.03385), section 3.1; the task is ours"),
    ),
    InstrumentView(
        id="layers",
        title=N_("Two layers by hand"),
        question=N_("What does a shortcut over two layers change?"),
        show=layers.show,
        often_said=N_(
            '**"The shortcut skips one layer"** (note 003). It spans two layers of weights, $W_1$ and $W_2$, and '
            "enters before the ReLU g of the second: $g(z_2 + a)$, not $g(z_2) + a$. Where $a$ and $z_2$ differ in "
            "size, a matrix $W_s$ has to bring $a$ to the size of $z_2$ (He et al. 2015, equation 2)."
        ),
        source=N_("He et al. 2015, equation 1 and figure 2"),
    ),
    InstrumentView(
        id="depth",
        title=N_("Loss against depth"),
        question=N_("Does a deeper net reach a lower training loss?"),
        show=loss_by_depth.show,
        often_said=N_(
            '**"With shortcuts, deeper is better."** Not by shortcuts alone. With the usual initial weights and 400 '
            "steps it is so from 8 to 20 layers, in the mean of eight seeds; ResNet-56 does not come below ResNet-20. "
            "It does where each block begins as the identity and training is longer: the other protocol. Such a "
            "beginning has its price in shallow nets: there ResNet-8 ends behind plain-8."
        ),
        source=N_("He et al. 2015 (arXiv 1512.03385), figures 1, 4 and 6; the measurements are ours"),
    ),
    InstrumentView(
        id="sum",
        title=N_("Product and sum"),
        question=N_("Does a residual net turn the gradient's product into a sum?"),
        show=propagation.show,
        often_said=N_(
            '**"The product becomes a sum"** (note 004). Each factor only gets a 1: the product $\\prod(1 + F_i\')$ '
            "stays. Multiplied out it is a sum over all paths, one of which has no branch at all. In the plain net it "
            "is a product of weights, $\\prod W_i$, not of $x_i w_i$; in equations 7 and 8 the sum runs over $x_i$, "
            "not over a fixed $x_l$."
        ),
        source=N_("He et al. 2016, equations 3 to 8"),
    ),
    InstrumentView(
        id="lambda",
        title=N_("A factor λ on the shortcut"),
        question=N_("Does a shortcut factor below 1 make gradients vanish?"),
        show=shortcut_factor.show,
        often_said=N_(
            '**"λ < 1 makes the gradient vanish."** True of the shortcut’s term, which is λⁿ exactly. The whole '
            "gradient of ResNet-110 with batch norm grows instead: at λ = 0.9 it is 851, 316 and 871 times as large at "
            "the first block as at the last (seeds 0 to 2)."
        ),
        source=N_("He et al. 2016 (arXiv 1603.05027), section 3, equations 6 to 8; section 3.1 on gates"),
    ),
    InstrumentView(
        id="paths",
        title=N_("Paths"),
        question=N_("Is a residual net deep, or many shallow nets at once?"),
        show=paths.show,
        often_said=N_(
            '**"A deep residual net learns because the gradient goes through all of its layers."** Measured here: '
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
            '**"Each layer needs the one before it."** In a plain net it does: delete one block and it guesses. In a '
            "residual net most blocks can go, because half of the paths avoid each of them. Not the first ones: those "
            "that change the shape, and early ones of a shallow net, cost much."
        ),
        source=N_("Veit, Wilber and Belongie 2016, section 4"),
        is_wide=True,
    ),
    InstrumentView(
        id="orders",
        title=N_("Activation orders over many units"),
        question=N_("What does the place of norm and ReLU do to a signal over thirty units?"),
        show=order_signals.show,
        often_said=N_(
            '**"(b) is no longer linear."** It never was: (a) has a ReLU behind each addition, too. In (b) the norm '
            'rescales the shortcut. **"A direct path without nonlinearity"** is true of (c), (d) and (e) alone.'
        ),
        source=N_("He et al. 2016 (arXiv 1603.05027), section 4.1, figure 4, table 2"),
        is_wide=True,
    ),
    InstrumentView(
        id="exits",
        title=N_("Early exits"),
        question=N_("How early does a net know the answer?"),
        show=early_exits.show,
        often_said=N_(
            '**"Each residual block refines the answer a little."** Only in the last stage: before it, the head of the '
            "net reads nothing. A linear classifier reads more block by block, in plain and residual nets alike."
        ),
        source=N_("Alain and Bengio 2017; Greff, Srivastava and Schmidhuber 2017"),
        is_wide=True,
    ),
    InstrumentView(
        id="shattering",
        title=N_("Shattered gradients"),
        question=N_("How fast does a gradient change when the input moves a little?"),
        show=shattering.show,
        often_said=N_(
            '**"Gradients shatter in deep plain nets."** With batch norm they do. Without it neither net shatters: '
            "switch it off."
        ),
        source=N_("Balduzzi et al. 2017 (arXiv 1702.08591)"),
        is_wide=True,
    ),
    InstrumentView(
        id="surface",
        title=N_("Loss surface"),
        question=N_("Do shortcuts make the loss smoother?"),
        show=loss_surface.show,
        often_said=N_(
            '**"Plain nets have a chaotic loss surface."** At 20 layers both look alike; the published difference is '
            "one of 56 and 110 layers. And a plane is two of hundreds of thousands of directions."
        ),
        source=N_("Li, Xu, Taylor, Studer and Goldstein 2018, sections 4 and 5"),
        is_wide=True,
        picture=loss_surface.card,
    ),
    InstrumentView(
        id="tables",
        title=N_("Small tables"),
        question=N_("What do five other analyses predict, and does it hold?"),
        show=small_tables.show,
        source=N_(
            "Huang et al. 2016; Zhang et al. 2019; Hanin and Rolnick 2018; Orhan and Pitkow 2018; Luo et al. 2016"
        ),
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
    show_exercises()
