"""Runs every experiment and writes docs/EXPERIMENTS.md.

`python -m tools.write_experiments`, or `make experiments`: under four minutes on one core. Ids after the command run
those rows only and print them without writing.
"""

import sys

import torch

from resnet_viz.resources import ROOT
from resnet_viz.theory.engine.experiments import all_experiments
from resnet_viz.theory.experiment import run
from resnet_viz.theory.experiment_table import band, markdown, tries_markdown
from resnet_viz.theory.loss_by_depth import Protocol, loss_by_depth

FILE = ROOT / "docs" / "EXPERIMENTS.md"


def main() -> None:
    """Runs the rows whose ids are given, or all of them, and writes the page."""
    torch.set_num_threads(1)
    wanted, rows = set(sys.argv[1:]), all_experiments()
    if unknown := wanted - {row.id for row in rows}:
        sys.exit(
            f"No experiment is called {', '.join(sorted(unknown))}; there are {', '.join(row.id for row in rows)}."
        )
    outcomes = []
    for row in rows:
        if wanted and row.id not in wanted:
            continue
        outcomes.append(run(row))
        ours = ", ".join(f"{value:.4g}" for value in outcomes[-1].values)
        print(f"{row.id}: {ours} ({band(row)}), {outcomes[-1].seconds:.2f} s", "" if outcomes[-1].holds else "FAILS")
    failed = [outcome.experiment.id for outcome in outcomes if not outcome.holds]
    if not wanted:
        tries = tries_markdown(loss_by_depth(Protocol.IDENTITY))
        FILE.write_text(markdown(outcomes) + tries, encoding="utf-8")
    print(
        f"{len(outcomes)} rows, {sum(outcome.seconds for outcome in outcomes):.0f} s, {len(failed)} outside their bands"
    )
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
