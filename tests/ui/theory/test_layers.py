"""Two layers on the page."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.visiting import change, prose, visit, warnings


def drawing(at: AppTest) -> str:
    (found,) = (one.proto for one in at.get("bidi_component") if one.proto.component_name == "resnet_viz_picture")
    return str(json.loads(found.json)["svg"])


def test_the_numbers_of_the_note_are_drawn_and_told() -> None:
    at = visit("theory", show="layers")
    assert "The plain net puts out g(F) = (0, 1.5), the residual one g(F + a) = (1, 3.5)." in prose(at)
    assert drawing(at).count('class="unit"') == 14


def test_with_second_weights_of_zero_the_residual_net_does_nothing() -> None:
    at = change(visit("theory", show="layers"), "zero", True)
    assert "(1, 2) = a: it does nothing" in prose(at)
    assert at.query_params == {"show": "layers", "zero": "true"}
    change(at, "a1", -1.0)
    assert "the ReLU behind the addition cuts what is negative" in prose(at)
    assert at.query_params == {"show": "layers", "zero": "true", "a1": "-1"}


@pytest.mark.parametrize("value", ["4", "nan", "one"])
def test_a_wrong_input_is_told(value: str) -> None:
    at = visit("theory", show="layers", a1=value)
    assert warnings(at)[0].startswith("a1 is a number from -3 to 3; got ")
    assert "(1, 3.5)" in prose(at)
