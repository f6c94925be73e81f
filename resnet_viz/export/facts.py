"""Common and differing properties of the blocks of a plan, from which its Block class is written."""

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final, NamedTuple

from resnet_viz.plan.ops import Add, BatchNorm, Complement, Conv, Multiply, Scale
from resnet_viz.plan.plan import Block, Node, Part, Plan, Section, ShortcutKind
from resnet_viz.spec.enums import BlockKind
from resnet_viz.spec.net import NetSpec

_IN_FORWARD: Final = (Add, Multiply, Complement, Scale)


class ActivationPlace(Enum):
    """Place of the first activation of a pre-activation block."""

    NOWHERE = auto()
    BRANCH = auto()
    BOTH_PATHS = auto()


class SharedActivation(StrEnum):
    """Condition under which that activation is applied before both paths, as written in the code."""

    NEVER = "False"
    ALWAYS = "True"
    NEW_SHAPE = "has_new_shape"
    FIRST = "is_first"
    EITHER = "has_new_shape or is_first"

    @property
    def is_condition(self) -> bool:
        """Whether blocks differ in it."""
        return self not in (SharedActivation.NEVER, SharedActivation.ALWAYS)


class Sections(NamedTuple):
    """Layers of a block by section. `lead` are those of the branch before its first convolution.

    Sums, products and constant factors are left out: in the code they are part of `forward`.
    """

    pre: tuple[Node, ...]
    lead: tuple[Node, ...]
    branch: tuple[Node, ...]
    gate: tuple[Node, ...]
    shortcut: tuple[Node, ...]
    post: tuple[Node, ...]

    @property
    def before(self) -> ActivationPlace:
        """Place of the first activation."""
        return (
            ActivationPlace.BOTH_PATHS if self.pre else ActivationPlace.BRANCH if self.lead else ActivationPlace.NOWHERE
        )

    @property
    def convs(self) -> dict[str, Conv]:
        """The convolutions of the branch by their names in it: "conv1"."""
        return {node.leaf: node.op for node in self.branch if isinstance(node.op, Conv)}


