"""What the page is about: the nets and the picture, and what is known of them before they are opened."""

from collections.abc import Sequence
from dataclasses import dataclass

from resnet_viz.attribution import methods
from resnet_viz.attribution.cost import QueryCost, query_cost
from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.data.datasets import SIZES, DataName, class_names
from resnet_viz.data.fashion_mnist import SIDE
from resnet_viz.errors import Refusal
from resnet_viz.plan.lower import lower
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.attribution import nets as attribution_nets


@dataclass(frozen=True, kw_only=True, slots=True)
class PageSelection:
    """What is asked about.

    Attributes:
        nets: one or two.
        picture: that they look at.
        data: the data set that the first net learned from, or Fashion-MNIST where nobody knows.
        specs: what the nets are built like.
    """

    nets: tuple[NetRef, ...]
    picture: ImageRef
    data: DataName
    specs: tuple[AnySpec, ...]

    @property
    def num_classes(self) -> int:
        """How many classes every one of the nets has."""
        return min((spec.num_classes for spec in self.specs), default=SIZES[self.data].classes)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes' names where all nets have as many as the data set; none where they do not."""
        size = SIZES[self.data]
        is_known = all(spec.num_classes == size.classes and spec.in_channels == size.channels for spec in self.specs)
        return class_names(self.data) if is_known else ()

    @property
    def image_size(self) -> int:
        """Side in pixels of the largest picture that one of the nets sees."""
        return max((spec.image_size for spec in self.specs), default=SIDE)

    def blocks(self) -> list[str]:
        """Returns the blocks, in running order, that every one of the nets has."""
        return _common([[block.name for block in lower(spec).blocks] for spec in self.specs])

    def layers(self) -> list[str]:
        """Returns the nodes and blocks, in running order, that have a map in every one of the nets."""
        return _common([list(methods.map_layers(lower(spec))) for spec in self.specs])

    def num_channels(self, node: str) -> int:
        """Returns how many channels a node or block has in every one of the nets."""
        outputs = (lower(spec).output_of(node) for spec in self.specs)
        return min((output.shape[0] for output in outputs if output), default=1)


def selection_cost(question: AttributionQuery, about: PageSelection, *, num_steps: int = 1) -> QueryCost | None:
    """Returns what an answer about the page's nets takes; None where its values are refused elsewhere."""
    try:
        return query_cost(question, about.specs, data=about.data, num_steps=num_steps)
    except Refusal:
        return None


def page_selection(nets: Sequence[NetRef], picture: ImageRef, data: DataName) -> PageSelection:
    """Returns what the page is about."""
    known = (attribution_nets.spec_of(ref) for ref in nets)
    return PageSelection(
        nets=tuple(nets), picture=picture, data=data, specs=tuple(spec for spec in known if spec is not None)
    )


def _common(every: list[list[str]]) -> list[str]:
    return [name for name in every[0] if all(name in names for names in every)] if every else []
