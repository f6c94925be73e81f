"""Arbitrary specs for hypothesis: every field, and nets small enough to lower by the hundred."""

from typing import Any

from hypothesis import strategies as st

from resnet_viz.errors import SpecError
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.terms import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn


@st.composite
def _fields(draw: st.DrawFn, *, max_blocks: int, max_width: int, max_image: int) -> dict[str, Any]:
    num_stages = draw(st.integers(1, 4))
    return {
        "blocks": draw(st.tuples(*[st.integers(1, max_blocks)] * num_stages)),
        "widths": draw(st.tuples(*[st.integers(1, max_width)] * num_stages)),
        "stem": draw(st.sampled_from(Stem)),
        "block": draw(st.sampled_from(BlockKind)),
        "order": draw(st.sampled_from(Order)),
        "shortcut": draw(st.sampled_from(Shortcut)),
        "dim_match": draw(st.sampled_from(DimMatch)),
        "stride_on": draw(st.sampled_from(StrideOn)),
        "norm": draw(st.sampled_from(Norm)),
        "conv_bias": draw(st.booleans()),
        "zero_init_residual": draw(st.booleans()),
        "in_channels": draw(st.integers(1, 4)),
        "image_size": draw(st.integers(1, max_image)),
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


def _known(spec: NetSpec | None) -> NetSpec:
    assert spec is not None
    return spec
