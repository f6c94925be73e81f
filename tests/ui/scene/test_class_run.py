"""The class run on a page: seats, counts, what is refused, and what every browser does for the others."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import RunState
from resnet_viz.runs.store import RunStore
from resnet_viz.scenes import files, rooms
from resnet_viz.scenes.rooms import FILE_NAME, RoomStore
from resnet_viz.training import recipe_files
from resnet_viz.training.records import NetStarted
from resnet_viz.ui.widgets.shared_cache import shared_cache
from tests.fakes import class_racers
from tests.fakes.racers import BLOCKS, CONVS
from tests.fakes.visiting import buttons, press, prose, visit, warnings

SCENE = "degradation"
RECIPE = recipe_files.make(SCENE, {"nets": "plain"})
STEPS = 60


@pytest.fixture(autouse=True)
def without_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_cache, "_clock", iter(range(0, 10**9, 10_000)).__next__)  # nothing stays fresh


@pytest.fixture
def room_store(home: Path) -> RoomStore:
    home.mkdir(parents=True, exist_ok=True)
    return rooms.store()


def seat(browser: int, **query: str) -> AppTest:
    """A browser that opens the class run; it has sent its name, as it does at once."""
    return visit("scene", {"browser_id": f"{browser:032x}"}, **{"name": SCENE, "class": "1"} | query)


def train(runs: RunStore, state: RunState = RunState.DONE) -> None:
    """Trains the next run of the queue to its end."""
    with DaemonStore(runs.path) as daemon:
        claim = daemon.claim_next()
        assert claim is not None
        seed = json.loads(claim.recipe_json)["seed"]
        for spec, label in zip(RECIPE.nets, RECIPE.labels, strict=True):
            steps = (
                class_racers.step(label, step, class_racers.loss(spec.depth, seed, step, STEPS))
                for step in range(STEPS)
            )
            start = NetStarted(net=label, params=1, macs=1, convs=CONVS, blocks=BLOCKS, device="cpu")
            daemon.append(claim, [start, *steps])
        daemon.finish(claim, state)


def reveals(at: AppTest) -> list[str]:
    """Addresses of the links to the reveal."""
    return [link.proto.query_string for link in at.page_link if link.label == "Reveal"]


def test_browsers_share_the_room_and_each_trains_its_seed(unserved: RunStore, room_store: RoomStore) -> None:
    first, second, again = seat(1), seat(2), seat(1)
    code = first.query_params["room"]
    assert second.query_params["room"] == again.query_params["room"] == code
    assert [taken.seed for taken in room_store.seats(code)] == [0, 1]
    ids = [taken.run_id for taken in room_store.seats(code)]
    for number, run_id in enumerate(ids):
        run = unserved.run(run_id)
        assert run is not None
        assert run.recipe == RECIPE.replace(seed=number)
    assert "2 joined · 0 training · 0 done · 2 waiting" in prose(second)
    assert "Your seed 1 is number 2 in the queue." in prose(second)
    assert not reveals(second)
    train(unserved)
    train(unserved)
    for at, number in ((seat(1), 0), (seat(2), 1)):
        assert "2 joined · 0 training · 2 done" in prose(at)
        assert "In 2 of 2 seeds plain\u201156 has the higher training loss than plain\u201120." in prose(at)
        assert f"Your seed {number} is done." in prose(at)
        to_reveal = f"name={SCENE}&room={code}&stage=reveal&run={ids[0]}"
        assert reveals(at) == ([to_reveal] if number == 0 else [])  # the first one leads the room


def test_a_seat_outside_a_full_queue_is_submitted_by_another_browser(unserved: RunStore, room_store: RoomStore) -> None:
    limit = 20
    for number in range(limit):
        unserved.submit(RECIPE.replace(seed=number), owner=f"visitor {number}")
    at = seat(1)
    code = at.query_params["room"]
    assert "The queue is full: your seed 0 is number 1 outside it, and starts by itself." in prose(at)
    assert not warnings(at)
    unserved.cancel(unserved.list()[0].id)
    seat(2)  # the first one is closed by now
    first, second = room_store.seats(code)
    assert first.run_id
    assert not second.run_id


def test_a_failed_seed_is_counted_apart_and_trains_again(unserved: RunStore, room_store: RoomStore) -> None:
    code = seat(1).query_params["room"]
    train(unserved, RunState.FAILED)
    watching = seat(2)
    assert "2 joined · 0 training · 0 done · 1 waiting · 1 failed" in prose(watching)
    assert not [label for label in buttons(watching) if "again" in label]  # it is not this browser's
    lost = room_store.seats(code)[0].run_id
    press(seat(1), "Train seed 0 again")
    seat(2)
    assert room_store.seats(code)[0].run_id not in ("", lost)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"room": "7K2M"}, "No room has the code 7K2M"),
        ({"room": "../etc"}, "is no code of a room"),
        ({"name": "no_such"}, "No scene is called 'no_such'"),
    ],
)
def test_a_wrong_address_is_refused_and_trains_nothing(
    query: dict[str, str], message: str, unserved: RunStore, room_store: RoomStore
) -> None:
    at = seat(1, **query)
    assert message in " ".join(warnings(at))
    assert not unserved.list()


def test_a_scene_without_a_recipe_is_refused_with_those_that_have_one(
    unserved: RunStore, room_store: RoomStore
) -> None:
    name = next(scene.name for scene in files.path() if scene.page != "training")
    (message,) = warnings(seat(1, name=name))
    assert repr(name) in message
    assert SCENE in message
    assert not room_store.path.exists()


def test_a_room_that_is_at_another_scene_is_refused(unserved: RunStore, room_store: RoomStore) -> None:
    code = room_store.open("overfitting", owner="lecturer")
    (message,) = warnings(seat(1, room=code))
    assert "'overfitting'" in message
    assert room_store.seats(code) == ()


def test_a_full_class_can_still_be_watched(
    unserved: RunStore, room_store: RoomStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "MAX_SEATS", 1)
    seat(1)
    at = seat(2)
    assert "seats of room" in " ".join(warnings(at))
    assert "1 joined" in prose(at)


def test_a_store_that_cannot_be_written_is_a_message(room_store: RoomStore, unserved: RunStore) -> None:
    (room_store.path.parent / FILE_NAME).mkdir()
    assert warnings(seat(1))
    assert not unserved.list()


def test_nothing_is_taken_before_the_browser_has_a_name(unserved: RunStore, room_store: RoomStore) -> None:
    at = visit("scene", **{"name": SCENE, "class": "1"})
    assert "Taking a seat" in prose(at)
    assert not room_store.path.exists()
