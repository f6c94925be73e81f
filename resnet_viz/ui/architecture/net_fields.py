"""Widgets of the fields of one net, each bound to its name in the address."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.enums import BlockKind, Shortcut
from resnet_viz.spec.fields import (
    MAX_CARDINALITY,
    MAX_CHANNELS,
    MAX_CLASSES,
    MAX_GATE_BIAS,
    MAX_HIDDEN,
    MAX_SCALE,
    MAX_WIDTH_PER_GROUP,
)
from resnet_viz.spec.presets import kind_of, preset
from resnet_viz.spec.titles import field_name, value_name
from resnet_viz.spec.vgg import VggSpec
from resnet_viz.ui.architecture.net_url import Draft, write_net
from resnet_viz.ui.widgets.url_state import bound, key_of


def main_fields(draft: Draft) -> None:
    """Shows the fields that make the most difference."""
    if kind_of(draft.base) is VggSpec:
        _choice(draft, "norm")
        return
    block, shortcut = _value(draft, "block"), _value(draft, "shortcut")
    _choice(draft, "shortcut", widget=st.selectbox)
    _shortcut_numbers(draft, Shortcut(shortcut))
    _choice(draft, "dim_match", is_disabled=shortcut is Shortcut.NONE)
    _choice(draft, "block")
    _choice(draft, "order", widget=st.selectbox)
    _choice(draft, "stride_on", is_disabled=block is BlockKind.BASIC)


def _shortcut_numbers(draft: Draft, shortcut: Shortcut) -> None:
    """Shows the numbers that have an effect on a kind of shortcut.

    A widget's range includes its ends, so that a branch scale of 0 and a dropout rate of 1 can be entered; the spec
    refuses them.
    """
    if shortcut is Shortcut.CONSTANT_SCALING:
        _number(draft, "shortcut_scale", 0.0, MAX_SCALE, step=0.1)
        _number(draft, "residual_scale", 0.0, MAX_SCALE, step=0.1)
    elif shortcut.is_gated:
        _number(draft, "gate_bias", -MAX_GATE_BIAS, MAX_GATE_BIAS, step=1.0)
    elif shortcut is Shortcut.DROPOUT:
        _number(draft, "dropout", 0.0, 1.0, step=0.1)


def more_fields(draft: Draft) -> None:
    """Shows the other fields."""
    is_vgg = kind_of(draft.base) is VggSpec
    _text(draft, "blocks", _("Convolutions per stage") if is_vgg else field_name("blocks"))
    _text(draft, "widths")
    if is_vgg:
        _flag(draft, "conv_bias")
        _count(draft, "hidden_features", MAX_HIDDEN)
    else:
        _more_residual_fields(draft)
    _text(draft, "image_size", help_text=_("The side of a square image, or height x width: 480x640."))
    _count(draft, "in_channels", MAX_CHANNELS)
    _count(draft, "num_classes", MAX_CLASSES)


def _more_residual_fields(draft: Draft) -> None:
    _choice(draft, "stem")
    _choice(draft, "norm")
    _flag(draft, "conv_bias")
    _flag(draft, "zero_init_residual")
    _flag(draft, "projection_norm")
    _count(draft, "cardinality", MAX_CARDINALITY)
    _count(draft, "width_per_group", MAX_WIDTH_PER_GROUP)
    _text(draft, "dilated_stages")


def _choice(
    draft: Draft, name: str, *, widget: Callable[..., Any] = st.segmented_control, is_disabled: bool = False
) -> None:
    look = {"required": True, "width": "content"} if widget is st.segmented_control else {"width": 230}
    options = [word.value for word in codec.WORDS[name]]
    tie = _bound(draft, name, str(_value(draft, name)))
    widget(field_name(name), options, format_func=value_name, disabled=is_disabled, **tie, **look)


def _text(draft: Draft, name: str, label: str = "", help_text: str | None = None) -> None:
    text = st.query_params.get(draft.prefix + name, codec.format_field(_value(draft, name)))
    st.text_input(label or field_name(name), max_chars=60, help=help_text, **_bound(draft, name, text))


def _flag(draft: Draft, name: str) -> None:
    st.toggle(field_name(name), **_bound(draft, name, bool(_value(draft, name))))


def _count(draft: Draft, name: str, most: int) -> None:
    value = min(max(1, _value(draft, name)), most)
    st.number_input(field_name(name), min_value=1, max_value=most, **_bound(draft, name, value))


def _number(draft: Draft, name: str, low: float, high: float, *, step: float) -> None:
    tie = _bound(draft, name, min(max(low, _value(draft, name)), high))
    st.number_input(field_name(name), min_value=low, max_value=high, step=step, format="%g", width=150, **tie)


def _value(draft: Draft, name: str) -> Any:
    return draft.changes.get(name, getattr(preset(draft.base), name))


def _bound(draft: Draft, name: str, value: Any) -> dict[str, Any]:
    """Returns what binds a widget that shows `value` to a field of the net in the address."""
    st.session_state[key_of(draft.prefix + name)] = value
    usual = codec.format_field(getattr(preset(draft.base), name))
    return bound(draft.prefix + name, usual, lambda value: _as_text(name, value), lambda: _keep_net(draft))


def _as_text(name: str, value: Any) -> str:
    """Returns the text of the address for a widget's value; one that is typed is written as the field writes it."""
    try:
        return codec.format_field(codec.parse_field(name, value) if isinstance(value, str) else value)
    except SpecError:
        return str(value)  # kept as it was typed, and refused on the next run


def _keep_net(draft: Draft) -> None:
    """Names a further net in the address, which may lose the last of its fields."""
    if draft.prefix and draft.prefix + codec.NET not in st.query_params:
        write_net(draft, draft.base)
