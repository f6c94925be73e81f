"""ONNX files of nets: written by torch's exporter, with the plan's node names, and checked against torch.

Norms after a convolution are folded into it.
"""

import ast
import contextlib
import logging
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from resnet_viz.errors import BudgetError, DataError, SpecError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net
from resnet_viz.plan.ops import AdaptiveAvgPool
from resnet_viz.plan.plan import Plan

IMAGE: Final = "image"
LOGITS: Final = "logits"
TOLERANCE: Final = 1e-4  # of the largest logit, and of 1 where all are smaller
MAX_BYTES: Final = 1_900_000_000  # of weights: a protocol buffer ends at 2 GiB

_TRACED_BATCH: Final = 2  # torch takes 0 and 1 for constants
_CHECKED_BATCH: Final = 3  # another one, which shows that the batch is free
_TRACED_SIDES: Final = (64, 96)  # of a file for images of any size: two that differ, neither of them 1
_SCOPES: Final = "pkg.torch.onnx.name_scopes"


@dataclass(frozen=True, kw_only=True, slots=True)
class OnnxExport:
    """A written ONNX file.

    Attributes:
        opset: version of the operators.
        num_nodes: operations in the file.
        num_images: images of each size on which file and torch were compared.
        sizes: heights and widths of these.
        difference: largest absolute difference of a logit between the two.
    """

    opset: int
    num_nodes: int
    num_images: int
    sizes: tuple[tuple[int, int], ...]
    difference: float


def write_onnx(net: Net, plan: Plan, path: Path, *, seed: int = 0, is_size_free: bool = False) -> OnnxExport:
    """Writes a net in evaluation mode; onnxruntime checks the file before it gets its name.

    Needs the packages of requirements-onnx.txt. Input `image` is (batch, C, H, W), output `logits` (batch, K).

    Args:
        net: the net; its mode is left as it was.
        plan: the plan from which it was built.
        path: path of the file; an existing one is replaced.
        seed: seed of the images on which file and torch are compared.
        is_size_free: whether the file takes images of any height and width; they are compared at two sizes.

    Raises:
        SpecError: a VGG net of free size.
        BudgetError: the weights do not fit into one file.
        DataError: the file cannot be written, or does not compute the net's logits.
    """
    num_bytes = sum(tensor.numel() * tensor.element_size() for tensor in net.state_dict().values())
    if num_bytes > MAX_BYTES:
        raise BudgetError(
            _("The weights have {got:,} bytes; one ONNX file holds at most {most:,}.").format(
                got=num_bytes, most=MAX_BYTES
            )
        )
    if is_size_free:
        _check_free(plan)
    sizes = _checked_sizes(plan.spec.image_sides, is_size_free=is_size_free)
    with _evaluating(net), torch.no_grad():
        model = _traced(net, plan, is_size_free=is_size_free)
        with _beside(path) as draft:
            _save(model, draft)
            difference = max(_difference(net, plan, draft, sides, seed=seed) for sides in sizes)
    opset, num_nodes = model.opset_imports[""], len(model.graph)
    return OnnxExport(opset=opset, num_nodes=num_nodes, num_images=_CHECKED_BATCH, sizes=sizes, difference=difference)


def _check_free(plan: Plan) -> None:
    if any(isinstance(node.op, AdaptiveAvgPool) for node in plan.nodes):
        raise SpecError(
            _(
                "The head of a VGG net pools to 7×7 pieces, whose sides depend on the image; ONNX has no such pool for "
                "images of any size. Leave out --free-size and name the size: --set image_size=480x640."
            )
        )


