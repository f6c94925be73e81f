"""Specs that fit the shapes of a state dict, at both usual image sizes."""

from collections.abc import Iterator, Mapping, Sequence

from resnet_viz.errors import SpecError
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.identify import IMAGE_SIZES, identify_weights


def specs_of_shapes(shapes: Mapping[str, Sequence[int]]) -> tuple[AnySpec, ...]:
    """Returns every spec whose state dict has these keys and shapes, as far as presets differ.

    Raises:
        SpecError: no net has them; the message names the first obstacle.
    """
    return tuple(dict.fromkeys(sized for spec in identify_weights(shapes).specs for sized in _sizes(spec)))


def _sizes(spec: AnySpec) -> Iterator[AnySpec]:
    for size in IMAGE_SIZES.values():
        try:
            yield spec.replace(image_size=size)
        except SpecError:
            continue
