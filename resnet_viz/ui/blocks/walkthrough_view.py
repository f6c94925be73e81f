"""Walk of a small image through a block, step by step: buttons or the arrow keys."""

from typing import TYPE_CHECKING, Final

import streamlit as st

from resnet_viz.blocks.single import SingleBlock
from resnet_viz.blocks.walkthrough import IMAGE_HW, Map, WalkStep, can_walk, image_of, image_text, walk
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.present.blocks.walkthrough import kernel_text, outcome_text, step_text, step_title, steps_html
from resnet_viz.spec.enums import Norm
from resnet_viz.ui.widgets import url_state, viewport
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

STEP: Final = "step"  # in the address; without it all steps are shown
IMAGE: Final = "image"
_MAX_TEXT: Final = 400  # characters of an image
_LOWER: Final = 2


@st.fragment
def show_walkthrough(block: SingleBlock) -> None:
    """Shows the controls, the tensors up to the chosen step, and the step in words."""
    if not can_walk(block.variant):
        st.info(_("The walk-through is of blocks of two 3×3 convolutions: an order, or an operation on the shortcut."))
        return
    st.markdown(
        _(
            "A small image goes through the block: one channel, two 3×3 convolutions without biases, shape unchanged. "
            "The arrow keys go step by step."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        image_HW = _pick_image()
        is_zero = url_state.switch(_("branch at zero"), "zero", default=False)
        bar = st.container(horizontal=True, gap="small", width="content")
    steps = walk(block.variant, image_HW, has_norm=block.spec.norm is Norm.BATCH, is_branch_zero=is_zero)
    current = _pick_step(bar, len(steps) - 1)
    st.html(steps_html(steps, current, theme_mode()))
    _show_step(steps[current], steps)
    if current == len(steps) - 1:
        st.markdown(outcome_text(steps))


def _pick_image() -> Map:
    """Shows the choice of an image and returns it; an image that is refused leaves the usual one."""
    names = {"usual": _("image"), "lower": _("image − 2"), "own": _("own image")}
    with viewport.bottom_aligned():
        kind = url_state.segments(
            _("Input"), "input", list(names), "usual", names.__getitem__, clears=lambda name: name == STEP
        )
    if kind == "usual":
        return IMAGE_HW
    if kind == "lower":
        return IMAGE_HW - _LOWER
    usual = image_text(IMAGE_HW)
    text = st.query_params.get(IMAGE, usual)[:_MAX_TEXT]
    st.session_state[url_state.key_of(IMAGE)] = text.replace("/", "\n")
    st.text_area(
        _("Six rows of six numbers"),
        max_chars=_MAX_TEXT,
        height=180,
        width=260,
        **url_state.bound(IMAGE, usual, lambda given: "/".join(str(given).split("\n"))),
    )
    try:
        return image_of(text)
    except SpecError as refusal:
        show_warning(str(refusal), is_here=True)
        return IMAGE_HW


def _pick_step(bar: "DeltaGenerator", last: int) -> int:
    """Shows the buttons and returns the number of the step, the last one if the address names none."""
    text = st.query_params.get(STEP, "")
    current = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else last  # noqa: PLR2004
    current = min(current, last)
    moves = (
        ("start", ":material/first_page:", 0, _("From the beginning"), None),
        ("back", ":material/chevron_left:", max(0, current - 1), _("Step back"), "Left"),
        ("next", ":material/chevron_right:", min(last, current + 1), _("Next step"), "Right"),
        ("end", ":material/last_page:", last, _("All steps"), None),
    )
    with bar:
        for name, icon, step, words, key in moves:
            st.button(
                "",
                icon=icon,
                key=f"walk:{name}",
                help=words,
                shortcut=key,
                on_click=_go,
                args=(step, last),
                disabled=step == current,
            )
    return current


def _go(step: int, last: int) -> None:
    with url_state.changing():
        url_state.write(STEP, str(step), str(last))


def _show_step(step: WalkStep, steps: tuple[WalkStep, ...]) -> None:
    before = None
    if step.node:
        by_name = {one.node.name if one.node else "": one for one in steps}
        before = by_name.get(step.node.inputs[0], steps[0])
    st.markdown(f"**{step_title(step)}.** {step_text(step, before)}")
    if step.kernel is not None:
        st.latex(kernel_text(step.kernel))
