"""Fetching the full Fashion-MNIST: four files, each checked before it takes its place."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from pooch.core import retrieve
from pooch.downloaders import HTTPDownloader
from pooch.utils import get_logger

from resnet_viz.data import fashion_mnist, sources
from resnet_viz.data.idx import IdxFile
from resnet_viz.errors import DataError
from resnet_viz.i18n import _

TIMEOUT_S: Final = 30.0  # without a byte from the server
CHUNK_BYTES: Final = 65_536


def download_fashion_mnist(
    progress: Callable[[int, int], None],
    *,
    folder: Path | None = None,
    base_url: str = fashion_mnist.URL,
    files: Sequence[IdxFile] = fashion_mnist.FILES,
) -> Path:
    """Downloads the four files and returns their folder; those that are there already are not fetched again.

    The address is plain http, as its authors publish it: what makes the files trustworthy are their checksums.

    Args:
        progress: told the bytes that have come and the bytes of all files, as they come.
        folder: where the files go; this program's cache where None.
        base_url: address in front of the files' names, ending in a slash.
        files: what to fetch.

    Raises:
        DataError: no connection, or a file that is not what its checksum says. Nothing half-written stays behind.
    """
    folder = folder or sources.cache_folder()
    total = sum(file.gz_bytes for file in files)
    done = 0
    get_logger().setLevel(logging.WARNING)  # it would print each address otherwise
    for file in files:
        _fetch(file, folder, base_url, _Meter(file, partial(_tell, progress, done, total)))
        done += file.gz_bytes
        progress(done, total)
    return folder


class _Meter:
    """What pooch takes for a progress bar. Ends a download that is longer than the file can be."""

    def __init__(self, file: IdxFile, tell: Callable[[int], None]) -> None:
        self.total = 0  # pooch writes the server's own figure here
        self._file = file
        self._tell = tell
        self._bytes = 0

    def update(self, num_bytes: int) -> None:
        """Counts what has come."""
        self._bytes += num_bytes
        if self._bytes >= self._file.gz_bytes + CHUNK_BYTES:  # pooch counts a last short chunk as a whole one
            raise DataError(
                _("The server sends more than {size:,} bytes for {file}: that is not Fashion-MNIST.").format(
                    size=self._file.gz_bytes, file=self._file.gz_name
                )
            )
        self._tell(min(self._bytes, self._file.gz_bytes))

    def reset(self) -> None:
        """Starts over: pooch sets a bar back to 0 and then updates it by the total, to show it full."""
        self._bytes = 0

    def close(self) -> None:
        """Has nothing to give back."""


def _tell(progress: Callable[[int, int], None], before: int, total: int, fresh: int) -> None:
    progress(before + fresh, total)


def _fetch(file: IdxFile, folder: Path, base_url: str, meter: _Meter) -> None:
    try:
        retrieve(
            url=f"{base_url}{file.gz_name}",
            known_hash=f"sha256:{file.gz_sha256}",
            fname=file.gz_name,
            path=folder,
            downloader=HTTPDownloader(  # type: ignore[no-untyped-call]
                progressbar=meter, chunk_size=CHUNK_BYTES, timeout=TIMEOUT_S
            ),
        )
    except DataError:
        raise
    except ValueError as error:  # pooch's word for a wrong checksum
        raise DataError(
            _("{file} from {url} is not Fashion-MNIST's file: its checksum differs. It was thrown away.").format(
                file=file.gz_name, url=base_url
            )
        ) from error
    except OSError as error:  # requests' exceptions are OSErrors too
        raise DataError(
            _("{file} could not be downloaded from {url}: {error}. Try again, or train on the shipped images.").format(
                file=file.gz_name, url=base_url, error=_short(error)
            )
        ) from error


def _short(error: OSError) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:200]}…"  # noqa: PLR2004 - a sentence on a screen