def _checked_sizes(sides: tuple[int, int], *, is_size_free: bool) -> tuple[tuple[int, int], ...]:
    """Returns the net's own size, and of a free one another that is odd and no square."""
    height, width = sides
    return (sides, (height + 17, width // 2 + 1)) if is_size_free else (sides,)


def _traced(net: Net, plan: Plan, *, is_size_free: bool) -> Any:
    """Returns the exporter's model with the plan's names and without paths of this machine."""
    sides = _TRACED_SIDES if is_size_free else plan.spec.image_sides
    x_NCHW = torch.zeros(_TRACED_BATCH, plan.spec.in_channels, *sides)
    free = {0: "batch", 2: "height", 3: "width"} if is_size_free else {0: "batch"}
    with _quiet():
        program = torch.onnx.export(
            net,
            (x_NCHW,),
            input_names=[IMAGE],
            output_names=[LOGITS],
            dynamic_shapes=({axis: torch.export.Dim(name) for axis, name in free.items()},),
            dynamo=True,
            optimize=True,
            verbose=False,
        )
    assert program is not None
    _rename(program.model.graph, {node.name for node in plan.nodes})
    program.model.metadata_props.clear()
    return program.model


def _rename(graph: Any, names: Set[str]) -> None:
    """Names nodes and their outputs by `names` of the plan, and removes the exporter's notes, which hold paths.

    Where a layer became several nodes, the last one, whose output is the layer's, gets its name.
    """
    layers = [_layer(node) for node in graph]
    left = Counter(layers)
    taken: Counter[str] = Counter()
    for node, layer in zip(graph, layers, strict=True):
        left[layer] -= 1
        name = layer if layer in names and not left[layer] else ".".join(filter(None, (layer, node.op_type.lower())))
        taken[name] += 1
        node.name = name if taken[name] == 1 else f"{name}{taken[name]}"
        if not node.outputs[0].is_graph_output():
            node.outputs[0].name = node.name
    for noted in (graph, *graph, *graph.inputs, *graph.initializers.values(), *(v for n in graph for v in n.outputs)):
        noted.metadata_props.clear()
        noted.doc_string = None


def _layer(node: Any) -> str:
    """Returns the name of a node's module; for a convolution with a folded norm, that of the convolution."""
    if node.op_type == "Conv":  # of a norm's weights there may be one for all, as long as they are equal
        return str(node.inputs[1].name.removesuffix(".weight"))
    scopes = ast.literal_eval(node.metadata_props.get(_SCOPES, "[]"))
    return str(scopes[-2]) if len(scopes) > 1 else ""


def _save(model: Any, path: Path) -> None:
    import onnx_ir  # noqa: PLC0415 - an optional dependency

    try:
        onnx_ir.save(model, path)
    except OSError as error:
        raise _unwritable(path.parent) from error


def _difference(net: Net, plan: Plan, path: Path, sides: tuple[int, int], *, seed: int) -> float:
    """Returns the largest difference between the logits of file and net on random images."""
    import onnxruntime  # noqa: PLC0415 - an optional dependency

    generator = torch.Generator().manual_seed(seed)
    x_NCHW = torch.randn(_CHECKED_BATCH, plan.spec.in_channels, *sides, generator=generator)
    ours_NK: Tensor = net(x_NCHW)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    theirs_NK = torch.from_numpy(session.run([LOGITS], {IMAGE: x_NCHW.numpy()})[0])
    if not ours_NK.isfinite().all():
        raise DataError(
            _("This net's logits are not finite on random images, so that its file cannot be checked; train it first.")
        )
    difference = float((ours_NK - theirs_NK).abs().max())
    allowed = TOLERANCE * max(1.0, float(ours_NK.abs().max()))
    if not difference <= allowed:
        raise DataError(
            _("The file was not kept: its logits differ from torch's by {got:.1e}, more than {most:.1e}.").format(
                got=difference, most=allowed
            )
        )
    return difference


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Yields the path of a temporary file in the same folder, which is renamed to `path` on success."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise _unwritable(path.parent) from error
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o666 & ~_umask())
        draft.replace(path)
    except OSError as error:
        raise _unwritable(path) from error
    finally:
        draft.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: Path) -> DataError:
    return DataError(_("{path} cannot be written.").format(path=path))


@contextlib.contextmanager
def _evaluating(net: Net) -> Iterator[None]:
    was_training = net.training
    net.eval()
    try:
        yield
    finally:
        net.train(was_training)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silences the exporter's warnings (torchvision is not installed, its own deprecations)."""
    log = logging.getLogger("torch.onnx")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        log.setLevel(before)
