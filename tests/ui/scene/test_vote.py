"""The phone of somebody in the class: what it shows at each stage, and what it does with bad codes."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.errors import Refusal
from resnet_viz.scenes import files, rooms
from resnet_viz.scenes.rooms import RoomStore, Stage
from resnet_viz.scenes.scene import Answer, Scene
from resnet_viz.ui.widgets.shared_cache import shared_cache
from tests.fakes.visiting import buttons, everything_sent, is_plain, prose, read, visit, warnings

ME = "0123456789abcdef0123456789abcdef"
ANOTHER = "f" * 32
SCENES = {
    name: Scene(
        name=name,
        title=f"Title of {name}",
        question=question,
        answers=(Answer(text="<b>The first</b> *one*"), Answer(text="The second"), Answer(text="Neither")),
        page="training",
    )
    for name, question in (("first", "Which <i>net</i> is better?"), ("second", "And now?"))
}


def find(name: str) -> Scene:
    if name not in SCENES:
        raise Refusal(f"No scene is called {name}.")
    return SCENES[name]


@pytest.fixture(autouse=True)
def scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "find", find)
    monkeypatch.setattr(shared_cache, "_clock", iter(range(0, 10**9, 100)).__next__)  # nothing stays fresh


@pytest.fixture
def store(home: Path) -> RoomStore:
    assert rooms.store().path.parent == home.resolve()
    return rooms.store()


@pytest.fixture
def code(store: RoomStore) -> str:
    return store.open("first", owner="lecturer")


def phone(code: str, browser: str | None = ME) -> AppTest:
    """A phone in a room; its browser has sent its name, as it does at once."""
    return visit("vote", {"browser_id": browser} if browser else {}, room=code)


def pick(at: AppTest, place: int) -> AppTest:
    at.button[place].click().run()
    return at


def picked(at: AppTest) -> list[int]:
    return [place for place, button in enumerate(at.button) if button.proto.type == "primary"]


def test_without_a_code_the_phone_asks_for_one(code: str) -> None:
    at = visit("vote")
    assert [field.label for field in at.text_input] == ["Code of the room"]
    at.text_input[0].set_value(f" {code.lower()} ")
    at.button[0].click().run()
    assert at.query_params["room"] == code.lower()
    assert not at.text_input
    assert len(at.button) == 3


def test_before_the_browser_has_a_name_nothing_can_be_picked(code: str) -> None:
    at = phone(code, None)
    assert (len(at.button), buttons(at)) == (3, [])


def test_a_guess_is_counted_and_may_be_changed(store: RoomStore, code: str) -> None:
    at = phone(code)
    assert (picked(at), store.votes(code)) == ([], ())
    assert (picked(pick(at, 1)), store.votes(code)) == ([1], (0, 1))
    assert (picked(pick(at, 2)), store.votes(code)) == ([2], (0, 0, 1))
    assert picked(phone(code)) == [2]  # after a reload
    assert picked(phone(code, ANOTHER)) == []


def test_questions_and_answers_are_shown_as_text(code: str) -> None:
    at = phone(code)
    assert read(at.subheader[0].value) == "Which <i>net</i> is better?"
    assert read(at.button[0].label) == "**A** <b>The first</b> *one*"
    assert "<b>" not in everything_sent(at)
    assert "<i>" not in everything_sent(at)


def test_after_the_reveal_the_answer_is_on_the_projector(store: RoomStore, code: str) -> None:
    at = pick(phone(code), 1)
    store.move(code, owner="lecturer", stage=Stage.REVEAL)
    at.run()
    assert not at.button
    assert "The answer is on the projector." in prose(at)
    assert "Your guess: B (The second)" in prose(at)
    assert "No guess came from this phone." in prose(phone(code, ANOTHER))


def test_a_tap_that_comes_after_the_reveal_is_refused(store: RoomStore, code: str) -> None:
    at = phone(code)
    store.move(code, owner="lecturer", stage=Stage.REVEAL)
    pick(at, 0)
    assert store.votes(code) == ()
    assert any("on the projector already" in warning for warning in warnings(at))


def test_the_phone_follows_the_room(store: RoomStore, code: str) -> None:
    at = pick(phone(code), 1)
    store.move(code, owner="lecturer", scene="second")
    pick(at, 0)  # of the old question, which is still on the screen
    assert any("moved on to another question" in warning for warning in warnings(at))
    assert (read(at.subheader[0].value), picked(at), store.votes(code)) == ("And now?", [], ())
    assert (picked(pick(at, 0)), store.votes(code)) == ([0], (1,))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("7K2M", "No room has the code 7K2M"),
        ("<img src=x onerror=alert(1)>", "is no code of a room"),
        ("'; DROP TABLE room; --", "is no code of a room"),
        ("x" * 10_000, "is no code of a room"),
    ],
)
def test_a_wrong_code_is_named_and_another_can_be_typed(code: str, message: str) -> None:
    at = phone(code)
    assert len(at.text_input) == 1
    (warning,) = warnings(at)
    assert message in warning
    assert len(warning) < 200
    assert is_plain(at.warning[0].value)


def test_a_closed_room_is_named(store: RoomStore, code: str) -> None:
    RoomStore(store.path, clock=lambda: 9e9).open("first", owner="tomorrow")  # sweeps
    (warning,) = warnings(phone(code))
    assert f"Room {code} is closed" in warning


def test_a_full_room_is_named(store: RoomStore, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MAX_VOTES", 1)
    store.vote(code, "another", 0, num_answers=3)
    at = pick(phone(code), 1)
    assert any(f"Room {code} is full" in warning for warning in warnings(at))
    assert (picked(at), store.votes(code)) == ([], (1,))


def test_a_scene_that_has_gone_is_named_and_the_phone_stays(store: RoomStore, code: str) -> None:
    store.move(code, owner="lecturer", scene="gone")
    at = phone(code)
    assert any("No scene is called gone" in warning for warning in warnings(at))
    store.move(code, owner="lecturer", scene="second")
    assert len(at.run().button) == 3


def test_a_guess_for_an_answer_that_the_file_no_longer_has(store: RoomStore, code: str) -> None:
    store.vote(code, ME, 4, num_answers=5)
    assert picked(phone(code)) == []


def test_a_damaged_file_is_a_message(store: RoomStore) -> None:
    store.path.write_bytes(b"nothing of the kind" * 100)
    assert any("is damaged" in warning for warning in warnings(phone("7K2M")))
