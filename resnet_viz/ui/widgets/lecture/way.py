"""The way of a lecture: addresses of its stages, and the room that follows the address of its lecturer."""

from collections.abc import Mapping
from typing import Final, NoReturn

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.scenes.steps_data import Neighbours, Step, neighbours
from resnet_viz.resources import PAGES
from resnet_viz.scenes import files, rooms
from resnet_viz.scenes.rooms import Room, Stage
from resnet_viz.scenes.scene import Scene
from resnet_viz.spec.validation import one_of
from resnet_viz.ui.widgets.presentation import present_mode

PAGE: Final = "scene"
NAME: Final = "name"  # of the scene, on its own page
OPENED: Final = present_mode.LED  # likewise, on the page that it has opened
ROOM: Final = "room"
STAGE: Final = "stage"
RUN: Final = "run"
CLASS: Final = "class"
_SWITCHED: Final = "scene:switched"


def named_scene() -> Scene | None:
    """Returns the scene of the address, None where it names none.

    Raises:
        Refusal: there is no such scene, or no such stage.
    """
    name = st.query_params.get(NAME)
    if name is None:
        return None
    one_of(STAGE, st.query_params.get(STAGE, Stage.QUESTION), tuple(Stage))
    return files.find(name)


def named_stage() -> Stage:
    """Returns the stage of the address, which `named_scene` has checked."""
    return Stage(st.query_params.get(STAGE, Stage.QUESTION))


def around(scene: Scene) -> Neighbours:
    """Returns the scenes before and after one."""
    return neighbours(scene, files.path(), files.known())


def lead_room(scene: Scene, stage: Stage, browser: str | None) -> Room | None:
    """Returns the room of the address, None where it has none, brought to this scene and stage by its owner.

    Args:
        scene: to which it is brought.
        stage: likewise.
        browser: name of this one; that of another browser leaves the room where it is.

    Raises:
        RoomError: there is no such room.
    """
    code = st.query_params.get(ROOM)
    if not code:
        return None
    room = rooms.store().find(code)
    if room.owner != browser:
        return room
    run = st.query_params.get(RUN, "") if stage is not Stage.QUESTION else ""
    if (room.scene, room.stage, room.run) == (scene.name, stage, run):
        return room
    rooms.store().move(room.code, owner=room.owner, scene=scene.name, stage=stage, run=run)
    return rooms.store().find(room.code)


def open_room(scene: Scene, browser: str) -> Room:
    """Returns a new room of this browser, which the address then names.

    Raises:
        RoomError: all rooms are in use.
    """
    code = rooms.store().open(scene.name, owner=browser)
    st.query_params[ROOM] = code
    return rooms.store().find(code)


def take(step: Step, scene: Scene, stage: Stage) -> None:
    """Leads from a stage of a scene to where a step leads; a step that leads nowhere is none."""
    near = around(scene)
    match step, stage:
        case Step.ON, Stage.QUESTION:
            to_page(scene)
        case Step.ON, Stage.LOOK:
            to_scene(scene, Stage.REVEAL)
        case Step.CLASS, _:
            _switch(PAGE, {NAME: scene.name, CLASS: "1"})  # a room of its own: seats are not guesses
        case (Step.ON, Stage.REVEAL) | (Step.AFTER, _) if near.after:
            to_scene(near.after, keeps_run=_opens_the_same(scene, near.after))
        case Step.BEFORE, _ if near.before:
            to_scene(near.before)
        case (Step.LEAVE, _) | (Step.ON, _):
            to_contents()
        case _:
            pass  # there is no scene on that side


def on_label(scene: Scene, stage: Stage) -> str:
    """Returns the label of the button that goes on."""
    match stage:
        case Stage.QUESTION:
            return _("Look")
        case Stage.LOOK:
            return _("Reveal")
        case Stage.REVEAL:
            return _("Next question") if around(scene).after else _("End")


def to_page(scene: Scene) -> None:
    """Leads to the page that a scene opens."""
    query = {**scene.query, present_mode.NAME: present_mode.ON, OPENED: scene.name}
    _switch(scene.page, query | _kept(RUN, ROOM))


def to_scene(scene: Scene, stage: Stage = Stage.QUESTION, *, keeps_run: bool = False) -> None:
    """Leads to the question or to the reveal of a scene; a run that was started for the scene before may serve it."""
    query = {NAME: scene.name, **_kept(ROOM)}
    if keeps_run:
        query |= _kept(RUN)
    if stage is Stage.REVEAL:
        query |= {STAGE: stage.value, **_kept(RUN)}
    _switch(PAGE, query)


def to_contents() -> None:
    """Leads to the list of scenes."""
    _switch(PAGE, _kept(ROOM))


def is_opened() -> bool:
    """Whether a scene has opened this page: what would give the answer away before the reveal is not shown then."""
    return OPENED in st.query_params


def has_led_away() -> bool:
    """Returns, once, whether the address is no longer that of the page that has just run."""
    return bool(st.session_state.pop(_SWITCHED, False))


def without_lecture(query: Mapping[str, str]) -> dict[str, str]:
    """Returns an address of a page without the scene that has led there."""
    if OPENED not in query:
        return dict(query)
    return present_mode.without({name: text for name, text in query.items() if name not in (OPENED, ROOM)})


def _opens_the_same(scene: Scene, other: Scene) -> bool:
    return (scene.page, scene.query) == (other.page, other.query)


def _switch(page: str, query: dict[str, str]) -> NoReturn:
    st.session_state[_SWITCHED] = True
    st.session_state.get("addresses", {}).pop(page, None)  # else an empty address becomes that page's last one
    st.switch_page(PAGES / f"{page}.py", query_params=query)


def _kept(*names: str) -> dict[str, str]:
    return {name: st.query_params[name] for name in names if name in st.query_params}
