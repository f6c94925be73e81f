"""What can be set about the daemon: by argument, else by environment variable, else the default here."""

import argparse
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_type_hints

PREFIX: Final = "RESNET_VIZ_JOBS_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """Limits and parts of a daemon. Field `wall_s` is the argument --wall-s and the variable RESNET_VIZ_JOBS_WALL_S.

    Attributes:
        executor: module:function that takes a Recipe and yields training records.
        preload: module imported once in the fork server, so that workers start warm; empty for none.
        slots: runs that train at the same time; 0 for one per four cores, as a run trains its nets in threads.
        wall_s: longest time of one attempt in seconds, pauses not counted.
        pause_s: longest time in seconds that a paused run keeps its worker; then its slot is free for others.
        paused_per_owner: paused runs of one owner that keep their workers; those paused longest give theirs up.
        unwritable_s: longest time in seconds for which a run goes on while the store cannot be written.
        yield_s: longest time in seconds that a paused run keeps its worker where another run waits for the slot.
        recent_s: seconds after a daemon's death within which the next one goes on with its runs without being told.
        stall_s: longest time between two records in seconds.
        first_step_s: longest time before the first step in seconds; data may have to be fetched and nets to be built.
        cancel_s: time in seconds within which a cancelled worker has to stop before it is killed.
        memory_mib: data a worker on the CPU may allocate; 0 for no limit.
        niceness: of workers, 0 to 19; at 19 training leaves the pages as fast as they are without it.
        lasting: 1 for a daemon that outlives who started it and ends when it has had nothing to do for `idle_s`.
        idle_s: seconds without runs after which a lasting daemon ends.
        tick_s: longest time in seconds before a submission or a cancellation is noticed.
    """

    executor: str = "resnet_viz.training.engine.race:race"
    preload: str = "resnet_viz.jobs.training.preload"
    slots: int = 0
    wall_s: float = 600.0
    pause_s: float = 60.0
    yield_s: float = 3.0
    paused_per_owner: int = 1
    unwritable_s: float = 60.0
    recent_s: float = 120.0
    stall_s: float = 60.0
    first_step_s: float = 180.0
    cancel_s: float = 2.0
    memory_mib: int = 4096
    niceness: int = 19
    lasting: int = 0
    idle_s: float = 30.0
    tick_s: float = 0.05


def to_arguments(options: Options) -> list[str]:
    """Returns the command-line arguments that set what differs from the defaults."""
    default = Options()
    changed = [f.name for f in dataclasses.fields(Options) if getattr(options, f.name) != getattr(default, f.name)]
    return [f"--{name.replace('_', '-')}={getattr(options, name)}" for name in changed]


def parse(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[Path, Options]:
    """Returns the store's file and the options.

    Raises:
        SystemExit: status 2 and a sentence on stderr, as argparse has it.
    """
    parser = argparse.ArgumentParser(prog="python -m resnet_viz.jobs.training.daemon", description=__doc__)
    parser.add_argument("store", type=Path, help="the store's file")
    kinds: dict[str, Any] = get_type_hints(Options)
    for field in dataclasses.fields(Options):
        default = environ.get(PREFIX + field.name.upper(), field.default)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kinds[field.name], default=default)
    values = vars(parser.parse_args(arguments))
    return values.pop("store"), Options(**values)
