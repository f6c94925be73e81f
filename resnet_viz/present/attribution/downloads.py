"""What can be taken home of the maps on a page: a PNG, the numbers, the file of code and what it needs."""

import base64
import io
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from resnet_viz.attribution.methods import METHODS
from resnet_viz.attribution.query import AttributionQuery
from resnet_viz.attribution.result import AttributionResult, Floats
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.export.attribution.script import AttributionFigure, ExportedNet, attribution_script
from resnet_viz.plan.names import block_name
from resnet_viz.present.attribution.colors import channel_sum, composite, enlarged, png_bytes, side_by_side, to_bytes
from resnet_viz.present.attribution.results import NetPrediction
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec

_SIDE_PX: Final = 672


def npy_bytes(values: Floats) -> bytes:
    """Returns an array as the bytes of numpy's own format."""
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def composite_png(
    answer: AttributionResult, nets: Sequence[NetPrediction], method: str, ends: Sequence[float]
) -> bytes:
    """Returns the picture and the maps over it beside each other as a PNG, without any text."""
    images = [enlarged(to_bytes(nets[0].picture_CHW), _SIDE_PX).convert("RGB")]
    for net, end in zip(nets, ends, strict=True):
        values = channel_sum(answer.arrays[f"{net.place}.map.{method}"])
        images.append(composite(net.picture_CHW, values, end, side_px=_SIDE_PX))
    return png_bytes(side_by_side(images))


def weights_name(ref: NetRef, file: str = "") -> str:
    """Returns what the file with a net's weights is called beside the code."""
    match ref.kind:
        case NetKind.RUN:
            return file or f"{ref.name}.pt"
        case NetKind.UPLOAD:
            return f"checkpoint-{ref.name[:8]}.pt"
        case _:
            return f"{ref.name}.pt"


def figure_code(
    question: AttributionQuery,
    nets: Sequence[NetPrediction],
    specs: Sequence[AnySpec],
    weights: Sequence[tuple[str, int | None]],
) -> str:
    """Returns a file that makes these very maps.

    Args:
        question: that they answer.
        nets: of the answer.
        specs: what the nets are built like.
        weights: for each the name of its file, and of a run's kept step which net of the file it is.
    """
    row = METHODS[question.method]
    exported = [
        _exported(net, spec, file, place) for net, spec, (file, place) in zip(nets, specs, weights, strict=True)
    ]
    layers = {net.letter: _layer(net, question.layer, spec) for net, spec in zip(nets, specs, strict=True)}
    return attribution_script(
        AttributionFigure(
            nets=tuple(exported),
            method=row.name,
            method_title=row.title,
            paper=row.paper,
            params=question.params,
            layer=layers if row.needs_layer else {},
            baseline=question.baseline if row.has_baseline else "",
            is_signed=row.is_signed,
            seed=question.seed,
        )
    )


def _layer(net: NetPrediction, named: str | None, spec: AnySpec) -> str:
    entry: Mapping[str, Any] = (net.facts.get("maps") or [{}])[0]
    if entry.get("layer") or named:
        return str(entry.get("layer") or named)
    assert isinstance(spec, NetSpec)  # only these have blocks, and a method that needs one was answered
    return block_name(len(spec.blocks), spec.blocks[-1])


def _exported(net: NetPrediction, spec: AnySpec, file: str, place: int | None) -> ExportedNet:
    channels, height, width = net.picture_CHW.shape
    whole = np.round(net.picture_CHW * 255).astype(np.uint8)
    is_whole = bool(np.array_equal(whole.astype(np.float32) / np.float32(255), net.picture_CHW))
    pixels = whole if is_whole else net.picture_CHW.astype(np.float32)
    return ExportedNet(
        letter=net.letter,
        title=net.title,
        spec=spec,
        weights=file,
        run_net=place,
        target=net.target,
        class_name=net.class_name(net.target),
        mean=_numbers(net.facts["mean"]),
        std=_numbers(net.facts["std"]),
        shape=(channels, height, width),
        picture=base64.b64encode(zlib.compress(pixels.tobytes(), 9)).decode(),
        dtype="uint8" if is_whole else "float32",
    )


def _numbers(value: Any) -> tuple[float, ...]:
    return (float(value),) if isinstance(value, int | float) else tuple(float(one) for one in value)
