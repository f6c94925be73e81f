"""List of the trained nets that come with this program. No torch, and no weights are read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.resources import ASSETS
from resnet_viz.spec import codec
from resnet_viz.spec.validation import did_you_mean
from resnet_viz.spec.vgg import AnySpec

FOLDER: Final = ASSETS / "nets"
LIST: Final = "nets.json"
MAX_BYTES: Final = 5_000_000  # of all weights together


@dataclass(frozen=True, kw_only=True, slots=True)
class ShippedNet:
    """Trained net of this program.

    Attributes:
        name: in addresses, and of its file.
        title: its name on a page.
        spec: its architecture.
        data: name of the data set that it was trained on.
        image_size: side of an image in pixels.
        mean: of the training pixels, on the scale from 0 to 1.
        std: likewise.
        test_accuracy: 0 to 1.
        test_images: number of test images.
        recipe: of its run, as `training.recipe` writes it.
        steps: of the optimiser.
        sha256: of the file.
        num_bytes: of the file.
    """

    name: str
    title: str
    spec: AnySpec
    data: str
    image_size: int
    mean: float
    std: float
    test_accuracy: float
    test_images: int
    recipe: Mapping[str, Any]
    steps: int
    sha256: str
    num_bytes: int

    @property
    def path(self) -> Path:
        """Path of its weights."""
        return FOLDER / f"{self.name}.pt"


def shipped_net(name: str) -> ShippedNet:
    """Returns a shipped net.

    Raises:
        DataError: no net has this name, or the list is missing.
    """
    for net in shipped_nets():
        if net.name == name:
            return net
    names = [net.name for net in shipped_nets()]
    raise DataError(
        _("No net called {name!r} comes with this program; there are {names}.").format(
            name=name[:60], names=", ".join(names)
        )
        + did_you_mean(name, names)
    )


@lru_cache(maxsize=1)
def shipped_nets() -> tuple[ShippedNet, ...]:
    """Returns all shipped nets in the order of the menu.

    Raises:
        DataError: the list is missing or damaged.
    """
    try:
        return parse_list((FOLDER / LIST).read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            _("The shipped nets are missing or damaged: {path}. Install the program again.").format(path=FOLDER / LIST)
        ) from error


def parse_list(text: str) -> tuple[ShippedNet, ...]:
    """Returns the nets of a JSON list of `to_json`."""
    return tuple(_from_json(fields) for fields in json.loads(text))


def to_json(net: ShippedNet) -> dict[str, Any]:
    """Returns a net as plain JSON values."""
    values = {name: getattr(net, name) for name in ShippedNet.__dataclass_fields__}
    return {**values, "spec": codec.to_json(net.spec), "recipe": dict(net.recipe)}


def _from_json(fields: Mapping[str, Any]) -> ShippedNet:
    values = {name: fields[name] for name in ShippedNet.__dataclass_fields__}
    return ShippedNet(**{**values, "spec": codec.from_json(fields["spec"])})
