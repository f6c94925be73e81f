"""Several nets side by side from the same seed on the same batches: a generator of their records.

On the CPU each net has a thread of its own with one torch thread: 1.2 to 1.5 times as fast as taking turns with two
torch threads, and it slows down gracefully where other processes want the cores, which torch's own threads do not.
One thread per net also makes the numbers independent of the number of cores. An accelerator takes turns.
"""

import contextvars
import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import torch

from resnet_viz.nets.build import build
from resnet_viz.spec.net import NetSpec
from resnet_viz.training import budget
from resnet_viz.training.engine import checkpoint_file, devices
from resnet_viz.training.engine.checkpoint_file import NetState, RaceState
from resnet_viz.training.engine.images import ImageData, load_images
from resnet_viz.training.engine.loop import READBACK_S, ResumePoint, train
from resnet_viz.training.engine.setup import prepare, sgd
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Record, Step
from resnet_viz.training.step_gate import CheckpointBarrier, CheckpointSource, StepGate

AHEAD: Final = 4  # records that a thread may be ahead of what was asked for, so that a shallow net need not wait


def race(
    recipe: Recipe,
    *,
    data: ImageData | None = None,
    pace: StepGate | None = None,
    start: CheckpointSource | None = None,
) -> Iterator[Record | CheckpointBarrier]:
    """Trains the nets of a recipe and yields their records in rounds, each net once per round in the recipe's order.

    The first round is NetStarted of each net, the next ones are their steps 0, 1, ...; NetEnded takes the place of
    a step that a net does not take. A net that diverges ends and the others go on. Where the pace has the nets stand,
    a Landmark comes between two rounds. When the generator is closed, nothing goes on running: it waits for the steps
    that are being taken.

    Args:
        recipe: what to do.
        data: the images, on the device to train on; loaded as the recipe says where None.
        pace: how far the nets may go; as far as they like where None, without landmarks.
        start: where to go on; at the beginning where None.

    Raises:
        Refusal: beyond the budget, no such device, no such data, or whatever a net refuses: it ends the race.
    """
    budget.check(recipe)
    device = data.device if data else devices.find(recipe.device)
    data = data or load_images(recipe.data, image_size=recipe.nets[0].image_size, device=device)
    pace = pace or StepGate(recipe, marks=False)
    runners = [_Runner(spec, recipe, label, device) for spec, label in zip(recipe.nets, recipe.labels, strict=True)]
    first = _take_up(runners, start)
    pace.begin_at(first)
    share_s = READBACK_S / len(runners) if device.type != "cpu" else 0.0
    runs = [runner.train(data, recipe, first, pace, readback_s=share_s) for runner in runners]
    if device.type != "cpu":
        yield from _rounds(runs, runners, pace, first)
        return
    num_threads = torch.get_num_threads()
    cores = threading.Semaphore(budget.num_cores())  # more steps at once than cores only wear each other down
    threads = [_Thread(run, cores, pace, range(first, recipe.steps)) for run in runs]
    try:
        yield from _rounds([iter(thread) for thread in threads], runners, pace, first)
    finally:
        pace.close()
        for thread in threads:
            thread.ask_to_stop()
        for thread in threads:
            thread.join()
        torch.set_num_threads(num_threads)  # the last value set anywhere is the default of threads to come


def _take_up(runners: Sequence["_Runner"], start: CheckpointSource | None) -> int:
    """Puts the nets where the newest readable checkpoint has them; returns the step that is next."""
    snapshot = None if start is None else checkpoint_file.newest_readable(start.files)
    if start is None or snapshot is None:
        return 0
    sources = start.sources or range(len(runners))
    for runner, source in zip(runners, sources, strict=True):
        runner.take_up(snapshot.nets[source])
    return snapshot.step


def _rounds(
    runs: list[Iterator[Record]], runners: Sequence["_Runner"], pace: StepGate, first: int
) -> Iterator[Record | CheckpointBarrier]:
    running = runs
    step = first - 1  # of the round; the one before the first is that of NetStarted
    while running:
        while step >= first and not pace.try_enter(step):
            yield CheckpointBarrier(step=step, save=lambda path, now=step: _save(runners, now, path))  # type: ignore[misc]
            pace.pass_mark(step)
        going_on = []
        for run in running:
            record = next(run)
            for runner in runners:
                runner.hear(record)
            yield record
            if not isinstance(record, NetEnded):
                going_on.append(run)
        running = going_on
        step += 1


def _save(runners: Sequence["_Runner"], step: int, path: Path) -> int:
    return checkpoint_file.write(RaceState(step=step, nets=tuple(runner.state() for runner in runners)), path)


class _Runner:
    """One net of a race with its optimiser, to be put down and taken up where it stands."""

    def __init__(self, spec: NetSpec, recipe: Recipe, label: str, device: torch.device) -> None:
        self._label, self._seconds, self._is_over = label, 0.0, False
        self._net = build(spec, seed=recipe.seed, device=device, init=recipe.init)
        prepare(self._net, spec, device)
        self._optimizer = sgd(self._net, recipe)

    def take_up(self, state: NetState) -> None:
        """Goes on from what a net was."""
        checkpoint_file.restore(state, self._net, self._optimizer)
        self._seconds, self._is_over = state.seconds, state.is_over

    def state(self) -> NetState:
        """Returns what the net is now."""
        return checkpoint_file.capture(
            self._net, self._optimizer, label=self._label, seconds=self._seconds, is_over=self._is_over
        )

    def hear(self, record: Record) -> None:
        """Notes how long the net has trained, and whether it goes on."""
        if record.net != self._label:
            return
        match record:
            case Step():
                self._seconds = record.seconds
            case NetEnded():
                self._is_over = record.ending is Ending.DIVERGED
            case NetStarted():
                pass

    def train(
        self, data: ImageData, recipe: Recipe, first: int, pace: StepGate, *, readback_s: float
    ) -> Iterator[Record]:
        """Yields the records of the net's training; of one that was over before, only that it is."""
        since = ResumePoint(step=first, seconds=self._seconds, optimizer=self._optimizer)
        records = train(self._net, data, recipe, label=self._label, readback_s=readback_s, pace=pace, since=since)
        if self._is_over:
            yield next(records)
            yield NetEnded(net=self._label, ending=Ending.DIVERGED)
            return
        yield from records


class _Thread:
    """Takes the records of one net's training in a thread of its own, a few ahead of the reader."""

    def __init__(self, run: Iterator[Record], cores: threading.Semaphore, pace: StepGate, steps: range) -> None:
        self._run = run
        self._cores = cores
        self._pace = pace
        self._steps = steps
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
                following = record.step + 1 if isinstance(record, Step) else self._steps.start
                if following in self._steps:
                    self._pace.enter(following)  # with no core in hand, for others need them to catch up
        except BaseException as error:  # handed to the reader, who raises it
            self._ready.put(error)
