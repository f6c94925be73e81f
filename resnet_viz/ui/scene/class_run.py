"""Class run: each browser that opens the address trains one seed of a scene's recipe, and all see the band fill.

The page is a seat: what it submits, it submits for the whole room (`jobs.training.class_seats`).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import streamlit as st

from resnet_viz.data import datasets
from resnet_viz.errors import DataError, Refusal, SceneError
from resnet_viz.i18n import _
from resnet_viz.jobs.training import class_seats, client
from resnet_viz.jobs.training.class_seats import LOST, ClassSeat, SeatState
from resnet_viz.present.scenes import class_band, class_text
from resnet_viz.present.scenes.class_band import SeedCurves
from resnet_viz.present.scenes.qr import qr_path
from resnet_viz.runs import machine
from resnet_viz.scenes import files, rooms
from resnet_viz.scenes.rooms import Room, Stage
from resnet_viz.scenes.scene import Scene
from resnet_viz.training import budget, recipe_files, recipe_text
from resnet_viz.training.recipe import Recipe
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.scene.address import phone_address
from resnet_viz.ui.widgets import auto_refresh, chart
from resnet_viz.ui.widgets.lecture import way
from resnet_viz.ui.widgets.lecture.browser_id import browser_id
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning
from resnet_viz.ui.widgets.shared_cache import shared_cache
from resnet_viz.ui.widgets.visitor import theme_mode

_EVERY_S: Final = 2.0  # between two looks: a chart of thirty seeds is some kilobytes
_FRESH_S: Final = 1.8
_KEPT_S: Final = 3_600.0
_CHART_PX: Final = 360
_STYLE: Final = """
<style>
.st-key-class_question p { font-size: clamp(1.35rem, 2.4vw, 2.1rem); line-height: 1.15; font-weight: 700; }
.st-key-class_counts p { font-size: clamp(1.2rem, 1.9vw, 1.7rem); font-weight: 600; }
.st-key-class_found p { font-size: clamp(1.3rem, 2.3vw, 2.1rem); line-height: 1.2; font-weight: 650; }
.st-key-class_means p, .st-key-class_own p { font-size: clamp(1rem, 1.35vw, 1.3rem); }
.st-key-class_join img { width: 100%; max-width: 190px; background: #fff; border-radius: 6px; }
.st-key-class_join p { font-size: 1.05rem; font-weight: 600; overflow-wrap: anywhere; }
@media (max-width: 640px) { .st-key-class_join { display: none; } }
</style>
"""


class _ClassRun(NamedTuple):
    """What a class trains, where its seats are, and whether this browser leads it."""

    scene: Scene
    recipe: Recipe
    code: str
    is_led_here: bool


def is_on() -> bool:
    """Returns whether the address asks for the class run."""
    return st.query_params.get(way.CLASS) == "1"


def recipe_of(scene: Scene) -> Recipe:
    """Returns the recipe that a class trains in a scene, with seed 0.

    Raises:
        Refusal: the scene has none, its run is beyond the budget of this machine, or its data is not here.
    """
    if not scene.has_recipe:
        others = [each.name for each in files.known().values() if each.has_recipe]
        raise SceneError(
            _("The scene {name!r} trains no recipe, so a class cannot run it. Scenes with a recipe: {others}.").format(
                name=scene.name, others=", ".join(others)
            )
        )
    changes = {field: text for field, text in scene.query.items() if recipe_text.is_field(field)}
    recipe = recipe_files.make(scene.query["recipe"], changes, seed=0)
    budget.check(recipe)
    data = next(each for each in datasets.available() if each.name is recipe.data)
    if not data.is_available:
        raise DataError(data.reason)
    return recipe


def show(scene: Scene, room_code: str) -> None:
    """Shows the class run of a scene, in which this browser takes a seat.

    Args:
        scene: whose recipe is trained.
        room_code: of the class's room; empty for the open class room of this scene.
    """
    st.html(_STYLE)
    browser = browser_id()
    try:
        recipe = recipe_of(scene)
        if browser is None:  # its component sends the name in a moment
            st.markdown(_("Taking a seat ..."))
            return
        room = _room(scene, room_code, browser)
    except Refusal as refusal:
        show_warning(str(refusal))
        return
    run = _ClassRun(scene, recipe, room.code, room.owner == browser)
    own = _take_seat(run, browser)
    auto_refresh.show(lambda: _draw(run, own), every_s=_EVERY_S)


def _room(scene: Scene, code: str, browser: str) -> Room:
    """Returns the room of a code, or the open class room of the scene, which the address then names."""
    store = rooms.store()
    if not code:
        code = store.open(scene.name, owner=browser, is_class=True)
        st.query_params[way.ROOM] = code
    room = store.find(code)
    if room.scene != scene.name:
        raise SceneError(
            _("Room {code} is at the scene {other!r} by now, not at {name!r}.").format(
                code=room.code, other=room.scene, name=scene.name
            )
        )
    return room


def _take_seat(run: _ClassRun, browser: str) -> int | None:
    """Returns the seed of this browser; None, with a message, where it can only watch."""
    try:
        return rooms.store().take_seat(run.code, browser).seed
    except Refusal as refusal:
        show_warning(str(refusal))
        return None


def _show_way_in(run: _ClassRun) -> None:
    """Shows how others join: a QR code and the link; a phone leaves them out."""
    phones = phone_address(run.code)
    url = phones.url.replace("/vote?", f"/scene?name={run.scene.name}&{way.CLASS}=1&")
    code = qr_path(url)
    with st.container(key="class_join"):
        st.image(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {code.size} {code.size}" width="190" height="190">'
            f'<path d="{code.path}" fill="#000"/></svg>'
        )
        st.markdown(_("Class {code}").format(code=run.code), help=escape_markdown(phones.obstacle or url))


def _show_way_on(run: _ClassRun, seats: tuple[ClassSeat, ...]) -> None:
    """Shows the leader the link to the reveal, whose outcome counts all seeds that are done."""
    done = next((seat.run_id for seat in seats if seat.state is SeatState.DONE), None)
    if not done or not run.is_led_here:
        return
    query = {way.NAME: run.scene.name, way.ROOM: run.code, way.STAGE: Stage.REVEAL.value, way.RUN: done}
    st.page_link(page_path(way.PAGE), label=_("Reveal"), query_params=query, icon=":material/lightbulb:")


def _draw(run: _ClassRun, own: int | None) -> bool:
    """Draws seats, band and messages as they are now; submits what waits for room in the queue."""
    key = (way.CLASS, run.code, run.scene.name)
    seats, problem = shared_cache.get((*key, "seats"), lambda: _advance(run), fresh_s=_FRESH_S)
    seeds = shared_cache.get((*key, "curves"), lambda: _curves(run, seats), fresh_s=_FRESH_S)
    if problem:
        show_warning(problem)
    words, join = st.columns([5, 1], gap="medium")
    with words:
        with st.container(key="class_question"):
            st.markdown(escape_markdown(run.scene.question))
        with st.container(key="class_seats", horizontal=True, vertical_alignment="center", gap="medium"):
            with st.container(key="class_counts", width="content"):
                st.markdown(escape_markdown(class_text.seats_text(seats)), width="content")
            _show_own(run, next((seat for seat in seats if seat.seed == own), None))
        with st.container(key="class_found"):
            for message in class_band.counts_of(run.recipe, seeds):
                st.markdown(escape_markdown(_unbroken(message)))
    with join:
        _show_way_in(run)
        _show_way_on(run, seats)
    _show_chart(run, seeds, own, key)
    with st.container(key="class_means"):
        rest = class_text.rest_text(seats, _seconds(run.recipe), budget.runs_at_once())
        for text in filter(None, [class_band.means_text(run.recipe, seeds), rest]):
            st.markdown(escape_markdown(text))
    return False


def _advance(run: _ClassRun) -> tuple[tuple[ClassSeat, ...], str]:
    """Submits seats while the queue has room; returns all seats, and why one could not be submitted."""
    store, problem = rooms.store(), ""
    if store.find(run.code).scene != run.scene.name:
        raise SceneError(_("Room {code} has moved on to another scene.").format(code=run.code))
    try:
        class_seats.submit_waiting(store, run.code, run.recipe)
        client.ensure_daemon(client.store().path)
    except Refusal as refusal:
        problem = str(refusal)
    return class_seats.seats_of(store, run.code), problem


def _curves(run: _ClassRun, seats: tuple[ClassSeat, ...]) -> tuple[SeedCurves, ...]:
    """Returns the curves of all seats; those of a run that is done are read once for all sessions."""
    key = (way.CLASS, run.code, run.scene.name, "ended")
    known: Mapping[tuple[str, int], SeedCurves] = shared_cache.get(key, lambda: MappingProxyType({}), fresh_s=_KEPT_S)
    ended, found = dict(known), []
    for seat in seats:
        is_done = seat.state is SeatState.DONE
        if not is_done and seat.state not in (SeatState.TRAINING, SeatState.HELD):
            continue
        curves = ended.get((seat.run_id, seat.attempt)) or class_band.seed_curves(
            run.recipe, seat.seed, client.store().curves(seat.run_id), is_done=is_done
        )
        if is_done:
            ended[seat.run_id, seat.attempt] = curves
        found.append(curves)
    if len(ended) > len(known):
        shared_cache.put(key, MappingProxyType(ended), fresh_s=_KEPT_S)
    return tuple(found)


def _show_own(run: _ClassRun, seat: ClassSeat | None) -> None:
    """Shows one's own seat, and a button where its run did not come to its end."""
    if seat is None:
        return
    with st.container(key="class_own", horizontal=True, vertical_alignment="center", width="content"):
        st.markdown(escape_markdown(class_text.own_text(seat)), width="content")
        if seat.state in LOST:
            label = _("Train seed {seed} again").format(seed=seat.seed)
        elif seat.state is SeatState.HELD:
            label = _("Continue seed {seed}").format(seed=seat.seed)
        else:
            return
        if st.button(label, key="class_mend", icon=":material/replay:"):
            class_seats.mend(rooms.store(), run.code, seat.seed)


def _show_chart(run: _ClassRun, seeds: tuple[SeedCurves, ...], own: int | None, key: tuple[str, ...]) -> None:
    mode = theme_mode()
    options = shared_cache.get(
        (*key, "chart", mode, st.context.locale),
        lambda: class_band.chart(run.recipe, seeds, mode),
        fresh_s=_FRESH_S,
    )
    mine = next((each for each in seeds if each.seed == own), None)
    if mine:
        options = class_band.with_own(options, run.recipe, mine, mode)
    alt = class_band.alt_text(run.recipe, seeds)
    chart.show_options(options, height=_CHART_PX, key="class_chart", alt=alt, renderer="svg")


def _unbroken(message: str) -> str:
    """Returns a message whose names of nets are not broken at their hyphen."""
    return re.sub(r"(?<=\w)-(?=\d)", "\u2011", message)


def _seconds(recipe: Recipe) -> float:
    return budget.estimate(recipe, machine=machine.known())
