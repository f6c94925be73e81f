"""torchvision's ImageNet weights over the network: fetched once into torch's own cache, checked by their hash.

Without a network everything else goes on; who asks is told so in a sentence.
"""

import contextlib
import hashlib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from torch import Tensor, hub

from resnet_viz.attribution.sources.torchvision import TORCHVISION_WEIGHTS
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.nets import load_checkpoint

TIMEOUT_S: Final = 30.0  # without a byte from the server
_LONGEST: Final = 200


def fetch_weights(name: str, tick: Callable[[float], None] | None = None) -> dict[str, Tensor]:
    """Returns the weights of a preset, from torch's cache where they have come before.

    Args:
        name: of the preset.
        tick: told the share that has come; what it raises ends the download and leaves nothing behind.

    Raises:
        DataError: there are none of this name, no connection, or a file that is not what its name says.
    """
    if name not in TORCHVISION_WEIGHTS:
        raise DataError(
            _("torchvision publishes no weights of {name!r}; it does of {names}.").format(
                name=name[:60], names=", ".join(TORCHVISION_WEIGHTS)
            )
        )
    path = weights_path(name)
    if not path.is_file():
        _download(name, path, tick or (lambda _share: None))
    if not _sha256(path).startswith(_digits(path)):
        path.unlink()
        raise DataError(_("{file} is not what its name says: its checksum differs. It was thrown away; ask again.")
                        .format(file=path.name))  # fmt: skip
    return load_checkpoint.read_state_dict(path)


def weights_path(name: str) -> Path:
    """Returns where the weights of a preset lie once they have come: where torchvision looks for them, too."""
    return Path(hub.get_dir()) / "checkpoints" / TORCHVISION_WEIGHTS[name].file


def _download(name: str, path: Path, tick: Callable[[float], None]) -> None:
    url = TORCHVISION_WEIGHTS[name].url
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT_S)  # torch names none
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _told(tick, TORCHVISION_WEIGHTS[name].num_bytes):
            hub.download_url_to_file(url, str(path), hash_prefix=_digits(path))
    except (OSError, RuntimeError, ValueError) as error:  # no network, a wrong hash, an address that is none
        raise DataError(
            _("{file} could not be downloaded from {url}: {error}. The nets that come with this program need no "
              "network.").format(file=path.name, url=url, error=str(error)[:_LONGEST])
        ) from error  # fmt: skip
    finally:
        socket.setdefaulttimeout(before)


@contextmanager
def _told(tick: Callable[[float], None], num_bytes: int) -> Iterator[None]:
    """Hands what torch.hub tells its progress bar on to `tick`: the one place where it says how far it is."""

    def meter(*_args: Any, **_fields: Any) -> "_Meter":
        return _Meter(tick, num_bytes)

    module: Any = hub  # which does not export its `tqdm`
    bar = module.tqdm
    module.tqdm = meter
    try:
        yield
    finally:
        module.tqdm = bar


class _Meter(contextlib.AbstractContextManager["_Meter"]):
    """What torch.hub takes for a progress bar."""

    def __init__(self, tick: Callable[[float], None], num_bytes: int) -> None:
        self._tick, self._total, self._bytes = tick, num_bytes, 0

    def __exit__(self, *_error: object) -> None:
        return None

    def update(self, num_bytes: int) -> None:
        """Counts what has come."""
        self._bytes += num_bytes
        self._tick(min(1.0, self._bytes / self._total))


def _digits(path: Path) -> str:
    return path.stem.rpartition("-")[2]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
