"""Several nets side by side from the same seed on the same batches: a generator of their records.

On the CPU each net has a thread of its own with one torch thread: 1.2 to 1.5 times as fast as taking turns with two
torch threads, and it slows down gracefully where other processes want the cores, which torch's own threads do not.
One thread per net also makes the numbers independent of the number of cores. An accelerator takes turns.
"""

import contextvars
import queue
import threading
from collections.abc import Iterator
from typing import Final

import torch

from resnet_viz.data.images import ImageData, load
from resnet_viz.nets.build import build
from resnet_viz.training import budget, devices
from resnet_viz.training.loop import READBACK_S, train
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import NetEnded, Record

AHEAD: Final = 4  # records that a thread may be ahead of what was asked for, so that a shallow net need not wait


def race(recipe: Recipe, *, data: ImageData | None = None) -> Iterator[Record]:
    """Trains the nets of a recipe and yields their records in rounds, each net once per round in the recipe's order.

    The first round is NetStarted of each net, the next ones are their steps 0, 1, ...; NetEnded takes the place of
    a step that a net does not take. A net that diverges ends and the others go on. When the generator is closed,
    nothing goes on running: it waits for the steps that are being taken.

    Args:
        recipe: what to do.
        data: the images, on the device to train on; loaded as the recipe says where None.

    Raises:
        Refusal: beyond the budget, no such device, no such data, or whatever a net refuses: it ends the race.
    """
    budget.check(recipe)
    device = data.device if data else devices.pick(recipe.device)
    data = data or load(recipe.data, image_size=recipe.nets[0].image_size, device=device)
    nets = [build(spec, seed=recipe.seed, device=device) for spec in recipe.nets]
    share_s = READBACK_S / len(nets) if device.type != "cpu" else 0.0
    runs = [
        train(net, data, recipe, label=label, readback_s=share_s)
        for net, label in zip(nets, recipe.labels, strict=True)
    ]
    if device.type != "cpu":
        yield from _rounds(runs)
        return
    num_threads = torch.get_num_threads()
    cores = threading.Semaphore(budget.num_cores())  # more steps at once than cores only wear each other down
    threads = [_Thread(run, cores) for run in runs]
    try:
        yield from _rounds([iter(thread) for thread in threads])
    finally:
        for thread in threads:
            thread.ask_to_stop()
        for thread in threads:
            thread.join()
        torch.set_num_threads(num_threads)  # the last value set anywhere is the default of threads to come


def _rounds(runs: list[Iterator[Record]]) -> Iterator[Record]:
    running = runs
    while running:
        going_on = []
        for run in running:
            record = next(run)
            yield record
            if not isinstance(record, NetEnded):
                going_on.append(run)
        running = going_on


class _Thread:
    """Takes the records of one net's training in a thread of its own, a few ahead of the reader."""

    def __init__(self, run: Iterator[Record], cores: threading.Semaphore) -> None:
        self._run = run
        self._cores = cores
        self._ready: queue.Queue[Record | BaseException] = queue.Queue(maxsize=AHEAD)
        self._must_stop = threading.Event()
        context = contextvars.copy_context()  # of the reader: it holds the language of sentences
        self._thread = threading.Thread(target=context.run, args=(self._work,), name="resnet_viz net", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Record]:
        while True:
            ready = self._ready.get()
            if isinstance(ready, BaseException):
                raise ready
            yield ready

    def ask_to_stop(self) -> None:
        """Lets the thread end after the step that it is taking."""
        self._must_stop.set()
        while True:  # room for the record that the thread may be waiting to hand over
            try:
                self._ready.get_nowait()
            except queue.Empty:
                return

    def join(self) -> None:
        """Waits for the end of the thread."""
        self._thread.join()

    def _work(self) -> None:
        torch.set_num_threads(1)
        try:
            while not self._must_stop.is_set():
                with self._cores:
                    record = next(self._run)
                self._ready.put(record)
                if isinstance(record, NetEnded):
                    return
        except BaseException as error:  # handed to the reader, who raises it
            self._ready.put(error)
