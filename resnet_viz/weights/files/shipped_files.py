"""Specs of the weights files that come with this program, by checksum: people download them and bring them back.

They were written before files stated their spec, and answers about them are kept under the checksums of their bytes, so
they stay as they are. The list is that of `attribution.sources.shipped_nets`, of which only this is needed here.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from resnet_viz.resources import ASSETS
from resnet_viz.spec import codec
from resnet_viz.spec.vgg import AnySpec

LIST: Final = ASSETS / "nets" / "nets.json"


def spec_of_shipped(path: Path) -> AnySpec | None:
    """Returns the spec of a file if its bytes are those of a shipped one, whatever its name is; None of others."""
    if path.stat().st_size not in {num_bytes for num_bytes, _sha256 in _shipped()}:
        return None
    content = path.read_bytes()
    return _shipped().get((len(content), hashlib.sha256(content).hexdigest()))


@lru_cache(maxsize=1)
def _shipped() -> Mapping[tuple[int, str], AnySpec]:
    try:
        nets = json.loads(LIST.read_text("utf-8"))
        return {(net["num_bytes"], net["sha256"]): codec.from_json(net["spec"]) for net in nets}
    except (OSError, ValueError, KeyError, TypeError):  # refused, with a message, where a shipped net is asked for
        return {}
