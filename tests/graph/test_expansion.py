"""Expansions: clicks one after the other against a plain model, and the text in an address."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from resnet_viz.analysis.report import analyse
from resnet_viz.graph.build import draw_net
from resnet_viz.graph.drawing import Level
from resnet_viz.graph.expansion import MORE, Expansion
from resnet_viz.graph.folding import fold_containing, path_to
from resnet_viz.plan.lower import lower
from resnet_viz.spec.presets import preset
from tests.fakes.drawings import names_of, opened, openings

# folds of different length, one of them the first block's, and a stage without one
ANALYSIS = analyse(lower(preset("cifar_resnet20", blocks=(4, 5, 2))))
PLAN = ANALYSIS.plan
NAMES = names_of(PLAN)
FOLDS = [name for name in NAMES if name.endswith(MORE)]


def clickable(opening: Expansion) -> set[str]:
    """Names that a click opens or closes: boxes with something inside, and titles of frames."""
    drawing = draw_net(ANALYSIS, opening)
    frames = {frame.id for frame in drawing.frames if frame.closes}
    return {box.id for box in drawing.boxes if box.opens} | frames


def visible(opening: Expansion) -> set[str]:
    """Ids of all boxes and frames: equal sets are equal drawings."""
    drawing = draw_net(ANALYSIS, opening)
    return {box.id for box in drawing.boxes} | {frame.id for frame in drawing.frames}


def by_level(level: Level) -> set[str]:
    parts = {"stem", "head"}
    stages = {stage.name for stage in PLAN.stages}
    blocks = {block.name for block in PLAN.blocks}
    return {Level.STAGE: set[str](), Level.BLOCK: stages, Level.LAYER: parts | stages | blocks}[level]


def test_the_net_of_these_tests_has_folds() -> None:
    assert FOLDS == ["stage1.block2.more", "stage2.block3.more"]


def fold_of(name: str) -> str:
    return fold_containing(PLAN, name)


def read(opening: Expansion) -> set[str]:
    return {name for name in NAMES if opening.is_open(name, fold_of(name))}


class Clicks(RuleBasedStateMachine):
    """A visitor clicks; the model is the set of all that is open, with nothing clever about it."""

    def __init__(self) -> None:
        super().__init__()
        self.opening = Expansion()
        self.open: set[str] = set()

    def pick(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(clickable(self.opening))))

    def inside(self, name: str) -> set[str]:
        """What is inside a part, or behind a fold; in a block there are only layers."""
        if name.endswith(MORE):
            return {other for other in NAMES if fold_of(other) == name}
        return set() if "." in name else {other for other in NAMES if other.startswith(f"{name}.")}

    @rule(data=st.data())
    def click(self, data: st.DataObject) -> None:
        name = self.pick(data)
        self.opening = self.opening.toggle(name, fold_of(name))
        if name in self.open and name.endswith(MORE):
            self.open = read(self.opening)  # its blocks are as they were before all below was opened
        elif name in self.open:
            default = by_level(self.opening.level)
            self.open = (self.open - {name} - self.inside(name)) | (default & self.inside(name))
        else:
            self.open.add(name)

    @rule(data=st.data())
    def alt_click(self, data: st.DataObject) -> None:
        name = self.pick(data)
        self.opening = self.opening.open_below(name)
        self.open |= {name} | self.inside(name)

    @rule(level=st.sampled_from(Level))
    def switch(self, level: Level) -> None:
        self.opening = Expansion(level=level)
        self.open = by_level(level)

    @rule(data=st.data())
    def click_twice(self, data: st.DataObject) -> None:
        name = self.pick(data)
        if not self.opening.is_open(name, fold_of(name)):
            before = visible(self.opening)
            self.opening = self.opening.toggle(name, fold_of(name)).toggle(name, fold_of(name))
            assert visible(self.opening) == before

    @rule(data=st.data())
    def open_and_up(self, data: st.DataObject) -> None:
        name = self.pick(data)
        after = self.opening.toggle(name, fold_of(name))
        if after.tokens[-1:] == (name,):
            assert visible(after.up()) == visible(self.opening)

    @precondition(lambda self: self.opening != Expansion())
    @rule()
    def up(self) -> None:
        self.opening = self.opening.up()
        self.open = read(self.opening)

    @rule(node=st.sampled_from([node.name for node in PLAN.nodes]))
    def search(self, node: str) -> None:
        self.opening = self.opening.reveal(path_to(PLAN, node))
        self.open = read(self.opening)
        assert node in visible(self.opening)

    @invariant()
    def what_shows_is_what_the_model_says(self) -> None:
        shown = clickable(self.opening)
        frames = {frame.id for frame in draw_net(ANALYSIS, self.opening).frames}
        assert frames == {name for name in shown if name in self.open}
        assert not {fold for fold in FOLDS if fold in self.open} & shown

    @invariant()
    def the_address_holds_all_of_it(self) -> None:
        assert Expansion.from_text(self.opening.level, str(self.opening)) == self.opening

    @invariant()
    def up_ends_at_the_stages(self) -> None:
        opening = self.opening
        for _ in range(len(opening.tokens) + 2):  # tokens one by one, then at most two levels
            opening = opening.up()
        assert opening == Expansion()


Clicks.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestClicks = Clicks.TestCase


def test_a_click_on_the_first_unfolded_block_leaves_the_fold_open() -> None:
    unfolded = opened("stage1,stage1.block2.more")
    clicked = unfolded.toggle("stage1.block2").toggle("stage1.block2")
    assert clicked.is_open("stage1.block2.more")
    assert visible(clicked) == visible(unfolded)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "stage0",
        "stage3.block0",
        "stage3.block1.add",
        "stage3.more",
        "stage٣",
        "stage3\n",
        "--stage3",
        "stage3.**",
        "x" * 100_000,
        ",,,",
        "",
    ],
)
def test_what_is_no_name_is_left_out(text: str) -> None:
    assert Expansion.from_text(Level.STAGE, text) == Expansion()
    assert Expansion.from_text(Level.STAGE, f"stage2,{text},stem").tokens == ("stage2", "stem")


def test_an_endless_address_is_cut() -> None:
    text = ",".join(f"stage{number}" for number in range(1, 5_000))
    assert len(Expansion.from_text(Level.STAGE, text).tokens) == 200


def test_a_name_that_this_net_lacks_changes_nothing() -> None:
    assert visible(opened("stage6,stage1.block900,stage1.block77.more")) == visible(Expansion())


@given(openings(PLAN))
def test_the_text_of_an_opening_is_the_opening(opening: Expansion) -> None:
    assert Expansion.from_text(opening.level, str(opening)) == opening


@given(openings(PLAN), st.sampled_from([node.name for node in PLAN.nodes]))
@settings(deadline=None, max_examples=60)
def test_the_search_shows_every_layer_from_anywhere(opening: Expansion, node: str) -> None:
    shown = opening.reveal(path_to(PLAN, node))
    assert node in visible(shown)
    assert shown.reveal(path_to(PLAN, node)) == shown


@given(openings(PLAN), st.sampled_from(["stem", "stage1", "stage2", "stage3", "head"]))
@settings(deadline=None, max_examples=60)
def test_alt_click_shows_every_layer_of_a_part(opening: Expansion, name: str) -> None:
    (part,) = (part for part in PLAN.parts if part.name == name)
    assert {node.name for node in PLAN.nodes_of(part)} <= visible(opening.open_below(name))


def test_a_fold_opened_with_all_below_opens_its_blocks_too_and_one_of_them_closes_alone() -> None:
    analysis = analyse(lower(preset("resnet152")))
    fold = "stage3.block3.more"
    opened = Expansion.from_text(Level.STAGE, "stage3").open_below(fold)
    frames = {frame.id for frame in draw_net(analysis, opened).frames}
    assert frames == {"stage3", *(f"stage3.block{n}" for n in range(3, 37))}  # He et al. 2015, table 1: 36 blocks
    closed = opened.toggle("stage3.block7", fold)
    assert {frame.id for frame in draw_net(analysis, closed).frames} == frames - {"stage3.block7"}
    assert closed.toggle("stage3.block7", fold) == opened
