"""Results of earlier queries, kept by weights, image, method and parameters in a folder of bounded size. No torch."""

import hashlib
import json
from pathlib import Path
from typing import Final

from resnet_viz.attribution import bounded_folder
from resnet_viz.attribution.bounded_folder import FolderLimits
from resnet_viz.attribution.query import AttributionQuery, Topic, to_json
from resnet_viz.attribution.result import QueryResult, from_npz
from resnet_viz.attribution.sources.net_sources import net_source
from resnet_viz.attribution.sources.refs import NetKind
from resnet_viz.resources import ASSETS
from resnet_viz.runs.paths import home
from resnet_viz.version import VERSION

LIMITS: Final = FolderLimits(num_bytes=64_000_000)
FORMAT: Final = 1  # raised where the same query gets another result
SHIPPED: Final = ASSETS / "attribution"  # see `attribution.defaults`
_SUFFIX: Final = ".npz"


def folder() -> Path:
    """Returns the folder of kept results, which need not exist.

    Raises:
        QueueError: there is no place for it.
    """
    return home() / "attribution"


def key_of(query: AttributionQuery) -> str:
    """Returns the key of a query's result: the same for the same weights, image, method and parameters.

    Raises:
        Refusal: a net of the query is not there.
    """
    sources = [net_source(ref) for ref in query.nets]
    has_history = query.topic is Topic.OVER_TRAINING
    settles = {"settles": True} if any(ref.kind is NetKind.UPLOAD for ref in query.nets) else {}
    fields = {
        **settles,  # earlier results of uploads are of the architecture that was taken without a word
        **to_json(query),
        "weights": [one.history_checksum() if has_history else one.checksum() for one in sources],
        "version": [VERSION, FORMAT],
    }
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def load(key: str) -> QueryResult | None:
    """Returns the result that is kept or shipped under a key; None where there is none.

    A kept result that is damaged is deleted.
    """
    return bounded_folder.read_kept(f"{key}{_SUFFIX}", SHIPPED, folder, from_npz)


def save(key: str, content: bytes, *, limits: FolderLimits = LIMITS) -> None:
    """Keeps the bytes of a result; results that were not used for longest are deleted. A full disk does no harm."""
    bounded_folder.keep(f"{key}{_SUFFIX}", content, folder, limits)
