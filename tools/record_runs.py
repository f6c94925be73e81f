"""Trains the runs that are shipped and writes what the pages show before anyone presses Start.

    python -m tools.record_runs                     # all of them into assets/runs, about two minutes on two cores
    python -m tools.record_runs no_norm             # one of them

The form is that of `export`, with less in it, and the file says so in `run.thinned`: a few losses are left out but for
the last ones, whose mean is shown; what was measured along the depth at some steps only, as lists in the order of the
layers (`runs.shipped`); four significant digits there, five elsewhere.
"""

import argparse
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from resnet_viz.present.training.results import LAST_STEPS
from resnet_viz.runs.formats.json_export import export
from resnet_viz.runs.run import Run, RunNet, RunState
from resnet_viz.runs.shipped import FOLDER, compact_record
from resnet_viz.training import recipe_files
from resnet_viz.training.engine.race import race
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Record, Step
from resnet_viz.training.step_gate import CheckpointBarrier


@dataclass(frozen=True, kw_only=True)
class Recording:
    """How much is shipped of a run.

    Attributes:
        is_timed: whether the machine was quiet, so that seconds and images per second mean something.
        every: of this many steps one is kept, beside the last ones and those that were tested.
        probes: how many of the probed steps keep what was measured along the depth: the first, the last and some
            between, closer together at the beginning, where most happens.
    """

    is_timed: bool = False
    every: int = 2
    probes: int = 2


RECORDINGS: Final[Mapping[str, Recording]] = {  # by the name of the recipe, the seed being 0
    "degradation": Recording(is_timed=True, every=4, probes=41),
    "deeper_is_better": Recording(every=8, probes=20),
    "no_norm": Recording(probes=20),
    "no_norm_he": Recording(probes=20),
    "very_deep": Recording(every=5, probes=16),
}


@dataclass
class _Kept:
    """Records of a race, as the store would hold them."""

    started: dict[str, NetStarted] = field(default_factory=dict)
    ended: dict[str, NetEnded] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def take(self, record: Record | CheckpointBarrier) -> None:
        if isinstance(record, Step):
            self.steps.append(record)
        elif isinstance(record, NetStarted):
            self.started[record.net] = record
        elif isinstance(record, NetEnded):
            self.ended[record.net] = record


def main() -> None:
    """Trains and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*RECORDINGS, []], metavar="NAME", help=", ".join(RECORDINGS))
    for name in parser.parse_args().names or RECORDINGS:
        record(name, RECORDINGS[name])


def record(name: str, recording: Recording) -> None:
    """Trains one run and writes its file."""
    kept = _Kept()
    recipe = recipe_files.make(name, {})
    for each in race(recipe):
        kept.take(each)
    steps = _thinned(kept.steps, recipe, recording)
    content = export(_run(name, recipe, kept), steps)
    num_probes = len({step.step for step in steps if step.grad_norm})
    nets = {net["label"]: net for net in content["run"]["nets"]}
    content["records"] = [compact_record(each, nets[each["net"]]) for each in content["records"]]
    content["run"]["thinned"] = (
        f"Of {recording.every} steps one is kept, beside the last {LAST_STEPS} and those that were tested; "
        f"{num_probes} of the measurements along the depth; four significant digits in these, five elsewhere."
    )
    if not recording.is_timed:
        content["run"]["thinned"] += " The machine was busy: its times say nothing about speed."
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(_short(content), separators=(",", ":"), allow_nan=False) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(steps)} records, {path.stat().st_size:,} bytes")


def _thinned(steps: list[Step], recipe: Recipe, recording: Recording) -> list[Step]:
    total = recipe.steps
    probed = sorted({step.step for step in steps if step.grad_norm})
    with_norms = {probed[round(place)] for place in _places(len(probed), recording.probes)}
    kept = {*range(0, total, recording.every), *range(total - LAST_STEPS, total), *with_norms}
    kept |= {step.step for step in steps if step.test_loss is not None}
    return [_lean(step, with_norms) for step in steps if step.step in kept]


def _places(count: int, wanted: int) -> list[float]:
    """Returns `wanted` places from 0 to count - 1, each further from the next by the same factor."""
    if wanted >= count:
        return list(range(count))
    factor = math.exp(math.log(count) / (wanted - 1))
    return [0.0, *(min(count - 1.0, factor**place - 1) for place in range(1, wanted - 1)), count - 1.0]


def _lean(step: Step, measured: set[int]) -> Step:
    values = {name: getattr(step, name) for name in Step.__dataclass_fields__}
    if step.step not in measured:
        values |= {name: {} for name, value in values.items() if isinstance(value, Mapping)}
    return Step(**values)


def _run(name: str, recipe: Recipe, kept: _Kept) -> Run:
    nets = tuple(
        RunNet(
            label=label,
            params=net.params,
            macs=net.macs,
            device=net.device,
            convs=net.convs,
            blocks=net.blocks,
            num_steps=1 + max(step.step for step in kept.steps if step.net == label),
            ending=kept.ended[label].ending if label in kept.ended else Ending.FINISHED,
            sentence=kept.ended[label].sentence if label in kept.ended else "",
        )
        for label, net in kept.started.items()
    )
    return Run(
        id=name, owner="", name=recipe_files.known()[name].title, state=RunState.DONE, recipe=recipe, created=0.0,
        started=None, ended=None, attempt=1, is_cancelling=False, error="", pid=None, nets=nets,
    )  # fmt: skip


def _short(value: Any, digits: int = 5) -> Any:
    if isinstance(value, Mapping):
        return {name: _short(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_short(item, digits=4) for item in value]
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
