"""The kinds of shortcuts of He et al. 2016, fig. 2, as they are drawn, named, explained and written as code."""

import re
from typing import Any

import pytest

from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.graph.build import draw_net
from resnet_viz.graph.dot import to_dot
from resnet_viz.graph.drawing import Arrow, BoxForm, Drawing, Level
from resnet_viz.graph.expansion import Expansion
from resnet_viz.graph.roles import Role
from resnet_viz.plan.lower import lower
from resnet_viz.present.architecture.formulas import sum_katex
from resnet_viz.present.architecture.summary import net_summary
from resnet_viz.present.tables import layer_table
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.spec.enums import DimMatch, Shortcut
from resnet_viz.spec.presets import preset, residual_preset
from resnet_viz.spec.titles import title
from tests.fakes.drawings import opened

OF_2016 = [kind for kind in Shortcut if kind not in (Shortcut.NONE, Shortcut.IDENTITY)]
ON_TOP = [kind for kind in OF_2016 if kind is not Shortcut.CONV1X1]
# He et al. 2016, fig. 2 b to f, read from the picture: what stands beside a branch of ResNet-110 and in its sum.
BRANCH = "branch.conv1 branch.norm1 branch.act1 branch.conv2 branch.norm2"


def analysed(net: str, **changes: object) -> Analysis:
    return analyse(lower(preset(net, **changes)))


def arcs(drawing: Drawing) -> list[Arrow]:
    sums = {box.id for box in drawing.boxes if box.form is BoxForm.SUM}
    return [arrow for arrow in drawing.arrows if arrow.role is Role.SHORTCUT and arrow.target in sums]


ARCS = [
    (Shortcut.CONSTANT_SCALING, "scale 0.5"),
    (Shortcut.EXCLUSIVE_GATING, "gate"),
    (Shortcut.SHORTCUT_ONLY_GATING, "gate"),
    (Shortcut.CONV1X1, "1×1 convolution"),
    (Shortcut.DROPOUT, "dropout 0.5"),
]


@pytest.mark.parametrize(("kind", "word"), ARCS)
def test_the_arc_says_what_the_shortcut_does(kind: Shortcut, word: str) -> None:
    analysis = analysed("cifar_resnet20", shortcut=kind)
    changed = "zero padding" if kind is Shortcut.CONV1X1 else f"zero padding, {word}"
    blocks = draw_net(analysis, Expansion(level=Level.BLOCK))
    assert [arc.label for arc in arcs(blocks)] == [word, f"2 × {word}", changed, word, word, changed, word, word]
    notes = [box.note for box in draw_net(analysis, Expansion()).boxes if box.cells]
    assert notes == [f"3 {word}", f"2 {word}, 1 {changed}", f"2 {word}, 1 {changed}"]
    assert word in to_dot(blocks, PALETTES[Mode.LIGHT])


@pytest.mark.parametrize(
    ("kind", "word"),
    [(Shortcut.CONSTANT_SCALING, "scale 0.5"), (Shortcut.EXCLUSIVE_GATING, "gate"), (Shortcut.DROPOUT, "")],
)
def test_the_line_of_the_branch_says_what_is_done_to_it(kind: Shortcut, word: str) -> None:
    drawing = draw_net(analysed("cifar_resnet20", shortcut=kind), Expansion(level=Level.BLOCK))
    assert {arrow.label for arrow in drawing.arrows if arrow.role is Role.BRANCH} == {word}


def test_the_layers_of_a_gated_block_are_drawn_with_the_gate_beside_both_paths() -> None:
    analysis = analysed("cifar_resnet8", shortcut=Shortcut.EXCLUSIVE_GATING)
    drawing = draw_net(analysis, Expansion(level=Level.LAYER), only="stage2")
    name = "stage2.block1"
    box = {b.id.removeprefix(f"{name}."): (b.role, b.title) for b in drawing.boxes if b.id.startswith(name)}
    assert box["gate.sigmoid"] == (Role.SHORTCUT, "sigmoid")
    assert box["gated_branch"] == (Role.BRANCH, "× gate")
    assert box["gated_shortcut"] == (Role.SHORTCUT, "× (1 − gate)")
    lines = {(a.source.removeprefix(f"{name}."), a.target.removeprefix(f"{name}.")): a.role for a in drawing.arrows}
    assert lines["row1.from", "shortcut.pad"] is lines["shortcut.pad", "gated_shortcut"] is Role.SHORTCUT
    assert lines["gated_shortcut", "add"] is Role.SHORTCUT
    assert lines["branch.norm2", "gated_branch"] is lines["gated_branch", "add"] is Role.BRANCH
    assert lines["row1.from", "gate.conv"] is lines["gate.sigmoid", "gated_branch"] is Role.DATA
    assert lines["one_minus_gate", "gated_shortcut"] is Role.DATA


