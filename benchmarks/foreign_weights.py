"""Nets of torchvision and timm, and the files that people send: opened here, is their function the same?

Each original net is made with random weights and statistics of a random batch, its state dict is identified as `which`
and the attribution page do it, loaded into the net that is found, and the logits of both for the same images are
compared: the largest difference as a share of the largest logit. Where shapes leave a choice, all nets are compared.
Nets that are no nets of this program have to be refused by name; nets whose tensors are the same and whose function is
not (blurred pools) are shown as what they are. With the Python of an environment that has torchvision and timm, see
requirements-foreign-weights.txt:

    PYTHONPATH=. ~/foreign-venv/bin/python -m benchmarks.foreign_weights            all nets
    PYTHONPATH=. ~/foreign-venv/bin/python -m benchmarks.foreign_weights --quick    small ones, not kept
"""

import argparse
import gc
import importlib
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import outcome

PACKAGES = ("torchvision", "timm")
PATTERNS = {
    "torchvision": ("resnet*", "resnext*", "wide_resnet*", "vgg*"),
    "timm": ("resnet*", "resnext*", "wide_resnet*", "vgg*"),
}
OTHERS = (  # of timm, of other builds
    *("seresnet18", "seresnext50_32x4d", "ecaresnet26t", "res2net50_26w_4s", "resnest14d", "skresnet18"),
    *("densenet121", "vit_tiny_patch16_224", "convnext_atto", "regnetx_002", "regnety_002", "mobilenetv2_050"),
    *("mobilenetv3_small_050", "efficientnet_b0", "nf_resnet50", "senet154", "legacy_seresnet18", "cspresnet50"),
)
QUICK = ("resnet18", "resnet26", "resnetblur18", "resnet50d", "resnet50_gn", "vgg11_bn", "densenet121")
MAX_PARAMS = 150_000_000  # of which both nets are held in memory; larger ones are identified by their shapes alone
SAME = 1e-4  # share of the largest logit
SIDE_PX = 64
NUM_IMAGES = 2


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.foreign_weights", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args(arguments or [])
    missing = [package for package in PACKAGES if find_spec(package) is None]
    if missing:
        print(f"not measured: {', '.join(missing)} are not installed; see benchmarks/requirements-foreign-weights.txt")
        return
    warnings.simplefilter("ignore")  # of both libraries, about their own calls
    before = outcome.machine()
    measured: dict[str, Any] = {"versions": {package: metadata.version(package) for package in PACKAGES}}
    measured["files"] = {name: _shown(name, _file(name)) for name in _files()}
    for package in PACKAGES:
        names = [name for name in _names(package) if not chosen.quick or name in QUICK]
        measured[package] = {name: _shown(name, _net(package, name)) for name in names}
    measured["summary"] = {part: _summary(measured[part]) for part in ("files", *PACKAGES)}
    print(measured["summary"])
    folder = Path(tempfile.gettempdir()) if chosen.quick else outcome.RESULTS
    outcome.write("foreign_weights", measured, load_before=before, folder=folder)


def _files() -> dict[str, Any]:
    made: dict[str, Any] = importlib.import_module("tests.weights.made_files").make_files()
    return made


def _file(name: str) -> dict[str, Any]:
    """Opens one of the files that people send, beside the module that it was saved from."""
    made_files, modules = (
        importlib.import_module(f"{at}") for at in ("tests.weights.made_files", "benchmarks.foreign_modules")
    )
    state = made_files.weights_in(_files()[name])
    plain = {_without_wrappers(key): tensor for key, tensor in state.items() if not key.endswith("total_ops")}
    module = modules.original(name)
    module.load_state_dict(plain)  # strictly: the module has exactly these keys
    return _compared(state, module.eval())


def _without_wrappers(key: str) -> str:
    return key.removeprefix("module.").removeprefix("_orig_mod.").removeprefix("model.")


def _names(package: str) -> Iterator[str]:
    library = importlib.import_module("torchvision.models" if package == "torchvision" else "timm")
    for pattern in PATTERNS[package]:
        yield from library.list_models(include=pattern) if package == "torchvision" else library.list_models(pattern)
    yield from OTHERS if package == "timm" else ()


