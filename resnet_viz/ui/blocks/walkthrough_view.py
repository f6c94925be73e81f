"""Walk of a small input through a block: the component has all tensors, the address what is looked at."""

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from resnet_viz.blocks.single import SingleBlock
from resnet_viz.blocks.walk_inputs import (
    IMAGE_HW,
    SIDE,
    Values,
    can_walk,
    image_of,
    image_text,
    is_value,
    takes_batch,
    usual_input,
)
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.present.blocks.walk_data import (
    LOWER,
    OWN,
    USUAL,
    can_choose_norm,
    walk_colors,
    walk_states,
    walk_words,
)
from resnet_viz.spec.enums import Norm
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.component import component
from resnet_viz.ui.widgets.visitor import theme_mode

KEY: Final = "walk"
STEP: Final = "step"  # in the address; without it all steps are shown
INPUT: Final = "input"
IMAGE: Final = "image"
SAMPLE: Final = "sample"
CHANNEL: Final = "channel"
ZERO: Final = "zero"
NORM: Final = "norm"
_LONGEST_WORD: Final = 10  # of a cell
_LONGEST_TEXT: Final = SIDE * SIDE * (_LONGEST_WORD + 1)  # of an image
_MAX_CHANNELS: Final = 6  # of the book's larger block
_NO_WORD: Final = "_"  # of an empty cell in the address
_OWN_KEY: Final = "walk_image"  # in the session: the last image that was none to refuse
# The place is a component of its own, so that the tensors, which stay, are not sent again with every step.
_component = component("resnet_viz_walk", "walkthrough")
_place_component = component("resnet_viz_walk_place", "walkthrough")


@st.fragment
def show_walkthrough(block: SingleBlock) -> None:
    """Shows the walk; a change of norm runs the whole page, which has the block without it."""
    if not can_walk(block.variant):
        st.info(
            _(
                "The walk-through is of blocks of two 3×3 convolutions: an order, an operation on the shortcut, or one "
                "of d2l's."
            )
        )
        return
    has_norm = block.spec.norm is Norm.BATCH
    if can_choose_norm(block.variant) and has_norm != _is_on(NORM, default=True):
        st.rerun()
    st.markdown(_introduction(block))
    mode = theme_mode()
    text = st.query_params.get(IMAGE, "")[:_LONGEST_TEXT]
    image_HW, refusal = (None, "") if takes_batch(block.variant) else _own_image(text)
    data = {
        "id": block.variant.id,
        "states": walk_states(block.variant, image_HW, mode),
        "has_norm_choice": can_choose_norm(block.variant),
        "has_own": not takes_batch(block.variant),
        "cells": _cells(text, IMAGE_HW if image_HW is None else image_HW),
        "usual_cells": _words(IMAGE_HW),
        "refusal": refusal,
        "colors": walk_colors(mode),
        "words": walk_words(block.variant),
    }
    with st.container(gap=None):
        _component(key=KEY, data=data, height="content", on_rest_change=_rest)
        place = {"id": block.variant.id, "at": _place(block, has_norm=has_norm)}
        _place_component(key="walk_place", data=place)


def _introduction(block: SingleBlock) -> str:
    if takes_batch(block.variant):
        return _(
            "The batch of d2l, section 7.6, goes through the block: random values in [0, 1), weights drawn as torch "
            "draws them, both with two decimals."
        )
    return _("A small image goes through the block: one channel, two 3×3 convolutions without biases, shape unchanged.")


def _place(block: SingleBlock, *, has_norm: bool) -> dict[str, Any]:
    """Returns the step and the settings that the address names."""
    images = usual_input(block.variant).shape[0]
    text = st.query_params.get(STEP, "")
    is_number = text.isascii() and text.isdigit() and len(text) < 4  # noqa: PLR2004
    chosen = url_state.segments(_("Input"), INPUT, (USUAL, LOWER, OWN), USUAL, is_shown=False)
    return {
        "step": int(text) if is_number else None,
        "input": USUAL if takes_batch(block.variant) and chosen == OWN else chosen,
        "zero": url_state.switch(_("branch at zero"), ZERO, default=False, is_shown=False),
        "norm": has_norm,
        "sample": min(url_state.integer(_("Image"), SAMPLE, low=1, high=4, default=1, is_shown=False), images),
        "channel": url_state.integer(_("Channel"), CHANNEL, low=1, high=_MAX_CHANNELS, default=1, is_shown=False),
    }


def _is_on(name: str, *, default: bool) -> bool:
    return {"true": True, "false": False}.get(st.query_params.get(name, "").lower(), default)


def _own_image(text: str) -> tuple[Values | None, str]:
    """Returns the visitor's image, the last one where this one is refused, and the refusal."""
    if not text:
        return None, ""
    try:
        image_HW = image_of(text)
    except SpecError as refusal:
        return st.session_state.get(_OWN_KEY), str(refusal)
    st.session_state[_OWN_KEY] = image_HW
    return image_HW, ""


def _cells(text: str, image_HW: Values) -> list[dict[str, Any]]:
    """Returns the words of an image, those that are refused too, or of `image_HW` where the text has not as many."""
    rows = [row.split() for row in text.split("/")]
    has_all = len(rows) == SIDE and all(len(row) == SIDE for row in rows)
    words = [word for row in rows for word in row] if has_all else _words(image_HW)
    return [{"text": "" if word == _NO_WORD else word, "is_refused": not is_value(word)} for word in words]


def _words(image_HW: Values) -> list[str]:
    return image_text(image_HW).replace("/", " ").split()


def _rest() -> None:
    """Puts what the component shows, once it is at rest, into the address."""
    sent: Mapping[str, Any] = st.session_state[KEY].get("rest") or {}
    chosen = sent.get("input")
    places = [
        (STEP, _whole(sent.get("step")), ""),
        (INPUT, chosen if chosen in (LOWER, OWN) else USUAL, USUAL),
        (ZERO, _flag(sent.get("zero")), "false"),
        (SAMPLE, _whole(sent.get("sample")) or "1", "1"),
        (CHANNEL, _whole(sent.get("channel")) or "1", "1"),
    ]
    if "norm" in sent:
        places.append((NORM, _flag(sent["norm"]), "true"))
    if isinstance(sent.get("cells"), list):
        places.append((IMAGE, address_of(sent["cells"]), image_text(IMAGE_HW)))
    with url_state.changing():
        for name, text, default in places:
            if st.query_params.get(name, default) != text:  # each writing is a step of the browser's history
                url_state.write(name, text, default)


def address_of(cells: list[Any]) -> str:
    """Returns an image as it is in the address, from what was typed into its cells."""
    words = [_word(cell) for cell in cells[: SIDE * SIDE]]
    return "/".join(" ".join(words[start : start + SIDE]) for start in range(0, len(words), SIDE))


def _word(cell: Any) -> str:
    """Returns what was typed into a cell without what would part it; a decimal comma is a point."""
    word = "".join(str(cell).replace("/", _NO_WORD).replace(",", ".").split())
    return word[:_LONGEST_WORD] or _NO_WORD


def _whole(value: Any) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000 else ""  # noqa: PLR2004


def _flag(value: Any) -> str:
    return "true" if value is True else "false"
