"""Counts solved for what is unknown. The counts were read elsewhere or are sums by hand, not computed here."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.analysis.cost import params as params_of
from resnet_viz.analysis.count_parts import count_params, count_statistics
from resnet_viz.analysis.count_rounding import neighbours, solve_rounded
from resnet_viz.analysis.count_search import MOST_BLOCKS_CHANGED, solve
from resnet_viz.analysis.identify import by_count, identify_text
from resnet_viz.errors import SpecError
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import BatchNorm
from resnet_viz.spec.enums import DimMatch, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset, preset_names
from resnet_viz.spec.vgg import AnySpec
from tests.fakes.spec_strategies import small_nets

RESNETS = ("resnet18", "resnet34", "resnet50", "cifar_resnet20", "cifar_resnet56", "cifar_bottleneck164", "vgg16")


@pytest.mark.parametrize(
    ("count", "name", "changes", "buffers"),
    [
        (25_636_712, "resnet50", {"conv_bias": True}, (53_120, 0)),  # Keras's ResNet50, its "total params"
        (25_583_592, "resnet50", {"conv_bias": True}, (0, 0)),  # its "trainable params"
        (44_707_176, "resnet101", {"conv_bias": True}, (105_344, 0)),  # Keras
        (60_419_944, "resnet152", {"conv_bias": True}, (151_424, 0)),  # Keras
        (274_442, "cifar_resnet20",  # Keras's example cifar10_resnet, ResNet20v1
         {"dim_match": DimMatch.PROJECTION, "conv_bias": True, "projection_norm": False}, (1_376, 0)),
        (16_410_152, "resnet18", {"blocks": (2, 2, 2, 3)}, (0, 0)),  # microsoft/CNTK #2873
        (5_418_792, "resnet18", {"blocks": (1, 1, 1, 1)}, (0, 0)),  # 11,689,512 less a block of each stage
        (15_995_176, "resnet50", {"blocks": (2, 2, 2, 2)}, (0, 0)),  # timm 1.0.31 resnet26
        (23_528_522, "resnet50", {"num_classes": 10}, (0, 0)),  # sovrasov/flops-counter.pytorch #155
        (23_585_894, "resnet50", {"num_classes": 38}, (0, 0)),  # 23,508,032 + 38 * 2,049
        (23_512_130, "resnet50", {"num_classes": 2}, (0, 0)),  # 23,508,032 + 2 * 2,049
        (11_180_103, "resnet18", {"num_classes": 7}, (0, 0)),  # 11,176,512 + 7 * 513
        (22_380_945, "resnet18", {"num_classes": 21_841}, (0, 0)),  # ImageNet-21k: 11,176,512 + 21,841 * 513
        (11_720_872, "resnet18", {"in_channels": 13}, (0, 0)),  # + 10 * 64 * 49, Sentinel-2
        (11_692_648, "resnet18", {"in_channels": 4}, (0, 0)),  # + 64 * 49, RGB-D
        (11_175_370, "resnet18", {"in_channels": 1, "num_classes": 10}, (0, 0)),  # MNIST: 11,181,642 - 2 * 3,136
        (11_220_132, "resnet18", {"stem": Stem.CIFAR, "num_classes": 100}, (0, 0)),  # weiaicunzai/pytorch-cifar100
        (2_797_610, "resnet18",
         {"stem": Stem.CIFAR, "num_classes": 10, "widths": (32, 64, 128, 256)}, (0, 0)),  # half as wide
        (46_160_474, "wrn_34_10", {}, (0, 0)),  # bmsookim/wide-resnet #12, zjfheart/FAT #3
        (1_467_610, "wrn_28_2", {}, (0, 0)),  # Oliver et al. 2018, 1.5M
        (78_042, "cifar_resnet8", {"dim_match": DimMatch.PROJECTION}, (0, 0)),
        (138_357_544 - 997 * 4_097, "vgg16", {"num_classes": 3}, (0, 0)),
    ],
)  # fmt: skip
def test_a_count_is_solved_for_its_net(
    count: int, name: str, changes: dict[str, Any], buffers: tuple[int, int]
) -> None:
    first = by_count(count)[0]
    assert (first.preset, dict(first.changes), tuple(first.besides)[:2]) == (name, changes, buffers)
    assert first.params + sum(buffers) == count
    assert f"{count:,}" in first.sentence


def test_what_is_no_parameter_is_told_as_such() -> None:
    sentence = by_count(25_636_712)[0].sentence
    assert "conv_bias=true (+26,560)" in sentence
    assert "With 53,120 running means and variances, which are no parameters but which Keras counts: 25,636,712." in (
        sentence
    )
    in_file = by_count(25_557_032 + 53_120 + 53)[0]  # all numbers of torchvision's state dict
    assert (in_file.preset, tuple(in_file.besides)) == ("resnet50", (53_120, 53, 0))
    assert "53 counters: 25,610,205." in in_file.sentence


@pytest.mark.parametrize(
    ("count", "name", "changes", "besides"),
    [
        (23_508_032, "resnet50", {}, (0, 0, -2_049_000)),  # torchvision's with fc = nn.Identity()
        (11_176_512, "resnet18", {}, (0, 0, -513_000)),
        (23_587_712, "resnet50", {"conv_bias": True}, (53_120, 0, -2_049_000)),  # Keras, include_top=False
        (14_714_688, "vgg16", {}, (0, 0, -123_642_856)),  # Keras, include_top=False; torchvision's vgg16.features
        (20_024_384, "vgg19", {}, (0, 0, -123_642_856)),  # Keras, include_top=False
    ],
)
def test_a_net_without_its_head_is_known(
    count: int, name: str, changes: dict[str, Any], besides: tuple[int, int, int]
) -> None:
    first = by_count(count)[0]
    assert (first.preset, dict(first.changes), tuple(first.besides)) == (name, changes, besides)
    assert "ithout its fully connected layers" in first.sentence


def test_an_unlikely_answer_is_called_one() -> None:
    (match,) = by_count(29_903_943)  # of a random generator
    assert match.note == "This may be a coincidence: no usual net has this count."
    assert by_count(23_585_894)[0].note == ""  # ResNet-50 with 38 classes


def test_equally_likely_nets_are_all_shown() -> None:
    assert {match.preset for match in by_count(269_722)} == {"cifar_resnet20", "cifar_plain20", "cifar_preact_resnet20"}


@given(small_nets())
@settings(deadline=None, max_examples=200)
def test_the_parts_of_a_count_are_those_of_the_plan(spec: AnySpec) -> None:
    plan = lower(spec)
    assert count_params(spec) == sum(params_of(node.op) for node in plan.nodes)
    norms = [node.op.channels for node in plan.nodes if isinstance(node.op, BatchNorm)]
    assert count_statistics(spec) == 2 * sum(norms)


def _changed(name: str, changes: dict[str, Any]) -> AnySpec | None:
    try:
        return preset(name, **changes)
    except SpecError:
        return None


@st.composite
def one_change_and_classes(draw: st.DrawFn) -> AnySpec:
    """A preset with one of the changes that are looked for, and any usual number of classes."""
    name = draw(st.sampled_from(RESNETS))
    base = preset(name)
    changes: dict[str, Any] = {"num_classes": draw(st.sampled_from((base.num_classes, 10, 100, 1000)))}
    kind = draw(st.sampled_from(("none", "in_channels", "conv_bias", "dim_match", "blocks", "classes", "widths")))
    match kind:
        case "in_channels":
            changes["in_channels"] = draw(st.integers(1, 64))
        case "conv_bias":
            changes["conv_bias"] = draw(st.booleans())
        case "dim_match" if isinstance(base, NetSpec):
            changes["dim_match"] = draw(st.sampled_from(DimMatch))
        case "blocks" if isinstance(base, NetSpec):
            stage = draw(st.integers(0, len(base.blocks) - 1))
            more = draw(st.integers(1 - min(base.blocks[stage], MOST_BLOCKS_CHANGED), MOST_BLOCKS_CHANGED))
            changes["blocks"] = tuple(num + more * (place == stage) for place, num in enumerate(base.blocks))
        case "classes":
            changes["num_classes"] = draw(st.integers(2, 21_841))
        case "widths" if isinstance(base, NetSpec):
            changes["widths"] = tuple(width * draw(st.just(2)) for width in base.widths)
        case _:
            pass
    spec = _changed(name, changes)
    return base if spec is None else spec


@pytest.mark.slow
@given(one_change_and_classes())
@settings(deadline=None, max_examples=150)
def test_every_net_of_the_searched_space_is_found_by_its_count(spec: AnySpec) -> None:
    found = solve(count_params(spec))
    assert spec.replace(image_size=224) in [each.spec.replace(image_size=224) for each in found]
    likeliest = [match.spec for match in by_count(count_params(spec))]
    assert likeliest[0] == found[0].spec
    assert all(count_params(each.spec) + sum(each.besides) == count_params(spec) for each in found)


@given(st.integers(1, 200_000_000))
@settings(deadline=None, max_examples=30)
def test_answers_have_the_count_and_are_few(count: int) -> None:
    matches = by_count(count)
    assert all(match.params + sum(match.besides) == count for match in matches)
    assert len(matches) <= 12


@pytest.mark.parametrize(
    ("text", "nets"),
    [
        ("23.53M", [("resnet50", {"num_classes": 10}), ("resnet50_v1", {"num_classes": 10})]),
        ("23.5 M", [("resnet50", {"num_classes": 10})]),
        ("25.6 million", [("resnet50", {}), ("resnet50_v1", {}), ("preact_resnet50", {})]),
        ("25.6e6", [("resnet50", {}), ("resnet50_v1", {}), ("preact_resnet50", {})]),
        ("0.27M params", [("cifar_resnet20", {}), ("cifar_plain20", {}), ("cifar_preact_resnet20", {})]),
        ("11.2M", [("d2l_resnet18", {}), ("resnet18", {"num_classes": 10})]),
        ("36.5M", [("wrn_28_10", {})]),
        ("1.47M", [("wrn_28_2", {})]),  # Oliver et al. 2018
        ("25.56M", [("resnet50", {}), ("resnet50_v1", {})]),
        ("19.4M", [("cifar_resnet1202", {})]),
    ],
)
def test_a_rounded_count_names_what_rounds_to_it_presets_first(text: str, nets: list[tuple[str, Any]]) -> None:
    matches = identify_text(text)
    assert [(match.preset, dict(match.changes)) for match in matches][: len(nets)] == nets
    assert len(matches) <= 12


def test_the_small_stem_is_among_what_rounds_to_11_2_million() -> None:
    found = [(match.preset, dict(match.changes)) for match in identify_text("11.2M")]
    assert ("resnet18", {"stem": Stem.CIFAR, "num_classes": 10}) in found  # kuangliu/pytorch-cifar, 11,173,962
    assert ("resnet18", {"num_classes": 100}) in found  # 11,227,812


@given(st.sampled_from(preset_names()), st.integers(3, 5))
@settings(deadline=None, max_examples=40)
def test_every_preset_is_among_the_nets_of_its_rounded_count(name: str, digits: int) -> None:
    count = count_params(preset(name))
    step = 10 ** max(0, len(str(count)) - digits)
    wanted = round(count / step) * step
    found = solve_rounded(wanted, step)
    assert preset(name) in [each.spec for each in found]
    assert all(abs(count_params(each.spec) + sum(each.besides) - wanted) < step for each in found)


def test_without_a_match_the_nearest_nets_are_told_with_their_difference() -> None:
    with pytest.raises(SpecError) as refusal:
        identify_text("11,689,513")
    assert "No known network has 11,689,513 parameters. Tried: " in str(refusal.value)
    assert "resnet18 has 11,689,512 (−1)" in str(refusal.value)
    below, above = neighbours(11_689_513)
    assert count_params(below.spec) < 11_689_513 < count_params(above.spec)


def test_the_ends_have_one_neighbour() -> None:
    (above,) = neighbours(1)
    (below,) = neighbours(10**12)
    assert 1 < count_params(above.spec) < count_params(below.spec) < 10**12
