"""What is said, tabled and charted: the right numbers."""

import csv
import io
import re

import pytest
from hypothesis import given, settings

from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.plan.lower import lower
from resnet_viz.present.architecture.stage_charts import stage_charts
from resnet_viz.present.architecture.summary import net_summary
from resnet_viz.present.parameters.published import family_table, published_figures
from resnet_viz.present.tables import layer_table, stage_table, to_csv
from resnet_viz.present.theme import Mode
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from tests.fakes.spec_strategies import small_specs

IMAGENET, CIFAR = published_figures("imagenet"), published_figures("cifar")


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
                "Shortcuts: 12 identity, 4 projection (option B).",  # torchvision 0.29.2
                "427 × 427 px, more than the whole image",  # torchvision 0.29.2, traced
            ],
        ),
        (
            "resnet34",
            [
                "**ResNet-34** has 34 weighted layers",  # He et al. 2015, table 1
                "16 basic blocks in 4 stages",  # He et al. 2015, table 1
                "13 identity, 3 projection (option B)",  # He et al. 2015, section 4.1
            ],
        ),
        ("plain34", ["**plain-34** has 34", "It is a plain net: no block has an addition."]),
        (
            "cifar_resnet20",
            [
                "one 3×3 convolution, 9 basic blocks in 3 stages",  # He et al. 2015, section 4.2
                "7 identity, 2 zero padding (option A)",  # He et al. 2015, section 4.2
                "81 × 81 px",  # akamaster/pytorch_resnet_cifar10, traced
            ],
        ),
        (
            "cifar_resnet1202",
            ["has 1,202 weighted layers", "600 basic blocks"],  # He et al. 2015, table 6
        ),
        (
            "cifar_preact_bottleneck164",
            ["*full pre-activation*", "downsample in their first 1×1 convolution"],  # He et al. 2016, appendix
        ),
        ("resnet50_v1", ["483 × 483 px"]),  # google-research/receptive_field, resnet_v1_50
    ],
)
def test_the_text_about_a_net_mentions_its_numbers(net: str, words: list[str]) -> None:
    text = net_summary(analysed(net))
    for said in words:
        assert said in text


@pytest.mark.parametrize(("net", "is_refused"), [("resnet18", True), ("resnet50", False)])
def test_of_dilated_basic_blocks_it_is_told_that_torchvision_has_none(net: str, is_refused: bool) -> None:
    text = net_summary(analyse(lower(preset(net, dilated_stages=(3, 4)))))
    assert "Dilation replaces the strides of stages 3 and 4" in text
    assert ("torchvision's class refuses it" in text) == is_refused  # "Dilation > 1 not supported in BasicBlock"


def test_a_field_smaller_than_the_image_is_said_to_be_of_it() -> None:
    spec = NetSpec(blocks=(1,), widths=(8,), image_size=224)
    assert "27 × 27 px, of an image of 224 px." in net_summary(analyse(lower(spec)))  # layer1.0: torchvision


@given(small_specs())
@settings(deadline=None)
def test_shortcuts_that_are_told_apart_add_up(spec: NetSpec) -> None:
    text = net_summary(analyse(lower(spec)))
    if spec.is_plain:
        assert "shortcuts" not in text
        return
    match = re.search(r"Shortcuts: (.*?)\.(?: |$)", text)
    assert match is not None
    counts = [int(kind.partition(" ")[0]) for kind in match[1].split(", ")]
    assert sum(counts) == sum(spec.blocks)


# ------------------------------------------------------------------------------------------------------------- tables


def test_counts_of_torchvision_differ_by_nothing() -> None:
    rows = [row for row in family_table(IMAGENET) if "torchvision" in row["source"]]
    assert len(rows) == 18  # resnet18 to resnet152, three ResNeXts, two wide nets, eight of VGG
    assert {row["params, difference"] for row in rows} == {"0"}
    # torchvision prints 4.089: three decimals of 1e9
    assert all(abs(row["our MACs"] - float(row["published MACs"].split()[0]) * 1e9) <= 0.5e6 for row in rows)
    assert [row["our params"] for row in rows] == [
        11_689_512, 21_797_672, 25_557_032, 44_549_160, 60_192_808,  # torchvision 0.29.2
        25_028_904, 88_791_336, 83_455_272, 68_883_240, 126_886_696,  # torchvision 0.29.2
        132_863_336, 132_868_840, 133_047_848, 133_053_736,  # torchvision 0.29.1
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
