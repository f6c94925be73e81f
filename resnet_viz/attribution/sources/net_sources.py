"""Sources of nets, one class each: what is known of a net before its weights are read. No torch.

A further source is a further class here, and a function in `engine.load_net` that reads its weights.
"""

import contextlib
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.attribution.sources import uploads
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.attribution.sources.shipped_nets import shipped_net
from resnet_viz.attribution.sources.torchvision import TORCHVISION_WEIGHTS
from resnet_viz.errors import DataError, Refusal
from resnet_viz.i18n import _
from resnet_viz.runs.paths import store_path
from resnet_viz.runs.run import Run
from resnet_viz.runs.sql.checkpoints import Checkpoint, folder
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec


class WeightsFile(NamedTuple):
    """File with a net's weights, for exported code.

    Attributes:
        name: in the folder of the code.
        path: on this machine; None where it is not here.
        position: of the net in the file of a run's kept step; None for a state dict.
        url: to download it from; "" where there is none.
        entry: place of the weights in an uploaded file, keys with dots between; "" for its top.
        keys: our key and the file's of each tensor; () where the file's keys are ours, in a usual place.
        is_bgr: whether the net reads blue first.
    """

    name: str
    path: Path | None = None
    position: int | None = None
    url: str = ""
    entry: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    is_bgr: bool = False


@dataclass(frozen=True, slots=True)
class NetSource(ABC):
    """Net before its weights are read."""

    ref: NetRef

    @abstractmethod
    def spec(self) -> AnySpec | None:
        """Returns its architecture; None where it follows from the weights only."""

    @abstractmethod
    def data(self) -> str | None:
        """Returns the name of its data set; None where it is unknown, or none of this program's."""

    @abstractmethod
    def checksum(self) -> str:
        """Returns a text that differs between any two weights.

        Raises:
            Refusal: there is no such net.
        """

    @abstractmethod
    def weights_file(self) -> WeightsFile:
        """Returns the file with its weights."""

    def pinned(self) -> NetRef:
        """Returns the net with a fixed step, where it may be "the newest".

        Raises:
            Refusal: there is no such net.
        """
        return self.ref

    def history_checksum(self) -> str:
        """Returns a text that differs between any two nets with all their kept steps.

        Raises:
            Refusal: there is no such net.
        """
        return self.checksum()


class ShippedSource(NetSource):
    """Net that comes with this program."""

    def spec(self) -> AnySpec:
        """Returns its architecture."""
        return shipped_net(self.ref.name).spec

    def data(self) -> str:
        """Returns the name of its data set."""
        return shipped_net(self.ref.name).data

    def checksum(self) -> str:
        """Returns the checksum of its file."""
        return shipped_net(self.ref.name).sha256

    def weights_file(self) -> WeightsFile:
        """Returns the shipped file."""
        return WeightsFile(f"{self.ref.name}.pt", shipped_net(self.ref.name).path)


