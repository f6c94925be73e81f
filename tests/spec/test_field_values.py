"""A spec cannot be invalid: each field takes what means one of its values, keeps it plain, and refuses the rest."""

import copy
import dataclasses
import math
from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from functools import partial
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz import describe, lower, preset
from resnet_viz.errors import SpecError
from resnet_viz.spec.codec import from_json, to_json, to_query
from resnet_viz.spec.enums import DimMatch, Norm, Order, StrideOn
from resnet_viz.spec.fields import FIELDS, Flag, Number, Sides, Whole, WholePerStage, Word
from resnet_viz.spec.image_size import ImageSize
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec, VggSpec

BASES: Final[dict[type[AnySpec], dict[str, Any]]] = {
    NetSpec: {"blocks": (1, 1), "widths": (64, 64), "block": "bottleneck"},
    VggSpec: {"blocks": (1, 1), "widths": (64, 64)},
}
CHANNELS: Final = "in_channels is a whole number from 1 to 64"
EVERY: Final = [(kind, name) for kind in BASES for name in kind.__dataclass_fields__]


class Mixed(str, Enum):  # noqa: UP042 - as older programs have it
    FULL = "full_preact"


class Count(IntEnum):
    TWO = 2


class Foreign(StrEnum):
    FULL = "full_preact"
    NONE = "nonsense"


NOTHING: Final[list[Any]] = [
    None, b"batch", object(), {}, {"a": 1}, {1}, [[1, 2], [3, 4]], ((1,),), "nonsense", "", "yes", "1.5", 1j, ...,
    math.nan, math.inf, -math.inf, -99, 10**30, -(10**5_000), [10**5_000], Decimal(1), (), [], [None], (True, False),
    range(0), int, np.array([[1]]), np.array(["a"]), np.array(None), np.float32("nan"), Foreign.NONE, deque([None]),
]  # fmt: skip
"""Values that hardly any field has; where one has, its kind says so."""


def right(name: str) -> list[tuple[Any, Any]]:
    """Pairs of what is given to a field and what the spec holds."""
    match FIELDS[name]:
        case Word(words):
            members = [member for member in words if name != "block" or member == "bottleneck"]
            return [pair for m in members for pair in ((m, m), (m.value, m), (np.str_(m.value), m))]
        case Whole(low, _high):
            n = max(low, 64)
            return [(form(n), n) for form in (int, np.int64, np.uint16, np.array)]
        case Sides():
            pair, given_sides = (
                ImageSize(8, 9),
                ((8, 9), [8, 9], np.array([8, 9]), "8x9", np.str_("8 × 9"), "8,9", "8*9"),
            )
            squares = [(form(64), 64) for form in (int, np.int64, np.array, str)]
            return [*squares, ((64, 64), 64), ("64X64", 64), *((sides, pair) for sides in given_sides)]
        case Number():
            near = float(np.float32(0.7))
            return [(0.7, 0.7), (np.float64(0.7), 0.7), (np.float32(0.7), near), (np.array(0.7), 0.7)]
        case Flag():
            return [(form(flag), flag) for flag in (True, False) for form in (bool, int, np.bool_, np.array)]
        case WholePerStage(may_be_empty=True):
            return [((2,), (2,)), ([2], (2,)), (np.array([2]), (2,)), (deque([Count.TWO]), (2,)), ([], ())]
        case WholePerStage():
            two = (64, 64)
            return [(form(two), two) for form in (tuple, list, np.array, deque)] + [((Count.TWO, np.int8(3)), (2, 3))]
        case kind:
            raise AssertionError(f"right and wrong values of {kind} are missing here")


