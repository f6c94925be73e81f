"""Downloads of the full Fashion-MNIST, of MNIST and CIFAR-10, checked before they are moved into place."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, assert_never

from pooch.core import retrieve
from pooch.downloaders import HTTPDownloader
from pooch.utils import get_logger

from resnet_viz.data import cifar10, datasets, fashion_mnist, mnist
from resnet_viz.data.cifar10 import Archive
from resnet_viz.data.datasets import DataName
from resnet_viz.data.idx import IdxFile
from resnet_viz.errors import DataError
from resnet_viz.i18n import _

TIMEOUT_S: Final = 30.0  # without a byte from the server
CHUNK_BYTES: Final = 65_536


Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class _RemoteFile:
    """File to download: name, SHA-256, size, and title of its data set."""

    name: str
    sha256: str
    num_bytes: int
    of: str


def download(name: DataName, progress: Progress) -> Path:
    """Downloads a data set into this program's cache and returns its folder.

    Raises:
        DataError: as the functions below, or the data set has no download.
    """
    match name:
        case DataName.FASHION_MNIST:
            return download_fashion_mnist(progress)
        case DataName.CIFAR10:
            return download_cifar10(progress)
        case DataName.MNIST:
            return download_mnist(progress)
        case DataName.FASHION_MNIST_SUBSET | DataName.GRATINGS:
            raise DataError(_("Nothing has to be downloaded for {data}.").format(data=name))
        case _:
            assert_never(name)


def download_fashion_mnist(
    progress: Progress,
    *,
    folder: Path | None = None,
    base_url: str = fashion_mnist.URL,
    files: Sequence[IdxFile] = fashion_mnist.FILES,
) -> Path:
    """Downloads the missing ones of the four files and returns their folder.

    The address is plain http, as the authors publish it: the checksums make the files trustworthy.

    Args:
        progress: called with the received bytes and the bytes of all files.
        folder: to download into; this program's cache if None.
        base_url: address before the files' names, ending in a slash.
        files: to download.

    Raises:
        DataError: no connection, or a wrong checksum; nothing half-written is left behind.
    """
    return _fetch_all(_packed(files), folder or datasets.cache_folder(DataName.FASHION_MNIST), base_url, progress)


def download_mnist(
    progress: Progress,
    *,
    folder: Path | None = None,
    base_url: str = mnist.URL,
    files: Sequence[IdxFile] = mnist.FILES,
) -> Path:
    """Downloads the missing ones of the four files and returns their folder.

    Args:
        progress: called with the received bytes and the bytes of all files.
        folder: to download into; MNIST's folder in this program's cache if None.
        base_url: address before the files' names, ending in a slash.
        files: to download.

    Raises:
        DataError: no connection, or a wrong checksum; nothing half-written is left behind.
    """
    return _fetch_all(_packed(files), folder or datasets.cache_folder(DataName.MNIST), base_url, progress)


def download_cifar10(
    progress: Progress,
    *,
    folder: Path | None = None,
    base_url: str = cifar10.URL,
    archive: Archive = cifar10.BINARY,
) -> Path:
    """Downloads the archive of the binary version, unless it is there, and returns its folder.

    Args:
        progress: called with the received bytes and the bytes of the file.
        folder: to download into; this program's cache if None.
        base_url: address before the file's name, ending in a slash.
        archive: to download.

    Raises:
        DataError: no connection, or a wrong checksum; nothing half-written is left behind.
    """
    wanted = [_RemoteFile(name=archive.name, sha256=archive.sha256, num_bytes=archive.num_bytes, of="CIFAR-10")]
    return _fetch_all(wanted, folder or datasets.cache_folder(DataName.CIFAR10), base_url, progress)


def _packed(files: Sequence[IdxFile]) -> list[_RemoteFile]:
    return [
        _RemoteFile(name=file.gz_name, sha256=file.gz_sha256, num_bytes=file.gz_bytes, of=file.of) for file in files
    ]


def _fetch_all(files: Sequence[_RemoteFile], folder: Path, base_url: str, progress: Progress) -> Path:
    total = sum(file.num_bytes for file in files)
    done = 0
    get_logger().setLevel(logging.WARNING)  # it would print each address otherwise
    for file in files:
        _fetch(file, folder, base_url, partial(_report, progress, done, total))
        done += file.num_bytes
        progress(done, total)
    return folder


def downloader(progress: Progress) -> HTTPDownloader:
    """Returns pooch's downloader; `progress` gets the received bytes and the server's figure for all, and may raise."""
    return HTTPDownloader(  # type: ignore[no-untyped-call]
        progressbar=_Meter(progress), chunk_size=CHUNK_BYTES, timeout=TIMEOUT_S
    )


class _Meter:
    """Progress bar for pooch that counts the bytes of one file."""

    def __init__(self, progress: Progress) -> None:
        self.total = 0  # pooch writes the server's own figure here
        self._progress = progress
        self._bytes = 0

    def update(self, num_bytes: int) -> None:
        """Counts received bytes."""
        self._bytes += num_bytes
        self._progress(self._bytes, self.total)

    def reset(self) -> None:
        """Restarts at 0: pooch resets a bar and then updates it by the total, to fill it."""
        self._bytes = 0

    def close(self) -> None:
        """Does nothing; pooch calls it."""


def _report(progress: Progress, before: int, total: int, fresh: int) -> None:
    progress(before + fresh, total)


def _fetch(file: _RemoteFile, folder: Path, base_url: str, tell: Callable[[int], None]) -> None:
    def tell_unless_longer(received: int, _announced: int) -> None:
        if received >= file.num_bytes + CHUNK_BYTES:  # pooch counts a last short chunk as a whole one
            raise DataError(
                _("The server sends more than {size:,} bytes for {file}: that is not {data}.").format(
                    size=file.num_bytes, file=file.name, data=file.of
                )
            )
        tell(min(received, file.num_bytes))

    try:
        retrieve(
            url=f"{base_url}{file.name}",
            known_hash=f"sha256:{file.sha256}",
            fname=file.name,
            path=folder,
            downloader=downloader(tell_unless_longer),
        )
    except DataError:
        raise
    except ValueError as error:  # pooch's error for a wrong checksum
        raise DataError(
            _("{file} from {url} is not {data}'s file: its checksum differs. It was thrown away.").format(
                file=file.name, url=base_url, data=file.of
            )
        ) from error
    except OSError as error:  # requests' exceptions are OSErrors too
        raise DataError(
            _("{file} could not be downloaded from {url}: {error}. Try again, or train on the shipped images.").format(
                file=file.name, url=base_url, error=_short(error)
            )
        ) from error


def _short(error: OSError) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:200]}…"  # noqa: PLR2004 - a message on a screen
