"""Lockstep training of several nets from the same seed on the same batches: a generator of their records.

On the CPU each net has a thread of its own with one torch thread: 1.2 to 1.5 times as fast as alternating with two
torch threads, and it degrades gracefully while other processes use the cores, unlike torch's own threads. One thread
per net also makes the numbers independent of the number of cores. On an accelerator the nets alternate.
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
from resnet_viz.training.engine.optimizers import make_optimizer
from resnet_viz.training.engine.setup import prepare
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Record, Step
from resnet_viz.training.step_gate import CheckpointBarrier, CheckpointSource, StepGate

AHEAD: Final = 4  # records that a thread may be ahead of the reader, so that a shallow net need not wait


def race(
    recipe: Recipe,
    *,
    data: ImageData | None = None,
    gate: StepGate | None = None,
    start: CheckpointSource | None = None,
) -> Iterator[Record | CheckpointBarrier]:
    """Trains the nets of a recipe and yields their records in rounds, each net once per round in the recipe's order.

    The first round is NetStarted of each net, the next ones are their steps 0, 1, ...; NetEnded takes the place of
    a step that a net does not take. A net that diverges ends and the others continue. Where the gate stops the nets, a
    CheckpointBarrier comes between two rounds. Closing the generator waits for the steps that are being taken; nothing
    runs on afterwards.

    Args:
        recipe: of the run.
        data: the images, on the device to train on; loaded for the recipe if None.
        gate: limit of the steps; none, and no barriers, if None.
        start: checkpoints to resume from; the beginning if None.

    Raises:
        Refusal: over budget, no such device, missing data, or a refusal of one net, which ends the race.
    """
    budget.check(recipe)
    device = data.device if data else devices.find(recipe.device)
    data = data or load_images(recipe.data, image_size=recipe.nets[0].square_side, device=device)
    gate = gate or StepGate(recipe, has_checkpoints=False)
    runners = [_Runner(spec, recipe, label, device) for spec, label in zip(recipe.nets, recipe.labels, strict=True)]
    first = _restore(runners, start)
    gate.begin_at(first)
    share_s = READBACK_S / len(runners) if device.type != "cpu" else 0.0
    runs = [runner.train(data, recipe, first, gate, readback_s=share_s) for runner in runners]
    if device.type != "cpu":
        yield from _rounds(runs, runners, gate, first)
        return
    num_threads = torch.get_num_threads()
    cores = threading.Semaphore(budget.num_cores())  # more steps at once than cores only wear each other down
    threads = [_Thread(run, cores, gate, range(first, recipe.steps)) for run in runs]
    try:
        yield from _rounds([iter(thread) for thread in threads], runners, gate, first)
    finally:
        gate.close()
        for thread in threads:
            thread.ask_to_stop()
        for thread in threads:
            thread.join()
        torch.set_num_threads(num_threads)  # the last value set anywhere is the default of threads to come


def _restore(runners: Sequence["_Runner"], start: CheckpointSource | None) -> int:
    """Restores the nets from the newest readable checkpoint; returns the next step."""
    saved = None if start is None else checkpoint_file.newest_readable(start.files)
    if start is None or saved is None:
        return 0
    sources = start.sources or range(len(runners))
    for runner, source in zip(runners, sources, strict=True):
        runner.restore(saved.nets[source])
    return saved.step


def _rounds(
    runs: list[Iterator[Record]], runners: Sequence["_Runner"], gate: StepGate, first: int
) -> Iterator[Record | CheckpointBarrier]:
    running = runs
    step = first - 1  # of the round; the one before the first is that of NetStarted
    while running:
        while step >= first and not gate.try_enter(step):
            yield CheckpointBarrier(step=step, save=lambda path, now=step: _save(runners, now, path))  # type: ignore[misc]
            gate.pass_checkpoint(step)
        going_on = []
        for run in running:
            record = next(run)
            for runner in runners:
                runner.keep(record)
            yield record
            if not isinstance(record, NetEnded):
                going_on.append(run)
        running = going_on
        step += 1


def _save(runners: Sequence["_Runner"], step: int, path: Path) -> int:
    return checkpoint_file.write(RaceState(step=step, nets=tuple(runner.state() for runner in runners)), path)


class _Runner:
    """Net of a race with its optimiser, whose state can be captured and restored."""

    def __init__(self, spec: NetSpec, recipe: Recipe, label: str, device: torch.device) -> None:
        self._label, self._seconds, self._is_over = label, 0.0, False
        self._net = build(spec, seed=recipe.seed, device=device, init=recipe.init)
        prepare(self._net, spec, device)
        self._optimizer = make_optimizer(self._net, recipe)

    def restore(self, state: NetState) -> None:
        """Restores a captured state."""
        checkpoint_file.restore(state, self._net, self._optimizer)
        self._seconds, self._is_over = state.seconds, state.is_over

    def state(self) -> NetState:
        """Returns the state of the net."""
        return checkpoint_file.capture(
            self._net, self._optimizer, label=self._label, seconds=self._seconds, is_over=self._is_over
        )

    def keep(self, record: Record) -> None:
        """Keeps the net's time and ending from its records."""
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
        self, data: ImageData, recipe: Recipe, first: int, gate: StepGate, *, readback_s: float
    ) -> Iterator[Record]:
        """Yields the records of the net's training; of a net that has diverged, its start and end alone."""
        resume = ResumePoint(step=first, seconds=self._seconds, optimizer=self._optimizer)
        records = train(self._net, data, recipe, label=self._label, readback_s=readback_s, gate=gate, resume=resume)
        if self._is_over:
            yield next(records)
            yield NetEnded(net=self._label, ending=Ending.DIVERGED)
            return
        yield from records


class _Thread:
    """Thread that takes one net's records, a few ahead of the reader."""

    def __init__(self, run: Iterator[Record], cores: threading.Semaphore, gate: StepGate, steps: range) -> None:
        self._run = run
        self._cores = cores
        self._gate = gate
        self._steps = steps
        self._ready: queue.Queue[Record | BaseException] = queue.Queue(maxsize=AHEAD)
        self._must_stop = threading.Event()
        context = contextvars.copy_context()  # of the reader: it holds the language of messages
        self._thread = threading.Thread(target=context.run, args=(self._work,), name="resnet_viz net", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Record]:
        while True:
            ready = self._ready.get()
            if isinstance(ready, BaseException):
                raise ready
            yield ready

    def ask_to_stop(self) -> None:
        """Requests the thread's end after its current step."""
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
                    self._gate.enter(following)  # without holding a core, which others need to catch up
        except BaseException as error:  # the reader raises it
            self._ready.put(error)
