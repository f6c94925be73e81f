"""Instruments of signals on the theory page: each opens at once with its shipped answer, and its address keeps it."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.visiting import buttons, change, is_whole, prose, value, visit, warnings

pytestmark = pytest.mark.usefixtures("own_nets")  # answers are kept under their checksums


def charts(at: AppTest) -> int:
    return len(at.get("echarts_chart"))


def opened(name: str, **query: str) -> AppTest:
    at = visit("theory", show=name, **query)
    assert is_whole(at)
    assert warnings(at) == []
    return at


def test_a_net_grows_without_a_change() -> None:
    at = opened("construction")
    assert [metric.value for metric in at.metric] == ["0.0"]
    assert "10,000 logits are the same to the last bit" in prose(at)
    assert "plain block can be the identity" in prose(at)
    change(at, "blocks", 9)
    change(at, "new", "random")
    assert at.query_params == {"show": "construction", "blocks": "9", "new": "random"}
    assert "guessing" in prose(at)
    assert at.metric[0].value != "0.0"
    assert is_whole(at)


@pytest.mark.parametrize(("n", "part"), [("1", "start nearer to it, too"), ("9", "start worse")])
def test_the_race_to_the_identity(n: str, part: str) -> None:
    at = opened("nothing", n=n)
    assert "times as far from the identity" in prose(at)
    assert part in prose(at)
    assert charts(at) == 1


def test_other_seeds_say_their_cost_first() -> None:
    at = opened("nothing", n="3", seed="77")
    assert any(label.startswith("Compute (about") for label in buttons(at))


def test_depths_are_compared() -> None:
    at = opened("depth")
    assert "20 → 56 layers: the deeper net has the higher loss" in prose(at)
    change(at, "from", "8")
    change(at, "to", "20")
    assert at.query_params == {"show": "depth", "from": "8", "to": "20"}
    assert "with 7 of 8 seeds" in prose(at)
    assert "lower loss with 7 of 8 seeds" in prose(at)


def test_the_protocol_of_blocks_that_begin_as_the_identity_counts_its_fresh_seeds() -> None:
    at = opened("depth", protocol="identity")
    assert "36 more layers cost the plain net +0.645; with shortcuts they help: -0.026." in prose(at)
    assert "lower loss with 10 of 12 seeds" in prose(at)
    links = [link.proto.query_string for link in at.get("page_link")]
    assert any("recipe=deeper_is_better" in link and "depth=" not in link for link in links)
    assert warnings(at) == []


def test_an_unknown_protocol_is_refused() -> None:
    (message,) = warnings(visit("theory", show="depth", protocol="best"))
    assert message == "protocol is one of usual, identity; got 'best'."


def test_a_depth_that_is_not_deeper_is_refused() -> None:
    at = visit("theory", show="depth", **{"from": "44", "to": "20"})
    assert len(warnings(at)) == 1
    assert value(at, "to") == "56"
    assert is_whole(at)


@pytest.mark.parametrize(
    ("factor", "part"), [("0.9", "It does not vanish, it grows"), ("2", "The product decides"), ("1", "λ = 1")]
)
def test_the_address_names_a_factor(factor: str, part: str) -> None:
    at = opened("lambda", value=factor)
    assert value(at, "value") == float(factor)
    assert part in prose(at)
    assert "shortcut-only gating" in prose(at)
    assert buttons(at) == ["Contents"] or "Compute" not in " ".join(buttons(at))


@pytest.mark.parametrize("factor", ["3", "0.1", "abc", "nan"])
def test_a_factor_out_of_range_is_refused_and_the_page_stays(factor: str) -> None:
    at = visit("theory", show="lambda", value=factor)
    (message,) = warnings(at)
    assert "0.5" in message
    assert value(at, "value") == 0.9
    assert is_whole(at)


def test_orders_are_told_at_a_unit() -> None:
    at = opened("orders")
    assert "(c) never falls" in prose(at)
    assert "10% of the sums in (a) and 70% in (b)" in prose(at)
    change(at, "unit", 1)
    change(at, "quantity", "least")
    assert at.query_params == {"show": "orders", "unit": "1", "quantity": "least"}
    assert charts(at) == 2


def test_gradients_shatter_with_norm_and_not_without() -> None:
    at = opened("shattering")
    assert "feed-forward net is noise" in prose(at)
    change(at, "norm", False)
    change(at, "layers", 24)
    assert at.query_params == {"show": "shattering", "layers": "24", "norm": "false"}
    assert "Without batch norm neither gradient shatters" in prose(at)
    assert charts(at) == 4
