"""Boxes coloured by a quantity: the scale is in order, says its ends, and leaves every word readable."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.analysis.report import Figures, analyse
from resnet_viz.graph.roles import Role
from resnet_viz.plan.lower import lower
from resnet_viz.present.architecture.graph_colors import (
    ColorQuantity,
    Legend,
    box_colors,
    counted_values,
    quantity_name,
)
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.spec.net import NetSpec
from tests.fakes.drawings import analysed
from tests.fakes.spec_strategies import small_specs

READABLE = 4.5  # WCAG 2.2, criterion 1.4.3
MODES = pytest.mark.parametrize("mode", Mode)
COUNTED = pytest.mark.parametrize(
    "quantity", [q for q in ColorQuantity if q not in (ColorQuantity.KIND, ColorQuantity.GRADIENT)]
)


def luminance(color: str) -> float:
    """Relative luminance of #RRGGBB: WCAG 2.2, the definition."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def shaded(rows: dict[str, Figures], quantity: ColorQuantity, mode: Mode) -> tuple[dict[str, str], Legend | None]:
    return box_colors(counted_values(rows, quantity), quantity, mode)


def value(row: Figures, quantity: ColorQuantity) -> int:
    return {"params": row.params, "macs": row.macs, "memory": row.kept_bytes, "field": row.field.size}[quantity.value]


def rows_of(net: str) -> dict[str, Figures]:
    analysis = analysed(net)
    return {row.name: row for row in (*analysis.parts, *analysis.blocks, *analysis.nodes)}


def test_contrast_is_counted_as_wcag_counts() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)  # WCAG 2.2
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)  # WebAIM's contrast checker


@MODES
@COUNTED
@given(spec=small_specs())
@settings(deadline=None, max_examples=30)
def test_words_are_readable_on_every_shade(mode: Mode, quantity: ColorQuantity, spec: NetSpec) -> None:
    analysis = analyse(lower(spec))
    colors, legend = shaded({row.name: row for row in (*analysis.parts, *analysis.nodes)}, quantity, mode)
    text = PALETTES[mode][Role.DATA].text
    ends = legend.colors if legend else ()
    assert min(contrast(text, fill) for fill in {*colors.values(), *ends}) >= READABLE


@MODES
def test_words_are_readable_on_the_colour_of_every_kind(mode: Mode) -> None:
    palette = PALETTES[mode]
    assert min(contrast(palette[Role.DATA].text, paint.fill) for paint in palette.values()) >= READABLE
    assert contrast(palette[Role.SHORTCUT].text, palette[Role.BRANCH].fill) >= READABLE  # the note of a stage


@MODES
@COUNTED
def test_more_is_never_paler(mode: Mode, quantity: ColorQuantity) -> None:
    rows = rows_of("resnet50")
    colors, _legend = shaded(rows, quantity, mode)
    background = {Mode.LIGHT: "#FFFFFF", Mode.DARK: "#141B2A"}[mode]
    by_value = sorted(rows, key=lambda name: value(rows[name], quantity))
    away = [contrast(colors[name], background) for name in by_value]
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(away))
    assert away[0] < 1.2 < away[-1]


@COUNTED
def test_the_largest_has_the_last_colour_and_is_named(quantity: ColorQuantity) -> None:
    rows = rows_of("resnet18")
    colors, legend = shaded(rows, quantity, Mode.LIGHT)
    assert legend is not None
    assert set(colors) == set(rows)
    largest = max(rows, key=lambda name: value(rows[name], quantity))
    assert colors[largest] == legend.colors[1]
    assert legend.title.startswith(quantity_name(quantity))


def test_the_ends_of_a_scale_are_in_words() -> None:
    _colors, legend = shaded(rows_of("resnet18"), ColorQuantity.PARAMS, Mode.LIGHT)
    assert legend is not None
    assert (legend.title, legend.low, legend.high) == ("params, log scale", "≤ 839", "8.39 M")  # torchvision's layer4
    _colors, legend = shaded(rows_of("resnet18"), ColorQuantity.FIELD, Mode.LIGHT)
    assert legend is not None
    assert (legend.title, legend.low) == ("receptive field", "0 px")


@MODES
@given(st.sampled_from(ColorQuantity))
def test_nothing_is_shaded_where_the_kind_is_shown_or_nothing_counts(mode: Mode, quantity: ColorQuantity) -> None:
    assert shaded(rows_of("resnet18"), ColorQuantity.KIND, mode) == ({}, None)
    assert box_colors({}, quantity, mode) == ({}, None)
    idle = {name: row for name, row in rows_of("resnet18").items() if name.endswith(".act1")}
    assert shaded(idle, ColorQuantity.PARAMS, mode) == ({}, None)


@MODES
def test_norms_of_a_run_are_shaded_over_decades_and_what_is_not_finite_is_left_out(mode: Mode) -> None:
    norms = {"stage1.block1": 1e-3, "stage1.block2": 10.0, "stage2.block1": float("inf"), "stem.conv": float("nan")}
    colors, legend = box_colors(norms, ColorQuantity.GRADIENT, mode)
    assert legend is not None
    assert (legend.title, legend.low, legend.high) == ("gradient norm, log scale", "≤ 0.001", "10")
    assert colors == {"stage1.block1": legend.colors[0], "stage1.block2": legend.colors[1]}
