"""The phone of somebody in the class: the question of the room, answers to choose from, and what was chosen.

It asks every two seconds whether the room has moved, and is drawn again only then: all phones of a room share one look
into the store, and an answer of the server is a few bytes.
"""

from collections.abc import Hashable
from typing import Final

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.scenes import files, rooms
from resnet_viz.scenes.rooms import Room, Stage, UnknownRoom
from resnet_viz.scenes.scene import Scene
from resnet_viz.ui.widgets import auto_refresh
from resnet_viz.ui.widgets.lecture.browser_id import browser_id
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning
from resnet_viz.ui.widgets.shared_cache import shared_cache

NAME: Final = "room"  # in the address
_EVERY_S: Final = 2.0  # between two looks at the room
_FRESH_S: Final = 1.0  # all phones of a room share a look
_TYPED: Final = "vote:code"
_REFUSED: Final = "vote:refused"
_LETTERS: Final = "ABCDE"
_LONGEST_TYPED: Final = 24  # characters

_LOOK: Final = """<style>
.st-key-vote-answers button { min-height: 4.25rem; justify-content: flex-start; }
.st-key-vote-answers button div { width: 100%; justify-content: flex-start; text-align: left; }
.st-key-vote-answers button p { font-size: 1.2rem; line-height: 1.35; padding-left: 1.7em; text-indent: -1.7em; }
.st-key-vote-answers button strong { display: inline-block; width: 1.45em; text-indent: 0; }
.st-key-vote { max-width: 40rem; margin: 0 auto; }
</style>"""
_IN_ROOM: Final = """<style>
[data-testid=stHeader] { display: none; }
[data-testid=stMainBlockContainer] { padding-top: 1.5rem; }
</style>"""  # a phone in a room has nothing but the question


def show(code: str) -> None:
    """Shows the room of a code, or where none is open, why, and a field for another code."""
    st.html(_LOOK)
    browser = browser_id()
    with st.container(key="vote"):
        room = _room_or_message(code) if code else None
        if room is None:
            _ask_code()
            return
        st.html(_IN_ROOM)
        _show_refusal()
        _show_room(room, browser)
    seen = _appearance(room)
    auto_refresh.show(lambda: _appearance(_open_room(code)) != seen, every_s=_EVERY_S)


def _show_room(room: Room, browser: str | None) -> None:
    try:
        scene = files.find(room.scene)
    except Refusal as refusal:  # the file has gone; the room may move on
        show_warning(str(refusal), is_here=True)
        return
    chosen = _chosen(room, browser) if browser else None
    if chosen is not None and chosen >= len(scene.answers):
        chosen = None  # the file has fewer answers by now
    st.caption(escape_markdown(_("{title} · room {code}").format(title=scene.title, code=room.code)))
    st.subheader(escape_markdown(scene.question), anchor=False)
    if room.stage is Stage.REVEAL:
        _show_end(scene, chosen)
        return
    with st.container(key="vote-answers"):
        for place, answer in enumerate(scene.answers):
            st.button(
                f"**{_LETTERS[place]}** {escape_markdown(answer.text)}",
                key=f"vote:{scene.name}:{place}",
                type="primary" if place == chosen else "secondary",
                width="stretch",
                icon=":material/check:" if place == chosen else None,
                icon_position="right",
                disabled=browser is None,
                on_click=_vote,
                args=(room, scene, browser, place),
            )
    if chosen is None:
        st.caption(_("Pick an answer. Nobody sees who picked which."))
    else:
        st.caption(_("Your guess is in. It can be changed until the answer is shown."))


def _show_end(scene: Scene, chosen: int | None) -> None:
    st.markdown(f"**{_('The answer is on the projector.')}**")
    if chosen is None:
        st.markdown(_("No guess came from this phone."))
    else:
        answer = f"{_LETTERS[chosen]} ({scene.answers[chosen].text})"
        st.markdown(escape_markdown(_("Your guess: {answer}").format(answer=answer)))
    st.caption(_("Keep this page open: the next question comes by itself."))


def _vote(room: Room, scene: Scene, browser: str, place: int) -> None:
    """Keeps a guess; a refusal is shown by the run of the script that follows."""
    try:
        rooms.store().vote(room.code, browser, place, num_answers=len(scene.answers), scene=scene.name)
    except Refusal as refusal:
        st.session_state[_REFUSED] = str(refusal)
    else:
        st.session_state[_key(room)] = place


def _show_refusal() -> None:
    refusal = st.session_state.pop(_REFUSED, None)
    if refusal:
        show_warning(refusal, is_here=True)


def _chosen(room: Room, browser: str) -> int | None:
    """Returns what this browser has chosen; the store is asked once for each scene."""
    if _key(room) not in st.session_state:
        st.session_state[_key(room)] = rooms.store().vote_of(room.code, browser)
    chosen = st.session_state[_key(room)]
    return None if chosen is None else int(chosen)


def _key(room: Room) -> str:
    return f"vote:chosen:{room.code}:{room.scene}"


def _room_or_message(code: str) -> Room | None:
    try:
        return shared_cache.get(("room", code), lambda: rooms.store().find(code), fresh_s=_FRESH_S)
    except Refusal as refusal:
        show_warning(str(refusal), is_here=True)
        return None


def _open_room(code: str) -> Room | None:
    """Returns the room now, None where it is closed; that the store is busy is no reason to draw anything anew."""
    try:
        return shared_cache.get(("room", code), lambda: rooms.store().find(code), fresh_s=_FRESH_S)
    except UnknownRoom:
        return None


def _appearance(room: Room | None) -> Hashable:
    """Returns a value that changes when the page must be drawn again: at the reveal and with the next scene."""
    return room and (room.scene, room.stage is Stage.REVEAL)


def _ask_code() -> None:
    """Shows a field for the code on the projector."""
    st.subheader(_("Enter the code on the projector"), anchor=False)
    with st.form("vote:enter", border=False):
        st.text_input(_("Code of the room"), key=_TYPED, max_chars=_LONGEST_TYPED, placeholder="7K2M")
        st.form_submit_button(_("Enter"), type="primary", width="stretch", on_click=_enter)


def _enter() -> None:
    st.query_params[NAME] = str(st.session_state.get(_TYPED, "")).strip()
