"""The attribution page: something to see at once, widgets out of the table of methods, refusals that leave it whole."""

import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from resnet_viz.attribution import defaults
from resnet_viz.attribution.cost import QuerySpeed
from resnet_viz.attribution.methods import METHODS
from resnet_viz.attribution.query import Topic
from resnet_viz.attribution.result import DepthResult, ImageResult, MapsResult, QueryResult
from resnet_viz.jobs.queries import attribution
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus
from tests.fakes.attribution_results import FakeAttribution
from tests.fakes.visiting import buttons, change, is_plain, is_whole, press, prose, value, visit, warnings


def figures(at: AppTest) -> list[dict[str, Any]]:
    """The charts of the page."""
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def said(figure: dict[str, Any]) -> str:
    return " ".join(str(text["text"]) for text in figure["layout"]["annotations"])


def png(width: int = 40, height: int = 30) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((height, width, 3), 200, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def send(at: AppTest, key: str, name: str, content: bytes) -> AppTest:
    """Uploads a file as a visitor would."""
    (field,) = (field for field in at.file_uploader if field.key == key)
    field.upload(name, content, "application/octet-stream").run()
    return at


def test_it_opens_with_the_maps_of_two_nets_and_asks_what_is_shipped(answers: FakeAttribution) -> None:
    at = visit("attribution")
    assert warnings(at) == []
    (figure,) = figures(at)
    assert "plain20" in said(figure)
    assert "resnet20" in said(figure)
    assert "true class Ankle boot" in said(figure)
    assert [trace["type"] for trace in figure["data"]].count("heatmap") == 2
    assert figure["layout"]["coloraxis"]["cmax"] == figure["layout"]["coloraxis3"]["cmax"]  # one scale
    assert [query.key() for query in answers.asked] == [defaults.default_queries()[0].key()]
    assert answers.is_warm


def test_the_view_over_depth_asks_what_is_shipped_too(answers: FakeAttribution) -> None:
    at = visit("attribution", view="depth")
    assert [query.key() for query in answers.asked] == [query.key() for query in defaults.default_queries()[1:]]
    film, profile = figures(at)
    assert len([trace for trace in film["data"] if trace["type"] == "heatmap"]) == 18
    names = [trace["name"] for trace in profile["data"] if trace.get("showlegend")]
    assert names == ["shortcut", "branch", "sum"]
    assert "plain20 has no shortcuts" in prose(at)
    assert "strongest branch 3.3 (+5.00 logits)" in prose(at)
    assert "weakest branch 2.1 (+0.00 logits)" in prose(at)
    assert "0.25 logits" in prose(at)  # by which the split fails to add up


@pytest.mark.parametrize("method", METHODS)
def test_the_widgets_follow_the_table(method: str, answers: FakeAttribution) -> None:
    at = visit("attribution", method=method)
    assert warnings(at) == []
    keys = {str(widget.key).removeprefix("widget:") for widget in [*at.selectbox, *at.number_input]}
    row = METHODS[method]
    assert ("layer" in keys, "baseline" in keys) == (row.needs_layer, row.has_baseline)
    assert {key.removeprefix("p.") for key in keys if key.startswith("p.")} == {p.name for p in row.parameters}
    (query,) = answers.asked
    assert dict(query.params) == {p.name: p.default_at(28) for p in row.parameters}


@pytest.mark.parametrize("view", ["map", "methods", "depth", "sanity", "training", "features"])
@pytest.mark.parametrize("second", ["shipped:resnet20", "none"])
def test_every_view_is_drawn_for_one_net_and_for_two(view: str, second: str) -> None:
    at = visit("attribution", {"b.net": second}, view=view, **{"b.net": second})
    assert warnings(at) == []
    assert is_whole(at)
    assert bool(figures(at)) is (view != "training")  # there is no run yet


@pytest.mark.parametrize("view", ["map", "methods", "depth", "sanity", "features"])
def test_guessed_preprocessing_and_an_inverted_image_are_noted_in_every_view(
    view: str, answers: FakeAttribution
) -> None:
    def doubtful(result: QueryResult) -> QueryResult:
        if not isinstance(result, ImageResult):
            return result
        return replace(result, nets=tuple(replace(net, is_guess=True, is_inverted=True) for net in result.nets))

    assert "guessed" not in prose(visit("attribution", view=view))
    answers.statuses.clear()
    answers.change = doubtful
    text = prose(visit("attribution", view=view))
    for net in ("plain20", "resnet20"):
        assert f"{net}: preprocessing guessed" in text
        assert f"{net}: image inverted" in text


def test_what_is_chosen_stands_in_the_address_and_in_the_query(answers: FakeAttribution) -> None:
    at = visit("attribution")
    change(change(change(at, "method", "integrated_gradients"), "target", "3"), "p.steps", 7)
    assert dict(at.query_params) == {"method": "integrated_gradients", "target": "3", "p.steps": "7"}
    newest = answers.asked[-1]
    assert (newest.method, newest.target, newest.params["steps"]) == ("integrated_gradients", 3, 7)


def test_a_link_restores_what_was_chosen() -> None:
    at = visit("attribution", method="layer_conductance", layer="stage2.block1", **{"p.steps": "20", "b.net": "none"})
    assert warnings(at) == []
    assert (value(at, "layer"), value(at, "p.steps"), value(at, "b.net")) == ("stage2.block1", 20, "none")


def test_a_combination_that_cannot_be_is_a_sentence_and_the_map_stays() -> None:
    at = visit("attribution", **{"p.window": "2", "p.stride": "5"})
    assert [sentence.partition(";")[0] for sentence in warnings(at)] == ["Occlusion: steps of 5 px would miss pixels"]
    assert figures(at)


def test_a_image_that_was_sent_is_the_pages_image(answers: FakeAttribution) -> None:
    at = send(visit("attribution", pick="upload"), "upload_picture", "shoe.png", png())
    assert warnings(at) == []
    assert str(answers.asked[-1].image).startswith("upload:")


@pytest.mark.parametrize("content", [b"", b"no image", png()[:60], png(5_000, 4_100)], ids=["0", "text", "cut", "huge"])
def test_a_bad_upload_is_a_sentence_and_the_page_keeps_its_state(content: bytes, answers: FakeAttribution) -> None:
    at = visit("attribution", pick="upload", method="saliency")
    before = dict(at.query_params)
    send(at, "upload_picture", "shoe.png", content)
    assert len(warnings(at)) == 1
    assert is_plain(at.warning[0].value)
    assert dict(at.query_params) == before
    assert figures(at)
    assert str(answers.asked[-1].image) == defaults.IMAGE


def test_an_empty_checkpoint_is_a_sentence_too() -> None:
    at = send(visit("attribution"), "upload_net_file", "net.pt", b"")
    assert warnings(at) == ["This file is empty."]
    assert figures(at)


def test_a_net_that_is_not_there_is_said_and_the_usual_one_shown() -> None:
    at = visit("attribution", net="shipped:resnet999")
    assert [sentence.partition(";")[0] for sentence in warnings(at)] == [
        "No net called 'resnet999' comes with this program"
    ]
    assert figures(at)


def test_what_takes_longer_shows_how_far_it_is_and_can_be_cancelled(answers: FakeAttribution) -> None:
    answers.answer = QueryStatus(state=QueryState.RUNNING, share=0.25, seconds=3.0)
    at = visit("attribution")
    assert not figures(at)
    assert "Cancel" in buttons(at)
    press(at, "Cancel")
    assert [query.topic for query in answers.cancelled] == [Topic.MAPS]
    assert "Compute (about 340 passes)" in buttons(at.run())  # two nets, 1 + 13² windows


def test_a_failure_is_a_sentence_and_can_be_tried_again(answers: FakeAttribution) -> None:
    answers.answer = QueryStatus(state=QueryState.FAILED, message="There is [no](x) such class.")
    at = visit("attribution")
    assert warnings(at) == ["There is [no](x) such class."]
    assert is_plain(at.warning[0].value)
    press(at, "Try again")
    assert len(answers.asked) == 2


def test_the_most_confidently_wrong_are_asked_of_the_first_net(answers: FakeAttribution) -> None:
    visit("attribution", pick="wrong")
    (pick,) = (query for query in answers.asked if query.topic is Topic.PICK)
    assert [str(net) for net in pick.nets] == ["shipped:plain20"]


def test_the_code_is_offered_for_what_is_shown() -> None:
    at = visit("attribution", method="grad_cam")
    (code,) = at.code
    assert "LayerGradCam" in code.value
    assert '"layer": "stage3.block3"' in code.value
    compile(code.value, "attribution.py", "exec")


@pytest.mark.parametrize(
    ("view", "topic", "label"),
    [
        ("sanity", Topic.SANITY, "Compute (about 84 passes)"),
        ("features", Topic.PATCHES, "Compute (about 4,000 passes)"),
    ],
)  # 2 nets, 9 blocks: 21 maps each of a pass there and back; all 2,000 test images through both
def test_what_takes_long_is_asked_by_a_button_only(
    view: str, topic: Topic, label: str, answers: FakeAttribution
) -> None:
    answers.knows_all = False
    at = visit("attribution", view=view, method="saliency")
    assert topic not in [query.topic for query in answers.asked]
    press(at, label)
    assert topic in [query.topic for query in answers.asked]
    assert figures(at)
    assert label not in buttons(at)


def test_what_was_computed_before_is_shown_without_a_button() -> None:
    at = visit("attribution", view="sanity", method="saliency")
    assert figures(at)
    assert not [label for label in buttons(at) if label.startswith("Compute")]


def test_the_cost_is_said_with_seconds_once_an_answer_has_shown_them(
    answers: FakeAttribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribution, "QUERY_SPEED", QuerySpeed())
    captions = [caption.value for caption in visit("attribution").caption]
    assert "Cost of the maps: 340 passes." in captions
    answers.statuses.clear()
    answers.seconds = 2.0
    visit("attribution")
    captions = [caption.value for caption in visit("attribution").caption]
    assert "Cost of the maps: 340 passes, about 2 s." in captions


def deltas_by_steps(answers: FakeAttribution, by_steps: dict[int, float]) -> None:
    """Lets the maps of Integrated Gradients sum to 10 and have a delta that depends on the steps."""

    def changed(result: QueryResult) -> QueryResult:
        if not isinstance(result, MapsResult):
            return result
        delta = by_steps[int(answers.asked[-1].params["steps"])]
        values = np.full((1, 28, 28), 10 / 28**2, np.float32)
        maps = tuple(
            replace(own, maps=tuple(replace(one, delta=delta, values=values) for one in own.maps))
            for own in result.maps
        )
        return replace(result, maps=maps)

    answers.change = changed


def test_steps_are_tried_until_the_map_adds_up(answers: FakeAttribution) -> None:
    deltas_by_steps(answers, {50: 1.0, 100: 1.4, 200: 0.9, 300: 0.1})  # it grows, too
    at = visit("attribution", method="integrated_gradients")
    assert "does not add up" in prose(at)
    press(at, "Find enough steps (error below 5 %)")
    assert [query.params["steps"] for query in answers.asked] == [50, 100, 200, 300]
    assert at.query_params["p.steps"] == "300"
    assert "does not add up" not in prose(at)
    assert "Find enough steps (error below 5 %)" not in buttons(at)
    assert warnings(at) == []


def test_where_no_number_of_steps_suffices_it_says_so(answers: FakeAttribution) -> None:
    deltas_by_steps(answers, dict.fromkeys((50, 100, 200, 300, 400, 500), 5.0))
    at = visit("attribution", method="integrated_gradients")
    press(at, "Find enough steps (error below 5 %)")
    assert answers.asked[-1].params["steps"] == 500
    assert "Even 500, the largest number, leaves 100 % of the difference." in prose(at)


def test_a_map_that_adds_up_is_offered_no_further_steps(answers: FakeAttribution) -> None:
    deltas_by_steps(answers, {50: 0.1})
    at = visit("attribution", method="integrated_gradients")
    assert "Find enough steps (error below 5 %)" not in buttons(at)


def test_the_steps_over_depth_are_raised_in_the_address(answers: FakeAttribution) -> None:
    def changed(result: QueryResult) -> QueryResult:
        if not isinstance(result, DepthResult):
            return result
        error = {200: 3.0, 300: 0.1}[int(answers.asked[-1].options["steps"])]
        return replace(result, depths=tuple(replace(depth, share_delta=error) for depth in result.depths))

    answers.change = changed
    at = visit("attribution", view="depth")
    press(at, "Find enough steps (error below 5 %)")
    assert at.query_params["depth_steps"] == "300"
    assert answers.asked[-1].options["steps"] == 300
    assert "Above 5 %" not in prose(at)
