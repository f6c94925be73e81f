"""Answers that were given before, in a folder of bounded size: by weights, image, method and parameters. No torch."""

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Final

from resnet_viz.atomic_file import draft_of
from resnet_viz.attribution.query import AttributionQuery, Topic, to_json
from resnet_viz.attribution.result import QueryResult, from_npz
from resnet_viz.attribution.sources import checksums
from resnet_viz.errors import DataError, Refusal
from resnet_viz.resources import ASSETS
from resnet_viz.runs.paths import home
from resnet_viz.version import VERSION

MAX_BYTES: Final = 64_000_000
FORMAT: Final = 1  # raised where the same query gets another answer
SHIPPED: Final = ASSETS / "attribution"  # see `attribution.defaults`
_SUFFIX: Final = ".npz"


def folder() -> Path:
    """Returns the folder of kept answers, which need not exist.

    Raises:
        QueueError: there is no place for it.
    """
    return home() / "attribution"


def key_of(query: AttributionQuery) -> str:
    """Returns what an answer is kept under: the same for the same weights, image, method and parameters.

    Raises:
        Refusal: a net of the query is not there.
    """
    of_net = checksums.of_run if query.topic is Topic.OVER_TRAINING else checksums.of_net
    told = {
        **to_json(query),
        "weights": [of_net(net) for net in query.nets],
        "version": [VERSION, FORMAT],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def load(key: str) -> QueryResult | None:
    """Returns the answer that was kept or is shipped under a key; None where there is none.

    A kept answer that is damaged goes.
    """
    with contextlib.suppress(OSError, DataError):
        return from_npz((SHIPPED / f"{key}{_SUFFIX}").read_bytes())
    try:
        path = folder() / f"{key}{_SUFFIX}"
        content = path.read_bytes()
        os.utime(path)
    except (OSError, Refusal):
        return None
    try:
        return from_npz(content)
    except DataError:
        path.unlink(missing_ok=True)
        return None


def save(key: str, content: bytes, *, max_bytes: int = MAX_BYTES) -> None:
    """Keeps an answer, as `answers.pack` gives it; those that were not looked at longest go. A full disk is no harm."""
    with contextlib.suppress(OSError, Refusal):
        path = folder() / f"{key}{_SUFFIX}"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with draft_of(path) as draft:
            draft.write_bytes(content)
        _tidy(path.parent, max_bytes)


def _tidy(kept: Path, max_bytes: int) -> None:
    found = []
    for path in kept.iterdir():
        with contextlib.suppress(OSError):  # another process tidies as well
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path))
    total = 0
    for _used, size, path in sorted(found, reverse=True):
        total += size
        if total > max_bytes:
            path.unlink(missing_ok=True)
