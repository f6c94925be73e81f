"""What the tests of the layer graph share: nets, openings for hypothesis, and a drawing as a graph to walk along."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from hypothesis import strategies as st

from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.graph.drawing import Arrow, BoxForm, Drawing, Level
from resnet_viz.graph.expansion import Expansion
from resnet_viz.graph.folding import fold_name, folds
from resnet_viz.graph.roles import Role
from resnet_viz.plan.lower import lower
from resnet_viz.plan.plan import Plan
from resnet_viz.spec.presets import preset


@cache
def analysed(net: str, **changes: object) -> Analysis:
    return analyse(lower(preset(net, **changes)))


def opened(text: str = "", level: Level = Level.STAGE) -> Expansion:
    return Expansion.from_text(level, text)


def names_of(plan: Plan) -> list[str]:
    """Everything that can be open: parts, blocks and folds."""
    runs = [fold_name(run) for stage in plan.stages for run in folds(plan, stage)]
    return [*(part.name for part in plan.parts), *(block.name for block in plan.blocks), *filter(None, runs)]


@st.composite
def openings(draw: st.DrawFn, plan: Plan) -> Expansion:
    """Any opening that an address may hold for this net."""
    token = st.tuples(st.sampled_from(["", "-"]), st.sampled_from(names_of(plan)), st.sampled_from(["", ".*"]))
    tokens = draw(st.lists(token.map("".join), max_size=8))
    return opened(",".join(tokens), draw(st.sampled_from(Level)))


def shortcut_arrows(drawing: Drawing) -> list[Arrow]:
    """The arrows that end in a sum from the shortcut's side: one a shortcut."""
    sums = {box.id for box in drawing.boxes if box.form is BoxForm.SUM}
    return [arrow for arrow in drawing.arrows if arrow.role is Role.SHORTCUT and arrow.target in sums]


def steps(drawing: Drawing) -> set[tuple[str, str]]:
    """The arrows from box to box, a turn and the point that it leads to taken as one with what comes behind."""
    points = {box.id for box in drawing.boxes if box.form is BoxForm.POINT}
    before = {arrow.target: arrow.source for arrow in drawing.turns}

    def begin(name: str) -> str:
        return begin(before[name]) if name in points else name

    return {(begin(arrow.source), arrow.target) for arrow in drawing.arrows if arrow.target not in points}


def reached(arrows: Iterable[tuple[str, str]], start: str) -> set[str]:
    """Whatever arrows lead to from `start`, itself included."""
    behind: Mapping[str, list[str]] = defaultdict(list)
    for source, target in arrows:
        behind[source].append(target)
    found, edge = {start}, [start]
    while edge:
        new = set(behind[edge.pop()]) - found
        found |= new
        edge += new
    return found
