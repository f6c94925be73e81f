"""What is said, tabled, charted and coloured: the right numbers, and words that can be read."""

import csv
import io
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.graph.roles import Role
from resnet_viz.plan.lower import lower
from resnet_viz.present.figures import stage_charts
from resnet_viz.present.formulas import block_count, katex_number
from resnet_viz.present.prose import about
from resnet_viz.present.published import CIFAR, IMAGENET, family_table
from resnet_viz.present.tables import layer_table, stage_table, to_csv
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.units import bytes_text, exact, pixels, seconds_text, signed_percent
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.terms import BlockKind
from tests.unit.spec_strategies import small_specs

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text("utf-8"))
# Okabe and Ito 2008, "Color Universal Design", figure 16
OKABE_ITO = {"#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#000000"}
GREYS = {Role.HEAD, Role.DATA}


def analysed(net: str, **changes: object) -> Analysis:
    return analyse(lower(preset(net, **changes)))


# -------------------------------------------------------------------------------------------------------------- prose


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (
            "resnet50",
            [
                "**ResNet-50** has 50 weighted layers",  # He et al. 2015, table 1
                "16 bottleneck blocks in 4 stages",  # 3 + 4 + 6 + 3: He et al. 2015, table 1
                "Of its 16 shortcuts 12 are the identity and 4 are 1×1 projections (B).",  # torchvision 0.29.2
                "sees 427 × 427 input pixels, more than the whole image",  # torchvision 0.29.2, traced
            ],
        ),
        (
            "resnet34",
            [
                "**ResNet-34** has 34 weighted layers",  # He et al. 2015, table 1
                "16 basic blocks in 4 stages",  # He et al. 2015, table 1
                "13 are the identity and 3 are 1×1 projections (B)",  # He et al. 2015, section 4.1
            ],
        ),
        ("plain34", ["**plain-34** has 34", "It is a plain net: nothing is added to what a block computes."]),
        (
            "cifar_resnet20",
            [
                "one 3×3 convolution, 9 basic blocks in 3 stages",  # He et al. 2015, section 4.2
                "7 are the identity and 2 pad with zeros (A)",  # He et al. 2015, section 4.2
                "sees 81 × 81 input pixels",  # akamaster/pytorch_resnet_cifar10, traced
            ],
        ),
        (
            "cifar_resnet1202",
            ["has 1,202 weighted layers", "600 basic blocks"],  # He et al. 2015, table 6
        ),
        (
            "cifar_preact_bottleneck164",
            ["*full pre-activation*", "first 1×1 convolutions downsample"],  # He et al. 2016, appendix
        ),
        ("resnet50_v1", ["sees 483 × 483 input pixels"]),  # google-research/receptive_field, resnet_v1_50
    ],
)
def test_the_text_about_a_net_mentions_its_numbers(net: str, words: list[str]) -> None:
    text = about(analysed(net))
    for said in words:
        assert said in text


def test_a_field_smaller_than_the_image_is_said_to_be_of_it() -> None:
    spec = NetSpec(blocks=(1,), widths=(8,), image_size=224)
    assert "sees 27 × 27 input pixels, of an image of 224 px." in about(analyse(lower(spec)))  # layer1.0: torchvision


@given(small_specs())
@settings(deadline=None)
def test_shortcuts_that_are_told_apart_add_up(spec: NetSpec) -> None:
    text = about(analyse(lower(spec)))
    if spec.is_plain:
        assert "shortcuts" not in text
        return
    match = re.search(r"Of its (\d+) shortcuts (.*?)\.(?: |$)", text)
    assert match is not None
    told = [int(n) for n in re.findall(r"(\d+) (?:is|are|pads|pad)\b", match[2])]
    assert sum(told) == int(match[1]) == sum(spec.blocks)


# ------------------------------------------------------------------------------------------------------------- tables


