"""Colours: readable on the page, one for each role, safe for the colour-blind."""

import tomllib

import pytest

from resnet_viz.graph.roles import Role
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.resources import ROOT

CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
# Okabe and Ito 2008, "Color Universal Design", figure 16
OKABE_ITO = {"#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#000000"}
GREYS = {Role.HEAD, Role.DATA}


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    linear = []
    for start in (1, 3, 5):
        part = int(colour[start : start + 2], 16) / 255
        linear.append(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)  # WCAG 2.2, the largest ratio
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # known to fail 4.5 by a hair


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("mode", Mode)
def test_words_in_a_roles_colour_are_readable_on_the_page(mode: Mode, role: Role) -> None:
    text = PALETTES[mode][role].text
    assert contrast(text, CONFIG["theme"][mode]["backgroundColor"]) >= 4.5  # WCAG 2.2, 1.4.3 AA
    assert contrast(text, CONFIG["theme"][mode]["secondaryBackgroundColor"]) >= 4.5  # WCAG 2.2, 1.4.3 AA


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("mode", Mode)
def test_words_in_boxes_are_readable_on_their_fill(mode: Mode, role: Role) -> None:
    assert contrast(PALETTES[mode][Role.DATA].text, PALETTES[mode][role].fill) >= 4.5  # WCAG 2.2, 1.4.3 AA


@pytest.mark.parametrize("role", [Role.SHORTCUT, Role.BRANCH])
@pytest.mark.parametrize("mode", Mode)
def test_lines_that_carry_the_story_stand_out(mode: Mode, role: Role) -> None:
    assert contrast(PALETTES[mode][role].line, CONFIG["theme"][mode]["backgroundColor"]) >= 3  # WCAG 2.2, 1.4.11


def test_lines_of_the_light_mode_are_okabe_and_itos_colours() -> None:
    coloured = {paint.line for role, paint in PALETTES[Mode.LIGHT].items() if role not in GREYS}
    assert coloured <= OKABE_ITO
    assert len(coloured) == len(Role) - len(GREYS)


@pytest.mark.parametrize("mode", Mode)
def test_every_role_has_a_colour_of_its_own(mode: Mode) -> None:
    assert set(PALETTES[mode]) == set(Role)
    assert len({paint.line for paint in PALETTES[mode].values()}) == len(Role)


@pytest.mark.parametrize("mode", Mode)
def test_accents_of_the_page_are_the_roles_colours(mode: Mode) -> None:
    theme, palette = CONFIG["theme"][mode], PALETTES[mode]
    texts = {name: palette[role].text for name, role in (("blue", Role.BRANCH), ("orange", Role.SHORTCUT))}
    assert {name: theme[f"{name}TextColor"] for name in texts} == texts
    assert theme["orangeColor"] == palette[Role.SHORTCUT].line
