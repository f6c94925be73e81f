"""Figures that the papers print, to the digits that they print."""

import pytest

from resnet_viz.analysis.report import totals
from resnet_viz.plan.lower import lower
from resnet_viz.present.parameters.published import (
    Counting,
    PublishedFigures,
    as_printed,
    counted_as_printed,
    explanations,
    family_table,
    published_figures,
)
from resnet_viz.spec.presets import preset

IMAGENET, CIFAR = published_figures("imagenet"), published_figures("cifar")


@pytest.mark.parametrize(
    ("net", "millions"),
    [
        ("cifar_resnet20", 0.27),  # He et al. 2015, table 6
        ("cifar_resnet32", 0.46),  # He et al. 2015, table 6
        ("cifar_resnet44", 0.66),  # He et al. 2015, table 6
        ("cifar_resnet56", 0.85),  # He et al. 2015, table 6
        ("cifar_resnet110", 1.7),  # He et al. 2015, table 6
        ("cifar_resnet1202", 19.4),  # He et al. 2015, table 6
        ("cifar_preact_bottleneck164", 1.7),  # He et al. 2016, table 4
        ("cifar_preact_bottleneck1001", 10.2),  # He et al. 2016, table 4; 10.33 by the authors' code
    ],
)
def test_printed_millions_of_parameters_are_our_count_within_two_percent(net: str, millions: float) -> None:
    assert totals(lower(preset(net))).params == pytest.approx(millions * 1e6, rel=0.02)


@pytest.mark.parametrize(
    ("net", "giga"),
    [
        ("plain18", 1.8),  # He et al. 2015, table 1
        ("plain34", 3.6),  # He et al. 2015, table 1 and fig. 3
        ("resnet50_v1", 3.8),  # He et al. 2015, table 1
        ("resnet101_v1", 7.6),  # He et al. 2015, table 1
        ("resnet152_v1", 11.3),  # He et al. 2015, table 1
    ],
)
def test_printed_flops_are_our_macs_within_two_percent(net: str, giga: float) -> None:
    assert totals(lower(preset(net))).macs == pytest.approx(giga * 1e9, rel=0.02)


@pytest.mark.parametrize(
    ("net", "macs"),
    [
        ("plain34", 3_644_493_824),  # by hand from He et al. 2015, table 1, option A or none
        ("resnet101_v1", 7_570_194_432),  # by hand from He et al. 2015, table 1, option B
        ("resnet152_v1", 11_282_415_616),  # by hand from He et al. 2015, table 1, option B
    ],
)
def test_table_1_worked_out_to_the_last_digit(net: str, macs: int) -> None:
    assert totals(lower(preset(net))).macs == macs


def test_a_34_layer_net_costs_18_percent_of_vgg19() -> None:
    vgg19_macs = 19_632_062_464  # torchvision 0.29.2, vgg19
    share = totals(lower(preset("plain34"))).macs / vgg19_macs
    assert share == pytest.approx(0.18, abs=0.01)  # "only 18% of VGG-19", He et al. 2015, section 3.3


@pytest.mark.parametrize("row", [*IMAGENET, *CIFAR], ids=lambda row: f"{row.net}-{row.source}")
def test_every_published_row_is_near_our_count(row: PublishedFigures) -> None:
    ours = totals(lower(preset(row.net)))
    for own, printed in ((ours.params, row.params), (ours.macs, row.macs)):
        if isinstance(printed, int):
            assert own == printed
        elif printed is not None:
            assert own == pytest.approx(printed, rel=0.03)


@pytest.mark.parametrize("row", [*IMAGENET, *CIFAR], ids=lambda row: f"{row.net}-{row.source}")
def test_every_printed_figure_follows_from_its_row_s_way_of_counting(row: PublishedFigures) -> None:
    counted = counted_as_printed(row)
    for own, printed in ((counted.params, row.params), (counted.macs, row.macs)):
        if printed is not None and not isinstance(printed, int):
            assert as_printed(own, printed, row.counting) == pytest.approx(printed, rel=1e-12)


@pytest.mark.parametrize(
    ("net", "printed", "count"),
    [
        ("resnet34", 3.6e9, 3_644_493_824),  # option A, by hand from He et al. 2015, table 1
        ("resnet50_v1", 3.8e9, 3_857_973_248),  # the whole net, which would round to 3.9
        ("vgg16", 15.3e9, 15_346_630_656),  # its 13 convolutions
        ("cifar_preact_bottleneck1001", 10.2e6, 10_175_920),  # without norms and fc
    ],
)
def test_the_figures_that_are_no_rounding_have_a_reason_with_its_number(net: str, printed: float, count: int) -> None:
    (row,) = (row for row in (*IMAGENET, *CIFAR) if row.net == net and printed in (row.macs, row.params))
    counted = counted_as_printed(row)
    assert count == (counted.params if row.macs is None else counted.macs)
    (explanation,) = explanations((row,))
    assert f"{count:,}" in explanation
    assert explanation.startswith(net)
    whole = totals(lower(preset(net)))
    assert as_printed(whole.params if row.macs is None else whole.macs, printed, Counting.WHOLE) != printed


def test_all_other_differences_are_rounding() -> None:
    rows = [row for row in (*IMAGENET, *CIFAR) if row.counting is Counting.WHOLE]
    assert len(rows) == len(IMAGENET) + len(CIFAR) - 4
    assert {row["reason"] for row in family_table(tuple(rows))} <= {"", "rounding"}
    assert explanations(tuple(rows)) == []


@pytest.mark.parametrize(
    ("net", "blocks"),
    [
        ("resnet18", (2, 2, 2, 2)),  # He et al. 2015, table 1
        ("resnet34", (3, 4, 6, 3)),  # He et al. 2015, table 1
        ("resnet50", (3, 4, 6, 3)),  # He et al. 2015, table 1
        ("resnet101", (3, 4, 23, 3)),  # He et al. 2015, table 1
        ("resnet152", (3, 8, 36, 3)),  # He et al. 2015, table 1
        ("cifar_resnet110", (18, 18, 18)),  # He et al. 2015, section 4.2: 6n + 2
        ("cifar_preact_bottleneck1001", (111, 111, 111)),  # He et al. 2016: 9n + 2, 333 units
    ],
)
def test_a_net_has_the_depth_in_its_name(net: str, blocks: tuple[int, ...]) -> None:
    spec = preset(net)
    assert spec.blocks == blocks
    assert net.endswith(str(spec.depth))
