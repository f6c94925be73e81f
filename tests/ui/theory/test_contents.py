"""Contents of the theory page: cards, addresses, links between instruments, exercises."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.present.notes import EXERCISES
from resnet_viz.ui.theory.contents import GROUPS, INSTRUMENTS
from tests.fakes.visiting import is_whole, press, prose, visit, warnings

IDS = [one.id for one in INSTRUMENTS]


def cards(at: AppTest) -> list[dict[str, Any]]:
    """What the cards' components are given, group after group."""
    found = [one.proto for one in at.get("bidi_component") if one.proto.component_name == "resnet_viz_cards"]
    return [card for proto in found for card in json.loads(proto.json)["cards"]]


def links(at: AppTest) -> list[str]:
    """Labels of the links, to other pages and to states of this one."""
    return [link.proto.label for link in at.get("page_link")] + [button.label for button in at.button]


def test_without_a_name_every_instrument_has_a_card_with_picture_and_question() -> None:
    at = visit("theory")
    assert is_whole(at)
    assert (warnings(at), at.query_params) == ([], {})
    shown = cards(at)
    assert [card["id"] for card in shown] == IDS
    assert [card["address"] for card in shown] == [f"theory?show={name}" for name in IDS]
    assert all(card["svg"].startswith("<svg") and card["question"].endswith("?") for card in shown)


def test_instruments_stand_in_the_order_of_their_groups_under_headings() -> None:
    known = [name for _heading, ids in GROUPS for name in ids]
    assert sorted(IDS, key=known.index) == IDS
    assert len(known) == len(set(known)) == 14
    headings = [one.value for one in visit("theory").subheader]
    assert headings[:-1] == [heading for heading, ids in GROUPS if set(ids) & set(IDS)]


@pytest.mark.parametrize("place", range(len(IDS)))
def test_an_instrument_has_its_question_as_title_and_links_to_its_neighbours(place: int) -> None:
    at = visit("theory", show=IDS[place])
    assert at.title[0].value == INSTRUMENTS[place].question
    assert cards(at) == []
    neighbours = [INSTRUMENTS[other] for other in (place - 1, place + 1) if 0 <= other < len(IDS)]
    first = [button.label for button in at.button][: 1 + len(neighbours)]  # instruments have links of their own
    assert first == ["Contents", *(other.title for other in neighbours)]
    assert any(INSTRUMENTS[place].source in caption.value for caption in at.caption)


@pytest.mark.parametrize("place", [place for place, one in enumerate(INSTRUMENTS) if one.often_said])
def test_what_is_often_said_stands_beside_its_instrument(place: int) -> None:
    assert INSTRUMENTS[place].often_said.startswith('**"')
    assert INSTRUMENTS[place].often_said in "\n".join(
        str(one.value) for one in visit("theory", show=IDS[place]).markdown
    )


@pytest.mark.parametrize("name", ["functons", "<b>sum</b>", "", "I1"])
def test_an_unknown_name_is_refused_and_the_contents_are_shown(name: str) -> None:
    at = visit("theory", show=name)
    (message,) = warnings(at)
    assert message.startswith("show is one of functions, ")
    assert f"got '{name}'." in message
    assert [card["id"] for card in cards(at)] == IDS


def test_a_near_name_is_suggested() -> None:
    assert "Near to it: functions" in warnings(visit("theory", show="functons"))[0]


def test_the_exercises_have_their_answers_and_links() -> None:
    at = visit("theory")
    text, shown = prose(at), links(at)
    for number, exercise in enumerate(EXERCISES, start=1):
        assert f"**{number}. {exercise.text}** {exercise.answer}" in text
        assert all(place.label in shown for place in exercise.places)
    press(at, "Nested classes with noise")
    assert at.query_params == {"show": "functions", "view": "noise", "degree": "15"}


def test_links_leave_nothing_of_the_last_state_in_the_address() -> None:
    at = press(visit("theory", show="functions", n="9"), INSTRUMENTS[1].title)
    assert at.query_params == {"show": IDS[1]}
    press(at, "Contents")
    assert at.query_params == {}
    assert [card["id"] for card in cards(at)] == IDS


def test_a_scene_shows_an_instrument_without_what_gives_its_answer_away() -> None:
    assert "Often said, but" in prose(visit("theory", show="lambda"))
    text = prose(visit("theory", show="lambda", scene="factor", present="1"))
    assert "Often said, but" not in text
    assert "##### " in text  # the sentence that is computed
