"""The page of scenes without a browser: what its components get, and what wrong addresses lead to."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.resources import ROOT
from resnet_viz.scenes import files, rooms
from resnet_viz.scenes.rooms import Stage
from resnet_viz.ui.widgets.lecture import way
from tests.fakes.visiting import is_plain, is_whole, visit, warnings

ME = "0123456789abcdef0123456789abcdef"
ANOTHER = "f" * 32
FIRST, SECOND = (scene.name for scene in files.path()[:2])
RUN = "degradation"  # a shipped one
NAMES = (
    *("../../etc/passwd", "/etc/passwd", "..", "", "degradation.toml", "assets/scenes/degradation", "a\\b", "C:\\x"),
    *("<script>window.__pwned=1</script>", "9" * 4_000, "\x00", "nothing"),
)


def sent(at: AppTest) -> dict[str, dict[str, Any]]:
    """What the parts of the lecture get, by their kind; of the lists the last."""
    components = (
        json.loads(part.proto.json)
        for part in at.get("bidi_component")
        if part.proto.component_name == "resnet_viz_scene"
    )
    return {data["kind"]: data for data in components}


def lead(page: str = "scene", browser: str = ME, **query: str) -> AppTest:
    """A browser that has sent its name."""
    return visit(page, {"browser_id": browser}, **query)


def test_the_list_has_the_path_in_order_with_its_numbers() -> None:
    scenes = sent(visit("scene"))["contents"]["scenes"]
    assert [scene["name"] for scene in scenes] == [scene.name for scene in files.path()]
    assert [scene["number"] for scene in scenes] == [str(number) for number in range(1, len(scenes) + 1)]


def test_own_scenes_stand_apart_and_errors_in_them_are_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESNET_VIZ_SCENES", str(tmp_path))
    answers = '[[answers]]\ntext = "a"\nright = true\n[[answers]]\ntext = "b"\n'
    text = f'title = "Mine"\nquestion = "?"\n{answers}[open]\npage = "runs"\n'
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    (tmp_path / "broken.toml").write_text('title = "<b>x</b>"\nquestoin = "?"\n', encoding="utf-8")
    at = visit("scene")
    assert [scene["name"] for scene in sent(at)["contents"]["scenes"]] == ["mine"]
    (message,) = warnings(at)
    assert "broken.toml, line 2" in message
    assert is_plain(at.warning[0].value)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_none_is_refused_and_the_list_is_shown(name: str) -> None:
    at = lead(name=name)
    assert is_whole(at)
    (message,) = warnings(at)
    assert is_plain(at.warning[0].value)
    assert len(message) < 600
    assert list(sent(at)) == ["contents"]


def test_a_stage_that_is_none_is_refused() -> None:
    at = lead(name=FIRST, stage="<b>end</b>")
    assert "question, look, reveal" in warnings(at)[0]
    assert list(sent(at)) == ["contents"]


def test_a_question_opens_a_room_that_the_address_names() -> None:
    at = lead(name=FIRST)
    room = rooms.store().find(at.query_params["room"])
    assert (room.scene, room.stage, room.owner) == (FIRST, Stage.QUESTION, ME)
    assert sent(at)["question"]["join"]["code"] == room.code
    again = lead(name=FIRST, room=room.code)
    assert again.query_params == {"name": FIRST, "room": room.code}


def test_before_the_browser_has_sent_its_name_there_is_no_room() -> None:
    at = visit("scene", name=FIRST)
    assert (at.query_params, sent(at)["question"]["join"]) == ({"name": FIRST}, None)


def test_a_room_that_is_not_open_is_replaced_with_a_message_on_the_screen() -> None:
    at = lead(name=FIRST, room="7K2M")
    assert at.query_params["room"] != "7K2M"
    assert "7K2M" in sent(at)["question"]["notice"]


def test_guesses_are_counted_on_the_question_and_kept_for_the_reveal() -> None:
    code = rooms.store().open(FIRST, owner=ME)
    rooms.store().vote(code, ANOTHER, 1, num_answers=2)
    rooms.store().vote(code, ME, 1, num_answers=2)
    question = sent(lead(name=FIRST, room=code))["question"]
    assert [bar["num_guesses"] for bar in question["answers"]][:2] == [0, 2]
    reveal = sent(lead(name=FIRST, room=code, stage="reveal", run=RUN))["reveal"]
    assert [bar["num_guesses"] for bar in reveal["answers"]][:2] == [0, 2]
    assert [bar["is_right"] for bar in reveal["answers"]][:2] == [True, False]  # of the shipped run plain-20 ends lower
    room = rooms.store().find(code)
    assert (room.stage, room.run) == (Stage.REVEAL, RUN)


def test_the_room_follows_the_address_of_its_owner_and_of_no_other() -> None:
    code = rooms.store().open(FIRST, owner=ME)
    other = sent(lead(browser=ANOTHER, name=SECOND, room=code))
    assert rooms.store().find(code).scene == FIRST
    assert other["question"]["join"] is None  # phones in that room see another question
    lead(name=SECOND, room=code)
    assert rooms.store().find(code).scene == SECOND
    lead("training", scene=FIRST, room=code, run=RUN)
    room = rooms.store().find(code)
    assert (room.scene, room.stage, room.run) == (FIRST, Stage.LOOK, RUN)


def test_an_unmeasured_reveal_gives_nothing_away_and_leads_back() -> None:
    at = lead(name=FIRST, stage="reveal")
    reveal = sent(at)["reveal"]
    assert not any(bar["is_right"] for bar in reveal["answers"])
    assert (reveal["explanation"], sent(at)["foot"]["on"]["label"]) == ("", "Look")


def test_a_run_that_does_not_exist_is_a_message_on_the_screen() -> None:
    reveal = sent(lead(name=FIRST, stage="reveal", run="<b>000000000000</b>"))["reveal"]
    assert any("000000000000" in message for message in reveal["messages"])


def test_the_stage_of_looking_opens_the_scene_s_page() -> None:
    at = lead(name=FIRST, stage="look")
    scene = files.find(FIRST)
    assert dict(at.query_params).items() >= {**scene.query, "present": "1", "scene": FIRST}.items()


def test_the_bar_shows_the_scene_that_the_address_of_a_page_names() -> None:
    bar = sent(lead("training", scene=FIRST))["bar"]
    assert (bar["question"], bar["on"]["label"]) == (files.find(FIRST).question, "Reveal")
    assert "bar" not in sent(lead("training"))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_survives_a_scene_that_does_not_exist(name: str) -> None:
    at = lead("parameters", scene=name)
    assert is_whole(at)
    assert len(warnings(at)) == 1
    assert sent(at) == {}


def test_the_menu_leads_to_a_page_without_the_scene_that_had_opened_it() -> None:
    at = lead("training", scene=FIRST, present="1", recipe="no_norm")
    at.switch_page(str(ROOT / "pages" / "runs.py"))
    at.query_params.clear()
    at.run()
    at.switch_page(str(ROOT / "pages" / "training.py"))
    at.query_params.clear()
    at.run()
    assert at.query_params == {"recipe": "no_norm"}


def test_an_address_without_a_scene_is_left_as_it_is() -> None:
    assert way.without_lecture({"present": "1", "run": "x"}) == {"present": "1", "run": "x"}
