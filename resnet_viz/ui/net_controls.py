"""Controls of one net: a named net by family and depth, and any single field that shall differ from it."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import streamlit as st

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.kinds import check_field, fields_of, kind_of
from resnet_viz.spec.naming import order_name
from resnet_viz.spec.net import (
    MAX_CARDINALITY,
    MAX_CHANNELS,
    MAX_CLASSES,
    MAX_GATE_BIAS,
    MAX_IMAGE,
    MAX_SCALE,
    MAX_WIDTH_PER_GROUP,
)
from resnet_viz.spec.presets import preset, preset_fields
from resnet_viz.spec.series import series, series_of
from resnet_viz.spec.terms import BlockKind, Order, Shortcut
from resnet_viz.spec.vgg import MAX_HIDDEN, AnySpec, VggSpec
from resnet_viz.ui.address import bound, changing, key_of, write
from resnet_viz.ui.say import refuse

_FAMILY: Final = "widget:family"
_DEPTH: Final = "widget:depth"


class _Draft(NamedTuple):
    """What the address says: a preset, fields that could be read, and sentences about the others."""

    base: str
    changes: dict[str, Any]
    problems: list[str]


def pick_net(default: str) -> AnySpec:
    """Shows the controls and returns the net that they describe.

    Where they describe none, a sentence says why, they keep what was entered, and the last good net is returned.
    """
    draft = _read_address(default)
    with st.container(border=True, horizontal=True, vertical_alignment="bottom", gap="medium", key="net"):
        _family_and_depth(draft.base, default)
        is_vgg = kind_of(draft.base) is VggSpec
        if not is_vgg:
            _residual_fields(draft)
        else:
            _word(draft, "norm", _("Norm"))
        with st.popover(_("More fields"), icon=":material/tune:", width="content"):
            _more_fields(draft, is_vgg=is_vgg)
    return _resolve(draft)


def _read_address(default: str) -> _Draft:
    query = st.query_params.to_dict()
    problems: list[str] = []
    base = query.get(codec.NET, default)
    try:
        preset_fields(base)
    except SpecError as problem:
        problems.append(str(problem))
        base = default
    changes = {}
    for name in codec.FIELDS:
        if name in query:
            try:
                check_field(base, name)
                changes[name] = codec.parse_field(name, query[name])
            except SpecError as problem:
                problems.append(str(problem))
    return _Draft(base, changes, problems)


def _resolve(draft: _Draft) -> AnySpec:
    try:
        spec = preset(draft.base, **draft.changes)
    except SpecError as problem:
        draft.problems.append(str(problem))
        spec = st.session_state.get("last_good_net") or preset(draft.base)
    for sentence in draft.problems:
        refuse(sentence)
    st.session_state["last_good_net"] = spec
    return spec


def _family_and_depth(base: str, default: str) -> None:
    families = series()
    own = series_of(base)
    depths = {name: preset(name).depth for name in families[own]} | {base: preset(base).depth}
    members = sorted(depths, key=lambda name: depths[name])
    st.session_state[_FAMILY], st.session_state[_DEPTH] = own, base

    def family_changed() -> None:
        wanted = families[st.session_state[_FAMILY]]
        with changing():
            for name in codec.FIELDS:  # a family is picked as it is
                st.query_params.pop(name, None)
            write(codec.NET, min(wanted, key=lambda name: abs(preset(name).depth - depths[base])), default)

    def depth_changed() -> None:
        with changing():
            _keep_changes(st.session_state[_DEPTH])
            write(codec.NET, st.session_state[_DEPTH], default)

    st.selectbox(
        _("Family"), list(families), format_func=_family_name, key=_FAMILY, on_change=family_changed, width=290
    )
    st.segmented_control(
        _("Depth"),
        members,
        format_func=lambda name: _depth_name(name, own),
        key=_DEPTH,
        on_change=depth_changed,
        required=True,
        width="content",
        help=_("Weighted layers on the longest path: stem, convolutions of the branches, fc."),
    )


def _depth_name(name: str, family: str) -> str:
    """Returns what tells a net from others of its family: "50", or "50 32x4d" where depth is not all."""
    return name.replace("_v1", "").removeprefix(family.replace("_v1", "")).strip("_").replace("_", " ")


def _keep_changes(new_base: str) -> None:
    """Another depth keeps the other fields that were changed; the numbers of blocks are what depth means."""
    st.query_params.pop("blocks", None)
    for name in codec.FIELDS:
        if name in st.query_params and name in fields_of(new_base):
            usual = codec.format_field(getattr(preset(new_base), name))
            write(name, st.query_params[name], usual)


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
        "vgg": _("VGG (torchvision)"),
    }.get(family, family)


def _value_name(value: str) -> str:
    names = {
        "none": _("none"),
        "identity": _("identity"),
        "constant_scaling": _("constant scaling"),
        "exclusive_gating": _("exclusive gating"),
        "shortcut_only_gating": _("shortcut-only gating"),
        "conv1x1": _("1×1 convolution"),
        "dropout": _("dropout"),
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


def _residual_fields(draft: _Draft) -> None:
    block, shortcut = _value(draft, "block"), _value(draft, "shortcut")
    _word(draft, "shortcut", _("Shortcut"), widget=st.selectbox)
    _shortcut_numbers(draft, Shortcut(shortcut))
    _word(draft, "dim_match", _("Where the shape changes"), is_disabled=shortcut is Shortcut.NONE)
    _word(draft, "block", _("Block"))
    _word(draft, "order", _("Activation order"), widget=st.selectbox)
    _word(draft, "stride_on", _("Stride of a bottleneck on"), is_disabled=block is BlockKind.BASIC)


def _shortcut_numbers(draft: _Draft, shortcut: Shortcut) -> None:
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


def _more_fields(draft: _Draft, *, is_vgg: bool) -> None:
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


def _more_residual_fields(draft: _Draft) -> None:
    _word(draft, "stem", _("Stem"))
    _word(draft, "norm", _("Norm"))
    _flag(draft, "conv_bias", _("Biases in convolutions"))
    _flag(draft, "zero_init_residual", _("Last norm of a branch starts at zero"))
    _flag(draft, "projection_norm", _("Norm behind projections"))
    _count(draft, "cardinality", _("Groups of a bottleneck (cardinality)"), MAX_CARDINALITY)
    _count(draft, "width_per_group", _("Width per group"), MAX_WIDTH_PER_GROUP)
    _text(draft, "dilated_stages", _("Stages with dilation instead of stride"))


def _word(
    draft: _Draft,
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


def _text(draft: _Draft, name: str, label: str) -> None:
    raw = st.query_params.get(name)
    st.session_state[key_of(name)] = raw if raw is not None else codec.format_field(_value(draft, name))
    st.text_input(label, max_chars=60, **_bound(draft, name))


def _flag(draft: _Draft, name: str, label: str) -> None:
    _prepare(draft, name, bool)
    st.toggle(label, **_bound(draft, name))


def _count(draft: _Draft, name: str, label: str, most: int) -> None:
    _prepare(draft, name, lambda value: min(max(1, value), most))
    st.number_input(label, min_value=1, max_value=most, **_bound(draft, name))


def _number(draft: _Draft, name: str, label: str, low: float, high: float, *, step: float) -> None:
    _prepare(draft, name, lambda value: min(max(low, value), high))
    st.number_input(label, min_value=low, max_value=high, step=step, format="%g", width=150, **_bound(draft, name))


def _value(draft: _Draft, name: str) -> Any:
    return draft.changes.get(name, getattr(preset(draft.base), name))


def _prepare(draft: _Draft, name: str, convert: Callable[[Any], Any]) -> None:
    st.session_state[key_of(name)] = convert(_value(draft, name))


def _bound(draft: _Draft, name: str) -> dict[str, Any]:
    usual = codec.format_field(getattr(preset(draft.base), name))
    return bound(name, usual, codec.format_field)
