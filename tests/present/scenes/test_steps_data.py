"""The way through a lecture: neighbours of a scene, the foot, the bar and the list."""

from dataclasses import replace

from resnet_viz.present.scenes.steps_data import bar_data, contents_data, foot_data, neighbours
from tests.fakes.scenes import scene

FIRST = scene("first", title="One", next="second")
SECOND = scene("second", title="Two", next="")
OWN = replace(scene("own", title="Mine", next="second"), is_own=True)
PATH = (FIRST, SECOND)
KNOWN = {each.name: each for each in (OWN, *PATH)}


def test_a_scene_of_the_path_has_its_neighbours_and_its_number() -> None:
    first, second = neighbours(FIRST, PATH, KNOWN), neighbours(SECOND, PATH, KNOWN)
    assert (first.before, first.after, first.number, first.num_scenes) == (None, SECOND, 1, 2)
    assert (second.before, second.after, second.number) == (FIRST, None, 2)


def test_an_own_scene_leads_to_what_it_names_and_is_reached_by_what_names_it() -> None:
    assert (neighbours(OWN, PATH, KNOWN).after, neighbours(OWN, PATH, KNOWN).number) == (SECOND, 0)
    pointing = replace(OWN, name="other", next="own")
    assert neighbours(OWN, PATH, KNOWN | {"other": pointing}).before == pointing


def test_a_next_scene_that_is_not_known_is_none() -> None:
    assert neighbours(replace(SECOND, next="lost"), PATH, KNOWN).after is None


def test_the_foot_says_where_in_the_path_it_is() -> None:
    foot = foot_data(FIRST, neighbours(FIRST, PATH, KNOWN), "Look")
    assert (foot["place"], foot["title"], foot["on"]["label"]) == ("1 / 2", "One", "Look")
    assert (foot["before"]["is_there"], foot["after"]) == (False, {"label": "Next scene: Two", "is_there": True})
    assert foot_data(OWN, neighbours(OWN, PATH, KNOWN), "Look")["place"] == "Own scene"


def test_a_scene_that_trains_a_recipe_can_be_run_by_the_class() -> None:
    one = replace(FIRST, page="training", query={"recipe": "quick"})
    button = foot_data(one, neighbours(FIRST, PATH, KNOWN), "Look")["class_run"]
    assert button == {"label": "Class run", "key": ""}
    for other in (replace(one, page="theory"), replace(one, query={"run": "0123456789ab"})):
        assert foot_data(other, neighbours(FIRST, PATH, KNOWN), "Look")["class_run"] is None


def test_the_bar_says_what_to_press_and_what_to_look_at_and_nothing_empty() -> None:
    bar = bar_data(FIRST, neighbours(FIRST, PATH, KNOWN))
    assert [(hint["label"], hint["text"]) for hint in bar["hints"]] == [
        ("Press", "Start"),
        ("Look at", "the end of both curves"),
    ]
    assert len(bar_data(replace(FIRST, press=""), neighbours(FIRST, PATH, KNOWN))["hints"]) == 1


def test_links_of_the_list_stay_in_the_room_and_escape_names() -> None:
    path = contents_data(PATH, "7K2M", is_path=True)["scenes"]
    assert [(link["number"], link["address"]) for link in path] == [
        ("1", "scene?name=first&room=7K2M"),
        ("2", "scene?name=second&room=7K2M"),
    ]
    (own,) = contents_data([replace(OWN, name="a&b")], "", is_path=False)["scenes"]
    assert (own["number"], own["address"]) == ("", "scene?name=a%26b")
