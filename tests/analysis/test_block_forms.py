"""Closed forms of a block's parameters and MACs, held against the plan of that block."""

from fractions import Fraction
from itertools import product

import pytest

from resnet_viz.analysis.block_forms import (
    BlockForm,
    BlockParts,
    CountedPart,
    Crossover,
    Term,
    Variable,
    crossover,
    limit_ratio,
    mac_form,
    param_form,
)
from resnet_viz.analysis.report import Figures, analyse
from resnet_viz.plan.lower import lower
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Stem
from resnet_viz.spec.net import EXPANSION, NetSpec

BASIC, BOTTLENECK = BlockKind.BASIC, BlockKind.BOTTLENECK
ALL_PARTS = [BlockParts(has_norm=n, has_bias=b, has_projection=p) for n, b, p in product((False, True), repeat=3)]
WIDTHS = (1, 2, 3, 4, 7, 8, 12, 16, 64, 100, 257, 512)
SIDE = 7


def planned(kind: BlockKind, width: int, parts: BlockParts) -> Figures:
    """The second block of a stage, as the plan has it."""
    spec = NetSpec(
        blocks=(2,),
        widths=(width,),
        stem=Stem.CIFAR,
        block=kind,
        norm=Norm.BATCH if parts.has_norm else Norm.NONE,
        conv_bias=parts.has_bias,
        dim_match=DimMatch.PROJECTION_EVERYWHERE if parts.has_projection else DimMatch.PROJECTION,
        image_size=SIDE,
    )
    return analyse(lower(spec)).blocks[1]


@pytest.mark.parametrize("parts", ALL_PARTS, ids=repr)
@pytest.mark.parametrize("kind", BlockKind)
def test_both_forms_are_the_plan_s_counts_at_every_width(kind: BlockKind, parts: BlockParts) -> None:
    for width in WIDTHS:
        own = planned(kind, width, parts)
        channels = EXPANSION[kind] * width
        assert param_form(kind, parts).count(width) == own.params, width
        assert param_form(kind, parts, Variable.CHANNELS).count(channels) == own.params, width
        assert mac_form(kind, parts).count(width) * SIDE**2 == own.macs, width
        assert mac_form(kind, parts, Variable.CHANNELS).count(channels) * SIDE**2 == own.macs, width


@pytest.mark.parametrize(
    ("parts", "width", "params"),
    [
        (BlockParts(has_norm=True), 8, 1_184),  # 18w² + 4w = 17w² + 12w
        (BlockParts(has_bias=True), 4, 296),  # 18w² + 2w = 17w² + 6w
        (BlockParts(has_norm=True, has_bias=True), 12, 2_664),  # 18w² + 6w = 17w² + 18w
    ],
)
def test_small_bottlenecks_cost_more_than_basic_blocks(parts: BlockParts, width: int, params: int) -> None:
    basic, bottleneck = param_form(BASIC, parts), param_form(BOTTLENECK, parts)
    assert crossover(basic, bottleneck) == crossover(bottleneck, basic) == Crossover(Fraction(width), Fraction(params))
    assert planned(BASIC, width, parts).params == planned(BOTTLENECK, width, parts).params == params
    assert planned(BASIC, width - 1, parts).params < planned(BOTTLENECK, width - 1, parts).params
    assert planned(BASIC, width + 1, parts).params > planned(BOTTLENECK, width + 1, parts).params


def test_without_norms_and_biases_the_ratio_is_17_to_18_at_every_width() -> None:
    basic, bottleneck = param_form(BASIC, BlockParts()), param_form(BOTTLENECK, BlockParts())
    assert crossover(basic, bottleneck) is None
    assert limit_ratio(bottleneck, basic) == Fraction(17, 18)
    assert {bottleneck.count(w) / basic.count(w) for w in WIDTHS} == {Fraction(17, 18)}


@pytest.mark.parametrize("parts", [parts for parts in ALL_PARTS if parts.has_projection], ids=repr)
def test_with_projections_the_bottleneck_always_costs_more(parts: BlockParts) -> None:
    assert crossover(param_form(BASIC, parts), param_form(BOTTLENECK, parts)) is None
    assert all(planned(BASIC, w, parts).params < planned(BOTTLENECK, w, parts).params for w in WIDTHS)


def test_at_equal_channels_the_basic_block_costs_nearly_17_times_as_much() -> None:
    basic = param_form(BASIC, BlockParts(), Variable.CHANNELS)
    bottleneck = param_form(BOTTLENECK, BlockParts(), Variable.CHANNELS)
    assert limit_ratio(basic, bottleneck) == Fraction(288, 17)  # 18C² against 17C²/16
    assert round(float(limit_ratio(basic, bottleneck)), 2) == 16.94
    assert [basic.count(256), bottleneck.count(256)] == [1_179_648, 69_632]  # He et al. 2015, fig. 5 right


def form(square: Fraction | int, linear: Fraction | int) -> BlockForm:
    terms = (Term(CountedPart.CONVS, Fraction(square), 2), Term(CountedPart.NORMS, Fraction(linear), 1))
    return BlockForm(terms=terms)


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (form(3, 1), form(2, 6), (5, 80)),
        (form(2, 6), form(3, 1), (5, 80)),
        (form(4, 0), form(2, 5), (Fraction(5, 2), 25)),
        (form(2, 1), form(2, 5), None),  # parallel
        (form(4, 0), form(2, 1), None),  # at a width of one half
        (form(3, 5), form(2, 1), None),  # at a negative one
        (form(3, 1), form(2, 2), (1, 4)),
    ],
)
def test_a_crossover_is_the_exact_size_where_both_are_equal(
    one: BlockForm, other: BlockForm, found: tuple[int | Fraction, int] | None
) -> None:
    assert crossover(one, other) == (None if found is None else Crossover(Fraction(found[0]), Fraction(found[1])))
