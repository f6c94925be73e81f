"""Counts of well-known nets that no spec describes."""

import pytest

from resnet_viz.analysis.count_parts import count_params, count_statistics
from resnet_viz.analysis.identify import identify_text
from resnet_viz.analysis.outside_counts import OUTSIDE_COUNTS
from resnet_viz.errors import SpecError
from resnet_viz.spec.presets import preset


@pytest.mark.parametrize(
    ("count", "told"),
    [
        ("28,088,024", "timm's seresnet50 has 28,088,024 parameters; it is outside the vocabulary here: it has squ"),
        ("25576264", "timm's resnet50d has 25,576,264"),
        ("25576264", "timm's resnet50c has 25,576,264"),
        ("61100840", "torchvision's alexnet"),
        ("6624904", "torchvision's googlenet"),
        ("7,978,856 parameters", "torchvision's densenet121"),
        ("25,613,800", "Keras's ResNet50V2 has 25,613,800 parameters; it is outside the vocabulary here: it has bia"),
    ],
)  # fmt: skip
def test_a_count_of_a_net_outside_is_told_as_its(count: str, told: str) -> None:
    with pytest.raises(SpecError) as refusal:
        identify_text(count)
    assert told in str(refusal.value)


def test_every_row_says_what_the_net_has() -> None:
    assert all(reason for rows in OUTSIDE_COUNTS.values() for _package, _name, reason in rows)


@pytest.mark.parametrize(
    ("depth", "blocks", "total"),
    [(50, (3, 4, 6, 3), 25_613_800), (101, (3, 4, 23, 3), 44_675_560), (152, (3, 8, 36, 3), 60_380_648)],
)
def test_kerass_version_2_is_the_pre_activation_net_with_some_biases(
    depth: int, blocks: tuple[int, ...], total: int
) -> None:
    spec = preset(f"preact_resnet{depth}")
    outs = (256, 512, 1024, 2048)
    biases = 64 + sum(num * out for num, out in zip(blocks, outs, strict=True)) + sum(outs)
    assert count_params(spec) + biases in OUTSIDE_COUNTS
    assert count_params(spec) + biases + count_statistics(spec) == total
