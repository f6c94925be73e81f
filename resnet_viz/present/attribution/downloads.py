"""Downloads of maps: PNG, arrays, and code with the files that it needs."""

import base64
import io
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from resnet_viz.attribution.methods import METHODS
from resnet_viz.attribution.net_result import NetPrediction
from resnet_viz.attribution.npz_codec import Floats
from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.attribution.result import MapsResult
from resnet_viz.attribution.sources.net_sources import WeightsFile
from resnet_viz.export.attribution.script import AttributionFigure, ExportedNet, attribution_script
from resnet_viz.present.attribution.colors import channel_sum, composite, enlarged, png_bytes, side_by_side, to_bytes
from resnet_viz.spec.vgg import AnySpec

_SIDE_PX: Final = 672


def npy_bytes(values: Floats) -> bytes:
    """Returns an array as the bytes of an .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def composite_png(result: MapsResult, method: str, ends: Sequence[float]) -> bytes:
    """Returns the image and the maps side by side as a PNG, without text."""
    images = [enlarged(to_bytes(result.nets[0].image_CHW), _SIDE_PX).convert("RGB")]
    for net, maps, end in zip(result.nets, result.maps, ends, strict=True):
        images.append(composite(net.image_CHW, channel_sum(maps.of(method).values), end, side_px=_SIDE_PX))
    return png_bytes(side_by_side(images))


def figure_code(
    query: AttributionQuery, result: MapsResult, specs: Sequence[AnySpec], files: Sequence[WeightsFile]
) -> str:
    """Returns a Python file that makes the maps of a result.

    Args:
        query: of the result.
        result: the maps.
        specs: architectures of its nets.
        files: with the weights of each net.
    """
    row = METHODS[query.method]
    exported = [_exported(net, spec, file) for net, spec, file in zip(result.nets, specs, files, strict=True)]
    layers = {
        net.letter: layer
        for net, maps in zip(result.nets, result.maps, strict=True)
        if (layer := maps.of(row.name).layer) is not None
    }
    return attribution_script(
        AttributionFigure(
            nets=tuple(exported),
            method=row.name,
            method_title=row.title,
            paper=row.paper,
            params=query.params,
            layer=layers,
            baseline=query.baseline if row.has_baseline else "",
            is_signed=row.is_signed,
            seed=query.seed,
        )
    )


def _exported(net: NetPrediction, spec: AnySpec, file: WeightsFile) -> ExportedNet:
    channels, height, width = net.image_CHW.shape
    whole = np.round(net.image_CHW * 255).astype(np.uint8)
    is_whole = bool(np.array_equal(whole.astype(np.float32) / np.float32(255), net.image_CHW))
    pixels = whole if is_whole else net.image_CHW.astype(np.float32)
    return ExportedNet(
        letter=net.letter,
        title=net.title,
        spec=spec,
        weights=file.name,
        run_net=file.position,
        entry=file.entry,
        keys=file.keys,
        is_bgr=file.is_bgr,
        target=net.target,
        class_name=net.class_name(net.target),
        mean=net.mean,
        std=net.std,
        shape=(channels, height, width),
        image=base64.b64encode(zlib.compress(pixels.tobytes(), 9)).decode(),
        dtype="uint8" if is_whole else "float32",
    )
