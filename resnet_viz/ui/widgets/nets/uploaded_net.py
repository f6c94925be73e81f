"""Controls of an uploaded net: what its file leaves open, and what that means for the page."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import streamlit as st

from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.attribution.upload_facts import FieldChoice, SettledNet, settle
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.present.attribution.upload_text import (
    agreement_text,
    choice_help,
    choice_label,
    entry_name,
    file_notes,
    option_names,
    prefix_name,
    question_text,
    unseen_text,
)
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning
from resnet_viz.ui.widgets.nets import preprocessing_form
from resnet_viz.ui.widgets.nets.known_uploads import KnownNet, known_net

_PAIR: Final = 2

Write = Callable[..., None]  # puts nets into the address: the first in place of this one, a second as net b


def show(letter: str, ref: NetRef, write: Write) -> bool:
    """Shows the controls of an uploaded net and returns whether it is settled; other nets are, without controls.

    Args:
        letter: of the net on the page, a or b.
        ref: the net.
        write: puts one net into the address in place of this one, or two as net a and net b.
    """
    known = known_net(ref) if ref.kind is NetKind.UPLOAD else None
    if known is None:
        return True
    try:
        settled = settle(known.upload, ref.settings)
    except Refusal as refusal:
        show_warning(str(refusal), is_here=True)
        return False
    with st.container(key=f"uploaded_{letter}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            _parts(letter, known, ref, write)
            for choice in settled.choices:
                _field(letter, choice, known, ref, write)
            _both(letter, settled, ref, write)
            if known.spec is not None:
                preprocessing_form.show(letter, known, known.spec, ref, write)
        _notes(letter, known, settled)
    return known.spec is not None


def _parts(letter: str, known: KnownNet, ref: NetRef, write: Write) -> None:
    """Shows the menus of a file with several sets of weights, or of several nets among them."""
    facts, given = known.upload, ref.settings
    if len(facts.entries) >= _PAIR:
        _menu(
            f"entry:{letter}",
            _("Weights in the file"),
            {place: entry_name(place) for place in facts.entries},
            facts.entry,
            lambda place: write(replace(ref, settings=replace(given, entry=place))),
        )
    if facts.prefixes:
        _menu(
            f"prefix:{letter}",
            _("Net in the file"),
            {prefix: prefix_name(prefix) for prefix in sorted(facts.prefixes)},
            facts.prefixes[0],
            lambda prefix: write(replace(ref, settings=replace(given, prefix=prefix))),
        )


def _menu(key: str, label: str, names: Mapping[str, str], chosen: str, write: Callable[[str], None]) -> None:
    """Shows a menu in which nothing is selected before something is chosen."""
    st.session_state[key] = chosen or None

    def commit() -> None:
        value = st.session_state[key]
        if value is not None:
            with url_state.changing():
                write(value)

    st.selectbox(
        label,
        list(names),
        format_func=names.__getitem__,
        key=key,
        on_change=commit,
        placeholder=_("Choose"),
        width=250,
    )


def _field(letter: str, choice: FieldChoice, known: KnownNet, ref: NetRef, write: Write) -> None:
    """Shows the options of a field that the weights leave open; none is selected before one is chosen."""
    key = f"open:{letter}:{choice.field}"
    st.session_state[key] = choice.value if choice.is_chosen else None

    def commit() -> None:
        value = st.session_state[key]
        if value is not None:
            with url_state.changing():
                write(_chosen(ref, choice.field, value))

    st.segmented_control(
        choice_label(choice),
        choice.values,
        format_func=option_names(choice, known.upload).__getitem__,
        key=key,
        on_change=commit,
        help=escape_markdown(choice_help(choice)),
        width="content",
    )


def _both(letter: str, settled: SettledNet, ref: NetRef, write: Write) -> None:
    """Shows a button that compares both nets, where the weights fit two."""
    asked = [choice for choice in settled.choices if not choice.is_chosen]
    if len(asked) != 1 or len(asked[0].values) != _PAIR:
        return

    def commit() -> None:
        with url_state.changing():
            write(*(_chosen(ref, asked[0].field, value) for value in asked[0].values))

    st.button(_("Compare both"), icon=":material/compare_arrows:", key=f"both:{letter}", on_click=commit)


def _chosen(ref: NetRef, field: str, value: str) -> NetRef:
    return replace(ref, settings=ref.settings.with_choice(field, value))


def _notes(letter: str, known: KnownNet, settled: SettledNet) -> None:
    """Shows what is open, the evidence, and what else has to be known about the file."""
    facts = known.upload
    question = question_text(settled, facts)
    if question:
        st.info(escape_markdown(question), icon=":material/help:")
    evidence = "" if known.facts.class_names else agreement_text(facts, settled.choices)
    notes = [note for note in (evidence, *file_notes(facts)) if note]
    if notes:
        lines = (
            f":material/info: {escape_markdown(_('Net {letter}: {note}').format(letter=letter, note=note))}"
            for note in notes
        )
        st.markdown("  \n".join(lines))
    unseen = unseen_text(facts)
    if unseen:
        st.caption(escape_markdown(unseen))
