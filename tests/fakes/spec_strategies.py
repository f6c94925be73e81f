"""Arbitrary specs for hypothesis: every field, and nets small enough to lower by the hundred.

Strategies are made once: made at every draw, they took most of the time of tests that draw nets.
"""

from functools import lru_cache
from math import gcd
from typing import Any

from hypothesis import strategies as st

from resnet_viz.errors import SpecError
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.fields import MAX_GATE_BIAS, MAX_SCALE
from resnet_viz.spec.image_size import ImageSize
from resnet_viz.spec.net import USUAL_WIDTH_PER_GROUP, NetSpec
from resnet_viz.spec.vgg import AnySpec, VggSpec

_ONE_IN_TEN = st.integers(0, 9)
_FLAG = st.booleans()
_ANY_GROUPS = st.fixed_dictionaries(
    {
        "cardinality": st.integers(0, 300),
        "width_per_group": st.integers(0, 200),
        "dilated_stages": st.lists(st.integers(0, 7), max_size=3).map(tuple),
    }
)
_CARDINALITY = st.integers(1, 8)
_NUM_STAGES = st.integers(1, 4)
_KINDS = st.sampled_from(Shortcut)
_BLOCKS = st.sampled_from(BlockKind)
_FACTORS = {
    "shortcut_scale": st.just(0.5) | st.floats(0, MAX_SCALE),
    "residual_scale": st.sampled_from([0.5, 1.0]) | st.floats(0, MAX_SCALE, exclude_min=True),
    "gate_bias": st.just(-6.0) | st.floats(-MAX_GATE_BIAS, MAX_GATE_BIAS),
    "dropout": st.just(0.5) | st.floats(0, 1, exclude_max=True),
}
_ALL_OPTIONS = st.sampled_from(tuple(DimMatch))
_OPTIONS_A_B = st.sampled_from((DimMatch.ZERO_PAD, DimMatch.PROJECTION))
_PLAIN_FIELDS = {
    "stem": st.sampled_from(Stem),
    "order": st.sampled_from(Order),
    "stride_on": st.sampled_from(StrideOn),
    "norm": st.sampled_from(Norm),
    "conv_bias": _FLAG,
    "projection_norm": _FLAG,
    "zero_init_residual": _FLAG,
    "in_channels": st.integers(1, 4),
    "num_classes": st.integers(2, 12),
}


@lru_cache
def _per_stage(high: int, num_stages: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*[st.integers(1, high)] * num_stages)


@lru_cache
def _flags(count: int) -> st.SearchStrategy[list[bool]]:
    return st.lists(_FLAG, min_size=count, max_size=count)


@lru_cache
def _width_per_group(whole: int) -> st.SearchStrategy[int]:
    """The usual width, or a multiple of what makes every width whole."""
    return st.just(USUAL_WIDTH_PER_GROUP) | st.integers(1, max(1, 128 // whole)).map(lambda n: whole * n)


@st.composite
def _groups_and_dilation(draw: st.DrawFn, *, block: BlockKind, widths: tuple[int, ...]) -> dict[str, Any]:
    """Cardinality, width per group and dilated stages that go together; one draw in ten cares for nothing."""
    if draw(_ONE_IN_TEN) == 9:
        return draw(_ANY_GROUPS)
    whole = USUAL_WIDTH_PER_GROUP // gcd(USUAL_WIDTH_PER_GROUP, *widths)  # of it every multiple divides
    return {
        "cardinality": 1 if block is BlockKind.BASIC else draw(_CARDINALITY),
        "width_per_group": draw(_width_per_group(whole)),
        "dilated_stages": tuple(n for n, is_in in enumerate(draw(_flags(len(widths) - 1)), start=2) if is_in),
    }


@st.composite
def _shortcuts(draw: st.DrawFn) -> dict[str, Any]:
    """A kind of shortcut with its numbers, and a way over changes of shape that goes with it nine times in ten."""
    shortcut = draw(_KINDS)
    takes_option_c = shortcut in (Shortcut.NONE, Shortcut.IDENTITY) or draw(_ONE_IN_TEN) == 9
    return {
        "shortcut": shortcut,
        **{name: draw(factor) for name, factor in _FACTORS.items()},
        "dim_match": draw(_ALL_OPTIONS if takes_option_c else _OPTIONS_A_B),
    }


@lru_cache
def _sizes(low: int, high: int) -> st.SearchStrategy[int | ImageSize]:
    """Squares, and one image in three that is none; tiny ones, too."""
    side = st.integers(low, high) | st.integers(low, min(high, low + 9))
    return side | side | st.tuples(side, side).filter(lambda sides: sides[0] != sides[1]).map(lambda s: ImageSize(*s))


@st.composite
def _fields(draw: st.DrawFn, *, max_blocks: int, max_width: int, max_image: int) -> dict[str, Any]:
    num_stages = draw(_NUM_STAGES)
    widths = draw(_per_stage(max_width, num_stages))
    block = draw(_BLOCKS)
    return {
        "blocks": draw(_per_stage(max_blocks, num_stages)),
        "widths": widths,
        "block": block,
        **draw(_SHORTCUTS),
        **draw(_groups_and_dilation(block=block, widths=widths)),
        **{name: draw(field) for name, field in _PLAIN_FIELDS.items()},
        "image_size": draw(_sizes(1, max_image)),
    }


_SHORTCUTS = _shortcuts()


@lru_cache
def small_fields() -> st.SearchStrategy[dict[str, Any]]:
    """Fields that may or may not make a net."""
    return _fields(max_blocks=3, max_width=9, max_image=70)


def legal(fields: dict[str, Any]) -> NetSpec | None:
    try:
        return NetSpec(**fields)
    except SpecError:
        return None


@lru_cache
def specs() -> st.SearchStrategy[NetSpec]:
    """Legal specs of up to a few hundred blocks."""
    made = _fields(max_blocks=60, max_width=600, max_image=300).map(legal)
    return made.filter(lambda spec: spec is not None).map(_known)


@lru_cache
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
