"""The count of He et al. 2015, fig. 5, and what its switches do to it."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.visiting import change, is_plain, is_whole, prose, value, visit, warnings


def counts(**query: str) -> tuple[str, ...]:
    return tuple(metric.value for metric in visit("parameters", **query).metric)


def test_two_layers_of_64_against_three_that_carry_256() -> None:
    assert counts() == ("73,728", "69,632")  # 2·3·3·64·64; 256·64 + 3·3·64·64 + 64·256


def test_norms_add_two_numbers_per_channel() -> None:
    # torchvision: layer1.0 of resnet18, layer1.1 of resnet50
    assert counts(norm="true") == ("73,984", "70,400")


def test_a_projection_nearly_doubles_the_bottleneck() -> None:
    assert counts(projection="true")[1] == "135,168"  # + 256·256: He et al. 2015, section 4.1


def test_biases_add_one_number_per_channel() -> None:
    assert counts(bias="true") == ("73,856", "70,016")  # + 64 + 64; + 64 + 64 + 256


def test_the_switches_write_the_address() -> None:
    at = visit("parameters")
    change(at, "norm", True)
    assert (at.query_params, at.metric[1].value) == ({"norm": "true"}, "70,400")
    change(at, "bottleneck_width", 128)
    assert at.query_params == {"norm": "true", "bottleneck_width": "128"}
    change(at, "norm", False)
    change(at, "bottleneck_width", 64)
    assert (at.query_params, at.metric[1].value) == ({}, "69,632")


def test_a_basic_block_as_wide_would_cost_seventeen_times_as_much() -> None:
    assert "1,179,648" in prose(visit("parameters"))  # 2·3·3·256·256


def test_the_comparison_over_the_width_follows_the_switches() -> None:
    at = visit("parameters", norm="true")
    assert "exactly **1,184** parameters at **w = 8**" in prose(at)
    change(at, "bias", True)
    assert "exactly **2,664** parameters at **w = 12**" in prose(at)
    change(at, "equal", "channels")
    assert "288/17 = 16.94" in prose(at)
    assert at.query_params == {"norm": "true", "bias": "true", "equal": "channels"}


def test_macs_are_those_of_the_map_that_is_chosen() -> None:
    at = visit("parameters", side="7")
    assert [r"18w^2 \cdot 7^2 = 3{,}612{,}672" in one.value for one in at.latex].count(True) == 1  # 73,728 · 49
    change(at, "side", 56)
    assert any("218{,}365{,}952" in one.value for one in at.latex)  # 69,632 · 3,136
    assert at.query_params == {}


def test_the_published_tables_are_met_to_their_last_digit() -> None:
    rows = visit("parameters").dataframe[0].value.to_dict("records")
    exact = {row["net"]: row for row in rows if row["source"].startswith("torchvision")}
    assert exact["resnet50"]["our params"] == 25_557_032  # torchvision 0.29.2
    assert {row["params, difference"] for row in exact.values()} == {"0"}


@pytest.mark.parametrize(
    ("family", "depths"),
    [
        ("imagenet", ["2·8 + 2 = 18", "2·16 + 2 = 34", "3·16 + 2 = 50", "3·33 + 2 = 101", "3·50 + 2 = 152"]),
        ("cifar", ["6·2 + 4 = 16", "6·4 + 4 = 28", "6·6 + 4 = 40"]),
    ],
)
def test_depths_are_worked_out_for_the_chosen_family(family: str, depths: list[str]) -> None:
    table = visit("parameters", family=family).dataframe[1].value
    assert list(table["depth"])[-len(depths) :] == depths


def test_another_table_of_results_is_written_to_the_address() -> None:
    at = change(visit("parameters"), "results", "he2015_table6")
    assert at.query_params == {"results": "he2015_table6"}
    assert "ResNet-56 has the smallest test error, 6.97 %" in prose(at)  # He et al. 2015, table 6, of nets run once
    assert "ResNet-110 (6.43: best of 5 runs)" in prose(at)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"results": "table_7"}, "results is one of he2015_table3, "),
        ({"basic_width": "0"}, "basic_width is a whole number from 1 to 2,048; got 0."),
        ({"basic_width": "2049"}, "basic_width is a whole number from 1 to 2,048; got 2,049."),
        ({"bottleneck_width": "wide"}, "bottleneck_width is a whole number from 1 to 2,048; got 'wide'."),
        ({"bottleneck_width": "64.5"}, "bottleneck_width is a "),
        ({"norm": "yes"}, "norm is one of true, false; got 'yes'."),
        ({"side": "1025"}, "side is a whole number from 1 to 1,024; got 1,025."),
        ({"equal": "depth"}, "equal is one of width, channels; got 'depth'."),
        ({"scale": "sqrt"}, "scale is one of log, linear; got 'sqrt'."),
    ],
)
def test_a_wrong_number_is_told_and_the_default_counted(query: dict[str, str], told: str) -> None:
    at = visit("parameters", **query)
    assert is_whole(at)
    assert [sentence.startswith(told) for sentence in warnings(at)] == [True], warnings(at)
    assert [metric.value for metric in at.metric] == ["73,728", "69,632"]


RESNET_18 = ("11,689,512", "11,181,642", "11,173,962", "11,178,378")  # torchvision twice, kuangliu's CIFAR net, d2l.ai


def test_without_a_clue_the_four_nets_called_resnet_18_are_told_apart() -> None:
    text = prose(visit("parameters"))
    for count in RESNET_18:
        assert f"**{count}**" in text
    assert "resnet18 (11,689,512) with a 3×3 stem without max pool (−7,680), 10 classes (−507,870)" in text
    assert "convolution biases (+4,800), no norms after projections (−1,792), grey images (−6,272)" in text


@pytest.mark.parametrize("clue", ["11,181,642", "11181642", "11_181_642", " 11 181 642 "])
def test_a_count_may_be_typed_with_commas_and_without(clue: str) -> None:
    text = prose(visit("parameters", which=clue))
    assert "**11,181,642**: resnet18 (11,689,512) with 10 classes (−507,870)" in text
    assert RESNET_18[2] not in text


def identified(at: AppTest) -> list[Any]:
    """The links to the nets that fit a clue, without the one to the figure of columns."""
    return [link.proto for link in at.get("page_link") if "layout=columns" not in link.proto.query_string]


def test_a_clue_is_kept_in_the_address_and_links_lead_to_the_net() -> None:
    at = change(visit("parameters"), "which", "ResNet-50")
    assert at.query_params == {"which": "ResNet-50"}
    assert value(at, "example") == "ResNet-50"
    links = {link.label: link.query_string for link in identified(at)}
    assert links == {"resnet50": "net=resnet50", r"resnet50\_v1": "net=resnet50_v1"}
    change(at, "which", "11,173,962")
    (link,) = identified(at)
    assert link.query_string == "net=resnet18&stem=cifar&num_classes=10"


def test_an_example_fills_the_field_and_taken_back_empties_it() -> None:
    at = change(visit("parameters"), "example", "WRN-28-10")
    assert (at.query_params, value(at, "which")) == ({"which": "WRN-28-10"}, "WRN-28-10")
    assert "**36,479,194**" in prose(at)
    change(at, "example", None)
    assert (at.query_params, value(at, "which")) == ({}, "")


@pytest.mark.parametrize(
    ("clue", "told"),
    [
        ("25,636,712", "**25,636,712**: resnet50 (25,557,032) with convolution biases (+26,560). With 53,120 running"),
        ("16410152", "**16,410,152**: resnet18 (11,689,512) with blocks=2,2,2,3 (+4,720,640)"),
        ("23.53M", "**23,528,522**: resnet50 (25,557,032) with 10 classes (−2,028,510)"),
        ("4.1 GFLOPs", "**4,089,184,256**: ResNet-50 at 224 px; MACs"),
        ("8.2G", "**8,178,368,512**: ResNet-50 at 224 px; 2 × MACs"),
        ("8.2G", "| fvcore 0.1.5 | 4,111,512,576 |"),
        ("WRN-34-10", "**46,160,474**: "),
        ("resnet20", "with projections, as many programs have it, it is dim_match=projection"),
    ],
)
def test_counts_names_and_work_are_identified(clue: str, told: str) -> None:
    at = visit("parameters", which=clue)
    assert is_whole(at)
    assert warnings(at) == []
    assert told in prose(at)


@pytest.mark.parametrize(
    ("clue", "told"),
    [
        ("12345", "No known network has 12,345 parameters"),
        ("ResNet-51", "No net is called 'ResNet-51'. Near to it: "),
        ("**bold** [x](http://x.example)", "No net is called '**bold** [x](http://x.example)'."),
        ("9" * 5_000, "'999"),
    ],
)
def test_a_clue_that_fits_no_net_is_told_and_the_page_goes_on(clue: str, told: str) -> None:
    at = visit("parameters", which=clue)
    assert is_whole(at)
    assert any(sentence.startswith(told) for sentence in warnings(at)), warnings(at)
    assert all(is_plain(warning.value) for warning in at.warning)
