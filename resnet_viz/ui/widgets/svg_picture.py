"""Drawing given as SVG text, as wide as there is room."""

from typing import NamedTuple

from resnet_viz.ui.widgets import viewport
from resnet_viz.ui.widgets.component import component

_component = component("resnet_viz_picture", "blocks")  # its script draws any SVG text


class SvgPicture(NamedTuple):
    """A drawing.

    Attributes:
        svg: its text.
        width: in its own units, of which one is about a pixel.
        height: likewise.
        alt: the drawing in words, for screen readers.
    """

    svg: str
    width: float
    height: float
    alt: str


def show(picture: SvgPicture, *, key: str) -> None:
    """Shows a drawing; on a phone it scrolls sideways, so that its words can be read."""
    may_shrink = not viewport.is_narrow()
    data = {**picture._asdict(), "is_alone": may_shrink}
    _component(key=key, data=data, height="content")
