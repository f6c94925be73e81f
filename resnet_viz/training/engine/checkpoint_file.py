"""Checkpoint files of a race: weights, running statistics, state of the optimiser, and step.

The order of the images and the dropout masks are not stored: they follow from the recipe's seed and the step. Each net
is a few flat tensors, since a file of a thousand small ones takes fifty times as long to write. Read with
`weights_only`: nothing in such a file is ever executed.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from resnet_viz.atomic_file import draft_of
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net
from resnet_viz.training.engine.optimizers import set_state, state_of
from resnet_viz.weights.files import stated_spec

FORMAT: Final = 1
_OPTIMIZER: Final[Mapping[str, str]] = {  # part of a file -> kind of tensors; the first is all that older files have
    "momentum": "momentum_buffer",
    "adam_step": "step",
    "adam_mean": "exp_avg",
    "adam_square": "exp_avg_sq",
}
MAX_BYTES: Final = 512 << 20  # of a file; the largest race, six nets of five million parameters, has 360 MB with Adam


@dataclass(frozen=True, kw_only=True, slots=True)
class NetState:
    """State of one net at one step, on the CPU.

    Attributes:
        label: its label in its recipe.
        weights: parameters and floating-point buffers by name.
        counters: whole-number buffers by name.
        optimizer: the optimiser's tensors by kind and by parameter; empty before the first step.
        seconds: of its training so far.
        is_over: True if it trains no further.
        spec: text of the net's spec (`weights.files.stated_spec`), so that the file opens elsewhere as what it is;
            "" in files of earlier versions.
    """

    label: str
    weights: Mapping[str, Tensor]
    counters: Mapping[str, Tensor]
    optimizer: Mapping[str, Mapping[str, Tensor]]
    seconds: float
    is_over: bool
    spec: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RaceState:
    """State of all nets of a race before `step`."""

    step: int
    nets: tuple[NetState, ...]


def capture(net: Net, optimizer: torch.optim.Optimizer, *, label: str, seconds: float, is_over: bool) -> NetState:
    """Copies the state of a net and its optimiser."""
    state = net.state_dict()
    return NetState(
        label=label,
        weights={name: _copy(tensor) for name, tensor in state.items() if tensor.is_floating_point()},
        counters={name: _copy(tensor) for name, tensor in state.items() if not tensor.is_floating_point()},
        optimizer={
            kind: {name: _copy(tensor) for name, tensor in tensors.items()}
            for kind, tensors in state_of(net, optimizer).items()
        },
        seconds=seconds,
        is_over=is_over,
        spec=stated_spec.to_text(net.spec),
    )


def restore(state: NetState, net: Net, optimizer: torch.optim.Optimizer) -> None:
    """Restores a net and its optimiser; tensors that the state lacks keep their initial values."""
    values = {**state.weights, **state.counters}
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            kept = values.get(name)
            if kept is not None and kept.shape == tensor.shape:
                tensor.copy_(kept)
        set_state(net, optimizer, state.optimizer)


def write(race: RaceState, path: Path) -> int:
    """Writes a checkpoint, wholly or not at all, and returns the file's size in bytes.

    Raises:
        OSError: it cannot be written.
    """
    content = {
        "format": FORMAT,
        "step": race.step,
        "nets": [
            {
                "label": state.label,
                "seconds": state.seconds,
                "is_over": state.is_over,
                stated_spec.KEY: state.spec,
                **{
                    part: {"shapes": [[n, list(t.shape)] for n, t in tensors.items()], "flat": _flat(tensors.values())}
                    for part, tensors in _parts(state).items()
                },
            }
            for state in race.nets
        ],
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with draft_of(path) as draft:
        try:
            torch.save(content, draft)
        except RuntimeError as error:  # torch's error for a full disk
            raise OSError(str(error)) from error
        return draft.stat().st_size


def read(path: Path) -> RaceState:
    """Returns the race in a checkpoint file.

    Raises:
        DataError: the file is missing, too large, damaged or of another kind.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _unreadable()
        content = torch.load(path, map_location="cpu", weights_only=True)
        if content["format"] != FORMAT:
            raise _unreadable()
        return RaceState(step=int(content["step"]), nets=tuple(_net_state(net) for net in content["nets"]))
    except DataError:
        raise
    except Exception as error:  # foreign bytes make torch raise nearly anything
        raise _unreadable() from error


def newest_readable(paths: Sequence[Path]) -> RaceState | None:
    """Returns the race in the first readable file; None if none is readable."""
    for path in paths:
        try:
            return read(path)
        except DataError:
            continue
    return None


def _parts(state: NetState) -> dict[str, Mapping[str, Tensor]]:
    own = {part: state.optimizer.get(kind, {}) for part, kind in _OPTIMIZER.items()}
    return {"weights": state.weights, "counters": state.counters, **own}


def _net_state(net: Mapping[str, Any]) -> NetState:
    kinds = {kind: _unflat(net[part]) for part, kind in _OPTIMIZER.items() if part in net}
    return NetState(
        label=str(net["label"]),
        weights=_unflat(net["weights"]),
        counters=_unflat(net["counters"]),
        optimizer={kind: tensors for kind, tensors in kinds.items() if tensors},
        seconds=float(net["seconds"]),
        is_over=bool(net["is_over"]),
        spec=str(net.get(stated_spec.KEY, "")),
    )


def _copy(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", copy=True)


def _flat(tensors: Iterable[Tensor]) -> Tensor:
    rows = [tensor.reshape(-1) for tensor in tensors]
    return torch.cat(rows) if rows else torch.empty(0)


def _unflat(part: Mapping[str, Any]) -> dict[str, Tensor]:
    shapes = [(str(name), tuple(int(size) for size in shape)) for name, shape in part["shapes"]]
    rows = part["flat"].split([math.prod(shape) for _name, shape in shapes])  # raises if the sizes do not add up
    return {name: row.reshape(shape) for (name, shape), row in zip(shapes, rows, strict=True)} if shapes else {}


def _unreadable() -> DataError:
    return DataError(_("This checkpoint is missing, damaged or of another version."))
