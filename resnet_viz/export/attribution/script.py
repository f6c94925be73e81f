"""Exported attribution figure: one Python file with the nets, the image, Captum's call and the drawing, on its own.

The file holds the image; the weights are files in the same folder. Each net is a function, so that two nets of
different architecture fit into one file. Limit: where a large image goes through the net in smaller batches than here,
random noise differs.
"""

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from resnet_viz.export.attribution import templates
from resnet_viz.export.attribution.captum_calls import BASELINES, CALL_LINES, OWN_INPUTS
from resnet_viz.export.docstrings import name
from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.spec.vgg import AnySpec

_STEP: Final = "    "
_AT_ONCE: Final = 64
_SAFETENSORS: Final = ".safetensors"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportedNet:
    """Net of the figure.

    Attributes:
        letter: a or b.
        title: its name.
        spec: its architecture.
        weights: name of the file with its weights.
        run_net: position of the net in the file of a run's kept step; None for a state dict.
        entry: place of the weights in the file, keys with dots between; "" for its top.
        keys: our key and the file's of each tensor; () where the file is a state dict of our or torchvision's keys.
        is_bgr: whether the net reads blue first, though image, mean and std are red, green and blue.
        target: class whose logit is explained.
        class_name: of the target.
        mean: of the training pixels by channel.
        std: likewise.
        shape: of the image, (C, H, W).
        image: its pixels: zlib's bytes of numpy's, in base64.
        dtype: "uint8", from 0 to 255, or "float32", from 0 to 1.
    """

    letter: str
    title: str
    spec: AnySpec
    weights: str
    run_net: int | None = None
    entry: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    is_bgr: bool = False
    target: int
    class_name: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    shape: tuple[int, int, int]
    image: str
    dtype: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributionFigure:
    """Content of the file.

    Attributes:
        nets: one or two.
        method: of attribution.
        method_title: its name.
        paper: its source.
        params: all parameters of the method.
        layer: explained module by the letter of the net; empty for a method without one.
        baseline: its name; "" for a method without one.
        is_signed: whether a map has values below zero.
        seed: of all random numbers.
    """

    nets: tuple[ExportedNet, ...]
    method: str
    method_title: str
    paper: str
    params: Mapping[str, float]
    layer: Mapping[str, str]
    baseline: str
    is_signed: bool
    seed: int


def attribution_script(figure: AttributionFigure) -> str:
    """Returns the text of a Python file that makes the figure and writes each map as .npy."""
    parts = [_head(figure), _constants(figure), *(_net(net) for net in figure.nets), _load(figure), _image(figure)]
    parts += [
        _attribute(figure),
        templates.DRAW.format(is_signed=figure.is_signed, title=figure.method_title),
        templates.MAIN,
    ]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def _head(figure: AttributionFigure) -> str:
    titles = " and ".join(net.title for net in figure.nets)
    files = " ".join(dict.fromkeys(net.weights for net in figure.nets))
    return templates.HEAD.format(
        title=figure.method_title,
        nets=titles,
        paper=figure.paper,
        files=files,
        own=", ".join(f"{net.letter}.npy" for net in figure.nets),
        functional="import torch.nn.functional as F\n" if _needs_functional(figure) else "",
        captum=", ".join(CALL_LINES[figure.method].classes),
    )


def _load(figure: AttributionFigure) -> str:
    """Returns the function that reads weights, with what files of other keys or formats need."""
    text = templates.LOAD
    if any(net.keys for net in figure.nets):
        text = text.replace(templates.USUAL_STATE, templates.STATE_BY_KEYS)
    if any(net.entry for net in figure.nets):
        text = text.replace(templates.FACTS, templates.OPTIONS_BESIDE)
    if any(net.weights.endswith(_SAFETENSORS) for net in figure.nets):
        text = text.replace(templates.TORCH_FILE, templates.ANY_FILE)
    if any(net.is_bgr for net in figure.nets):
        text = text.replace(templates.READY, templates.BLUE_FIRST)
    return text


def _needs_functional(figure: AttributionFigure) -> bool:
    return figure.baseline == "blur" or any("F.pad" in pytorch_source(net.spec) for net in figure.nets)


