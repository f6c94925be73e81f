"""Identification of the net that weights belong to, by the names and shapes of the tensors."""

from collections.abc import Mapping, Sequence

from resnet_viz.plan.torchvision_keys import own_key, own_vgg_keys
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.identified import Choice, Identified
from resnet_viz.weights.spec_of_shapes import specs_of_shapes

_CHOSEN = ("shortcut", "stride_on")


def identify_weights(shapes: Mapping[str, Sequence[int]], stated: AnySpec | None = None) -> Identified:
    """Returns the nets whose weights have these names and shapes.

    Args:
        shapes: of all tensors in the file, by the file's keys.
        stated: the net that the file says its weights belong to.

    Raises:
        SpecError: no net here has them; the message quotes the file and names the obstacle.
    """
    found = specs_of_shapes(shapes)
    usual = [spec for spec in found if isinstance(spec, NetSpec) and spec.image_size == found[0].image_size]
    specs: tuple[AnySpec, ...] = tuple(dict.fromkeys(usual)) or found[:1]
    plain = {str(key): tuple(shape) for key, shape in shapes.items()}
    ours = own_vgg_keys(plain) if not usual else {own_key(key.removeprefix("module.")): () for key in plain}
    values = {field: tuple(dict.fromkeys(getattr(spec, field) for spec in specs)) for field in _CHOSEN if usual}
    return Identified(
        specs=specs,
        keys=dict(zip(plain, ours, strict=True)),
        naming="torchvision",
        choices=tuple(Choice(field=field, values=several) for field, several in values.items() if len(several) > 1),
    )
