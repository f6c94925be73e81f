"""What a net's weights and an image are, as checksums that are found without torch: what results are kept under."""

import hashlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import assert_never

from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.attribution.sources.shipped_nets import shipped_net
from resnet_viz.attribution.sources.torchvision import TORCHVISION_WEIGHTS
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.runs.paths import store_path
from resnet_viz.runs.sql.checkpoints import Checkpoint, folder
from resnet_viz.runs.store import RunStore


def of_net(ref: NetRef) -> str:
    """Returns what tells the weights of a net from all others: the checksum of their file.

    Raises:
        Refusal: there is no such net.
    """
    match ref.kind:
        case NetKind.SHIPPED:
            return shipped_net(ref.name).sha256
        case NetKind.UPLOAD:
            return ref.name
        case NetKind.TORCHVISION:
            return TORCHVISION_WEIGHTS[ref.name].file if ref.name in TORCHVISION_WEIGHTS else ref.name
        case NetKind.RUN:
            kept = checkpoint_of(ref)
            place = ref.index if kept.sources is None else kept.sources[ref.index]
            return f"{of_file(folder(store_path()) / kept.file)}/{place}"
        case _:
            assert_never(ref.kind)


def pin_steps(query: AttributionQuery) -> AttributionQuery:
    """Returns a query in which "the newest step of a run" is the step that it is now.

    Raises:
        Refusal: a run keeps no step.
    """
    nets = tuple(
        replace(net, step=checkpoint_of(net).step) if net.kind is NetKind.RUN and net.step is None else net
        for net in query.nets
    )
    return query if nets == query.nets else replace(query, nets=nets)


def of_run(ref: NetRef) -> str:
    """Returns what tells all kept steps of a net's run from all others; its own weights where it is of no run."""
    if ref.kind is not NetKind.RUN:
        return of_net(ref)
    files = [checkpoint.file for checkpoint in RunStore(store_path()).checkpoints(ref.name)]
    return f"{of_net(ref)}:{','.join(files)}"


def checkpoint_of(ref: NetRef) -> Checkpoint:
    """Returns the kept step of a run that `ref` names, the newest where it names none.

    Raises:
        DataError: the run keeps no such step.
        QueueError: the store cannot be read.
    """
    found = RunStore(store_path()).checkpoints(ref.name)
    preprocessing = found[-1:] if ref.step is None else [one for one in found if one.step == ref.step]
    if not preprocessing:
        raise DataError(
            _("Run {run} keeps no weights of this step; it keeps those of {steps}.").format(
                run=ref.name, steps=", ".join(str(one.step) for one in found) or _("none")
            )
        )
    return preprocessing[0]


def of_file(path: Path) -> str:
    """Returns the checksum of a file.

    Raises:
        DataError: it is missing.
    """
    try:
        status = path.stat()
        return _of_file(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise DataError(_("This checkpoint is missing, damaged or of another version.")) from error


@lru_cache(maxsize=256)
def _of_file(path: Path, _changed: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
