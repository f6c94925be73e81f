"""Trains plain and residual nets of several depths and writes `assets/measured/loss_by_depth.toml` and its neighbour.

    python -m tools.measure_loss_by_depth usual      # six depths, usual initial weights: six minutes on one core
    python -m tools.measure_loss_by_depth identity   # recipe deeper_is_better, 16 seeds, and tries: an hour

Each net is trained alone, which gives the same numbers as a race: `train RECIPE --set depth=DEPTH --set nets=KIND
--set FIELD=VALUE --seed N` with the fields of the protocol.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from resnet_viz.present.training.results import LAST_STEPS
from resnet_viz.theory.loss_by_depth import FILE_OF, DepthLosses, LossByDepth, Protocol, Try, loss_by_depth
from resnet_viz.training import recipe_files
from resnet_viz.training.lab_nets import NetType
from resnet_viz.training.records import Step


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedProtocol:
    """Further protocol: changes of the recipe, and the seeds and depths that were tried."""

    changes: Mapping[str, str]
    seeds: Sequence[int]
    depths: Sequence[int] = (20, 56)


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredProtocol:
    """Protocol of a file.

    Attributes:
        how: nets, data and recipe in one sentence.
        recipe: name of the recipe.
        changes: of that recipe.
        depths: of the nets.
        num_seeds: seeds from 0 for each depth.
        num_chosen: of these seeds, the first ones, on which the protocol was chosen.
        tries: other protocols, of residual nets.
        reports: sentences about protocols of which only means were kept.
    """

    how: str
    recipe: str
    changes: Mapping[str, str] = field(default_factory=dict)
    depths: Sequence[int]
    num_seeds: Mapping[int, int]
    num_chosen: int = 0
    tries: Sequence[TriedProtocol] = ()
    reports: Sequence[str] = ()


_TRIED_SEEDS: Final = (0, 1, 2, 3, 6, 9)  # the seeds of the choice, and the two fresh ones that disagreed
_DEPTHS: Final = (8, 14, 20, 32, 44, 56)
PROTOCOLS: Final[Mapping[Protocol, MeasuredProtocol]] = {
    Protocol.USUAL: MeasuredProtocol(
        how=(
            "CIFAR nets of widths 4, 8 and 16 with batch norm in the original order, 400 steps on Fashion-MNIST images "
            "of 14 px (recipe degradation with order = original); mean training loss of the last 50 steps, seeds from 0"
        ),
        recipe="degradation",
        changes={"order": "original"},
        depths=_DEPTHS,
        num_seeds=dict.fromkeys(_DEPTHS, 3) | {8: 8, 20: 8},  # the pair that most is said about
    ),
    Protocol.IDENTITY: MeasuredProtocol(
        how=(
            "CIFAR nets of widths 4, 8 and 16 with batch norm in the original order, the last norm of each residual "
            "branch beginning at zero, 800 steps of 128 Fashion-MNIST images of 14 px (recipe deeper_is_better); mean "
            "training loss of the last 50 steps, seeds 0 to 15; the protocol was chosen on seeds 0 to 3, sentences "
            "count 4 to 15"
        ),
        recipe="deeper_is_better",
        depths=(8, 20, 56),
        num_seeds=dict.fromkeys((8, 20, 56), 16),
        num_chosen=4,
        tries=(
            TriedProtocol(changes={"lr": "0.2"}, seeds=(0, 1)),
            TriedProtocol(changes={"lr": "0.05"}, seeds=_TRIED_SEEDS),
            TriedProtocol(changes={"warmup_steps": "100"}, seeds=_TRIED_SEEDS),
        ),
        reports=(
            "lr = 0.05 and warmup_steps = 100 were tried after seeds 4 to 11 were known, on the two of these that "
            "disagreed as well; the protocol stayed as it had been chosen, and seeds 12 to 15 were run last.",
            "400 steps of 64 images, learning rate 0.1: ResNet-8 / 20 / 56 0.683 / 0.643 / 0.571, means of seeds 0 to "
            "2; of seeds 4 to 8 0.598 / 0.605 for 20 / 56, the deeper net below in 3 of 5: not proved.",
            "400 steps of 64 images, learning rate 0.2: 0.617 / 0.598 / 0.537, means of seeds 0 to 2; no fresh seeds.",
            "600 steps of 128 images, learning rate 0.1: 0.496 / 0.442 / 0.376, means of seeds 0 to 2; of seeds 4 to 8 "
            "0.411 / 0.393 for 20 / 56, below in 4 of 5, once far above (0.457 / 0.509).",
            "Usual initial weights, original order, batches of 64, learning rate 0.1: with 1,000 steps ResNet-56 is "
            "below ResNet-20 in 0 of 3 seeds, with 2,000 steps in 1 of 2.",
        ),
    ),
}


def final_loss(
    protocol: Protocol, kind: NetType, depth: int, seed: int, changes: Mapping[str, str] | None = None
) -> float:
    """Trains a net and returns the mean loss of its last steps."""
    from resnet_viz.training.engine.race import race  # noqa: PLC0415 - torch, which readers of PROTOCOLS do without

    own = PROTOCOLS[protocol]
    texts = {**own.changes, **(changes or {}), "depth": str(depth), "nets": kind.value}
    recipe = recipe_files.make(own.recipe, texts, seed=seed)
    losses = [record.loss for record in race(recipe) if isinstance(record, Step)]
    return sum(losses[-LAST_STEPS:]) / LAST_STEPS


def measured(protocol: Protocol) -> Iterator[LossByDepth]:
    """Trains the nets of a protocol; yields what is there after each of them."""
    own = PROTOCOLS[protocol]
    found = LossByDepth(own.how, own.recipe, dict(own.changes), (), own.num_chosen, (), tuple(own.reports))
    for kind in NetType:
        for depth in own.depths:
            losses = tuple(final_loss(protocol, kind, depth, seed) for seed in range(own.num_seeds[depth]))
            found = found._replace(rows=(*found.rows, DepthLosses(kind, depth, losses)))
            yield found
    for tried in own.tries:
        rows = tuple(
            DepthLosses(
                NetType.RESIDUAL,
                depth,
                tuple(final_loss(protocol, NetType.RESIDUAL, depth, seed, tried.changes) for seed in tried.seeds),
            )
            for depth in tried.depths
        )
        found = found._replace(tries=(*found.tries, Try(dict(tried.changes), tuple(tried.seeds), rows)))
        yield found


def toml(found: LossByDepth, protocol: Protocol) -> str:
    """Returns the text of a protocol's file."""
    lines = [
        f"# Written by `python -m tools.measure_loss_by_depth {protocol}`.",
        f'how = "{found.how}"',
        f'recipe = "{found.recipe}"',
        f"changes = {_table(found.changes)}",
    ]
    if found.num_chosen:
        lines.append(f"num_chosen = {found.num_chosen}")
    if found.reports:
        lines += ["reports = [", *(f'  "{report}",' for report in found.reports), "]"]
    lines += ["", "results = [", *map(_row, found.rows), "]"]
    for tried in found.tries:
        lines += ["", "[[tries]]", f"changes = {_table(tried.changes)}", f"seeds = {list(tried.seeds)}"]
        lines += ["results = [", *map(_row, tried.rows), "]"]
    return "\n".join(lines) + "\n"


def _table(texts: Mapping[str, str]) -> str:
    inside = ", ".join(f'{name} = "{text}"' for name, text in texts.items())
    return f"{{ {inside} }}" if inside else "{}"


def _row(row: DepthLosses) -> str:
    losses = ", ".join(f"{loss:.4g}" for loss in row.losses)
    return f'  {{ kind = "{row.kind}", depth = {row.depth}, losses = [{losses}] }},'


def main() -> None:
    """Trains and writes; a file grows by a net at a time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocol", type=Protocol, choices=list(Protocol))
    protocol = parser.parse_args().protocol
    for found in measured(protocol):
        FILE_OF[protocol].write_text(toml(found, protocol), encoding="utf-8")
        print(_row(found.tries[-1].rows[-1] if found.tries else found.rows[-1]), flush=True)
    loss_by_depth.cache_clear()
    assert loss_by_depth(protocol).how == PROTOCOLS[protocol].how


if __name__ == "__main__":
    main()
