"""torchvision's ImageNet weights over the network: downloaded once into torch's own cache, checked by their hash.

Without a network all other nets work; the error says so.
"""

import hashlib
import logging
from pathlib import Path
from typing import Final

from pooch.core import retrieve
from pooch.utils import get_logger
from torch import Tensor, hub

from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.attribution.sources.torchvision import TORCHVISION_WEIGHTS
from resnet_viz.data.download import downloader
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.nets.weights_file import read_weights

_LONGEST: Final = 200  # characters of an error that are repeated


def fetch_weights(name: str, tick: Tick | None = None) -> dict[str, Tensor]:
    """Returns the weights of a preset, from torch's cache where they were downloaded before.

    Args:
        name: of the preset.
        tick: receives the share that is downloaded; an exception of it ends the download and leaves nothing behind.

    Raises:
        DataError: no weights of this name, no connection, or a file that does not have the hash in its name.
    """
    if name not in TORCHVISION_WEIGHTS:
        raise DataError(
            _("torchvision publishes no weights of {name!r}, only of {names}.").format(
                name=name[:60], names=", ".join(TORCHVISION_WEIGHTS)
            )
        )
    path = weights_path(name)
    if not path.is_file():
        _download(name, path, tick or no_tick)
    if not _sha256(path).startswith(_digits(path)):
        path.unlink()
        raise DataError(
            _("{file} was deleted, because its checksum is not the one in its name. Try again.").format(file=path.name)
        )
    return dict(read_weights(path).tensors)


def weights_path(name: str) -> Path:
    """Returns the path of a preset's weights in the cache, where torchvision looks for them, too."""
    return Path(hub.get_dir()) / "checkpoints" / TORCHVISION_WEIGHTS[name].file


def _download(name: str, path: Path, tick: Tick) -> None:
    weights = TORCHVISION_WEIGHTS[name]

    def tick_share(received: int, announced: int) -> None:
        tick(min(1.0, received / (announced or weights.num_bytes)))

    get_logger().setLevel(logging.ERROR)  # it would print each address and hash otherwise
    try:
        retrieve(
            url=weights.url,
            known_hash=None,  # of which only the first digits are known: they are checked for files in the cache, too
            fname=path.name,
            path=path.parent,
            downloader=downloader(tick_share),
        )
    except OSError as error:  # requests' exceptions are OSErrors too
        raise DataError(
            _(
                "{file} could not be downloaded from {url}: {error}. The nets that come with this program need no "
                "network."
            ).format(file=path.name, url=weights.url, error=str(error)[:_LONGEST])
        ) from error


def _digits(path: Path) -> str:
    return path.stem.rpartition("-")[2]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
