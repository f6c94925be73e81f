"""Names of stages, blocks and nodes: their grammar, and the one place that takes a recorded name apart.

A plan's nodes and blocks hold their section, stage and number as fields. Only names that come without a plan are read
here: of nodes in a stored run, of blocks and layers in a stored answer.
"""

import re
from typing import Final, NamedTuple

from resnet_viz.plan.plan import Section

_NAME: Final = re.compile(
    r"(?:stage([1-9][0-9]{0,3})(?:\.block([1-9][0-9]{0,3}))?|(stem|head))(?:\.([a-z_0-9]+)(?:\..*)?)?", re.ASCII
)
_SECTIONS: Final = {section.value: section for section in Section} | {
    "gated_branch": Section.BRANCH,
    "one_minus_gate": Section.GATE,
    "gated_shortcut": Section.SHORTCUT,
}


class Location(NamedTuple):
    """The place in a net that a name tells.

    Attributes:
        stage: number of the stage, from 1; 0 outside of the stages.
        block: number of the block in its stage, from 1; 0 outside of the blocks.
        section: of a node; of the stem and the head as such, too; None of stages, of blocks and of foreign names.
    """

    stage: int
    block: int
    section: Section | None


_NOWHERE: Final = Location(0, 0, None)


def stage_name(stage: int) -> str:
    """Returns the name of a stage, counted from 1."""
    return f"stage{stage}"


def block_leaf(number: int) -> str:
    """Returns the name of a block within its stage, counted from 1."""
    return f"block{number}"


def block_name(stage: int, number: int) -> str:
    """Returns the name of a block by its stage and its position there, both counted from 1."""
    return f"{stage_name(stage)}.{block_leaf(number)}"


def locate(name: str) -> Location:
    """Returns the place of a part, block or node, read from its name; nowhere for a name of another kind."""
    match = _NAME.fullmatch(name)
    if match is None:
        return _NOWHERE
    stage, block, end, leaf = match.groups()
    if end or leaf is None:
        return Location(int(stage or 0), int(block or 0), Section(end) if end else None)
    return Location(int(stage), int(block or 0), _SECTIONS[leaf]) if leaf in _SECTIONS else _NOWHERE


def is_on_main_path(name: str) -> bool:
    """Returns whether a recorded layer is on the path that views by depth count: projections are not."""
    return locate(name).section is not Section.SHORTCUT


def short_name(name: str) -> str:
    """Returns "3.2" for "stage3.block2" and "3" for "stage3"; any other name as it is."""
    stage, block, section = locate(name)
    if not stage or section is not None:
        return name
    return f"{stage}.{block}" if block else str(stage)