class RunSource(NetSource):
    """Net of a run at a kept step."""

    def run(self) -> Run | None:
        """Returns its run; None where it is not on this machine."""
        return RunStore(store_path()).run(self.ref.name)

    def spec(self) -> AnySpec | None:
        """Returns its architecture; None where the run has no such net."""
        run = self.run()
        return run.recipe.nets[self.ref.index] if run is not None and self.ref.index < len(run.recipe.nets) else None

    def data(self) -> str | None:
        """Returns the name of the run's data set; None where the run is not on this machine."""
        run = self.run()
        return None if run is None else run.recipe.data.value

    def checkpoint(self) -> Checkpoint:
        """Returns the kept step, the newest where the net names none.

        Raises:
            DataError: the run keeps no such step.
            QueueError: the store cannot be read.
        """
        kept = self._checkpoints()
        found = kept[-1:] if self.ref.step is None else [one for one in kept if one.step == self.ref.step]
        if not found:
            raise DataError(
                _("Run {run} keeps no weights of this step; it keeps those of {steps}.").format(
                    run=self.ref.name, steps=", ".join(str(one.step) for one in kept) or _("none")
                )
            )
        return found[0]

    def checksum(self) -> str:
        """Returns the checksum of the kept step's file, and the net's position in it."""
        kept = self.checkpoint()
        return f"{_file_checksum(folder(store_path()) / kept.file)}/{self._position(kept)}"

    def history_checksum(self) -> str:
        """Returns the checksum with the names of all kept steps' files."""
        return f"{self.checksum()}:{','.join(one.file for one in self._checkpoints())}"

    def pinned(self) -> NetRef:
        """Returns the net with the step that is the newest now."""
        return self.ref if self.ref.step is not None else replace(self.ref, step=self.checkpoint().step)

    def weights_file(self) -> WeightsFile:
        """Returns the kept step's file."""
        try:
            kept = self.checkpoint()
        except DataError:
            return WeightsFile(f"{self.ref.name}.pt", position=self.ref.index)
        return WeightsFile(Path(kept.file).name, folder(store_path()) / kept.file, self._position(kept))

    def _checkpoints(self) -> list[Checkpoint]:
        return list(RunStore(store_path()).checkpoints(self.ref.name))

    def _position(self, kept: Checkpoint) -> int:
        """Returns the net's position in the file: a branched run keeps those of the run that it came from."""
        return self.ref.index if kept.sources is None else kept.sources[self.ref.index]


class UploadSource(NetSource):
    """Uploaded checkpoint, whose architecture follows from its weights."""

    def spec(self) -> None:
        """Returns nothing."""

    def data(self) -> None:
        """Returns nothing."""

    def checksum(self) -> str:
        """Returns the checksum of its bytes."""
        return self.ref.name

    def weights_file(self) -> WeightsFile:
        """Returns the uploaded file, as far as it is still here."""
        name = f"checkpoint-{self.ref.name[:8]}.pt"
        with contextlib.suppress(Refusal):  # uploaded long ago; the visitor has it
            return WeightsFile(name, uploads.find(self.ref.name, uploads.UploadKind.NET))
        return WeightsFile(name)


class TorchvisionSource(NetSource):
    """ImageNet weights that torchvision publishes."""

    def spec(self) -> AnySpec:
        """Returns the preset of the same name."""
        return preset(self.ref.name)

    def data(self) -> None:
        """Returns nothing: ImageNet is none of this program's data sets."""

    def checksum(self) -> str:
        """Returns the name of its file, in which its hash is."""
        known = TORCHVISION_WEIGHTS.get(self.ref.name)
        return self.ref.name if known is None else known.file

    def weights_file(self) -> WeightsFile:
        """Returns the published file."""
        known = TORCHVISION_WEIGHTS.get(self.ref.name)
        return WeightsFile(f"{self.ref.name}.pt", url="" if known is None else known.url)


_CLASSES: Final[Mapping[NetKind, type[NetSource]]] = {
    NetKind.SHIPPED: ShippedSource,
    NetKind.RUN: RunSource,
    NetKind.UPLOAD: UploadSource,
    NetKind.TORCHVISION: TorchvisionSource,
}


def net_source(ref: NetRef) -> NetSource:
    """Returns the source of a net; whether the net is there is found out later."""
    return _CLASSES[ref.kind](ref)


def pin_steps(query: AttributionQuery) -> AttributionQuery:
    """Returns a query in which "the newest step of a run" is the step that it is now.

    Raises:
        Refusal: a run keeps no step.
    """
    nets = tuple(net_source(ref).pinned() for ref in query.nets)
    return query if nets == query.nets else replace(query, nets=nets)


def _file_checksum(path: Path) -> str:
    try:
        status = path.stat()
        return _unchanged_file_checksum(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise DataError(_("This checkpoint is missing, damaged or of another version.")) from error


@lru_cache(maxsize=256)
def _unchanged_file_checksum(path: Path, _changed_ns: int, _num_bytes: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
