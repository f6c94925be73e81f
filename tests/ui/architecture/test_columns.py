"""Columns on the architecture page, and the link from the page of parameters."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.visiting import change, prose, visit, warnings

FIGURE = {"net": "vgg19", "b.net": "plain34", "c.net": "resnet34", "c.dim_match": "zero_pad", "layout": "columns"}


def drawn(at: AppTest) -> str:
    (found,) = (json.loads(one.proto.json) for one in at.get("bidi_component") if "svg" in one.proto.json)
    return str(found["svg"])


@pytest.mark.parametrize("level", ["stage", "block", "layer"])
def test_the_figure_has_an_address(level: str) -> None:
    at = visit("architecture", **FIGURE, level=level)
    assert not warnings(at)
    assert all(name in drawn(at) for name in ("VGG-19", "plain-34", "ResNet-34, option A"))
    assert "3,644,493,824 / 19,632,062,464 = **18.6 %**" in prose(at)


def test_any_nets_can_be_in_columns() -> None:
    at = change(visit("architecture", **{"net": "cifar_resnet20", "b.net": "resnext50_32x4d"}), "layout", "columns")
    assert at.query_params["layout"] == "columns"
    assert "ResNet-20" in drawn(at)
    assert "ResNeXt-50" in drawn(at)


def test_a_wrong_layout_is_refused_and_the_rest_stays() -> None:
    at = visit("architecture", **{**FIGURE, "layout": "diagonal"})
    assert any("layout is one of rows, columns" in text for text in warnings(at))
    assert "VGG-19" in prose(at)


def test_a_single_net_has_no_columns() -> None:
    at = visit("architecture", net="resnet50", layout="columns")
    assert not any("svg" in one.proto.json for one in at.get("bidi_component"))


def test_the_page_of_parameters_works_the_share_out_and_links_the_figure() -> None:
    at = visit("parameters")
    assert "He et al. 2015, section 3.3: 18 %." in prose(at)
    links = [one.proto for one in at.get("page_link")]
    assert any("layout=columns" in link.query_string for link in links)