def test_counts_of_torchvision_differ_by_nothing() -> None:
    rows = [row for row in family_table(IMAGENET) if "torchvision" in row["source"]]
    assert len(rows) == 9  # resnet18 to resnet152, four of VGG
    assert {row["params, difference"] for row in rows} == {"0"}
    # torchvision prints 4.089: three decimals of 1e9
    assert all(abs(row["our MACs"] - float(row["published MACs"].split()[0]) * 1e9) <= 0.5e6 for row in rows)
    assert [row["our params"] for row in rows] == [
        11_689_512, 21_797_672, 25_557_032, 44_549_160, 60_192_808,  # torchvision 0.29.2
        138_357_544, 138_365_992, 143_667_240, 143_678_248,  # torchvision 0.29.2
    ]  # fmt: skip


def test_rounded_figures_of_the_papers_differ_by_their_rounding() -> None:
    for row in (*family_table(CIFAR), *family_table(IMAGENET)):
        for name in ("params, difference", "MACs, difference"):
            if row[name] not in ("", "0"):
                assert abs(float(row[name].removesuffix(" %"))) < 2


def test_a_published_figure_is_shown_as_its_source_prints_it() -> None:
    shown = {(row["net"], row["source"]): row for row in family_table(IMAGENET)}
    assert shown["resnet50", "torchvision 0.29.2, model metadata"]["published params"] == "25,557,032"
    assert shown["resnet50_v1", "He et al. 2015, table 1"]["published MACs"] == "3.8 G"
    assert shown["resnet50_v1", "He et al. 2015, table 1"]["published params"] == ""  # the paper prints none


def test_the_stage_table_has_the_papers_names_beside_ours() -> None:
    rows = stage_table(analysed("resnet50"))
    assert [row["part"] for row in rows] == ["stem", "stage1", "stage2", "stage3", "stage4", "head"]
    assert [row["paper"] for row in rows] == ["", "conv2_x", "conv3_x", "conv4_x", "conv5_x", ""]  # He et al., table 1
    assert [row["blocks"] for row in rows] == [0, 3, 4, 6, 3, 0]  # He et al. 2015, table 1
    assert rows[4]["output shape"] == "2048×7×7"  # torchvision 0.29.2
    assert sum(row["params"] for row in rows) == 25_557_032  # torchvision 0.29.2


@given(small_specs())
@settings(deadline=None, max_examples=40)
def test_tables_become_csv_and_back(spec: NetSpec) -> None:
    analysis = analyse(lower(spec))
    for rows in (stage_table(analysis), layer_table(analysis)):
        back = list(csv.DictReader(io.StringIO(to_csv(rows))))
        assert [list(row) for row in back] == [list(row) for row in rows]
        assert [row["params"] for row in back] == [str(row["params"]) for row in rows]


def test_the_layer_table_has_a_row_a_layer() -> None:
    analysis = analysed("resnet18")
    rows = layer_table(analysis)
    assert [row["layer"] for row in rows] == [node.name for node in analysis.plan.nodes]
    assert sum(row["MACs"] for row in rows) == 1_814_073_344  # torchvision 0.29.2


def test_no_rows_make_an_empty_csv() -> None:
    assert to_csv([]).strip() == ""


# ------------------------------------------------------------------------------------------------------------- charts


@pytest.mark.parametrize("mode", Mode)
def test_charts_show_the_figures_of_the_parts(mode: Mode) -> None:
    analysis = analysed("resnet18")
    parameters, macs, kept, field = stage_charts(analysis, mode)
    assert list(parameters.data[0].x) == [9_536, 147_968, 525_568, 2_099_712, 8_393_728, 513_000]  # torchvision 0.29.2
    assert sum(macs.data[0].x) == 1_814_073_344  # torchvision 0.29.2
    assert sum(kept.data[0].x) == analysis.totals.training_bytes
    assert list(field.data[0].x[:-1]) == [11, 43, 99, 211, 435]  # torchvision 0.29.2, traced
    assert list(parameters.data[0].y) == ["stem", "stage1", "stage2", "stage3", "stage4", "head"]


