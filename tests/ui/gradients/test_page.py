"""The page of gradients: controls and address agree, records are drawn as they come, refusals leave the rest."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.jobs.queries.queue import QueryState, QueryStatus
from resnet_viz.present.gradients.nets import BENCH_NETS
from resnet_viz.spec.enums import Init, Norm
from resnet_viz.spec.net import NetSpec
from resnet_viz.theory.gradients import DEFAULT, DEFAULT_STEPS, GradientQuestion
from tests.fakes.theory_answers import FakeTheory
from tests.fakes.visiting import buttons, change, is_whole, press, prose, value, visit, warnings

RUNNING = QueryStatus(state=QueryState.RUNNING, seconds=0.2, share=0.5)


def figures(at: AppTest) -> list[dict[str, Any]]:
    """The charts as Plotly gets them."""
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def names(figure: dict[str, Any]) -> list[str]:
    """Names of the curves of a chart, each once; bands and points on the edges are no curves."""
    lines = [trace for trace in figure["data"] if "lines" in trace["mode"] and trace.get("fill") != "toself"]
    return list(dict.fromkeys(trace["name"] for trace in lines if trace["line"].get("dash") != "dash"))


def asked(instruments: FakeTheory) -> GradientQuestion:
    question = instruments.asked[-1]
    assert isinstance(question, GradientQuestion)
    return question


def test_there_is_something_to_see_at_once(instruments: FakeTheory) -> None:
    at = visit("gradients")
    assert is_whole(at)
    (figure,) = figures(at)
    assert names(figure) == ["plain", "(a) original", "(e) full pre-activation"]
    assert {trace["yaxis"] for trace in figure["data"]} == {"y", "y2"}
    assert "*plain* explodes towards the input, first / last **" in prose(at)
    assert (instruments.asked, at.query_params, warnings(at)) == ([DEFAULT], {}, [])  # whose answer is shipped
    assert instruments.is_warm


def test_every_control_is_in_the_address_and_in_the_question(instruments: FakeTheory) -> None:
    at = visit("gradients")
    change(at, "depth", 20)
    change(at, "width", 8)
    change(at, "norm", "none")
    change(at, "init", "torch_default")
    change(at, "nets", ["plain", "lambda"])
    change(at, "lambda", 0.5)
    change(at, "seeds", 2)
    change(at, "view", "weight")
    assert at.query_params == {
        "depth": "20", "width": "8", "norm": "none", "init": "torch_default", "nets": "plain,lambda", "lambda": "0.5",
        "seeds": "2", "view": "weight",
    }  # fmt: skip
    question = asked(instruments)
    assert (question.init, question.seeds) == (Init.TORCH_DEFAULT, (0, 1))
    assert [(spec.depth, spec.widths, spec.norm) for spec in question.nets] == [(20, (8, 16, 32), Norm.NONE)] * 2
    plain, scaled = question.nets
    assert isinstance(scaled, NetSpec)
    assert (plain.is_plain, scaled.shortcut_scale) == (True, 0.5)
    again = visit("gradients", **at.query_params)
    assert (warnings(again), again.query_params, asked(instruments)) == ([], at.query_params, question)


def test_the_slider_and_the_field_are_one_depth() -> None:
    at = visit("gradients", depth="32")
    at.select_slider("widget:depth_slider").set_value(110).run()
    assert (at.query_params["depth"], value(at, "depth")) == ("110", 110)
    change(at, "depth", 302)  # none of the slider's own
    assert at.select_slider("widget:depth_slider").value == 302
    change(at, "depth", 56)
    assert at.query_params == {}


@pytest.mark.parametrize("view", ["block", "weight", "std", "share"])
def test_every_quantity_is_drawn(view: str) -> None:
    at = visit("gradients", view=view, nets=",".join(BENCH_NETS), depth="8")
    assert is_whole(at)
    (figure,) = figures(at)
    assert len(names(figure)) == len(BENCH_NETS) - (view == "share")  # plain nets have no additions


def test_another_quantity_needs_no_new_answer(instruments: FakeTheory) -> None:
    at = visit("gradients")
    change(at, "view", "std")
    assert len(set(map(repr, instruments.asked))) == 1


def test_only_plain_nets_have_no_share_and_a_message_says_so() -> None:
    at = visit("gradients", nets="plain", view="share")
    assert figures(at) == []
    (message,) = at.info
    assert "add a residual net" in message.value


def test_without_a_net_a_message_says_what_to_do() -> None:
    at = visit("gradients", nets="plain")
    change(at, "nets", [])
    assert at.query_params == {"nets": ""}
    assert figures(at) == []
    assert "pick one" in at.info[0].value


def test_the_table_has_a_row_per_net_and_norm() -> None:
    at = visit("gradients", nets="plain,a_original", seeds="2")
    table = at.dataframe[0].value
    assert list(table["net"]) == ["plain", "plain", "(a) original", "(a) original"]
    assert list(table["norm"]) == ["batch norm", "no norm"] * 2
    assert set(table["seeds"]) == {2}
    assert table["block gradient, first / last"][0].endswith("over 2 seeds)")


def test_curves_are_drawn_as_they_come(instruments: FakeTheory) -> None:
    instruments.status_now, instruments.num_pieces = RUNNING, 1
    at = visit("gradients", norm="batch", seeds="1")
    (figure,) = figures(at)
    assert names(figure) == ["plain"]
    assert "Stop" in buttons(at)
    assert len(at.dataframe) == 0  # numbers when all have come
    instruments.num_pieces = 0
    assert figures(visit("gradients", depth="20")) == []


def test_stopping_keeps_the_page_and_offers_to_go_on(instruments: FakeTheory) -> None:
    instruments.status_now = RUNNING
    at = press(visit("gradients", depth="20"), "Stop")
    assert [question.nets[0].depth for question in instruments.cancelled] == [20]  # type: ignore[attr-defined]
    assert is_whole(at)
    assert "Compute" in buttons(at)


def test_a_depth_up_to_110_comes_as_the_control_moves(instruments: FakeTheory) -> None:
    at = visit("gradients", depth="110", nets=",".join(BENCH_NETS[:6]), seeds="1")
    assert len(instruments.asked) == 1
    assert len(figures(at)) == 1


def test_a_deeper_one_has_its_cost_first(instruments: FakeTheory) -> None:
    at = visit("gradients", depth="998")
    assert instruments.asked == []
    (label,) = [label for label in buttons(at) if label.startswith("Compute (about ")]
    press(at, label)
    assert asked(instruments).nets[0].depth == 998
    assert len(figures(at)) == 1


def test_a_kept_answer_is_drawn_whatever_it_cost(instruments: FakeTheory) -> None:
    instruments.knows_all = True
    assert len(figures(visit("gradients", depth="998"))) == 1


def test_the_first_steps_have_a_heatmap_per_net(instruments: FakeTheory) -> None:
    instruments.knows_all = True
    at = visit("gradients", at="steps")
    assert instruments.asked[-1] == DEFAULT_STEPS
    (figure,) = figures(at)
    heatmaps = [trace for trace in figure["data"] if trace["type"] == "heatmap"]
    assert [trace["name"] for trace in heatmaps] == ["plain", "(a) original", "(e) full pre-activation"]
    assert "**turned by step 20**" in prose(at)
    assert list(at.dataframe[0].value["step"]) == [0, 1, 5, 20, 100]


def test_training_has_its_cost_first(instruments: FakeTheory) -> None:
    at = visit("gradients", at="steps", depth="20")
    assert instruments.asked == []
    assert any(label.startswith("Compute (about ") for label in buttons(at))


def test_the_other_moment_has_only_gradients() -> None:
    at = visit("gradients", view="std")
    change(at, "at", "steps")
    assert (at.query_params, warnings(at)) == ({"at": "steps"}, [])
    assert value(at, "view") == "weight"


@pytest.mark.parametrize(
    ("query", "shown", "words"),
    [
        ({"depth": "55"}, ("depth", 56), "6n + 2"),
        ({"depth": "123456"}, ("depth", 56), "1,000"),
        ({"depth": "nan"}, ("depth", 56), "nan"),
        ({"depth": "1e99"}, ("depth", 56), "1,000"),
        ({"width": "65"}, ("width", 4), "64"),
        ({"seeds": "6"}, ("seeds", 3), "5"),
        ({"nets": "plain,f_magic"}, ("nets", ["plain", "a_original", "e_full_preact"]), "f_magic"),
        ({"lambda": "3", "nets": "lambda"}, ("lambda", 0.9), "3"),
        ({"at": "never"}, ("at", "start"), "never"),
    ],
)
def test_bad_input_is_a_message_above_a_whole_chart(
    query: dict[str, str], shown: tuple[str, Any], words: str, instruments: FakeTheory
) -> None:
    at = visit("gradients", **query)
    (message,) = warnings(at)
    assert words in message
    assert value(at, shown[0]) == shown[1]
    assert len(figures(at)) == 1


def test_an_error_of_the_engine_is_a_message(instruments: FakeTheory) -> None:
    instruments.status_now = QueryStatus(state=QueryState.FAILED, message="There is no memory for <b>this</b> net.")
    at = visit("gradients", depth="20")
    assert warnings(at) == ["There is no memory for <b>this</b> net."]
    assert "Try again" in buttons(at)


def test_links_lead_to_the_same_nets_and_to_lambda() -> None:
    at = visit("gradients", nets="plain,b_bn_after_add", depth="20", norm="batch", seeds="2")
    lab, theory = [(link.proto.page, parse_qs(link.proto.query_string)) for link in at.get("page_link")]
    assert lab[0].endswith("training")
    assert lab[1]["a.net"] == ["cifar_plain20"]
    assert (lab[1]["b.net"], lab[1]["b.order"], lab[1]["seeds"]) == (["cifar_resnet20"], ["bn_after_add"], ["2"])
    assert (theory[0].endswith("theory"), theory[1]) == (True, {"show": ["lambda"]})


def test_what_would_take_too_long_is_refused_with_what_can_be_done(instruments: FakeTheory) -> None:
    at = visit("gradients", depth="998", seeds="5", width="32", nets=",".join(BENCH_NETS))
    (message,) = warnings(at)
    assert "fewer nets or seeds" in message
    assert instruments.asked == []
    assert is_whole(at)
    assert not any(label.startswith("Compute") for label in buttons(at))
