"""Screens of a scene: the question, on which the guesses of a room grow, and the reveal."""

from typing import Final

import streamlit as st

from resnet_viz.errors import Refusal, RoomError
from resnet_viz.present.scenes.screen_data import counts_data, join_data, question_data, reveal_data
from resnet_viz.present.scenes.steps_data import foot_data
from resnet_viz.scenes import rooms
from resnet_viz.scenes.rooms import Room, Stage
from resnet_viz.scenes.scene import Outcome, Scene
from resnet_viz.ui.scene.address import phone_address
from resnet_viz.ui.scene.evidence import outcome_of
from resnet_viz.ui.widgets import auto_refresh
from resnet_viz.ui.widgets.lecture import way
from resnet_viz.ui.widgets.lecture.browser_id import browser_id
from resnet_viz.ui.widgets.lecture.component import show_counts, show_screen, show_steps
from resnet_viz.ui.widgets.shared_cache import shared_cache
from resnet_viz.ui.widgets.visitor import theme_mode

_EVERY_S: Final = 1.0  # between two looks at the guesses
_FRESH_S: Final = 0.9  # all screens of a room read them together
_MEASURED_S: Final = 2.0  # between two looks for an outcome


def show(scene: Scene) -> None:
    """Shows the stage of a scene that the address names."""
    match way.named_stage():
        case Stage.QUESTION:
            _show_question(scene)
        case Stage.LOOK:
            way.to_page(scene)
        case Stage.REVEAL:
            _show_reveal(scene)


def _show_question(scene: Scene) -> None:
    """Shows the question, the way into the room and the guesses as they come; opens a room where there is none."""
    browser, notice, join = browser_id(), "", None
    try:
        room = way.lead_room(scene, Stage.QUESTION, browser)
    except RoomError as refusal:
        room, notice = None, str(refusal)
    if room is None and browser is not None:
        room = way.open_room(scene, browser)
    if room and room.scene == scene.name:
        phones = phone_address(room.code)
        join, notice = join_data(phones.url, room.code), notice or phones.obstacle
    _show_foot(scene, Stage.QUESTION)
    show_screen(question_data(scene, _counts(room, scene), join, theme_mode(), notice=notice))

    def draw() -> bool:
        show_counts(counts_data(scene, _counts(room, scene)))
        return False

    if join:
        auto_refresh.show(draw, every_s=_EVERY_S)


def _show_reveal(scene: Scene) -> None:
    """Shows the guesses beside the outcome of the run that the address names, as soon as it is measured."""
    try:
        room = way.lead_room(scene, Stage.REVEAL, browser_id())
    except RoomError:
        room = None  # the outcome is shown all the same
    run = st.query_params.get(way.RUN)
    following = way.around(scene).after
    outcome = _outcome(scene, run)
    is_waiting = bool(scene.outcome) and outcome is None
    # Where nothing is measured, going on leads back to the page that measures.
    _show_foot(scene, Stage.QUESTION if is_waiting else Stage.REVEAL)
    show_screen(reveal_data(scene, _counts(room, scene), outcome, following, theme_mode(), has_run=bool(run)))
    if is_waiting:
        auto_refresh.show(lambda: _outcome(scene, run) is not None, every_s=_MEASURED_S)


def _outcome(scene: Scene, run: str | None) -> Outcome | None:
    """Returns the outcome of a scene; why it cannot be read is an outcome that decides nothing."""
    try:
        return outcome_of(scene, run)
    except Refusal as refusal:
        return Outcome(verdict="", messages=(str(refusal),))


def _show_foot(scene: Scene, stage: Stage) -> None:
    step = show_steps(foot_data(scene, way.around(scene), way.on_label(scene, stage)))
    if step:
        way.take(step, scene, stage)


def _counts(room: Room | None, scene: Scene) -> tuple[int, ...]:
    """Returns the guesses of a room, whose scene may be another by now."""
    if room is None or room.scene != scene.name:
        return ()
    key = ("votes", room.code, scene.name)
    return shared_cache.get(key, lambda: rooms.store().votes(room.code), fresh_s=_FRESH_S)