# ----------------------------------------------------------------------------------------------------------- formulas


def test_a_basic_block_is_worked_out_to_73_728() -> None:
    count = block_count(BlockKind.BASIC, 64, has_norm=False, has_bias=False, has_projection=False, mode=Mode.LIGHT)
    assert (count.params, count.channels, count.width) == (73_728, 64, 64)  # He et al. 2015, fig. 5 left
    assert count.katex.count(r"3 \cdot 3 \cdot 64 \cdot 64") == 2
    assert count.katex.count("36{,}864") == 2
    assert r"\text{sum} & & = & \mathbf{73{,}728}" in count.katex


def test_a_bottleneck_is_worked_out_to_69_632() -> None:
    count = block_count(BlockKind.BOTTLENECK, 64, has_norm=False, has_bias=False, has_projection=False, mode=Mode.LIGHT)
    assert (count.params, count.channels, count.width) == (69_632, 256, 64)  # He et al. 2015, fig. 5 right
    assert re.findall(r"(\d) \\cdot \d \\cdot (\d+) \\cdot (\d+)", count.katex) == [
        ("1", "256", "64"), ("3", "64", "64"), ("1", "64", "256"),
    ]  # fmt: skip
    assert r"\mathbf{69{,}632}" in count.katex


@given(
    st.sampled_from(BlockKind),
    st.integers(1, 4_096),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(Mode),
)
@settings(deadline=None)
def test_the_lines_of_a_formula_add_up_to_its_sum_line(
    block: BlockKind, width: int, has_norm: bool, has_bias: bool, has_projection: bool, mode: Mode
) -> None:
    count = block_count(block, width, has_norm=has_norm, has_bias=has_bias, has_projection=has_projection, mode=mode)
    body, _, total = count.katex.partition(r"\hline")
    results, product_sums = [], []
    for line in body.removesuffix(r"\\ ").split(r"\\"):
        _name, factors, _equals, result = line.split("&")
        results.append(int(result.replace("{,}", "")))
        terms = factors.replace(r"\cdot", "*").split("+")
        product_sums.append(sum(_product(term) for term in terms))
    assert results == product_sums
    assert sum(results) == count.params
    assert f"{count.params:,}".replace(",", "{,}") in total
    assert count.katex.count("{") == count.katex.count("}")


def _product(term: str) -> int:
    value = 1
    for factor in term.split("*"):
        value *= int(factor)
    return value


def test_a_projection_is_coloured_as_a_shortcut() -> None:
    count = block_count(BlockKind.BOTTLENECK, 64, has_norm=False, has_bias=False, has_projection=True, mode=Mode.LIGHT)
    assert count.params == 135_168  # 69,632 + 256*256: "doubled", He et al. 2015, section 4.1
    assert count.katex.count(PALETTES[Mode.LIGHT][Role.SHORTCUT].text) == 1


def test_commas_in_katex_have_no_space_behind_them() -> None:
    assert katex_number(1_179_648) == "1{,}179{,}648"


# ------------------------------------------------------------------------------------------------------------ colours


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


# -------------------------------------------------------------------------------------------------------------- units


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1_023, "1023 B"),
        (1_024, "1 KiB"),
        (1 << 20, "1 MiB"),
        (3 << 29, "1.5 GiB"),
        (5_000 << 30, "5,000 GiB"),
    ],
)
def test_sizes_in_binary_units(size: int, text: str) -> None:
    assert bytes_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.3, "less than 1 s"), (8.4, "8 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (4_200, "1 h 10 min")],
)
def test_times_as_one_would_say_them(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_differences_in_percent_carry_their_sign() -> None:
    assert [signed_percent(value, 100) for value in (101, 99, 100)] == ["+1.00 %", "-1.00 %", "0 %"]


def test_counts_keep_every_digit() -> None:
    assert (exact(25_557_032), pixels(1), pixels(1_024)) == ("25,557,032", "1 px", "1,024 px")
