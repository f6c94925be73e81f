"""Queries about nets: what fits into an address comes back out of it, and what is none is told so in a sentence."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resnet_viz.attribution.methods import METHODS
from resnet_viz.attribution.query import OPTIONS, AttributionQuery, Topic, from_json, to_json
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.errors import Refusal, SpecError

SHA = "0123456789abcdef" * 4
NETS = (
    "shipped:plain20",
    "run:34ca81297230/0/470",
    "run:34ca81297230/11/last",
    f"upload:{SHA}",
    "torchvision:resnet50",
)
PICTURES = ("data:fashion_mnist_subset/0", "data:fashion_mnist/9999", f"upload:{SHA}")


def fields(**changes: Any) -> dict[str, Any]:
    return {"topic": "maps", "nets": ["shipped:plain20"], "picture": PICTURES[0], "method": "saliency", **changes}


@pytest.mark.parametrize("text", NETS)
def test_a_net_is_named_by_one_text(text: str) -> None:
    assert str(NetRef.parse(text)) == text


@pytest.mark.parametrize("text", PICTURES)
def test_a_image_is_named_by_one_text(text: str) -> None:
    assert str(ImageRef.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "shipped", "shipped:", "shipped:../x", "shipped:a/b", "run:34ca81297230", "run:34ca81297230/0/-1"),
        *("run:../../etc/0/1", "run:34CA81297230/0/1", "upload:" + SHA[1:], f"upload:{SHA}0", "upload:../" + SHA),
        *("torchvision:resnet50?", "http://example.org/x.pt", "shipped:plain20\n", "run:34ca81297230/0/\uff11"),
    ],
)
def test_what_names_no_net_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="A net is named as"):
        NetRef.parse(text)


@pytest.mark.parametrize("text", ["data:fashion_mnist_subset/2000", "data:cifar/1", "data:fashion_mnist/1e3", "x", ""])
def test_what_names_no_image_is_refused(text: str) -> None:
    with pytest.raises(SpecError):
        ImageRef.parse(text)


def test_a_query_comes_back_from_its_json() -> None:
    for method in METHODS:
        query = from_json(fields(method=method, nets=NETS[:2], target=3, layer="stage1.block2.add", seed=7))
        assert from_json(to_json(query)) == query
        assert from_json(to_json(query)).key() == query.key()


def test_options_are_filled_with_defaults_so_that_equal_queries_have_one_key() -> None:
    said = from_json(fields(options={"also": ""}))
    assert said.key() == from_json(fields()).key()
    assert set(said.options) == set(OPTIONS[Topic.MAPS])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"topic": "map"}, "topic is one of predict, maps"),
        ({"topic": []}, "topic is one of"),
        ({"nets": []}, "one or two nets; got 0"),
        ({"nets": [*NETS]}, "one or two nets; got 3"),
        ({"nets": "shipped:plain20"}, "are a list"),
        ({"nets": [3]}, "nets is a text"),
        ({"picture": None}, "needs an image"),
        ({"method": ""}, "needs a method"),
        ({"method": "magic"}, "no attribution method 'magic'"),
        ({"topic": "predict"}, "has no method; got 'saliency'"),
        ({"topic": "features", "method": ""}, "needs a layer"),
        ({"layer": "a b"}, "layer is a name"),
        ({"baseline": "grey"}, "baseline is one of black"),
        ({"target": -1}, "target is a whole number"),
        ({"target": 10**9}, "target is a whole number"),
        ({"target": True}, "target is a whole number"),
        ({"target": "3"}, "target is a whole number"),
        ({"seed": 1.5}, "seed is a whole number"),
        ({"params": {"steps": "many"}}, "steps is a number"),
        ({"params": {"steps": float("nan")}}, "steps is a number"),
        ({"params": []}, "are objects"),
        ({"options": {"also": "saliency,magic"}}, "no attribution method 'magic'"),
        ({"options": {"also": "<b>"}}, "also is a name"),
        ({"options": {"much": 1}}, "no option 'much'"),
        ({"topic": "pick", "method": "", "options": {"count": 10**6}}, "count is a whole number from 1 to 60"),
        ({"topic": "pick", "method": "", "options": {"how": "well"}}, "how is one of random"),
        ({"colour": "red"}, "no field 'colour'"),
    ],
)
def test_what_is_no_query_is_told_so(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        from_json(fields(**changes))


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the first text that is drawn takes seconds
@given(st.dictionaries(st.sampled_from(list(AttributionQuery.__dataclass_fields__)), _ANYTHING))
def test_whatever_is_written_into_an_address_is_a_query_or_a_refusal(changes: dict[str, Any]) -> None:
    try:
        from_json({**fields(), **changes})
    except Refusal as refusal:
        sentence = str(refusal)
    else:
        return
    assert sentence.endswith(".")
