"""Maps of one method at every kept step of a run, of several nets side by side.

A kept step is the state of a whole race: weights, running statistics, optimiser of all its nets before the step (see
`training.engine.checkpoint_file`). Here it is only read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from resnet_viz.attribution.engine.progress import MapFunction, Tick, no_tick, subtick
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.nets.weights import load
from resnet_viz.runs.sql.checkpoints import Checkpoint
from resnet_viz.spec.net import NetSpec
from resnet_viz.training.engine import checkpoint_file


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StepMaps:
    """Maps of the nets before one step.

    Attributes:
        step: the next one; 0 is before training.
        values: map of each net, in the order of `positions`.
    """

    step: int
    values: tuple[Tensor, ...]


def nets_at(
    specs: Sequence[NetSpec], checkpoint: Checkpoint, positions: Sequence[int], *, folder: Path
) -> tuple[Net, ...]:
    """Returns nets of a run as they were before a kept step, in evaluation mode: the file is read once.

    Args:
        specs: of all nets in the run's recipe.
        checkpoint: the step.
        positions: of the nets to load.
        folder: of the run's checkpoints.

    Raises:
        DataError: the file is missing, damaged or of other nets.
    """
    states = checkpoint_file.read(folder / checkpoint.file).nets
    found = []
    for position in positions:
        place = position if checkpoint.sources is None else checkpoint.sources[position]
        if place >= len(states):
            raise DataError(_("This checkpoint belongs to other nets; it holds {num}.").format(num=len(states)))
        net = build(specs[position])
        load(net, {**states[place].weights, **states[place].counters})
        found.append(net.eval())
    return tuple(found)


def maps_over_steps(
    specs: Sequence[NetSpec],
    checkpoints: Sequence[Checkpoint],
    positions: Sequence[int],
    mapped: MapFunction,
    *,
    folder: Path,
    tick: Tick = no_tick,
) -> Iterator[StepMaps]:
    """Yields the maps at every kept step, first step first; one step's nets are in memory at a time.

    Args:
        specs: of all nets in the run's recipe.
        checkpoints: the kept steps, `RunStore.checkpoints`.
        positions: of the nets to load.
        mapped: returns the map of a net.
        folder: of the run's checkpoints, `runs.sql.checkpoints.folder`.
        tick: receives the share that is done; it may raise, which ends the work.

    Raises:
        DataError: a file is missing, damaged or of other nets.
    """
    total = len(checkpoints) * len(positions)
    for number, checkpoint in enumerate(sorted(checkpoints, key=lambda one: one.step)):
        nets = nets_at(specs, checkpoint, positions, folder=folder)
        first = number * len(positions)
        values = (mapped(net, subtick(tick, place, total)) for place, net in enumerate(nets, start=first))
        yield StepMaps(step=checkpoint.step, values=tuple(values))
