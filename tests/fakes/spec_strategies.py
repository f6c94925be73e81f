"""Arbitrary specs for hypothesis: every field, and nets small enough to lower by the hundred."""

from math import gcd
from typing import Any

from hypothesis import strategies as st

from resnet_viz.errors import SpecError
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.fields import MAX_GATE_BIAS, MAX_SCALE
from resnet_viz.spec.image_size import ImageSize
from resnet_viz.spec.net import USUAL_WIDTH_PER_GROUP, NetSpec
from resnet_viz.spec.vgg import AnySpec, VggSpec


@st.composite
def _groups_and_dilation(draw: st.DrawFn, *, block: BlockKind, widths: tuple[int, ...]) -> dict[str, Any]:
    """Cardinality, width per group and dilated stages that go together; one draw in ten cares for nothing."""
    if draw(st.integers(0, 9)) == 9:
        return {
            "cardinality": draw(st.integers(0, 300)),
            "width_per_group": draw(st.integers(0, 200)),
            "dilated_stages": tuple(draw(st.lists(st.integers(0, 7), max_size=3))),
        }
    whole = USUAL_WIDTH_PER_GROUP // gcd(USUAL_WIDTH_PER_GROUP, *widths)  # of it every multiple divides
    usual_or_not = st.just(USUAL_WIDTH_PER_GROUP) | st.integers(1, max(1, 128 // whole)).map(lambda n: whole * n)
    is_basic = block is BlockKind.BASIC
    stages = st.lists(st.booleans(), min_size=len(widths) - 1, max_size=len(widths) - 1)
    return {
        "cardinality": 1 if is_basic else draw(st.integers(1, 8)),
        "width_per_group": draw(usual_or_not),
        "dilated_stages": tuple(n for n, is_in in enumerate(draw(stages), start=2) if is_in),
    }


@st.composite
def _shortcuts(draw: st.DrawFn) -> dict[str, Any]:
    """A kind of shortcut with its numbers, and a way over changes of shape that goes with it nine times in ten."""
    shortcut = draw(st.sampled_from(Shortcut))
    takes_option_c = shortcut in (Shortcut.NONE, Shortcut.IDENTITY) or draw(st.integers(0, 9)) == 9
    options = tuple(DimMatch) if takes_option_c else (DimMatch.ZERO_PAD, DimMatch.PROJECTION)
    return {
        "shortcut": shortcut,
        "shortcut_scale": draw(st.just(0.5) | st.floats(0, MAX_SCALE)),
        "residual_scale": draw(st.sampled_from([0.5, 1.0]) | st.floats(0, MAX_SCALE, exclude_min=True)),
        "gate_bias": draw(st.just(-6.0) | st.floats(-MAX_GATE_BIAS, MAX_GATE_BIAS)),
        "dropout": draw(st.just(0.5) | st.floats(0, 1, exclude_max=True)),
        "dim_match": draw(st.sampled_from(options)),
    }


def _sizes(low: int, high: int) -> st.SearchStrategy[int | ImageSize]:
    """Squares, and one image in three that is none; tiny ones, too."""
    side = st.integers(low, high) | st.integers(low, min(high, low + 9))
    return side | side | st.tuples(side, side).filter(lambda sides: sides[0] != sides[1]).map(lambda s: ImageSize(*s))


@st.composite
def _fields(draw: st.DrawFn, *, max_blocks: int, max_width: int, max_image: int) -> dict[str, Any]:
    num_stages = draw(st.integers(1, 4))
    widths = draw(st.tuples(*[st.integers(1, max_width)] * num_stages))
    block = draw(st.sampled_from(BlockKind))
    return {
        "blocks": draw(st.tuples(*[st.integers(1, max_blocks)] * num_stages)),
        "widths": widths,
        "stem": draw(st.sampled_from(Stem)),
        "block": block,
        "order": draw(st.sampled_from(Order)),
        **draw(_shortcuts()),
        "stride_on": draw(st.sampled_from(StrideOn)),
        **draw(_groups_and_dilation(block=block, widths=widths)),
        "norm": draw(st.sampled_from(Norm)),
        "conv_bias": draw(st.booleans()),
        "projection_norm": draw(st.booleans()),
        "zero_init_residual": draw(st.booleans()),
        "in_channels": draw(st.integers(1, 4)),
        "image_size": draw(_sizes(1, max_image)),
        "num_classes": draw(st.integers(2, 12)),
    }


def small_fields() -> st.SearchStrategy[dict[str, Any]]:
    """Fields that may or may not make a net."""
    return _fields(max_blocks=3, max_width=9, max_image=70)


def legal(fields: dict[str, Any]) -> NetSpec | None:
    try:
        return NetSpec(**fields)
    except SpecError:
        return None


def specs() -> st.SearchStrategy[NetSpec]:
    """Legal specs of up to a few hundred blocks."""
    made = _fields(max_blocks=60, max_width=600, max_image=300).map(legal)
    return made.filter(lambda spec: spec is not None).map(_known)


def small_specs() -> st.SearchStrategy[NetSpec]:
    """Legal specs of a few blocks."""
    return small_fields().map(legal).filter(lambda spec: spec is not None).map(_known)


@st.composite
def small_vggs(draw: st.DrawFn) -> VggSpec:
    """Legal VGG nets of a few convolutions."""
    num_stages = draw(st.integers(1, 5))
    return VggSpec(
        blocks=draw(st.tuples(*[st.integers(1, 3)] * num_stages)),
        widths=draw(st.tuples(*[st.integers(1, 9)] * num_stages)),
        norm=draw(st.sampled_from(Norm)),
        conv_bias=draw(st.booleans()),
        hidden_features=draw(st.integers(1, 9)),
        in_channels=draw(st.integers(1, 4)),
        image_size=draw(st.integers(2**num_stages, 100)),
        num_classes=draw(st.integers(2, 12)),
    )


def small_nets() -> st.SearchStrategy[AnySpec]:
    """Legal specs of either kind and of a few blocks."""
    return small_specs() | small_vggs()


def _known(spec: NetSpec | None) -> NetSpec:
    assert spec is not None
    return spec
