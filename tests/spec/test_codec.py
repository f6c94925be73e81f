"""Address, JSON and text to a spec and back; whatever else they hold ends in a sentence."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resnet_viz.errors import SpecError
from resnet_viz.spec.codec import FIELDS, format_field, from_json, from_query, parse_field, to_json, to_query
from resnet_viz.spec.enums import Order
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset, preset_names
from resnet_viz.spec.vgg import VGG, AnySpec, VggSpec
from tests.fakes.spec_strategies import small_vggs, specs

PREFIXES = st.sampled_from(["", "b."])
NAMES = ["resnet50", "cifar_resnet20", "full_preact", "true"]
NUMBERS = ["3,4,6,3", "-1", "0", "999999", "1e9", "nan", "\N{ARABIC-INDIC DIGIT THREE}"]
WORDS = [*NAMES, *NUMBERS, "{}", "%s"]
TEXTS = st.text(max_size=80) | st.sampled_from(WORDS)
QUERIES = st.dictionaries(st.sampled_from(["net", *FIELDS, "b.net", "b.order"]) | st.text(max_size=20), TEXTS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def outcome(act: Callable[[], Any]) -> Any:
    """What `act` returns, or the sentence with which it refuses."""
    try:
        return act()
    except SpecError as refusal:
        return str(refusal)


@given(specs() | small_vggs(), PREFIXES)
@settings(deadline=None)
def test_an_address_reads_back_as_the_spec_it_was_written_from(spec: AnySpec, prefix: str) -> None:
    query = to_query(spec, prefix=prefix)
    assert all(name.startswith(prefix) for name in query)
    assert from_query(query, default="resnet18", prefix=prefix) == spec


@given(specs(), st.sampled_from([name for name in preset_names() if name not in VGG]))
@settings(deadline=None)
def test_an_address_may_be_written_from_any_preset(spec: NetSpec, base: str) -> None:
    query = to_query(spec, base=base)
    assert query["net"] == base
    assert from_query(query, default="resnet18") == spec


@given(specs(), specs())
@settings(deadline=None, max_examples=50)
def test_two_nets_share_one_address(first: NetSpec, second: NetSpec) -> None:
    query = to_query(first) | to_query(second, prefix="b.")
    assert from_query(query, default="resnet18") == first
    assert from_query(query, default="resnet18", prefix="b.") == second


@given(specs() | small_vggs())
@settings(deadline=None)
def test_json_reads_back_as_the_spec_it_was_written_from(spec: AnySpec) -> None:
    assert from_json(json.loads(json.dumps(to_json(spec)))) == spec


@given(specs() | small_vggs())
@settings(deadline=None)
def test_every_field_reads_back_from_its_text(spec: AnySpec) -> None:
    for name in spec.__dataclass_fields__:
        assert parse_field(name, format_field(getattr(spec, name))) == getattr(spec, name)


def test_every_field_of_a_spec_has_a_text() -> None:
    assert set(FIELDS) == {*NetSpec.__dataclass_fields__, *VggSpec.__dataclass_fields__}


def test_an_address_holds_the_preset_and_what_differs_and_nothing_else() -> None:
    assert to_query(preset("resnet50")) == {"net": "resnet50"}
    changed = preset("resnet50", order=Order.BN_AFTER_ADD)
    assert to_query(changed) == {"net": "resnet50", "order": "bn_after_add"}
    assert to_query(preset("resnet50", order=Order.FULL_PREACT)) == {"net": "preact_resnet50"}
    assert to_query(preset("resnet50", cardinality=32, width_per_group=4)) == {"net": "resnext50_32x4d"}
    assert to_query(preset("resnet50", dilated_stages=(3, 4))) == {"net": "resnet50", "dilated_stages": "3,4"}
    assert to_query(preset("resnet18", projection_norm=False)) == {"net": "resnet18", "projection_norm": "false"}
    assert to_query(preset("wrn_28_2")) == {"net": "wrn_28_10", "width_per_group": "128"}
    assert to_query(preset("resnet34"), prefix="b.") == {"b.net": "resnet34"}


def test_an_address_without_a_net_means_the_default_and_leaves_others_names_alone() -> None:
    assert from_query({"utm_source": "x", "b.net": "resnet34"}, default="resnet18") == preset("resnet18")


@given(QUERIES, PREFIXES)
@settings(deadline=None, max_examples=300)
@example({"net": "cifar_resnet" + "9" * 6}, "")
@example({"net": "resnet50\n"}, "")
@example({"blocks": ","}, "")
@example({"blocks": "1,2,3,4,5,6,7"}, "")
@example({"image_size": "-0"}, "")
@example({"image_size": "\N{FULLWIDTH DIGIT TWO}\N{FULLWIDTH DIGIT TWO}\N{FULLWIDTH DIGIT FOUR}"}, "")
@example({"widths": "64,128,256,999999"}, "")
@example({"net": "resnet50", "dilated_stages": ""}, "")
@example({"net": "resnet50", "dilated_stages": "4,3"}, "")
@example({"net": "resnet50", "dilated_stages": "-1,999999"}, "")
@example({"net": "resnet50", "dilated_stages": ","}, "")
@example({"net": "resnext50_32x4d", "cardinality": "999999", "width_per_group": "999999"}, "")
@example({"net": "resnext50_32x4d", "block": "basic"}, "")
@example({"net": "wrn_9999_999"}, "")
@example({"net": "wrn_0028_0"}, "")
@example({"b.net": "wrn_28_10", "b.widths": "17,31,63", "b.width_per_group": "63"}, "b.")
def test_a_hostile_address_makes_a_spec_or_a_sentence(query: dict[str, str], prefix: str) -> None:
    made = outcome(lambda: from_query(query, default="resnet18", prefix=prefix))
    if isinstance(made, str):
        assert made.endswith(".")
        assert len(made) < 400
    else:
        assert from_query(to_query(made), default="resnet18") == made


@given(JSON)
@settings(deadline=None)
def test_hostile_json_makes_a_spec_or_a_sentence(value: Any) -> None:
    for fields in (value, {"blocks": [1], "widths": value}, {"blocks": [1], "widths": [8], "image_size": value}):
        for net in (fields, {"blocks": [2], "widths": [8], "order": value}):
            made = outcome(partial(from_json, net))
            assert made.endswith(".") if isinstance(made, str) else from_json(to_json(made)) == made


@given(st.sampled_from(FIELDS), TEXTS)
@settings(deadline=None)
def test_a_wrong_value_is_refused_by_the_name_of_its_field(name: str, text: str) -> None:
    made = outcome(lambda: parse_field(name, text))
    if isinstance(made, str) and made.endswith("."):
        assert made.startswith(f"{name} is ")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("norm", "layer", "norm is one of batch, none; got 'layer'."),
        ("conv_bias", "maybe", "conv_bias is one of true, false; got 'maybe'."),
        ("image_size", "big", "image_size is a whole number, or height x width such as 480x640; got 'big'."),
        ("blocks", "3;4", "blocks is one whole number a stage with commas between, such as 3,4,6,3; got '3;4'."),
        ("blocks", "", "blocks is one whole number a stage with commas between, such as 3,4,6,3; got ''."),
        ("cardinality", "", "cardinality is a whole number; got ''."),
        ("width_per_group", "4.5", "width_per_group is a whole number; got '4.5'."),
        ("projection_norm", "batch", "projection_norm is one of true, false; got 'batch'."),
        (
            "dilated_stages",
            "last",
            "dilated_stages is one whole number a stage with commas between, such as 3,4,6,3; got 'last'.",
        ),
        ("blocks", "1,1,1,1,1,1,1", "blocks is at most 6 numbers; got '1,1,1,1,1,1,1'."),
    ],
)
def test_a_wrong_value_is_refused_with_the_allowed_ones(name: str, text: str, said: str) -> None:
    with pytest.raises(SpecError) as refusal:
        parse_field(name, text)
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    "text", ["3,4,6,3", "3, 4, 6, 3", "[3,4,6,3]", "(3, 4, 6, 3)", "(3,4,6,3,)", "3 4 6 3", " [3 4 6 3] "]
)
def test_a_list_is_read_as_people_write_it(text: str) -> None:
    assert parse_field("blocks", text) == (3, 4, 6, 3)


@pytest.mark.parametrize("text", ["3,4 6,3", "3,,4", "[3,4", "3,4]", "((3,4))", "[3](4)", "3;4", "[]", "3.4"])
def test_what_is_no_list_of_whole_numbers_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match=r"^blocks is one whole number a stage with commas between"):
        parse_field("blocks", text)


@pytest.mark.parametrize("text", ["", "()", "[]", "[ ]"])
def test_no_dilated_stage_may_be_written_as_an_empty_list(text: str) -> None:
    assert parse_field("dilated_stages", text) == ()


@pytest.mark.parametrize(("text", "number"), [("1,000", 1000), ("21,841", 21841), ("1000", 1000)])
def test_a_whole_number_may_have_the_commas_with_which_it_is_shown(text: str, number: int) -> None:
    assert parse_field("num_classes", text) == number


@pytest.mark.parametrize("text", ["1,00", "10,00", "0,100", "1,000.0", ",100", "1,0000", "1 000", "1e3"])
def test_other_commas_make_no_number(text: str) -> None:
    with pytest.raises(SpecError, match=r"^num_classes is a whole number; got"):
        parse_field("num_classes", text)


@pytest.mark.parametrize("text", ["(480, 640)", "[480,640]", "480,640", "480x640"])
def test_height_and_width_may_be_a_pair(text: str) -> None:
    assert parse_field("image_size", text) == (480, 640)


def test_an_unknown_field_is_refused_with_the_fields_that_there_are() -> None:
    with pytest.raises(SpecError, match=r"A net has no field 'layers'; its fields are stem, block, .*num_classes\."):
        parse_field("layers", "50")


@pytest.mark.parametrize("fields", [[], "net", None, {"blocks": [2]}, {}])
def test_json_that_is_no_net_is_refused(fields: Any) -> None:
    with pytest.raises(SpecError, match="A net is an object with at least blocks and widths"):
        from_json(fields)


def test_a_flag_is_no_number_and_a_number_no_flag() -> None:
    with pytest.raises(SpecError, match="image_size is a whole number"):
        from_json({"blocks": [2], "widths": [8], "image_size": True})
    with pytest.raises(SpecError, match="conv_bias is one of true, false"):
        from_json({"blocks": [2], "widths": [8], "conv_bias": 3})


def test_no_dilation_is_an_empty_text_and_an_empty_list() -> None:
    assert parse_field("dilated_stages", "") == ()
    assert format_field(()) == ""
    assert from_json({"blocks": [1, 1], "widths": [8, 8], "dilated_stages": []}) == NetSpec(
        blocks=(1, 1), widths=(8, 8)
    )
    dilated = to_json(preset("resnet50", dilated_stages=(3, 4)))
    assert dilated["dilated_stages"] == [3, 4]
    spaced = from_query({"net": "resnet50", "dilated_stages": " 3, 4"}, default="resnet18")
    assert spaced == preset("resnet50", dilated_stages=(3, 4))


def test_json_from_before_groups_and_dilation_reads_as_it_was_meant() -> None:
    new = {"cardinality", "width_per_group", "dilated_stages", "projection_norm"}
    for name in ("resnet50", "cifar_resnet20", "preact_resnet18"):
        old = {field: value for field, value in to_json(preset(name)).items() if field not in new}
        assert from_json(old) == preset(name)
