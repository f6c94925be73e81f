"""Depths worked out, against the papers and against the layers of the plan."""

import re

import pytest

from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import Conv, Linear
from resnet_viz.plan.plan import Section
from resnet_viz.present.parameters.depths import NETS, depth_table, wide_note, worked_out
from resnet_viz.spec.presets import residual_preset

ALL = [name for names in NETS.values() for name in names]


@pytest.mark.parametrize(
    ("net", "text"),
    [
        ("resnet18", "2·8 + 2 = 18"),  # He et al. 2015, table 1
        ("resnet34", "2·16 + 2 = 34"),  # He et al. 2015, table 1
        ("resnet50", "3·16 + 2 = 50"),  # He et al. 2015, table 1
        ("resnet101", "3·33 + 2 = 101"),  # He et al. 2015, table 1
        ("resnet152", "3·50 + 2 = 152"),  # He et al. 2015, table 1
        ("cifar_resnet110", "6·18 + 2 = 110"),  # He et al. 2015, section 4.2: 6n + 2
        ("cifar_resnet1202", "6·200 + 2 = 1202"),  # He et al. 2015, section 4.2: n = 200
        ("cifar_preact_bottleneck164", "9·18 + 2 = 164"),  # He et al. 2016: 9n + 2
        ("cifar_preact_bottleneck1001", "9·111 + 2 = 1001"),  # He et al. 2016: 333 units
        ("wrn_28_10", "6·4 + 4 = 28"),  # Zagoruyko and Komodakis 2016: 6n + 4
    ],
)
def test_a_depth_is_worked_out_as_in_its_paper(net: str, text: str) -> None:
    assert worked_out(residual_preset(net)) == text


@pytest.mark.parametrize("net", ALL)
def test_a_depth_is_the_number_of_layers_that_its_row_counts(net: str) -> None:
    nodes = lower(residual_preset(net)).nodes
    convs = [node for node in nodes if isinstance(node.op, Conv)]
    on_shortcuts = sum(node.section is Section.SHORTCUT for node in convs)
    is_wide = net.startswith("wrn")
    layers = len(convs) if is_wide else len(convs) - on_shortcuts + sum(isinstance(node.op, Linear) for node in nodes)
    numbers = list(map(int, re.findall(r"\d+", worked_out(residual_preset(net)))))
    per, n, beside, depth = numbers
    assert per * n + beside == depth == layers
    (row,) = [row for family in NETS for row in depth_table(family) if row["net"] == net]
    assert (row["counted beside the branches"].endswith("three projections")) is is_wide
    assert str(depth) in row["name in its paper"]


def test_only_wide_nets_are_counted_in_another_way() -> None:
    assert wide_note("imagenet") == ""
    assert "WRN-40-4 has 6n + 4 layers by their counting and 38, 6n + 2," in wide_note("cifar")
