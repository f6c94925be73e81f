"""Selection of the page: nets and image, and the architectures of the nets."""

from collections.abc import Sequence
from dataclasses import dataclass

from resnet_viz.attribution import methods
from resnet_viz.attribution.cost import QueryCost, query_cost
from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.data.datasets import SIZES, DataName
from resnet_viz.data.idx import SIDE
from resnet_viz.errors import Refusal
from resnet_viz.plan.lower import lower
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.widgets.nets.menu import class_names_of, spec_of


@dataclass(frozen=True, kw_only=True, slots=True)
class PageSelection:
    """Nets and image of the page.

    Attributes:
        nets: one or two.
        image: of the page.
        data: data set of the first net, or Fashion-MNIST where unknown.
        specs: architectures of the nets.
    """

    nets: tuple[NetRef, ...]
    image: ImageRef
    data: DataName
    specs: tuple[AnySpec, ...]

    @property
    def num_classes(self) -> int:
        """Number of classes that every net has."""
        return min((spec.num_classes for spec in self.specs), default=SIZES[self.data].classes)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes where all nets have the same ones; () where they do not, or where one is unknown."""
        names = {class_names_of(ref) for ref in self.nets}
        return names.pop() if len(names) == 1 else ()

    @property
    def image_size(self) -> int:
        """Largest image side of the nets in pixels."""
        return max((spec.square_side for spec in self.specs), default=SIDE)

    def blocks(self) -> list[str]:
        """Returns the blocks, in running order, that every net has."""
        return _common([[block.name for block in lower(spec).blocks] for spec in self.specs])

    def layers(self) -> list[str]:
        """Returns the nodes and blocks, in running order, that have a map in every net."""
        return _common([list(methods.map_layers(lower(spec))) for spec in self.specs])

    def num_channels(self, node: str) -> int:
        """Returns the number of channels that a node or block has in every net."""
        outputs = (lower(spec).output_of(node) for spec in self.specs)
        return min((output.shape[0] for output in outputs if output), default=1)


def selection_cost(query: AttributionQuery, about: PageSelection, *, num_steps: int = 1) -> QueryCost | None:
    """Returns the cost of a query about the page's nets; None for an invalid query."""
    try:
        return query_cost(query, about.specs, data=about.data, num_steps=num_steps)
    except Refusal:
        return None


def page_selection(nets: Sequence[NetRef], image: ImageRef, data: DataName) -> PageSelection:
    """Returns the selection of the page."""
    known = (spec_of(ref) for ref in nets)
    return PageSelection(
        nets=tuple(nets), image=image, data=data, specs=tuple(spec for spec in known if spec is not None)
    )


def _common(every: list[list[str]]) -> list[str]:
    return [name for name in every[0] if all(name in names for names in every)] if every else []