def wrong(name: str) -> list[Any]:
    """Values that a field refuses: the general ones, and those that look like its own."""
    match FIELDS[name]:
        case Word(words):
            return [*NOTHING, 0, True, words, [next(iter(words))], next(iter(words)).name, " none"]
        case Whole(low, high):
            return [
                *NOTHING,
                low - 1,
                high + 1,
                float(high),
                np.float64(64),
                Fraction(64),
                True,
                np.bool_(1),
                "64",
                [64],
                np.ones(1),
            ]
        case Sides():
            texts = ["0x9", "9x4097", "9x", "x9", "9x9x9", "1,024", "09x9", "9x-9", "9.0x9", "224 px", "1e2", "-1"]
            pairs = [
                (0, 9),
                (9, 4097),
                (9, 9, 9),
                (9,),
                (9.0, 9),
                ("9", 9),
                (True, 9),
                [[9, 9]],
                np.ones((2, 2)),
                {8, 9},
            ]
            return [*NOTHING, *texts, *pairs, 0, 4097, 64.0, np.float64(64), True]
        case Number(low, high):
            return [*NOTHING, low - 0.1, high + 0.1, True, np.bool_(1), "0.7", [0.7], np.ones(1), np.float64("inf")]
        case Flag():
            return [*NOTHING, 2, -1, 1.0, "true", "True", "1", [True], np.ones(1), np.float64(1)]
        case WholePerStage(may_be_empty=True):
            nothing = [value for value in NOTHING if not is_empty(value)]
            return [*nothing, 2, "2", b"2", [2.0], [True], ["2"], {2}, iter([2]), (1,), (5,), (2, 2), [[2]], range(9)]
        case WholePerStage():
            return [
                *NOTHING,
                2,
                "1,1",
                b"11",
                [1.0, 2.0],
                [True, 1],
                ["1", "1"],
                {1, 2},
                iter([1, 1]),
                (0, 1),
                (1,) * 7,
            ]
        case kind:
            raise AssertionError(f"right and wrong values of {kind} are missing here")


def is_empty(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes) and len(value) == 0


def plain_types(value: Any) -> bool:
    if type(value) in (tuple, ImageSize):
        return all(type(each) is int for each in value)
    return isinstance(value, StrEnum) or type(value) in (bool, int, float)


def made(kind: type[AnySpec], **fields: Any) -> AnySpec:
    return kind(**BASES[kind] | fields)


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_every_field_takes_what_means_one_of_its_values_and_keeps_it_plain(kind: type[AnySpec], name: str) -> None:
    for given_value, kept in right(name):
        needed = {"dim_match": "zero_pad"} if name == "shortcut" else {}  # option C goes with identities alone
        spec, plain = made(kind, **needed, **{name: given_value}), made(kind, **needed, **{name: kept})
        value = getattr(spec, name)
        assert (value, type(value)) == (kept, type(kept))
        assert all(plain_types(getattr(spec, field)) for field in spec.__dataclass_fields__)
        assert spec == plain
        assert hash(spec) == hash(plain)
        assert made(kind, **needed).replace(**{name: given_value}) == plain
        assert describe(spec) == describe(plain)
        assert to_query(spec) == to_query(plain)
        assert copy.deepcopy(spec) == plain
        if not isinstance(given_value, np.generic | np.ndarray):  # the rest is what JSON can hold
            assert from_json({**to_json(spec), name: given_value}) == plain


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_every_field_refuses_all_else_by_its_name(kind: type[AnySpec], name: str) -> None:
    spec = made(kind)
    for value in wrong(name):
        changes = {name: value}
        makers: tuple[Callable[[], AnySpec], ...] = (
            partial(kind, **BASES[kind] | changes),
            partial(spec.replace, **changes),
            partial(preset, "vgg16" if kind is VggSpec else "resnet50", **changes),
            partial(from_json, to_json(spec) | changes),
        )
        for make in makers:
            with pytest.raises(SpecError) as refusal:
                make()
            message = str(refusal.value)
            assert name in message, value
            assert message.endswith(".") or "Near to it" in message
            assert len(message) < 300


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text(max_size=9)
    | st.binary(max_size=4) | st.decimals() | st.fractions() | st.sampled_from([*Order, *Norm, *Foreign])
    | st.sampled_from([*Mixed, *Count])
    | st.sampled_from([np.int8(3), np.float32(0.5), np.bool_(True), np.str_("none"), np.array(2), np.array([2, 2])]),
    lambda inner: st.lists(inner, max_size=7) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=9,
)  # fmt: skip


