"""Keys of an uploaded file for each of ours, which exported code needs to read the file as it was sent. No torch."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from resnet_viz.attribution.sources import uploads
from resnet_viz.attribution.sources.net_settings import BGR, TOP
from resnet_viz.attribution.sources.net_sources import WeightsFile
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import BATCHES_SEEN, layers_of, state_shapes
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.files.formats import SAFETENSORS, FileFormat, format_of
from resnet_viz.weights.files.shapes import read_shapes
from resnet_viz.weights.identify import placed_key
from resnet_viz.weights.key_map import read_keys

_MAX_BYTES: Final = uploads.MAX_BYTES[uploads.UploadKind.NET]
PICKLE: Final = ".pkl"  # arrays of numpy, which exported code does not read
_SUFFIXES: Final = {FileFormat.SAFETENSORS: SAFETENSORS, FileFormat.PICKLE: PICKLE}
_USUAL_ENTRIES: Final = ("", "state_dict", "model")  # where exported code looks by itself


def with_keys(file: WeightsFile, ref: NetRef, spec: AnySpec) -> WeightsFile:
    """Returns the file of a net with the place and the keys of its weights, where it is an upload and is still here.

    Raises:
        Refusal: the file is damaged or holds no such net.
    """
    if ref.kind is not NetKind.UPLOAD or file.path is None:
        return file
    place, keys, file_format = _keys(file.path, _part(ref.settings.entry), _part(ref.settings.prefix), spec)
    name = f"{Path(file.name).stem}{_SUFFIXES[file_format]}" if file_format in _SUFFIXES else file.name
    file = file._replace(name=name, is_bgr=ref.settings.channels == BGR)
    is_plain = not ref.settings.prefix and place in _USUAL_ENTRIES and all(ours == theirs for ours, theirs in keys)
    return file if is_plain and file_format is not FileFormat.PICKLE else file._replace(entry=place, keys=keys)


def _part(chosen: str) -> str | None:
    return chosen.removeprefix(TOP) if chosen else None


@lru_cache(maxsize=8)
def _keys(
    path: Path, entry: str | None, prefix: str | None, spec: AnySpec
) -> tuple[str, tuple[tuple[str, str], ...], FileFormat]:
    """Returns the place of the weights in a file, the pairs of our key and the file's, and the file's format.

    The counts of batches are left out: no prediction depends on them.
    """
    found = read_shapes(path, entry=entry, max_bytes=_MAX_BYTES)
    keys = read_keys(found.shapes, prefix)
    assert keys is not None  # it was opened
    expected = state_shapes(layers_of(lower(spec)))
    names = {key.rpartition(".")[0] for key in expected}
    theirs = {placed_key(ours, names, keys): theirs for theirs, ours in keys.keys.items()}
    pairs = tuple((key, theirs[key]) for key in expected if key in theirs and not key.endswith(BATCHES_SEEN))
    return found.entry, pairs, format_of(path)
