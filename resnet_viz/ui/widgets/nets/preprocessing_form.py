"""Form of an uploaded net: preprocessing of its images, names of its classes, and fields without a trace in weights."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from resnet_viz.attribution.sources import class_names
from resnet_viz.attribution.sources.net_settings import BGR, MAX_SIDE, NetSettings, numbers_of
from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.present.attribution.text import data_name
from resnet_viz.spec.titles import field_name, value_name
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.nets.known_uploads import KnownNet
from resnet_viz.ui.widgets.visitor import activate_language, session_owner

_MESSAGE: Final = "attribution:settings"
_OWN: Final = "own"
_CLASSES: Final = ("", DataName.FASHION_MNIST.value, DataName.CIFAR10.value, _OWN)
_COLOURS: Final = 3
_LONGEST_NUMBERS: Final = 600  # characters
_LONGEST_NAMES: Final = 150_000


def show(letter: str, known: KnownNet, spec: AnySpec, ref: NetRef, write: Callable[[NetRef], None]) -> None:
    """Shows the form in a popover.

    Args:
        letter: of the net on the page, a or b.
        known: the net.
        spec: its architecture.
        ref: its reference.
        write: puts the net with other settings into the address.
    """
    message = st.session_state.pop(f"{_MESSAGE}:{letter}", "")
    if message:
        show_warning(message)
    label = _("Net {letter}: preprocessing, classes").format(letter=letter)
    with st.popover(label, icon=":material/tune:", width="content", key=f"settings_of_{letter}"):
        if known.facts.is_guess:
            st.markdown(_("Guessed from the shapes of the weights; no file tells how its images were scaled."))
        # keys of a net's own: what is typed about one net is not shown with another
        with st.form(f"net_settings:{letter}:{ref}", border=False):
            keys = _fields(letter, known, spec, ref)
            st.form_submit_button(
                _("Apply"),
                icon=":material/check:",
                type="primary",
                on_click=_apply,
                args=(letter, known, spec, ref, write, keys),
            )


def _fields(letter: str, known: KnownNet, spec: AnySpec, ref: NetRef) -> dict[str, str]:
    """Shows the fields and returns their keys by the names of the settings."""
    facts, classes = known.facts, _shown_classes(ref.settings)
    unseen = known.upload.unseen_fields
    names = ("mean", "std", "image_size", "channels", "classes", "names", *(field.field for field in unseen))
    keys = {name: f"net_settings:{letter}:{name}:{ref}" for name in names}
    left, right = st.columns(2)
    scale = _("A number for each channel, or one for all, on the scale from 0 to 1.")
    left.text_input(_("Mean"), _numbers(facts.mean), max_chars=_LONGEST_NUMBERS, key=keys["mean"], help=scale)
    right.text_input(
        _("Standard deviation"), _numbers(facts.std), max_chars=_LONGEST_NUMBERS, key=keys["std"], help=scale
    )
    left, right = st.columns(2)  # rows of two, which a phone shows in their order
    left.number_input(_("Image size, px"), 1, MAX_SIDE, spec.square_side, key=keys["image_size"])
    right.selectbox(_("Classes"), _CLASSES, _CLASSES.index(classes), format_func=_classes_name, key=keys["classes"])
    if spec.in_channels == _COLOURS:
        st.selectbox(
            _("Channels"),
            ("", BGR),
            int(ref.settings.channels == BGR),
            format_func=lambda order: order.upper() or "RGB",
            key=keys["channels"],
            help=_("Nets of Caffe2 and most of detectron2 read blue first. Mean and deviation stay in the order RGB."),
        )
    for field in unseen:
        value = str(getattr(spec, field.field))
        st.selectbox(
            field_name(field.field),
            field.values,
            field.values.index(value),
            format_func=value_name,
            key=keys[field.field],
        )
    st.text_area(
        _("Names of the classes, from class 0: one a line, or separated by commas"),
        _shown_names(known, ref.settings),
        max_chars=_LONGEST_NAMES,
        height=100,
        key=keys["names"],
    )
    return keys


def _apply(
    letter: str,
    known: KnownNet,
    spec: AnySpec,
    ref: NetRef,
    write: Callable[[NetRef], None],
    keys: Mapping[str, str],
) -> None:
    activate_language()
    values = {name: st.session_state[key] for name, key in keys.items() if key in st.session_state}
    try:
        settings = _changed(known, spec, ref.settings, values)
    except Refusal as refusal:
        st.session_state[f"{_MESSAGE}:{letter}"] = str(refusal)
        return
    with url_state.changing():
        write(replace(ref, settings=settings))


def _changed(known: KnownNet, spec: AnySpec, given: NetSettings, values: Mapping[str, Any]) -> NetSettings:
    """Returns the settings of the form; a guess that was left as it is stays a guess.

    Raises:
        Refusal: a value that is not allowed.
    """
    found = given
    if values["mean"].strip() != _numbers(known.facts.mean):
        found = replace(found, mean=numbers_of("mean", values["mean"]))
    if values["std"].strip() != _numbers(known.facts.std):
        found = replace(found, std=numbers_of("std", values["std"]))
    if values["image_size"] != spec.image_size:
        spec.replace(image_size=values["image_size"])  # refuses a size that is too small
        found = replace(found, image_size=values["image_size"])
    found = replace(found, channels=values.get("channels", ""))
    for field in known.upload.unseen_fields:
        if values[field.field] != str(getattr(spec, field.field)):
            found = found.with_choice(field.field, values[field.field])
    classes = _classes(known, given, values["classes"], values["names"])
    class_names.names_of(classes, spec.num_classes)  # refuses more names than classes
    return replace(found, classes=classes)


def _classes(known: KnownNet, given: NetSettings, classes: str, names: str) -> str:
    """Returns the word for the classes in the settings. Names that were typed are kept and count as chosen."""
    before = _shown_names(known, given)
    if classes in ("", _OWN) and names.strip() != before.strip():
        return class_names.keep_names(names, visitor=session_owner()) if names.strip() else ""
    return given.classes if classes == _OWN else classes


def _shown_names(known: KnownNet, given: NetSettings) -> str:
    return "\n".join(known.facts.class_names) if _shown_classes(given) == _OWN else ""


def _shown_classes(given: NetSettings) -> str:
    return given.classes if given.classes in _CLASSES else _OWN


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def _classes_name(classes: str) -> str:
    return {"": _("unknown: numbers"), _OWN: _("named below")}.get(classes) or data_name(classes)