def _constants(figure: AttributionFigure) -> str:
    params = ", ".join(f'"{key}": {value!r}' for key, value in figure.params.items())
    lines = [f"SEED = {figure.seed}", f"AT_ONCE = {_AT_ONCE}  # images that go through a net together"]
    lines += [f"PARAMS = {{{params}}}"] if figure.params else []
    lines.append("NETS = {")
    for net in figure.nets:
        lines += [
            f'{_STEP}"{net.letter}": {{',
            f'{_STEP * 2}"title": {json.dumps(net.title)},',
            f'{_STEP * 2}"weights": {json.dumps(net.weights)},',
            *([f'{_STEP * 2}"net_of_run": {net.run_net},'] if net.run_net is not None else []),
            *_key_lines(net),
            *([f'{_STEP * 2}"is_bgr": True,'] if net.is_bgr else []),
            f'{_STEP * 2}"target": {net.target},  # {_one_line(net.class_name)}',
            f'{_STEP * 2}"mean": {net.mean!r},',
            f'{_STEP * 2}"std": {net.std!r},',
            *([f'{_STEP * 2}"layer": {json.dumps(figure.layer[net.letter])},'] if figure.layer else []),
            f'{_STEP * 2}"shape": {net.shape!r},',
            f'{_STEP * 2}"image": (',
            *(f'{_STEP * 3}"{line}"' for line in _chunks(net.image)),
            f"{_STEP * 2}),",
            f"{_STEP}}},",
        ]
    return "\n".join([*lines, "}"])


def _key_lines(net: ExportedNet) -> list[str]:
    if not net.keys:
        return []
    pairs = [f"{_STEP * 3}{json.dumps(ours)}: {json.dumps(theirs)}," for ours, theirs in net.keys]
    return [f'{_STEP * 2}"entry": {json.dumps(net.entry)},', f'{_STEP * 2}"keys": {{', *pairs, f"{_STEP * 2}}},"]


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _chunks(packed: str, size: int = 96) -> Sequence[str]:
    return [packed[start : start + size] for start in range(0, len(packed), size)]


def _net(net: ExportedNet) -> str:
    """Returns a function that builds a net, with the definitions of the exported architecture in it."""
    whole = pytorch_source(net.spec)
    lines = whole.splitlines()
    definitions = [node for node in ast.parse(whole).body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    body: list[str] = []
    for node in definitions:
        body += ["", *lines[node.lineno - 1 : node.end_lineno]]
    indented = [f"{_STEP}{line}" if line else "" for line in body]
    head = [f"def net_{net.letter}() -> nn.Module:", f'{_STEP}"""Returns {name(net.spec)}, untrained."""']
    return "\n".join([*head, *indented, "", f"{_STEP}return Net()"])


def _image(figure: AttributionFigure) -> str:
    read = templates.READ[figure.nets[0].dtype]
    return templates.PIXELS.format(read=read)


def _attribute(figure: AttributionFigure) -> str:
    call = CALL_LINES[figure.method]
    lines = [
        "def attribute(letter: str) -> np.ndarray:",
        f'{_STEP}"""Returns the map of one net for its class."""',
        f"{_STEP}facts = NETS[letter]",
        f"{_STEP}net = load(letter)",
        *([f'{_STEP}target = facts["target"]'] if any("target=" in line for line in call.lines) else []),
        f"{_STEP}mean, std = statistics(letter)",
        f"{_STEP}x = (pixels(letter) - mean) / std",
        *([f'{_STEP}layer = net.get_submodule(facts["layer"])'] if figure.layer else []),
        *(f"{_STEP}{line}" for line in BASELINES.get(figure.baseline, ())),
        *(f"{_STEP}{line}" for line in (OWN_INPUTS if call.needs_own_inputs else ())),
        f"{_STEP}torch.manual_seed(SEED)",
        f"{_STEP}np.random.seed(SEED)",
        *(f"{_STEP}{line}" for line in call.lines),
        f"{_STEP}return values.detach().numpy()",
    ]
    return "\n".join(lines)