def test_a_scaled_block_is_drawn_with_both_factors() -> None:
    drawing = draw_net(
        analysed("cifar_resnet8", shortcut=Shortcut.CONSTANT_SCALING), Expansion(level=Level.LAYER), only="stage1"
    )
    factors = {b.id.removeprefix("stage1.block1."): (b.role, b.title) for b in drawing.boxes if "scale" in b.id}
    assert factors == {"branch.scale": (Role.BRANCH, "× 0.5"), "shortcut.scale": (Role.SHORTCUT, "× 0.5")}
    (dot_line,) = [
        line
        for line in to_dot(drawing, PALETTES[Mode.LIGHT]).splitlines()
        if '"stage1.block1.row1.from" -> "stage1.block1.shortcut.scale"' in line
    ]
    assert PALETTES[Mode.LIGHT][Role.SHORTCUT].line in dot_line
    assert "penwidth=2.6" in dot_line


def test_dropout_on_a_shortcut_has_a_role_of_its_own_and_none_elsewhere() -> None:
    analysis = analysed("cifar_resnet8", shortcut=Shortcut.DROPOUT)
    drawing = draw_net(analysis, Expansion(level=Level.LAYER))
    dropped = {box.name: box.role for box in drawing.boxes if box.title == "dropout 0.5"}
    assert dropped == {f"stage{n}.block1.shortcut.dropout": Role.DROPOUT for n in (1, 2, 3)}
    listed = [row["layer"] for row in layer_table(analysis, kinds=[Role.DROPOUT])]
    assert set(dropped) == set(listed)
    closed = [box.cells for box in draw_net(analysis, Expansion()).boxes if box.cells]
    assert closed == [(Role.DROPOUT,)] * 3
    in_head = {box.role for box in draw_net(analysed("vgg16"), opened("head")).boxes if box.title == "dropout 0.5"}
    assert in_head == {Role.DATA}


def test_the_line_of_a_shortcut_says_what_it_does_where_it_begins_and_nowhere_else() -> None:
    for kind, word in ARCS:
        drawing = draw_net(analysed("cifar_resnet8", shortcut=kind), Expansion(level=Level.LAYER), only="stage2")
        labels = [arrow.label for arrow in drawing.arrows if arrow.role is Role.SHORTCUT]
        changed = "zero padding" if kind is Shortcut.CONV1X1 else f"zero padding, {word}"
        assert labels[0] == changed
        assert set(labels[1:]) <= {"32×16×16"}


# ---------------------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shortcut": Shortcut.CONSTANT_SCALING}, "ResNet-110, shortcut times 0.5, branch times 0.5"),
        (
            {"shortcut": Shortcut.CONSTANT_SCALING, "shortcut_scale": 0.0, "residual_scale": 1.0},
            "ResNet-110, shortcut times 0, branch times 1",
        ),
        ({"shortcut": Shortcut.EXCLUSIVE_GATING}, "ResNet-110, exclusive gating from -6"),
        ({"shortcut": Shortcut.SHORTCUT_ONLY_GATING, "gate_bias": -0.5}, "ResNet-110, shortcut-only gating from -0.5"),
        ({"shortcut": Shortcut.CONV1X1}, "ResNet-110, 1×1 convolution shortcuts"),
        ({"shortcut": Shortcut.DROPOUT, "dropout": 0.25}, "ResNet-110, dropout 0.25 on shortcuts"),
        ({"dropout": 0.25}, "ResNet-110"),
    ],
)
def test_a_title_says_the_kind_and_its_numbers(changes: dict[str, Any], said: str) -> None:
    assert title(preset("cifar_resnet110", **changes)) == said


