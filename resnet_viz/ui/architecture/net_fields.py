"""The fields of one net as widgets, each tied to its name in the address."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.enums import BlockKind, Shortcut
from resnet_viz.spec.net import (
    MAX_CARDINALITY,
    MAX_CHANNELS,
    MAX_CLASSES,
    MAX_GATE_BIAS,
    MAX_IMAGE,
    MAX_SCALE,
    MAX_WIDTH_PER_GROUP,
)
from resnet_viz.spec.presets import kind_of, preset
from resnet_viz.spec.titles import value_name
from resnet_viz.spec.vgg import MAX_HIDDEN, VggSpec
from resnet_viz.ui.architecture.net_url import Draft, write_net
from resnet_viz.ui.widgets.url_state import changing, key_of, write


def main_fields(draft: Draft) -> None:
    """Shows the fields that make the most difference."""
    if kind_of(draft.base) is VggSpec:
        _word(draft, "norm", _("Norm"))
        return
    block, shortcut = _value(draft, "block"), _value(draft, "shortcut")
    _word(draft, "shortcut", _("Shortcut"), widget=st.selectbox)
    _shortcut_numbers(draft, Shortcut(shortcut))
    _word(draft, "dim_match", _("Where the shape changes"), is_disabled=shortcut is Shortcut.NONE)
    _word(draft, "block", _("Block"))
    _word(draft, "order", _("Activation order"), widget=st.selectbox)
    _word(draft, "stride_on", _("Stride of a bottleneck on"), is_disabled=block is BlockKind.BASIC)


def _shortcut_numbers(draft: Draft, shortcut: Shortcut) -> None:
    """Shows the numbers of a kind of shortcut, and none that have no effect on it.

    A branch times 0 and a dropout of 1 can be entered here, for a field needs a last number; the spec says why not.
    """
    if shortcut is Shortcut.CONSTANT_SCALING:
        _number(draft, "shortcut_scale", _("Shortcut times"), 0.0, MAX_SCALE, step=0.1)
        _number(draft, "residual_scale", _("Branch times"), 0.0, MAX_SCALE, step=0.1)
    elif shortcut.is_gated:
        _number(draft, "gate_bias", _("Gate's bias at the start"), -MAX_GATE_BIAS, MAX_GATE_BIAS, step=1.0)
    elif shortcut is Shortcut.DROPOUT:
        _number(draft, "dropout", _("Share dropped"), 0.0, 1.0, step=0.1)


def more_fields(draft: Draft) -> None:
    """Shows the other fields."""
    is_vgg = kind_of(draft.base) is VggSpec
    _text(draft, "blocks", _("Convolutions per stage") if is_vgg else _("Blocks per stage"))
    _text(draft, "widths", _("Widths per stage"))
    if is_vgg:
        _flag(draft, "conv_bias", _("Biases in convolutions"))
        _count(draft, "hidden_features", _("Outputs of the hidden fc"), MAX_HIDDEN)
    else:
        _more_residual_fields(draft)
    _count(draft, "image_size", _("Image size, px"), MAX_IMAGE)
    _count(draft, "in_channels", _("Image channels"), MAX_CHANNELS)
    _count(draft, "num_classes", _("Classes"), MAX_CLASSES)


def _more_residual_fields(draft: Draft) -> None:
    _word(draft, "stem", _("Stem"))
    _word(draft, "norm", _("Norm"))
    _flag(draft, "conv_bias", _("Biases in convolutions"))
    _flag(draft, "zero_init_residual", _("Last norm of a branch starts at zero"))
    _flag(draft, "projection_norm", _("Norm behind projections"))
    _count(draft, "cardinality", _("Groups of a bottleneck (cardinality)"), MAX_CARDINALITY)
    _count(draft, "width_per_group", _("Width per group"), MAX_WIDTH_PER_GROUP)
    _text(draft, "dilated_stages", _("Stages with dilation instead of stride"))


def _word(
    draft: Draft,
    name: str,
    label: str,
    *,
    widget: Callable[..., Any] = st.segmented_control,
    is_disabled: bool = False,
) -> None:
    extra = {"required": True, "width": "content"} if widget is st.segmented_control else {"width": 230}
    options = [word.value for word in codec.WORDS[name]]
    _prepare(draft, name, str)
    widget(label, options, format_func=value_name, disabled=is_disabled, **_bound(draft, name), **extra)


def _text(draft: Draft, name: str, label: str) -> None:
    raw = st.query_params.get(draft.prefix + name)
    st.session_state[key_of(draft.prefix + name)] = raw if raw is not None else codec.format_field(_value(draft, name))
    st.text_input(label, max_chars=60, **_bound(draft, name))


def _flag(draft: Draft, name: str, label: str) -> None:
    _prepare(draft, name, bool)
    st.toggle(label, **_bound(draft, name))


def _count(draft: Draft, name: str, label: str, most: int) -> None:
    _prepare(draft, name, lambda value: min(max(1, value), most))
    st.number_input(label, min_value=1, max_value=most, **_bound(draft, name))


def _number(draft: Draft, name: str, label: str, low: float, high: float, *, step: float) -> None:
    _prepare(draft, name, lambda value: min(max(low, value), high))
    st.number_input(label, min_value=low, max_value=high, step=step, format="%g", width=150, **_bound(draft, name))


def _value(draft: Draft, name: str) -> Any:
    return draft.changes.get(name, getattr(preset(draft.base), name))


def _prepare(draft: Draft, name: str, convert: Callable[[Any], Any]) -> None:
    st.session_state[key_of(draft.prefix + name)] = convert(_value(draft, name))


def _bound(draft: Draft, name: str) -> dict[str, Any]:
    usual = codec.format_field(getattr(preset(draft.base), name))
    key = key_of(draft.prefix + name)

    def commit() -> None:
        with changing():
            if draft.prefix and draft.prefix + codec.NET not in st.query_params:  # its last field may go
                write_net(draft, draft.base)
            write(draft.prefix + name, codec.format_field(st.session_state[key]), usual)

    return {"key": key, "on_change": commit}