class StageFacts(NamedTuple):
    """Numbers of a stage; those of the first block where blocks differ."""

    name: str
    num_blocks: int
    in_channels: int
    width: int
    out_channels: int
    stride: int
    first_dilation: int
    dilation: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Properties of a net on which its code depends.

    Attributes:
        plan: the net.
        stages: numbers of its stages.
        sections: layers of one block; blocks differ in `pre` and `lead` only.
        activation: layers of a block before its first convolution, in the branch or before both paths.
        projection: convolution and norm of a 1x1 convolution on a shortcut; empty where there is none.
        kinds: kinds of shortcut in the net.
        strided: names of the convolutions of a branch that downsample in some block.
        dilated: names of those that are dilated in some block.
        is_first_bare: whether the first block has no activation of its own while others have one.
        shared: condition of an activation before both paths.
    """

    plan: Plan
    stages: tuple[StageFacts, ...]
    sections: Sections
    activation: tuple[Node, ...]
    projection: tuple[Node, ...]
    kinds: frozenset[ShortcutKind]
    strided: frozenset[str]
    dilated: frozenset[str]
    is_first_bare: bool
    shared: SharedActivation

    @property
    def spec(self) -> NetSpec:
        """The description of the net."""
        spec = self.plan.spec
        assert isinstance(spec, NetSpec)  # VGG nets are written by `vgg`
        return spec

    @property
    def has_width(self) -> bool:
        """Whether the inner width of a block differs from its outputs, so that both are arguments."""
        return self.spec.block is BlockKind.BOTTLENECK

    @property
    def has_first_dilation(self) -> bool:
        """Whether the two convolutions of a basic block may differ in dilation, so that both are arguments."""
        return self.spec.block is BlockKind.BASIC and next(iter(self.sections.convs)) in self.dilated

    @property
    def has_first(self) -> bool:
        """Whether the first block of the net differs from others of its shape."""
        return self.is_first_bare or self.shared in (SharedActivation.FIRST, SharedActivation.EITHER)

    @property
    def new_shape(self) -> str:
        """The condition under which a block changes the shape of its input."""
        return " or ".join(["stride != 1"] * bool(self.strided) + ["in_channels != out_channels"])

    @property
    def needs_new_shape(self) -> bool:
        """Whether the first activation depends on a change of shape, too."""
        return self.shared in (SharedActivation.NEW_SHAPE, SharedActivation.EITHER)

    @property
    def is_mixed(self) -> bool:
        """Whether shortcuts with and without a change of shape differ in kind."""
        is_1x1_throughout = self.kinds == {ShortcutKind.CONV1X1, ShortcutKind.PROJECTION}
        return len(self.kinds) > 1 and not is_1x1_throughout


def facts_of(plan: Plan) -> Facts:
    """Returns the properties of a plan on which its code depends."""
    sections = {block.name: _sections(plan, block) for block in plan.blocks}
    every = tuple(sections.values())
    befores = [(block, sections[block.name].before) for block in plan.blocks]
    return Facts(
        plan=plan,
        stages=tuple(_stage(stage, sections) for stage in plan.stages),
        sections=every[-1],
        activation=next(
            (part.pre or part.lead for part in reversed(every) if part.before is not ActivationPlace.NOWHERE), ()
        ),
        projection=next((part for part in map(_projection, every) if part), ()),
        kinds=frozenset(block.match for block in plan.blocks),
        strided=frozenset(leaf for part in every for leaf, conv in part.convs.items() if conv.stride > 1),
        dilated=frozenset(leaf for part in every for leaf, conv in part.convs.items() if conv.dilation > 1),
        is_first_bare=befores[0][1] is ActivationPlace.NOWHERE
        and any(before is not ActivationPlace.NOWHERE for _, before in befores),
        shared=_shared(befores),
    )


def _sections(plan: Plan, block: Block) -> Sections:
    found: dict[Section, list[Node]] = defaultdict(list)
    for node in plan.nodes_of(block):
        if not isinstance(node.op, _IN_FORWARD):
            found[node.section].append(node)
    branch = found[Section.BRANCH]
    first_conv = next(position for position, node in enumerate(branch) if isinstance(node.op, Conv))
    return Sections(
        pre=tuple(found[Section.PRE]),
        lead=tuple(branch[:first_conv]),
        branch=tuple(branch[first_conv:]),
        gate=tuple(found[Section.GATE]),
        shortcut=tuple(found[Section.SHORTCUT]),
        post=tuple(found[Section.POST]),
    )


def _projection(sections: Sections) -> tuple[Node, ...]:
    return tuple(node for node in sections.shortcut if isinstance(node.op, Conv | BatchNorm))


def _stage(stage: Part, sections: dict[str, Sections]) -> StageFacts:
    first, last = (tuple(sections[stage.blocks[at].name].convs.values()) for at in (0, -1))
    return StageFacts(
        name=stage.name,
        num_blocks=len(stage.blocks),
        in_channels=stage.blocks[0].in_shape[0],
        width=first[0].out_channels,
        out_channels=stage.shape[0],
        stride=max(conv.stride for conv in first),
        first_dilation=next(conv.dilation for conv in first if conv.kernel > 1),
        dilation=max(conv.dilation for conv in last),
    )


def _shared(befores: list[tuple[Block, ActivationPlace]]) -> SharedActivation:
    active = [
        (block, before is ActivationPlace.BOTH_PATHS)
        for block, before in befores
        if before is not ActivationPlace.NOWHERE
    ]
    shared = [is_shared for _, is_shared in active]
    changing = [not block.match.keeps_shape for block, _ in active]
    if not any(shared):
        return SharedActivation.NEVER
    if all(shared):
        return SharedActivation.ALWAYS
    if shared == changing:
        return SharedActivation.NEW_SHAPE
    return (
        SharedActivation.EITHER if any(changing) else SharedActivation.FIRST
    )  # the first block, though its shape stays
