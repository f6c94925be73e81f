"""One block by itself: the second block of a small net's plan, with its counts and its path of the shortcut."""

from dataclasses import dataclass

from resnet_viz.analysis.cost import macs, params
from resnet_viz.blocks.variants import BlockSettings, BlockVariant, spec_of
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import Shape
from resnet_viz.plan.plan import Block, Node, Plan, Section, ShortcutKind
from resnet_viz.spec.net import NetSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class SingleBlock:
    """A variant with its numbers.

    Attributes:
        variant: row of the vocabulary.
        plan: the net that it is the last block of.
        block: its place in the plan.
    """

    variant: BlockVariant
    plan: Plan
    block: Block

    @property
    def spec(self) -> NetSpec:
        """The net's description."""
        assert isinstance(self.plan.spec, NetSpec)  # made by `spec_of`
        return self.plan.spec

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Its layers in running order."""
        return self.plan.nodes_of(self.block)

    @property
    def params(self) -> int:
        """Trainable parameters."""
        return sum(params(node.op) for node in self.nodes)

    @property
    def macs(self) -> int:
        """Multiply-adds for one image."""
        return sum(macs(node.op, node.shape) for node in self.nodes)

    @property
    def is_plain(self) -> bool:
        """Whether it has no shortcut."""
        return self.block.shortcut is ShortcutKind.NONE

    @property
    def batch(self) -> int:
        """Images of the batch that its shapes are written for; 1 where it has no size of its own."""
        return self.variant.own.batch if self.variant.own else 1

    def of(self, section: Section) -> tuple[Node, ...]:
        """Returns its layers in a section."""
        return tuple(node for node in self.nodes if node.section is section)

    def on_shortcut_path(self) -> tuple[Node, ...]:
        """Returns the layers between input and output on the way of the shortcut, the addition left out.

        Activations before the paths split and after the addition count: x passes them too.
        """
        if self.is_plain:
            return ()
        return (*self.of(Section.PRE), *self.of(Section.SHORTCUT), *self.of(Section.POST))

    def shape_with_batch(self, shape: Shape) -> Shape:
        """Returns a shape with the batch in front where the variant has one: (4, 3, 6, 6)."""
        return (self.batch, *shape) if self.batch > 1 else shape


def single_block(variant: BlockVariant, settings: BlockSettings) -> SingleBlock:
    """Returns a variant with its numbers.

    Raises:
        SpecError: as `spec_of`.
    """
    plan = lower(spec_of(variant, settings))
    return SingleBlock(variant=variant, plan=plan, block=plan.blocks[-1])
