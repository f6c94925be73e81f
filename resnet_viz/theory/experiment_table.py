"""Outcomes of experiments as the Markdown of docs/EXPERIMENTS.md, and back; protocols that were tried, as a list."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from resnet_viz.theory.experiment import Experiment, ExperimentOutcome
from resnet_viz.theory.loss_by_depth import Change, LossByDepth, change
from resnet_viz.training.lab_nets import NetType

INTRODUCTION: Final = """\
# Experiments

Written by `python -m tools.write_experiments` (`make experiments`) from a run of every instrument. Published values are
those of `assets/published`, derived ones come from the formula beside them. A row holds if each of our values lies in
its band; bands were set on seeds 0 to 2 and tried on fresh ones. Seconds are those of one processor core. The name of
an instrument leads to it: `/theory?show=NAME`, or `/gradients`.
"""
_HEAD: Final = ("id", "instrument", "source", "published or theory", "ours", "tolerance", "holds", "seconds")
_OURS: Final = _HEAD.index("ours")


def markdown(outcomes: Iterable[ExperimentOutcome]) -> str:
    """Returns the whole page."""
    rows = [_row(outcome) for outcome in outcomes]
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD)), *map(_line, rows)]
    held = sum(row[_HEAD.index("holds")] == "yes" for row in rows)
    return f"{INTRODUCTION}\n{held} of {len(rows)} rows hold.\n\n" + "\n".join(lines) + "\n"


def tries_markdown(measured: LossByDepth) -> str:
    """Returns the section about a protocol of loss against depth: how it was chosen, its trial, and all other tries."""
    shallow, deep = measured.of(NetType.RESIDUAL)[-2:]
    whole, trial = change(shallow, deep), measured.change(NetType.RESIDUAL, shallow.depth, deep.depth)
    chosen = Change(whole.shallow, whole.deep, whole.differences[: measured.num_chosen])
    lines = [
        f"{measured.how}.",
        "",
        f"Numbers are the losses of ResNet-{deep.depth} minus those of ResNet-{shallow.depth}, seed by seed.",
        "",
        f"- **The protocol, on the seeds that chose it**: {_differences(chosen)}.",
        f"- **The protocol, on fresh seeds**: {_differences(trial)}: below in {trial.num_better} of "
        f"{len(trial.differences)}, mean {trial.mean:+.4f} ± {trial.standard_error:.4f} (standard error).",
    ]
    for tried in measured.tries:
        found = change(*tried.rows)
        fields = ", ".join(f"{name} = {text}" for name, text in tried.changes.items())
        seeds = ", ".join(map(str, tried.seeds))
        lines.append(
            f"- {fields}, seeds {seeds}: {_differences(found)}: below in {found.num_better} of {len(tried.seeds)}."
        )
    lines += [f"- {report}" for report in measured.reports]
    return "\n## Deeper = better: all that was tried\n\n" + "\n".join(lines) + "\n"


def _differences(found: Change) -> str:
    return ", ".join(f"{difference:+.3f}" for difference in found.differences)


def written_values(text: str) -> Mapping[str, tuple[float, ...]]:
    """Returns our values by id, as the page has them: to four digits."""
    rows = [_cells(line) for line in text.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    return {row[0]: tuple(map(float, row[_OURS].split(", "))) for row in rows if row[0] != _HEAD[0]}


def band(experiment: Experiment) -> str:
    """Returns the band as text: "exactly 40.25", "1e+15 to 1e+17", "at most 1e-12"."""
    if experiment.low == experiment.high:
        return f"exactly {experiment.low:.6g}"
    if experiment.low == 0.0:
        return f"at most {experiment.high:.6g}"
    if experiment.high == float("inf"):
        return f"at least {experiment.low:.6g}"
    return f"{experiment.low:.6g} to {experiment.high:.6g}"


def _row(outcome: ExperimentOutcome) -> list[str]:
    row = outcome.experiment
    where = {"": "", "gradients": "/gradients"}.get(row.instrument, row.instrument)
    ours = ", ".join(f"{value:.4g}" for value in outcome.values)
    holds = "yes" if outcome.holds else "**no**"
    return [row.id, where, row.source, row.expected, ours, band(row), holds, f"{outcome.seconds:.2f}"]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.replace("\\|", "¦").strip("|").split("|")]
