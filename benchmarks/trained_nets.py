"""Seconds of the theory page's instruments on trained nets: to the first record, and to the last.

One torch thread, process CPU time. The net is loaded and its images are read before the clock starts. Lesions of 27
blocks on 500 images are to take less than 8 s, the loss surface of a net less than 8 s and its coarse grid less than
1.5 s. Prints a table in Markdown.
"""

import time
from pathlib import Path

import torch

from benchmarks import outcome
from resnet_viz.attribution.engine.progress import no_tick
from resnet_viz.theory.engine.trained_nets import net_with_images
from resnet_viz.theory.engine.worker import compute
from resnet_viz.theory.instruments import instrument_of
from resnet_viz.theory.question import TrainedNetsQuestion
from resnet_viz.theory.trained import early_exits, lesions, loss_surface, paths

TURNS = 3
QUESTIONS: tuple[TrainedNetsQuestion, ...] = (
    *lesions.DEFAULTS, *early_exits.DEFAULTS, *loss_surface.DEFAULTS, paths.DEFAULT,
)  # fmt: skip


def seconds(question: TrainedNetsQuestion) -> tuple[float, float]:
    """Returns the seconds to the first record and to the last."""
    start, first = time.process_time(), 0.0
    for number, _record in enumerate(compute(question, no_tick)):
        if number == 0:
            first = time.process_time() - start
    return first, time.process_time() - start


def main(folder: Path = outcome.RESULTS) -> None:
    torch.set_num_threads(1)
    before, measured = outcome.machine(), {}
    print("| instrument | net | first record, s | all, s |\n|---|---|---|---|")
    for question in QUESTIONS:
        ref = question.nets[0]
        net_with_images(ref, getattr(question, "images", 16))
        turns = [seconds(question) for _turn in range(TURNS)]
        first, whole = (min(turn[place] for turn in turns) for place in (0, 1))
        print(f"| {instrument_of(question).id} | {ref.name} | {first:.2f} | {whole:.2f} |", flush=True)
        measured[f"{instrument_of(question).id} {ref.name}"] = {"first_s": first, "all_s": whole}
    outcome.write("trained_nets", measured, load_before=before, folder=folder)


if __name__ == "__main__":
    main()
