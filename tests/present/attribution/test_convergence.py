"""What is said of deltas and of agreement follows the numbers, constructed ones above all."""

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest

from resnet_viz.attribution.method import Method
from resnet_viz.attribution.methods import METHODS
from resnet_viz.attribution.net_result import MethodMap, NetDepth
from resnet_viz.attribution.query import Topic
from resnet_viz.attribution.result import DepthResult, MapsResult
from resnet_viz.present.attribution.convergence import (
    LADDER,
    count_parameter,
    counts_after,
    delta_text,
    depth_share,
    gallery_notes,
    map_share,
    share_of,
    share_text,
    split_error_text,
    worst_share,
)
from resnet_viz.present.attribution.text import map_notes
from tests.fakes.attribution_results import fake_result, query_of

IG = METHODS["integrated_gradients"]


def maps_with(method: Method, *deltas: float, total: float = 10.0) -> MapsResult:
    """Maps that sum to `total`, with these deltas."""
    found = fake_result(query_of(Topic.MAPS, method.name))
    assert isinstance(found, MapsResult)
    values = np.full((1, 2, 5), total / 10, np.float32)
    maps = tuple(
        replace(own, maps=(MethodMap(method=method.name, layer=None, delta=delta, values=values),))
        for own, delta in zip(found.maps, deltas, strict=True)
    )
    return replace(found, maps=maps)


def with_agreement(signed: float, absolute: float) -> str:
    found = fake_result(query_of(Topic.MAPS, "saliency"))
    assert isinstance(found, MapsResult)
    pairs = tuple(replace(pair, signed=signed, absolute=absolute) for pair in found.agreement)
    return map_notes(replace(found, agreement=pairs), METHODS["saliency"], {})[0]


@pytest.mark.parametrize(
    ("signed", "words"),
    [
        (1.0, "maps agree:"),
        (0.7, "maps agree:"),
        (0.5, "maps agree in part:"),
        (0.0, "maps hardly agree:"),
        (-0.29, "maps hardly agree:"),
        (-0.5, "maps are opposite in part:"),
        (-0.7, "maps are opposite:"),
        (-1.0, "maps are opposite:"),
    ],
)
def test_opposite_maps_do_not_agree(signed: float, words: str) -> None:
    note = with_agreement(signed, 1.0)
    assert words in note
    assert f"{signed:.2f}" in note


def test_maps_without_an_order_have_no_agreement() -> None:
    assert "no rank correlation" in with_agreement(nan, nan)


def test_the_share_of_a_delta_is_that_of_the_difference_and_not_of_the_sum() -> None:
    assert map_share(maps_with(IG, 5.0, 0.0).maps[0].of(IG.name)) == pytest.approx(1.0)  # 10 = 5 + delta of 5
    assert map_share(maps_with(IG, -30.0, 0.0).maps[0].of(IG.name)) == pytest.approx(0.75)
    assert (share_of(0.0, 0.0), share_of(1e-9, 0.0), share_of(-2.0, -4.0)) == (0.0, inf, 0.5)


@pytest.mark.parametrize("name", ["integrated_gradients", "layer_conductance", "gradient_shap", "deep_lift"])
def test_a_delta_beyond_five_percent_is_said_to_be_one_and_a_smaller_one_is_not(name: str) -> None:
    method = METHODS[name]
    small, large = (delta_text(maps_with(method, 0.0, delta), method, {}) for delta in (0.4, 0.6))  # 4.2 % and 6.4 %
    assert "4.2 %" in small
    assert "does not add up" not in small
    assert "6.4 %" in large
    assert "does not add up" in large


def test_no_text_makes_a_law_of_more_steps() -> None:
    for method in METHODS.values():
        text = delta_text(maps_with(method, 5.0, 5.0), method, {})
        assert "more steps reduce" not in text
        assert "more steps make" not in text
    assert "not each larger number does" in delta_text(maps_with(IG, 5.0, 5.0), IG, {})


def test_the_steps_of_a_delta_are_told() -> None:
    assert "delta at 100 steps:" in delta_text(maps_with(IG, 0.1, 0.1), IG, {"steps": 100})
    shap = METHODS["gradient_shap"]
    assert "delta at 60 samples:" in delta_text(maps_with(shap, 0.1, 0.1), shap, {"samples": 60, "noise": 0.1})


def test_the_steps_to_try_are_the_larger_ones_of_the_ladder() -> None:
    assert counts_after(10, 500) == LADDER
    assert counts_after(50, 500) == (100, 200, 300, 400, 500)
    assert counts_after(200, 400) == (300, 400)
    assert counts_after(500, 500) == ()


def test_steps_and_samples_refine_a_map_and_nothing_else_does() -> None:
    names = {name: parameter.name for name, method in METHODS.items() if (parameter := count_parameter(method))}
    assert {name: names.get(name) for name, method in METHODS.items() if method.has_delta} == {
        "integrated_gradients": "steps",
        "gradient_shap": "samples",
        "deep_lift": None,
        "layer_conductance": "steps",
    }


def test_the_worst_of_both_nets_counts() -> None:
    assert worst_share(maps_with(IG, 0.1, -2.5), IG.name) == pytest.approx(0.2)
    assert worst_share(maps_with(IG, 0.0, 0.0, total=0.0), IG.name) == 0.0


def test_the_gallery_names_the_maps_that_do_not_add_up() -> None:
    (note,) = gallery_notes(maps_with(IG, 0.1, 5.0), [IG])
    assert "resnet20" in note
    assert "plain20" not in note
    assert gallery_notes(maps_with(IG, 0.1, 0.1), [IG]) == []


@pytest.mark.parametrize(
    ("share", "text"), [(0.0123, "1.2 %"), (0.61, "61 %"), (0.99999, "100 %"), (1.5, "150 %"), (inf, "more than 10")]
)
def test_shares_are_percentages(share: float, text: str) -> None:
    assert share_text(share).startswith(text)


def depths(change: float, error: float) -> tuple[str, float]:
    found = fake_result(query_of(Topic.DEPTH))
    assert isinstance(found, DepthResult)
    own: NetDepth = replace(found.depths[1], change=change, share_delta=error)
    return split_error_text(found.nets[1], own), depth_share([own])


def test_the_split_over_depth_says_when_its_sums_are_off() -> None:
    text, share = depths(8.0, 0.25)
    assert share == pytest.approx(0.03125)
    assert "3.1 % of it" in text
    assert "Above 5 %" not in text
    assert "Above 5 %" in depths(8.0, 3.9)[0]  # ResNet-56 with 50 steps: half of the change
