"""export: a net as an ONNX file, checked against torch."""

import argparse
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from resnet_viz.cli.parser import add_command, add_net_arguments, spec_of, whole_number
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.training.recipe_values import MAX_SEED
from resnet_viz.weights.files.entries import OPTION
from resnet_viz.weights.identify import identify_weights
from resnet_viz.weights.text import what_differs

NEEDED: Final = ("onnx", "onnxscript", "onnxruntime")
REQUIREMENTS: Final = "requirements-onnx.txt"


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "export",
        _("the net as an ONNX file, checked against torch"),
        examples=(
            "export resnet18 --onnx resnet18.onnx",
            "export cifar_resnet20 --set num_classes=100 --seed 1 --onnx net.onnx",
            "export resnet50 --weights resnet50.pt --onnx resnet50.onnx",
            "export resnet50 --free-size --onnx resnet50.onnx",
        ),
    )
    add_net_arguments(parser)
    parser.add_argument("--onnx", metavar="FILE", type=Path, required=True, help=_("output file"))
    parser.add_argument(
        "--weights",
        metavar="CHECKPOINT",
        type=Path,
        help=_(
            "weights under any names in use (torchvision, timm, Hugging Face, ...); without them the net is untrained"
        ),
    )
    parser.add_argument(
        OPTION, metavar="PLACE", help=_("which weights of the file, where it holds several: state_dict, model_ema, ...")
    )
    parser.add_argument(
        "--seed",
        type=whole_number("--seed", 0, MAX_SEED),
        default=0,
        metavar="N",
        help=_("seed of the initial weights and of the test images; default 0"),
    )
    parser.add_argument(
        "--free-size",
        action="store_true",
        help=_("let the file take images of any height and width; not of VGG nets"),
    )
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    spec = spec_of(chosen)
    _check_installed()
    if chosen.onnx.is_dir() or not chosen.onnx.parent.is_dir():
        raise Refusal(_("--onnx names a file in a folder that exists; got {path}.").format(path=chosen.onnx))
    if chosen.entry is not None and chosen.weights is None:
        raise Refusal(_("{option} needs --weights, the file that holds them.").format(option=OPTION))

    from resnet_viz.nets import (  # noqa: PLC0415 - torch, for this command alone
        onnx,
        weights,
        weights_file,
    )
    from resnet_viz.nets.build import build  # noqa: PLC0415

    read = None  # before the larger work
    if chosen.weights is not None:
        read = weights_file.read_weights(chosen.weights, entry=chosen.entry)
    net, plan = build(spec, seed=chosen.seed), lower(spec)
    if read is not None:
        weights.load(net, read.tensors, stated=read.spec)
    written = onnx.write_onnx(net, plan, chosen.onnx, seed=chosen.seed, is_size_free=chosen.free_size)
    print(
        _(
            "{path}: {nodes} nodes, opset {opset}, image (batch, {image}) to logits (batch, {classes}). "
            "The largest difference from torch on {count} random images is {difference:.1e}."
        ).format(
            path=chosen.onnx,
            nodes=written.num_nodes,
            opset=written.opset,
            image=", ".join(map(str, (spec.in_channels, "height", "width") if chosen.free_size else plan.input_shape)),
            classes=spec.num_classes,
            count=written.num_images * len(written.sizes),
            difference=written.difference,
        )
    )
    for note in read.notes if read is not None else ():
        print(note)
    for note in () if read is None else what_differs(identify_weights(read.shapes, read.spec)):
        print(note)


def _check_installed() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise Refusal(
            _("Writing ONNX needs {missing}, which is not installed. Install it: `pip install -r {file}`.").format(
                missing=", ".join(missing), file=REQUIREMENTS
            )
        )