@given(st.sampled_from(EVERY), ANYTHING)
@settings(deadline=None, max_examples=400)
def test_any_value_makes_a_sound_net_or_a_message(field: tuple[type[AnySpec], str], value: Any) -> None:
    kind, name = field
    try:
        spec = made(kind, **{name: value})
    except SpecError:
        return
    assert all(plain_types(getattr(spec, each)) for each in spec.__dataclass_fields__)
    assert from_json(to_json(spec)) == spec
    assert lower(spec).nodes


def test_a_word_gives_the_net_of_its_member() -> None:
    assert describe(preset("resnet50", stride_on="first_1x1"))["macs"] == 3_857_973_248  # He et al. 2015: 3.8 GFLOPs
    assert describe(preset("resnet50", stride_on=StrideOn.FIRST_1X1))["macs"] == 3_857_973_248
    assert preset("resnet18", dim_match="projection_everywhere") == preset(
        "resnet18", dim_match=DimMatch.PROJECTION_EVERYWHERE
    )
    assert preset("resnet50", order=Mixed.FULL) == preset("resnet50", order=Foreign.FULL) == preset("preact_resnet50")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"norm": "nonsense"}, "norm is one of batch, none; got 'nonsense'."),
        ({"dim_match": "B"}, "dim_match is one of zero_pad, projection, projection_everywhere; got 'B'."),
        ({"conv_bias": "yes"}, "conv_bias is one of true, false; got 'yes'."),
        ({"in_channels": 3.0}, f"{CHANNELS}; got 3.0."),
        ({"num_classes": None}, "num_classes is a whole number from 2 to 100,000; got 'None'."),
        ({"dropout": math.nan}, "dropout is a number from 0 up to but not including 1; got nan."),
        ({"blocks": "3,4,6,3"}, "blocks is a list of whole numbers, such as (3, 4, 6, 3); got '3,4,6,3'."),
        ({"blocks": [3, 4, 6.0, 3]}, "blocks is a whole number from 1 to 1,000; got 6.0."),
        ({"in_channels": 10**5_000}, f"{CHANNELS}; got a number of thousands of digits."),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field_the_allowed_values_and_the_given_one(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as refusal:
        preset("resnet50", **changes)
    assert str(refusal.value) == message


@pytest.mark.parametrize("name", ["resnet50", "vgg16"])
def test_a_copy_cannot_change_a_field_that_there_is_not(name: str) -> None:
    with pytest.raises(SpecError, match="has no field 'layers'; its fields are"):
        preset(name).replace(layers=3)
    with pytest.raises(SpecError, match="has no field 'layers'; its fields are"):
        preset(name, layers=3)


@pytest.mark.parametrize("name", [None, 50, b"resnet50", ["resnet50"], {}])
def test_a_name_of_another_kind_is_refused(name: Any) -> None:
    with pytest.raises(SpecError, match="net is the name of a net, such as resnet50; got "):
        preset(name)


@pytest.mark.parametrize("act", [describe, lower])
@pytest.mark.parametrize("value", ["resnet50", None, {"net": "resnet50"}])
def test_what_is_no_spec_is_refused_where_one_is_needed(act: Callable[[Any], object], value: Any) -> None:
    with pytest.raises(SpecError, match=r"spec is a NetSpec or a VggSpec, such as preset\('resnet50'\); got "):
        act(value)


def test_no_field_of_a_spec_is_without_a_kind() -> None:
    assert {field.name for kind in BASES for field in dataclasses.fields(kind)} == set(FIELDS)
