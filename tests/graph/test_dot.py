"""The text for Graphviz holds whatever a label says and nothing that a label could do."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz.graph.build import draw_net
from resnet_viz.graph.dot import row_dot, to_dot
from resnet_viz.graph.drawing import Arrow, Box, BoxForm, Drawing, Frame, Mark, Row
from resnet_viz.graph.roles import Role
from resnet_viz.present.theme import PALETTES, Mode
from tests.fakes.drawings import analysed, opened, shortcut_arrows

LIGHT = PALETTES[Mode.LIGHT]
WORD = re.compile(r'\s+|"(?:[^"\\]|\\.)*"|->|[{}\[\]=;]|[A-Za-z0-9_.]+', flags=re.DOTALL)
OPENINGS = pytest.mark.parametrize("text", ["", "stage3", "stage2,stage2.block1", "stem,stage1.*,head"])
NETS = pytest.mark.parametrize("net", ["resnet18", "plain34", "cifar_preact_bottleneck164", "resnext50_32x4d"])
HOSTILE = (
    '"',
    "\\",
    '\\"]; node [label="',
    "a\nb\r\nc",
    "<b>bold</b>",
    "<<table><tr><td>x</td></tr></table>>",
    "</B></FONT></TD></TR></TABLE>>]; evil [label=<",
    "<IMG SRC='x'/>",
    "\\N \\G \\L \\E",
    "}\nsubgraph cluster_x {",
    "// no /* comment */ # here",
    "a & b &amp; &lt; &#60;",
    "node",
    " ",
)


def tokens(dot: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each token: "string", "html" or "word". What is none of these fails."""
    place = 0
    while place < len(dot):
        if dot[place] == "<":
            end = closing(dot, place)
            yield "html", dot[place + 1 : end]
            place = end + 1
            continue
        found = WORD.match(dot, place)
        assert found, dot[place : place + 60]
        text = found.group()
        if not text.isspace():
            yield ("string", text[1:-1]) if text[0] == '"' else ("word", text)
        place = found.end()


def closing(dot: str, start: int) -> int:
    """Where the bracket at `start` is closed, counted as Graphviz counts."""
    depth = 0
    for place in range(start, len(dot)):
        depth += {"<": 1, ">": -1}.get(dot[place], 0)
        if depth == 0:
            return place
    raise AssertionError("a bracket stays open")