def _made(package: str, name: str) -> Any:
    if package == "timm":
        return importlib.import_module("timm").create_model(name)
    return importlib.import_module("torchvision.models").get_model(name)


def _net(package: str, name: str) -> dict[str, Any]:
    """Opens the weights of one net of a library; without the numbers first, as most of timm's are of other builds."""
    torch = importlib.import_module("torch")
    try:
        with torch.device("meta"):
            shapes = {key: tuple(tensor.shape) for key, tensor in _made(package, name).state_dict().items()}
    except (NotImplementedError, RuntimeError):  # reads its own weights while it is made
        shapes = {key: tuple(tensor.shape) for key, tensor in _made(package, name).state_dict().items()}
    found = _identified(shapes)
    num_params = sum(torch.Size(shape).numel() for shape in shapes.values())
    if "refused" in found or num_params > MAX_PARAMS:
        return found
    torch.manual_seed(0)
    module = _made(package, name)
    _spread(module)
    return _compared(module.state_dict(), module.eval())


def _spread(module: Any) -> None:
    """Gives norms random factors and the statistics of a batch, so that every tensor counts and nothing overflows."""
    torch = importlib.import_module("torch")
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.momentum = 1.0
            torch.nn.init.uniform_(part.weight, 0.5, 1.5)
            torch.nn.init.uniform_(part.bias, -0.5, 0.5)
    with torch.no_grad():
        module.train()(torch.randn(NUM_IMAGES, 3, SIDE_PX, SIDE_PX))


def _identified(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    from resnet_viz.errors import Refusal
    from resnet_viz.spec.titles import title
    from resnet_viz.weights.identify import identify_weights

    try:
        found = identify_weights(shapes)
    except Refusal as refused:
        return {"refused": str(refused)}
    return {
        "net": title(found.spec),
        "nets": [title(spec) for spec in found.specs],
        "naming": found.naming,
        "missing": list(found.missing),
        "extra": list(found.extra[:3]),
    }


def _compared(state: Mapping[str, Any], module: Any) -> dict[str, Any]:
    """Returns what was found, and the difference in logits of each net that the shapes leave possible."""
    from resnet_viz.nets.build import build
    from resnet_viz.nets.weights import load
    from resnet_viz.weights.identify import identify_weights

    torch = importlib.import_module("torch")
    shapes = {key: tuple(tensor.shape) for key, tensor in state.items()}
    found = _identified(shapes)
    if "refused" in found:
        return found
    identified = identify_weights(shapes)
    side = SIDE_PX if "cifar" not in found["naming"] else 32
    x_NCHW = torch.randn(NUM_IMAGES, identified.spec.in_channels, side, side)
    with torch.no_grad():
        expected = module(x_NCHW)
        differences = []
        for spec in identified.specs:
            net = build(spec).eval()
            load(net, state, needs_head=identified.has_head)
            got = net(x_NCHW) if identified.has_head else _features(net, x_NCHW)
            differences.append(float((got - expected).abs().max() / expected.abs().max()))
            del net
            gc.collect()
    return {**found, "differences": differences}


def _features(net: Any, x_NCHW: Any) -> Any:
    """Returns what the head would read."""
    kept: list[Any] = []
    handle = net.get_submodule("head.pool").register_forward_hook(
        lambda _module, _inputs, out: kept.append(out.flatten(1))
    )
    net(x_NCHW)
    handle.remove()
    return kept[0]


def _summary(cases: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    judged: dict[str, Callable[[Mapping[str, Any]], bool]] = {
        "equal": lambda case: min(case.get("differences", [1.0])) <= SAME,
        "equal, and taken first": lambda case: case.get("differences", [1.0])[0] <= SAME,
        "refused": lambda case: "refused" in case,
        "shapes alone": lambda case: "refused" not in case and "differences" not in case,
    }
    counts: dict[str, Any] = {word: sum(map(is_so, cases.values())) for word, is_so in judged.items()}
    other = [name for name, case in cases.items() if min(case.get("differences", [0.0])) > SAME]
    return {"nets": len(cases), **counts, "another function under the same tensors": other}


def _shown(name: str, case: dict[str, Any]) -> dict[str, Any]:
    told = case.get("refused") or f"{case['net']}, {case.get('differences', 'shapes alone')}"
    print(f"{name:24} {told}", flush=True)
    return case


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
