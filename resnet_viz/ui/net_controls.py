"""Controls of one net: a named net by family and depth, and any single field that shall differ from it.

The controls of several nets can stand on one page: each net has a prefix of its own in the address.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.naming import order_name
from resnet_viz.spec.net import (
    MAX_CARDINALITY,
    MAX_CHANNELS,
    MAX_CLASSES,
    MAX_IMAGE,
    MAX_WIDTH_PER_GROUP,
)
from resnet_viz.spec.presets import preset, series, series_of
from resnet_viz.spec.terms import BlockKind, Order
from resnet_viz.ui.address import changing, key_of, write
from resnet_viz.ui.net_draft import Draft, write_net


def net_controls(draft: Draft, letter: str = "") -> None:
    """Shows the controls of one net in a row.

    Where several nets stand below each other, a letter tells this one from the others, and its controls are compact:
    family and depth, and a button to all the rest.
    """
    is_compact = bool(letter)
    _family_and_depth(draft, letter)
    if not is_compact:
        _main_fields(draft)
    label = _("Fields") if is_compact else _("More fields")
    drawer = st.popover(label, icon=":material/tune:", width="content", key=f"fields:{draft.prefix}", on_change="rerun")
    # A browser keeps the values of a shut drawer's widgets and sends them as they were, which would look like a change
    # where the address has others by now: what is not seen is not there.
    if drawer.open:
        with drawer:
            if is_compact:
                _main_fields(draft)
            _more_fields(draft)


def _family_and_depth(draft: Draft, letter: str) -> None:
    families = series()
    own = series_of(draft.base)
    depths = {name: preset(name).depth for name in families[own]} | {draft.base: preset(draft.base).depth}
    members = sorted(depths, key=lambda name: depths[name])
    family_key, depth_key = key_of(f"{draft.prefix}family"), key_of(f"{draft.prefix}depth")
    st.session_state[family_key], st.session_state[depth_key] = own, draft.base

    def family_changed() -> None:
        wanted = families[st.session_state[family_key]]
        with changing():
            for name in codec.FIELDS:  # a family is picked as it is
                st.query_params.pop(draft.prefix + name, None)
            write_net(draft, min(wanted, key=lambda name: abs(preset(name).depth - depths[draft.base])))

    def depth_changed() -> None:
        with changing():
            _keep_changes(draft.prefix, st.session_state[depth_key])
            write_net(draft, st.session_state[depth_key])

    of_net = _(" of net {letter}").format(letter=letter) if letter else ""
    look: dict[str, Any] = {"label_visibility": "collapsed" if letter else "visible"}
    help_text = _("Weighted layers on the longest path: stem, convolutions of the branches, fc.")
    st.selectbox(
        _("Family") + of_net, list(families), format_func=_family_name, key=family_key, on_change=family_changed,
        width=290, **look,
    )  # fmt: skip
    st.segmented_control(
        _("Depth") + of_net, members, format_func=lambda name: _depth_name(name, own), key=depth_key,
        on_change=depth_changed, required=True, width="content", help=None if letter else help_text, **look,
    )  # fmt: skip


def _depth_name(name: str, family: str) -> str:
    """Returns what tells a net from others of its family: "50", or "50 32x4d" where depth is not all."""
    return name.replace("_v1", "").removeprefix(family.replace("_v1", "")).strip("_").replace("_", " ")


def _keep_changes(prefix: str, new_base: str) -> None:
    """Another depth keeps the other fields that were changed; the numbers of blocks are what depth means."""
    st.query_params.pop(f"{prefix}blocks", None)
    for name in codec.FIELDS:
        if prefix + name in st.query_params:
            usual = codec.format_field(getattr(preset(new_base), name))
            write(prefix + name, st.query_params[prefix + name], usual)


def _family_name(family: str) -> str:
    return {
        "resnet": _("ResNet (torchvision)"),
        "resnet_v1": _("ResNet, stride as in the paper"),
        "plain": _("plain net"),
        "cifar_resnet": _("CIFAR ResNet, 6n+2"),
        "cifar_plain": _("CIFAR plain net, 6n+2"),
        "cifar_preact_resnet": _("CIFAR pre-activation ResNet, 6n+2"),
        "cifar_bottleneck": _("CIFAR bottleneck ResNet, 9n+2"),
        "cifar_preact_bottleneck": _("CIFAR pre-activation bottleneck, 9n+2"),
        "preact_resnet": _("pre-activation ResNet"),
        "resnext": "ResNeXt",
        "wide_resnet": _("wide ResNet (torchvision)"),
        "wrn": _("CIFAR wide ResNet, 6n+4 and k"),
        "d2l_resnet": _("ResNet of d2l.ai"),
    }.get(family, family)


def _value_name(value: str) -> str:
    names = {
        "none": _("none"),
        "identity": _("identity"),
        "zero_pad": _("A zeros"),
        "projection": _("B 1×1"),
        "projection_everywhere": _("C all 1×1"),
        "first_1x1": _("first 1×1"),
        "conv_3x3": _("3×3"),
        "imagenet": _("7×7 and pool"),
        "cifar": "3×3",
        "batch": _("batch norm"),
        "basic": _("basic"),
        "bottleneck": _("bottleneck"),
    }
    return order_name(Order(value)) if value in set(Order) else names.get(value, value)


def _main_fields(draft: Draft) -> None:
    block = draft.changes.get("block", preset(draft.base).block)
    is_plain = draft.changes.get("shortcut", preset(draft.base).shortcut) == "none"
    _word(draft, "shortcut", _("Shortcut"))
    _word(draft, "dim_match", _("Where the shape changes"), is_disabled=is_plain)
    _word(draft, "block", _("Block"))
    _word(draft, "order", _("Activation order"), widget=st.selectbox)
    _word(draft, "stride_on", _("Stride of a bottleneck on"), is_disabled=block is BlockKind.BASIC)


def _more_fields(draft: Draft) -> None:
    _text(draft, "blocks", _("Blocks per stage"))
    _text(draft, "widths", _("Widths per stage"))
    _word(draft, "stem", _("Stem"))
    _word(draft, "norm", _("Norm"))
    _flag(draft, "conv_bias", _("Biases in convolutions"))
    _flag(draft, "zero_init_residual", _("Last norm of a branch starts at zero"))
    _flag(draft, "projection_norm", _("Norm behind projections"))
    _count(draft, "cardinality", _("Groups of a bottleneck (cardinality)"), MAX_CARDINALITY)
    _count(draft, "width_per_group", _("Width per group"), MAX_WIDTH_PER_GROUP)
    _text(draft, "dilated_stages", _("Stages with dilation instead of stride"))
    _count(draft, "image_size", _("Image size, px"), MAX_IMAGE)
    _count(draft, "in_channels", _("Image channels"), MAX_CHANNELS)
    _count(draft, "num_classes", _("Classes"), MAX_CLASSES)


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
    widget(label, options, format_func=_value_name, disabled=is_disabled, **_bound(draft, name), **extra)


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