class Words(HTMLParser):
    """What an HTML label says, and with which tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said, self.tags = "", set[str]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.said += data


def structure(dot: str) -> list[str]:
    """The tokens without what strings say. A label that is one plain word stands without quotes: no other structure."""
    found = list(tokens(dot))
    kinds = []
    for place, (kind, text) in enumerate(found):
        is_label = place > 1 and found[place - 1][1] == "=" and found[place - 2][1] == "label"
        kinds.append(
            "string" if kind == "string" or (kind == "word" and is_label) else kind if kind == "html" else text
        )
    return kinds


def drawing_that_says(text: str) -> Drawing:
    boxes = (
        Box("one", Role.CONV, text, (text, text), opens=True),
        Box("two", Role.BRANCH, text, (text,), cells=(Role.BRANCH, Role.SHORTCUT), note=text or "note"),
        Box("three.more", Role.BRANCH, text, form=BoxForm.MORE, mark=Mark.DIFFERENT, arc=text or "arc"),
        Box("three.more.sum", Role.SHORTCUT, "+", form=BoxForm.SUM),
    )
    arrows = (
        Arrow("one", "two", text),
        Arrow("two", "three.more", text, Role.BRANCH),
        Arrow("three.more", "three.more.sum", ""),
        Arrow("two", "three.more.sum", text, Role.SHORTCUT, is_dashed=True),
    )
    frames = (Frame("outer", text or "net"), Frame("frame", text, text, "outer"))
    return Drawing(rows=(Row("frame.row1", "frame", boxes, arrows),), frames=frames, turns=())


def check_no_label_breaks_out(text: str) -> None:
    dot = to_dot(drawing_that_says(text), LIGHT)
    assert structure(dot) == structure(to_dot(drawing_that_says("a b"), LIGHT))
    for kind, html in tokens(dot):
        if kind == "html":
            assert Words(html).tags <= {"table", "tr", "td", "font", "b"}


@pytest.mark.parametrize("text", [*HOSTILE, "", "\0"])
def test_no_hostile_label_breaks_out_of_its_string(text: str) -> None:
    check_no_label_breaks_out(text)


@given(text=st.text(max_size=40))
@settings(deadline=None, max_examples=100)
def test_no_label_at_all_breaks_out_of_its_string(text: str) -> None:
    check_no_label_breaks_out(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_is_shown_as_it_was_said(text: str) -> None:
    dot = to_dot(drawing_that_says(text), LIGHT)
    said = [Words(html).said for kind, html in tokens(dot) if kind == "html"]
    assert said == [text * 3, text * 3, text]  # title and lines; title, line and note; title
    meant = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")  # the DOT language, escString
    arrow = dot[dot.index("one -> two [label=") :].partition("\n\t\t")[0]
    assert next(said for kind, said in list(tokens(arrow))[6:]) == meant


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz itself is not installed")
@pytest.mark.parametrize("text", HOSTILE)
def test_graphviz_reads_what_was_meant(text: str) -> None:
    dot = to_dot(drawing_that_says(text), LIGHT)
    done = subprocess.run(["dot", "-Tplain"], input=dot.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    nodes = [line.split()[1] for line in done.stdout.decode().splitlines() if line.startswith("node ")]
    assert sorted(nodes) == ['"three.more"', '"three.more.sum"', "one", "two"]


@NETS
@OPENINGS
def test_real_drawings_are_well_formed_text_with_every_box_and_arrow(net: str, text: str) -> None:
    drawing = draw_net(analysed(net), opened(text))
    for row in drawing.rows:
        dot = row_dot(row, LIGHT)
        found = [token for _kind, token in tokens(dot)]
        assert (found[0], found[1], found[2], found[-1]) == ("digraph", row.id, "{", "}")
        assert found.count("[") == found.count("]")
        assert dot.count(" -> ") == len(row.arrows) + sum(bool(box.arc) for box in row.boxes)
        for box in row.boxes:
            assert re.search(rf'^\t"?{re.escape(box.id)}"? \[', dot, flags=re.MULTILINE), box.id
    assert to_dot(drawing, LIGHT).count("digraph ") == len(drawing.rows)


@NETS
@OPENINGS
def test_every_word_of_a_box_is_in_its_label(net: str, text: str) -> None:
    drawing = draw_net(analysed(net), opened(text))
    labels = iter([Words(html).said for kind, html in tokens(to_dot(drawing, LIGHT)) if kind == "html"])
    for box in drawing.boxes:
        if box.form in (BoxForm.BOX, BoxForm.MORE):
            assert next(labels) == "".join([box.title, *box.lines, box.note])
    assert not list(labels)


@pytest.mark.parametrize("mode", Mode)
def test_shortcuts_are_drawn_in_the_shortcut_colour_and_nothing_else_is(mode: Mode) -> None:
    palette = PALETTES[mode]
    drawing = draw_net(analysed("resnet18"), opened("stage2,stage3"))
    colour = palette[Role.SHORTCUT].line
    dot = to_dot(drawing, palette)
    lines = [line for line in dot.splitlines() if " -> " in line and f'color="{colour}"' in line]
    arcs = [line for line in lines if "class=arc" in line]
    assert [line.split()[0] for line in arcs] == ["stage1", "stage4"]  # the closed ones
    edges = [line for line in lines if line not in arcs]
    assert len(edges) == len(shortcut_arrows(drawing)) == 4  # He et al. 2015, table 1: two blocks a stage
    assert sum("dashed" in line for line in edges) == 2
    assert all("class=shortcut" in line for line in edges)
    assert colour not in to_dot(draw_net(analysed("plain18"), opened("stage2,stage3")), palette)


def test_a_row_above_its_frame_says_where_it_stands() -> None:
    dot = to_dot(draw_net(analysed("resnet50"), opened("stage3,stage3.block2")), LIGHT)
    assert "stage 3 · conv4_x · block 2" in dot


def test_a_very_deep_stage_has_no_more_cells_than_can_be_seen() -> None:
    (row,) = draw_net(analysed("cifar_preact_bottleneck1001"), opened()).rows
    cells = row_dot(row, LIGHT).count("<TD FIXEDSIZE")
    assert 3 * 50 < cells <= 3 * 240  # 111 blocks a stage: He et al. 2016, appendix


def test_a_shade_outdoes_the_colour_of_the_kind_and_takes_the_note_along() -> None:
    (row,) = draw_net(analysed("resnet18"), opened()).rows
    dot = row_dot(row, LIGHT, {"stage1": "#123456"})
    (line,) = (line for line in dot.splitlines() if line.startswith("\tstage1 ["))
    assert 'fillcolor="#123456"' in line
    assert LIGHT[Role.SHORTCUT].text not in line  # too faint on a shade
    noted = [line for line in dot.splitlines() if " -> " not in line and LIGHT[Role.SHORTCUT].text in line]
    assert len(noted) == 3  # the other stages' notes
