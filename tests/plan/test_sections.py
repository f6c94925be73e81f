"""Sections, stages and numbers: nodes, blocks and parts hold what their names spell, in every net."""

from itertools import groupby, product

import pytest
from hypothesis import given, settings

from resnet_viz.errors import SpecError
from resnet_viz.plan.lower import lower
from resnet_viz.plan.names import Location, locate, short_name
from resnet_viz.plan.ops import Add, Complement, Multiply, Op, Sigmoid
from resnet_viz.plan.plan import Plan, Section
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec
from tests.fakes.spec_strategies import small_nets, specs

RUN = (Section.PRE, Section.BRANCH, Section.SHORTCUT, Section.ADD, Section.POST)
OWN_NAMES = {  # of nodes that a block holds itself: He et al. 2016, fig. 2 c and d
    "gated_branch": (Section.BRANCH, Multiply),
    "one_minus_gate": (Section.GATE, Complement),
    "gated_shortcut": (Section.SHORTCUT, Multiply),
    "add": (Section.ADD, Add),
}


def spelled(name: str) -> tuple[int, int, Section]:
    """Stage, block and section as a reader takes them from a node's name, written without the code under test."""
    first, *rest = name.split(".")
    if first in ("stem", "head"):
        return 0, 0, Section(first)
    stage = int(first.removeprefix("stage"))
    if rest == ["pool"]:
        return stage, 0, Section.POOL
    block, leaf = int(rest[0].removeprefix("block")), rest[1]
    return stage, block, OWN_NAMES[leaf][0] if leaf in OWN_NAMES else Section(leaf)


def check(plan: Plan) -> None:
    for node in plan.nodes:
        place = spelled(node.name)
        assert node.section is place[-1], node.name
        assert locate(node.name) == place
    for block in plan.blocks:
        assert block.name == f"stage{block.stage}.block{block.number}"
        assert locate(block.name) == Location(block.stage, block.number, None)
        assert plan.stages[block.stage - 1].blocks[block.number - 1] is block
        assert {spelled(node.name)[:2] for node in plan.nodes_of(block)} == {(block.stage, block.number)}
    for part in plan.parts:
        assert part.name == (f"stage{part.stage}" if part.blocks else part.name)
        assert bool(part.blocks) == bool(part.stage)
    assert [stage.stage for stage in plan.stages] == list(range(1, len(plan.stages) + 1))


@given(small_nets())
@settings(deadline=None)
def test_fields_and_names_agree_in_any_net(spec: AnySpec) -> None:
    check(lower(spec))


@given(specs())
@settings(deadline=None, max_examples=15)
def test_so_they_do_in_large_nets(spec: NetSpec) -> None:
    check(lower(spec))


def test_they_agree_in_every_product_of_options() -> None:
    fields = product(Stem, BlockKind, Order, Shortcut, DimMatch, Norm)
    num_nets = 0
    for stem, block, order, shortcut, match, norm in fields:
        try:
            spec = NetSpec(
                blocks=(2, 2), widths=(8, 16), image_size=32,
                stem=stem, block=block, order=order, shortcut=shortcut, dim_match=match, norm=norm,
            )  # fmt: skip
        except SpecError:  # option C goes with identities and plain nets only
            continue
        check(lower(spec))
        num_nets += 1
    assert num_nets == len(Stem) * len(BlockKind) * len(Order) * len(Norm) * (2 * len(Shortcut) + 2)


@given(small_nets().filter(lambda spec: not isinstance(spec, NetSpec) or not spec.shortcut.is_gated))
@settings(deadline=None)
def test_a_block_without_a_gate_runs_through_its_sections_in_one_order(spec: AnySpec) -> None:
    plan = lower(spec)
    for block in plan.blocks:
        found = [section for section, _nodes in groupby(node.section for node in plan.nodes_of(block))]
        assert found == [section for section in RUN if section in found]


@pytest.mark.parametrize("kind", [Shortcut.EXCLUSIVE_GATING, Shortcut.SHORTCUT_ONLY_GATING])
def test_the_products_of_a_gate_lie_on_the_path_that_they_act_on(kind: Shortcut) -> None:
    plan = lower(preset("cifar_resnet8", shortcut=kind))
    inside = {node.name.rpartition(".")[2]: node for node in plan.nodes_of(plan.blocks[1])}
    found: dict[str, tuple[Section, type[Op]]] = {
        name: (node.section, type(node.op)) for name, node in inside.items() if name in OWN_NAMES
    }
    expected = dict(OWN_NAMES)
    if kind is Shortcut.SHORTCUT_ONLY_GATING:
        del expected["gated_branch"]
    assert found == expected
    assert (inside["sigmoid"].section, type(inside["sigmoid"].op)) == (Section.GATE, Sigmoid)


@pytest.mark.parametrize(
    ("name", "location", "short"),
    [
        ("stem", (0, 0, Section.STEM), "stem"),
        ("head.fc", (0, 0, Section.HEAD), "head.fc"),
        ("stage3", (3, 0, None), "3"),
        ("stage3.pool", (3, 0, Section.POOL), "stage3.pool"),
        ("stage3.block12", (3, 12, None), "3.12"),
        ("stage3.block12.gate.conv", (3, 12, Section.GATE), "stage3.block12.gate.conv"),
        ("stage1.block1.branch.conv1.weight", (1, 1, Section.BRANCH), "stage1.block1.branch.conv1.weight"),
    ],
)
def test_a_recorded_name_tells_its_place(name: str, location: tuple[int, int, Section | None], short: str) -> None:
    assert locate(name) == location
    assert short_name(name) == short


@pytest.mark.parametrize(
    "name",
    ["", "fc", "conv1", "layer1.0.conv1", "stage", "stage0", "stage1block1", "stage1.block0.add",
     "stage1.block1.body.conv", "stages", "stemcell",
     "stage10000.block1", "b/stage1", "stage1.block1 ", "stage1\n", "features.0", "stage٣", "x" * 9_000],
)  # fmt: skip
def test_a_foreign_name_has_no_place_and_stays_as_it_is(name: str) -> None:
    assert locate(name) == Location(0, 0, None)
    assert short_name(name) == name
