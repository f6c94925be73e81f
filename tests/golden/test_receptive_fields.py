"""Receptive field and jump in input pixels, from published tables (Araujo et al. 2019 count the same way)."""

import pytest

from resnet_viz.analysis.report import Figures, analyse
from resnet_viz.plan.lower import lower
from resnet_viz.spec.presets import preset


def pairs(rows: tuple[Figures, ...]) -> tuple[tuple[int, int], ...]:
    return tuple((row.field.size, row.field.jump) for row in rows)


@pytest.mark.parametrize(
    ("net", "fields"),
    [
        ("resnet18", ((11, 4), (43, 4), (99, 8), (211, 16), (435, 32))),  # torchvision 0.29.2, traced
        ("resnet50", ((11, 4), (35, 4), (91, 8), (267, 16), (427, 32))),  # torchvision 0.29.2, traced
        ("resnet50_v1", ((11, 4), (35, 4), (99, 8), (291, 16), (483, 32))),  # Araujo et al. 2019: 483, 32
        ("cifar_resnet20", ((3, 1), (15, 1), (37, 2), (81, 4))),  # akamaster/pytorch_resnet_cifar10, traced
        ("cifar_resnet56", ((3, 1), (39, 1), (109, 2), (249, 4))),  # akamaster/pytorch_resnet_cifar10, traced
        ("cifar_resnet110", ((3, 1), (75, 1), (217, 2), (501, 4))),  # akamaster/pytorch_resnet_cifar10, traced
    ],
)
def test_receptive_field_and_jump_behind_each_part(net: str, fields: tuple[tuple[int, int], ...]) -> None:
    assert pairs(analyse(lower(preset(net))).parts[:-1]) == fields


@pytest.mark.parametrize(
    ("net", "size"),
    [
        ("resnet34", 899),  # torchvision 0.29.2, support of a gradient
        ("resnet101", 971),  # torchvision 0.29.2, support of a gradient
        ("resnet101_v1", 1027),  # google-research/receptive_field, resnet_v1_101
        ("resnet152_v1", 1507),  # google-research/receptive_field, resnet_v1_152
    ],
)
def test_receptive_field_of_the_last_map(net: str, size: int) -> None:
    last = analyse(lower(preset(net))).parts[-2]
    assert (last.field.size, last.field.jump) == (size, 32)


def test_receptive_field_grows_block_by_block_in_resnet18() -> None:
    assert pairs(analyse(lower(preset("resnet18"))).blocks) == (
        (27, 4), (43, 4), (67, 8), (99, 8), (147, 16), (211, 16), (307, 32), (435, 32),
    )  # fmt: skip  # torchvision 0.29.2, traced


def test_receptive_field_grows_block_by_block_in_resnet50() -> None:
    assert pairs(analyse(lower(preset("resnet50"))).blocks) == (
        *((19, 4), (27, 4), (35, 4)),  # torchvision 0.29.2, traced, layer1
        *((43, 8), (59, 8), (75, 8), (91, 8)),  # layer2
        *((107, 16), (139, 16), (171, 16), (203, 16), (235, 16), (267, 16)),  # layer3
        *((299, 32), (363, 32), (427, 32)),  # layer4
    )


def test_stride_placement_changes_the_receptive_field_and_not_the_jump() -> None:
    v1, v15 = (analyse(lower(preset(net))).parts[-2].field for net in ("resnet50_v1", "resnet50"))
    assert (v1.size, v15.size) == (483, 427)  # google-research/receptive_field; torchvision 0.29.2, traced
    assert v1.jump == v15.jump == 32  # He et al. 2015, table 1: 224 to 7


def test_shortcuts_do_not_change_the_receptive_field() -> None:
    residual, plain = (analyse(lower(preset(f"cifar_{kind}56"))).parts for kind in ("resnet", "plain"))
    assert pairs(residual) == pairs(plain)


def test_behind_the_global_mean_the_field_covers_all_that_the_last_map_sees() -> None:
    head = analyse(lower(preset("resnet18"))).parts[-1]
    assert head.field.size == 435 + 6 * 32  # torchvision 0.29.2: seven fields of 435 px, 32 px apart
