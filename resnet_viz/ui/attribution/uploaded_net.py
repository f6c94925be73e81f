"""Controls of an uploaded net: what its weights leave open, its preprocessing, and the names of its classes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import streamlit as st

from resnet_viz.attribution.sources import class_names
from resnet_viz.attribution.sources.net_settings import MAX_SIDE, NetSettings, numbers_of
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.attribution.upload_facts import FieldChoice, SettledNet, settle
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.present.attribution.text import data_name
from resnet_viz.present.attribution.upload_text import (
    agreement_text,
    choice_label,
    choice_text,
    file_notes,
    option_names,
)
from resnet_viz.ui.attribution.uploads import KnownNet, known_net
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning
from resnet_viz.ui.widgets.visitor import activate_language, session_owner

_MESSAGE: Final = "attribution:settings"
_OWN: Final = "own"
_LONGEST_TEXT: Final = 150_000  # characters of all class names
_CLASSES: Final = ("", DataName.FASHION_MNIST.value, DataName.CIFAR10.value, _OWN)

Write = Callable[[NetRef], None]


def show(letter: str, ref: NetRef, write: Write) -> bool:
    """Shows the controls of an uploaded net and returns whether it is settled; other nets are, without controls.

    Args:
        letter: of the net on the page, a or b.
        ref: the net.
        write: puts a net into the address, in place of this one.
    """
    known = known_net(ref) if ref.kind is NetKind.UPLOAD else None
    if known is None:
        return True
    message = st.session_state.pop(f"{_MESSAGE}:{letter}", "")
    if message:
        show_warning(message)
    try:
        settled = settle(known.upload, ref.settings)
    except Refusal as refusal:
        show_warning(str(refusal), is_here=True)
        return False
    is_whole = known.upload.has_head
    with st.container(key=f"uploaded_{letter}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            for choice in settled.choices:
                _field(letter, choice, known, ref, write)
            if settled.spec is not None and is_whole:
                _settings(letter, known, ref, write)
        for icon, note in _notes(letter, known, settled):
            st.markdown(f":material/{icon}: {escape_markdown(note)}")
    return settled.spec is not None and is_whole


def _notes(letter: str, known: KnownNet, settled: SettledNet) -> Iterator[tuple[str, str]]:
    """Yields the notes on an uploaded net, each with its icon."""
    facts = known.upload
    about = _("Net {letter}: {note}")
    for choice in settled.choices:
        text = choice_text(choice)
        if text:
            yield "help" if not choice.value else "info", about.format(letter=letter, note=text)
    evidence = agreement_text(facts, settled.choices)
    if evidence and not known.facts.class_names:
        yield "info", about.format(letter=letter, note=evidence)
    for note in file_notes(facts):
        yield "info", about.format(letter=letter, note=note)


def _field(letter: str, choice: FieldChoice, known: KnownNet, ref: NetRef, write: Write) -> None:
    """Shows the options of a field that the weights leave open; none is selected before one is chosen."""
    names = option_names(choice, known.upload)
    key = f"open:{letter}:{choice.field}"
    st.session_state[key] = choice.value if choice.is_chosen else None

    def commit() -> None:
        value = st.session_state[key]
        if value is not None:
            with url_state.changing():
                write(replace(ref, settings=ref.settings.with_choice(choice.field, value)))

    st.segmented_control(
        choice_label(choice), choice.values, format_func=names.__getitem__, key=key, on_change=commit, width="content"
    )


def _settings(letter: str, known: KnownNet, ref: NetRef, write: Write) -> None:
    """Shows preprocessing and class names in a popover."""
    facts, given = known.facts, ref.settings
    with st.popover(
        _("Net {letter}: preprocessing, classes").format(letter=letter),
        icon=":material/tune:",
        width="content",
        key=f"settings_of_{letter}",
    ):
        if facts.is_guess:
            st.markdown(
                _("Guessed from the shapes of the weights. Nothing in the file tells how the images were scaled.")
            )
        with st.form(f"net_settings:{letter}:{ref}", border=False):
            keys = {
                name: f"net_settings:{letter}:{name}:{ref}"
                for name in ("mean", "std", "image_size", "classes", "names")
            }
            channels = _("by channel, on the scale from 0 to 1")
            st.text_input(
                _("Mean {channels}").format(channels=channels), _numbers(facts.mean), max_chars=600, key=keys["mean"]
            )
            st.text_input(
                _("Standard deviation {channels}").format(channels=channels),
                _numbers(facts.std),
                max_chars=600,
                key=keys["std"],
            )
            st.number_input(_("Image size, px"), 1, MAX_SIDE, known.spec.image_size, key=keys["image_size"])
            classes = given.classes if given.classes in _CLASSES else _OWN
            st.selectbox(
                _("Class names"), _CLASSES, _CLASSES.index(classes), format_func=_classes_name, key=keys["classes"]
            )
            st.text_area(
                _("Own names, one a line or separated by commas, class 0 first"),
                "\n".join(facts.class_names) if classes == _OWN else "",
                max_chars=_LONGEST_TEXT,
                height=120,
                key=keys["names"],
            )
            st.form_submit_button(
                _("Apply"),
                icon=":material/check:",
                type="primary",
                on_click=_apply,
                args=(letter, known, ref, write, keys),
            )


def _apply(letter: str, known: KnownNet, ref: NetRef, write: Write, keys: dict[str, str]) -> None:
    activate_language()
    values = {name: st.session_state[key] for name, key in keys.items()}
    try:
        settings = _changed(known, ref.settings, values)
    except Refusal as refusal:
        st.session_state[f"{_MESSAGE}:{letter}"] = str(refusal)
        return
    with url_state.changing():
        write(replace(ref, settings=settings))


def _changed(known: KnownNet, given: NetSettings, values: dict[str, object]) -> NetSettings:
    """Returns the settings of the form; a guess that was left as it is stays a guess.

    Raises:
        Refusal: a value that is not allowed.
    """
    facts, found = known.facts, given
    mean, std = str(values["mean"]).strip(), str(values["std"]).strip()
    if mean != _numbers(facts.mean):
        found = replace(found, mean=numbers_of("mean", mean))
    if std != _numbers(facts.std):
        found = replace(found, std=numbers_of("std", std))
    if values["image_size"] != known.spec.image_size:
        found = replace(found, image_size=int(str(values["image_size"])))
    classes, names = str(values["classes"]), str(values["names"])
    is_own = classes == _OWN or (not classes and bool(names.strip()))
    if is_own and tuple(names.splitlines()) != facts.class_names:
        classes = class_names.keep_names(names, visitor=session_owner())
    elif is_own:
        classes = given.classes
    class_names.names_of(classes, known.spec.num_classes)  # refuses more names than classes
    return replace(found, classes=classes)


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def _classes_name(classes: str) -> str:
    return {"": _("unknown: numbers only"), _OWN: _("own names, below")}.get(classes) or data_name(classes)