@pytest.mark.parametrize(
    ("kind", "formula", "words"),
    [
        (Shortcut.CONSTANT_SCALING, r"0.5\,F(x) + 0.5\,x", "52 that keep the shape, 2 zero padding (option A)"),
        (Shortcut.EXCLUSIVE_GATING, r"g(x)\,F(x) + (1 - g(x))\,x", "starts at -6"),
        (
            Shortcut.SHORTCUT_ONLY_GATING,
            r"F(x) + (1 - g(x))\,x",
            r"of a gate $g(x) = \sigma(W_g x + b_g)$ weights each shortcut",
        ),
        (Shortcut.CONV1X1, "F(x) + W_s x", "52 1×1 convolution, 2 zero padding (option A)"),
        (Shortcut.DROPOUT, "F(x) + d(x)", "Dropout with rate 0.5 acts on each shortcut"),
        (Shortcut.IDENTITY, "F(x) + x", "52 identity"),
    ],
)
def test_the_text_about_a_net_and_the_formula_say_the_kind(kind: Shortcut, formula: str, words: str) -> None:
    spec = residual_preset("cifar_resnet110", shortcut=kind)
    text = net_summary(analyse(lower(spec)))
    assert sum_katex(spec) == formula
    assert words in text
    assert (f"${formula}$" in text) == (kind in ON_TOP)


def test_numbers_in_formulas_are_set_without_an_e() -> None:
    spec = residual_preset("resnet18", shortcut=Shortcut.CONSTANT_SCALING, shortcut_scale=2e-5, residual_scale=1.0)
    assert sum_katex(spec) == r"F(x) + 2 \cdot 10^{-5}\,x"
    assert sum_katex(residual_preset("resnet18", dim_match=DimMatch.PROJECTION_EVERYWHERE)) == "F(x) + W_s x"


# ----------------------------------------------------------------------------------------------------------------- code


@pytest.mark.parametrize(
    ("kind", "equation", "line"),
    [
        (Shortcut.CONSTANT_SCALING, "relu(0.5 F(x) + 0.5 h(x))", "self.post(0.5 * self.branch(x) + 0.5 * self.short"),
        (Shortcut.EXCLUSIVE_GATING, "relu(g(x) F(x) + (1 - g(x)) h(x))", "g * self.branch(x) + (1 - g) * self.short"),
        (Shortcut.SHORTCUT_ONLY_GATING, "relu(F(x) + (1 - g(x)) h(x))", "self.branch(x) + (1 - g) * self.shortcut(x)"),
        (Shortcut.CONV1X1, "relu(F(x) + h(x))", "self.post(self.branch(x) + self.shortcut(x))"),
        (Shortcut.DROPOUT, "relu(F(x) + dropout(h(x)))", "self.branch(x) + self.dropout(self.shortcut(x))"),
    ],
)
def test_the_code_reads_like_the_equation_and_names_the_paper(kind: Shortcut, equation: str, line: str) -> None:
    text = pytorch_source(preset("cifar_resnet20", shortcut=kind))
    assert f'"""Returns {equation}."""' in text
    assert line in text
    assert "1603.05027" in text
    assert re.search(r"\(He\s+et\s+al\.\s+2016,\s+fig\.\s+2\s+[b-f]\)", text)


@pytest.mark.parametrize("word", ["gate", "dropout", "scale", "Scale"])
def test_code_without_a_kind_has_nothing_of_it(word: str) -> None:
    assert word not in pytorch_source(preset("cifar_resnet20")).replace("norms at scale one", "")
    assert "nn.init.constant_(parameter, -6)" in pytorch_source(
        preset("cifar_resnet20", shortcut=Shortcut.EXCLUSIVE_GATING)
    )


@pytest.mark.parametrize("kind", ON_TOP)
def test_a_shortcut_with_an_operation_on_it_is_never_called_the_identity(kind: Shortcut) -> None:
    analysis = analysed("cifar_resnet20", shortcut=kind)
    text = net_summary(analysis)
    assert "7 that keep the shape, 2 zero padding (option A)" in text
    shown = [text, *(arc.label for arc in arcs(draw_net(analysis, Expansion(level=Level.BLOCK))))]
    assert not [words for words in shown if "identity" in words]


@pytest.mark.parametrize(
    ("stages", "words"),
    [((4,), "replaces the stride of stage 4,"), ((3, 4), "replaces the strides of stages 3 and 4,")],
)
def test_dilated_stages_are_counted(stages: tuple[int, ...], words: str) -> None:
    assert words in net_summary(analysed("resnet50", dilated_stages=stages))
