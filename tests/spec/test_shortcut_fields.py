"""The kinds of shortcuts of He et al. 2016, fig. 2, as texts: what is refused, addresses, JSON, the command line."""

import math
from typing import Any

import pytest

from resnet_viz.cli.main import main
from resnet_viz.errors import SpecError
from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import torchvision_names
from resnet_viz.spec.codec import format_field, from_json, from_query, parse_field, to_json, to_query
from resnet_viz.spec.enums import DimMatch, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset

OF_2016 = [kind for kind in Shortcut if kind not in (Shortcut.NONE, Shortcut.IDENTITY)]
ON_TOP = [kind for kind in OF_2016 if kind is not Shortcut.CONV1X1]
NUMBERS = ("shortcut_scale", "residual_scale", "gate_bias", "dropout")
ONE_STAGE: dict[str, Any] = {"blocks": (2,), "widths": (16,), "stem": Stem.CIFAR, "image_size": 32}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shortcut_scale": -0.1}, "shortcut_scale is a number from 0 to 10; got -0.1."),
        ({"shortcut_scale": 11.0}, "shortcut_scale is a number from 0 to 10; got 11."),
        ({"shortcut_scale": math.nan}, "shortcut_scale is a number from 0 to 10; got nan."),
        ({"residual_scale": 0.0}, "residual_scale is a number above 0 and up to 10; got 0."),
        ({"residual_scale": math.inf}, "residual_scale is a number above 0 and up to 10; got inf."),
        ({"gate_bias": -20.5}, "gate_bias is a number from -20 to 20; got -20.5."),
        ({"gate_bias": -math.inf}, "gate_bias is a number from -20 to 20; got -inf."),
        ({"dropout": 1.0}, "dropout is a number from 0 up to but not including 1; got 1."),
        ({"dropout": -0.5}, "dropout is a number from 0 up to but not including 1; got -0.5."),
        ({"dropout": math.nan}, "dropout is a number from 0 up to but not including 1; got nan."),
    ],
)
def test_a_number_out_of_its_range_is_refused_with_the_range(changes: dict[str, Any], said: str) -> None:
    for kind in Shortcut:  # without effect or not
        with pytest.raises(SpecError) as refusal:
            NetSpec(**ONE_STAGE, shortcut=kind, **changes)
        assert str(refusal.value) == said


def test_the_ends_of_the_ranges_make_nets() -> None:
    NetSpec(**ONE_STAGE, shortcut=Shortcut.CONSTANT_SCALING, shortcut_scale=0.0, residual_scale=10.0)
    NetSpec(**ONE_STAGE, shortcut=Shortcut.EXCLUSIVE_GATING, gate_bias=-20.0)
    NetSpec(**ONE_STAGE, shortcut=Shortcut.DROPOUT, dropout=0.0)


@pytest.mark.parametrize("kind", OF_2016)
def test_option_c_leaves_no_shortcut_for_another_kind(kind: Shortcut) -> None:
    with pytest.raises(SpecError) as refusal:
        preset("resnet18", shortcut=kind, dim_match=DimMatch.PROJECTION_EVERYWHERE)
    assert str(refusal.value) == (
        "Option C (dim_match=projection_everywhere) puts a projection on every shortcut, so that none is left for "
        f"shortcut={kind}. Choose dim_match=projection or zero_pad, or shortcut=identity."
    )


@pytest.mark.parametrize("kind", OF_2016)
def test_zero_padding_still_cannot_take_channels_away(kind: Shortcut) -> None:
    with pytest.raises(SpecError, match="Zero padding"):
        NetSpec(blocks=(1, 1), widths=(64, 32), dim_match=DimMatch.ZERO_PAD, shortcut=kind)


@pytest.mark.parametrize(
    ("kind", "says"), [(k, "scaled, gated or dropped") for k in ON_TOP] + [("conv1x1", "option C")]
)
def test_torchvision_has_none_of_these_nets(kind: str, says: str) -> None:
    with pytest.raises(SpecError, match=f"torchvision has no counterpart.*{says}"):
        torchvision_names(lower(preset("resnet18", shortcut=Shortcut(kind))))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5"),
        (1.0, "1"),
        (-6.0, "-6"),
        (0.0, "0"),
        (-0.0, "0"),
        (1e-5, "1e-05"),
        (0.1 + 0.2, "0.30000000000000004"),
    ],
)
def test_a_number_has_one_short_text_that_reads_back_as_itself(value: float, text: str) -> None:
    assert format_field(value) == text
    assert parse_field("gate_bias", text) == value


@pytest.mark.parametrize(
    "text",
    [
        "nan",
        "inf",
        "-inf",
        "Infinity",
        "1e999",
        "1e3",
        "-1e+99",
        "1" * 4_000,
        "0x1p3",
        "1_0",
        "",
        " 1",
        "+1",
        "1.",
        ".5",
        "٣",
        "1,5",
        "true",
    ],
)
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    for name in NUMBERS:
        with pytest.raises(SpecError) as refusal:
            parse_field(name, text)
        assert str(refusal.value) == f"{name} is a number; got {text[:60]!r}."


def test_an_address_holds_the_kind_and_the_numbers_that_differ() -> None:
    gated = preset("cifar_resnet110", shortcut=Shortcut.EXCLUSIVE_GATING, gate_bias=-7.0)
    address = {"net": "cifar_resnet110", "shortcut": "exclusive_gating", "gate_bias": "-7"}
    assert to_query(gated) == address
    assert from_query(address, default="resnet18") == gated
    assert from_query({**address, "gate_bias": "-7.0"}, default="resnet18") == gated
    assert from_json(to_json(gated)) == gated


@pytest.mark.parametrize("value", [math.nan, math.inf, True, None, [0.5], "half", 10**400])
def test_json_that_holds_no_finite_number_is_refused(value: Any) -> None:
    with pytest.raises(SpecError, match="shortcut_scale is a number"):
        from_json({"blocks": [2], "widths": [8], "shortcut_scale": value})


def test_json_may_write_a_number_whole() -> None:
    spec = from_json({"blocks": [2], "widths": [8], "shortcut": "constant_scaling", "residual_scale": 1})
    assert spec == NetSpec(blocks=(2,), widths=(8,), shortcut=Shortcut.CONSTANT_SCALING, residual_scale=1.0)


def test_json_from_before_these_kinds_reads_as_it_was_meant() -> None:
    old = {field: value for field, value in to_json(preset("resnet50")).items() if field not in NUMBERS}
    assert from_json(old) == preset("resnet50")


def test_the_command_takes_kinds_and_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--set", "shortcut=constant_scaling", "--set", "shortcut_scale=0.25"]
    assert main(["describe", "cifar_resnet110", *words]) == 0
    assert "shortcut times 0.25" in capsys.readouterr().out
    assert main(["describe", "cifar_resnet110", "--set", "dropout=nan"]) == 2
    assert capsys.readouterr().err.strip().endswith("dropout is a number; got 'nan'.")
