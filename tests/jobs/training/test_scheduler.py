"""The scheduler knows nothing of processes: it runs on any executor of four verbs, such as this one in memory."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_viz.jobs import messages
from resnet_viz.jobs.training import lock, scheduler
from resnet_viz.jobs.training.control import CheckpointSaved, PauseChanged
from resnet_viz.jobs.training.executor import Event, Executor, JobResult, Worker, WorkerExited
from resnet_viz.jobs.training.options import Options
from resnet_viz.jobs.training.scheduler import Scheduler
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import Claim, Run, RunState
from resnet_viz.runs.sql import attempts
from resnet_viz.runs.sql.control import Verb
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Step

RECIPE = Recipe(nets=(residual_preset("cifar_plain20"),), steps=100)
(NET,) = RECIPE.labels
START = NetStarted(net=NET, params=1, macs=1, convs=("c1",), blocks=("b1",), device="cpu")


def step(number: int) -> Step:
    return Step(net=NET, step=number, loss=1.0, accuracy=0.5, lr=0.1, images_per_s=1.0, seconds=1.0)


class WorkerInMemory:
    """A worker that does what a test says."""

    pid = None

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.heard: list[tuple[Verb, float]] = []
        self.asked: list[str] = []

    def send(self, verb: Verb, value: float) -> None:
        self.heard.append((verb, value))


class ExecutorInMemory:
    """Trains nothing; hands over the events that a test says."""

    def __init__(self) -> None:
        self.slots, self.workers = 1, list[WorkerInMemory]()
        self.live, self.coming = set[Worker](), list[tuple[Worker, Event]]()
        self.refuses = False

    def submit(self, claim: Claim) -> WorkerInMemory:
        if self.refuses:
            raise OSError("the cluster is away")
        worker = WorkerInMemory(claim)
        self.workers.append(worker)
        self.live.add(worker)
        return worker

    def cancel(self, worker: Worker, *, is_urgent: bool = False) -> None:
        assert isinstance(worker, WorkerInMemory)
        worker.asked.append("urgently" if is_urgent else "kindly")
        if is_urgent:
            self.say(worker, WorkerExited())

    def events(self, *, timeout_s: float) -> Iterator[tuple[Worker, Event]]:
        assert timeout_s > 0
        while self.coming:
            worker, event = self.coming.pop(0)
            if isinstance(event, WorkerExited):
                self.live.discard(worker)
            yield worker, event

    def capacity(self) -> int:
        return self.slots - len(self.live)

    def say(self, worker: Worker, *events: Event) -> None:
        self.coming += [(worker, event) for event in events]


class Scene:
    """A store, a scheduler on an executor in memory, and a clock."""

    def __init__(self, path: Path) -> None:
        self.now = 100.0
        self.store, self.executor = RunStore(path), ExecutorInMemory()
        self.daemon_store = DaemonStore(path)
        executor: Executor = self.executor
        self.scheduler = Scheduler(
            self.daemon_store, Options(unwritable_s=5.0), executor, path=path, clock=lambda: self.now
        )

    def submit(self, owner: str = "a") -> str:
        return self.store.submit(RECIPE, owner=owner)

    def go_on(self, seconds: float = 0.0) -> None:
        self.now += seconds
        self.scheduler.run_once()

    def begun(self) -> tuple[str, WorkerInMemory]:
        """Submits the first run; returns its id and its worker."""
        run_id = self.submit()
        self.go_on()
        (worker,) = self.executor.workers
        return run_id, worker

    def pause(self, worker: WorkerInMemory) -> None:
        """Pauses a worker's run after its first step."""
        self.store.post_command(worker.claim.id, Verb.PAUSE)
        self.executor.say(worker, START, step(0), CheckpointSaved(step=1, num_bytes=10), PauseChanged(step=1))

    def run(self, run_id: str) -> Run:
        found = self.store.run(run_id)
        assert found is not None
        return found

    def state(self, run_id: str) -> str:
        return self.run(run_id).state.value


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(scheduler, "_UNWRITABLE_S", 0.0)
    path = tmp_path / "runs.sqlite"
    held = lock.hold(path, patience_s=0)
    assert held is not None
    with held:
        scene = Scene(path)
        yield scene
        scene.daemon_store.close()


def test_runs_are_trained_as_far_as_there_is_capacity_and_their_records_are_kept(scene: Scene) -> None:
    first, second = scene.submit("a"), scene.submit("b")
    scene.go_on()
    (worker,) = scene.executor.workers
    assert (worker.claim.id, scene.state(first), scene.state(second)) == (first, "running", "queued")
    ended = NetEnded(net=NET, ending=Ending.FINISHED)
    scene.executor.say(worker, START, step(0), step(1), ended, JobResult(state=RunState.DONE), WorkerExited())
    scene.go_on()
    assert [found.step for found in scene.store.steps(first)] == [0, 1]
    assert (scene.state(first), scene.state(second)) == ("done", "running")


def test_an_executor_that_is_not_ready_gets_its_runs_when_it_is(scene: Scene) -> None:
    scene.executor.slots = 0
    run_id = scene.submit()
    scene.go_on()
    scene.go_on()
    assert scene.state(run_id) == "queued"
    scene.executor.slots = 2
    scene.go_on()
    assert scene.state(run_id) == "running"


def test_a_job_is_asked_kindly_first_and_then_urgently(scene: Scene) -> None:
    run_id, worker = scene.begun()
    scene.store.cancel(run_id)
    scene.go_on()
    assert worker.asked == ["kindly"]
    scene.go_on(Options().cancel_s + 0.1)
    assert worker.asked == ["kindly", "urgently"]
    scene.go_on()
    assert scene.state(run_id) == "cancelled"


def test_a_job_that_is_lost_is_given_again_and_fails_at_last(scene: Scene) -> None:
    run_id = scene.submit()
    for number in range(attempts.MAX_ATTEMPTS):
        scene.go_on()
        assert len(scene.executor.workers) == number + 1
        scene.executor.say(scene.executor.workers[-1], START, step(0), WorkerExited())
    scene.go_on()
    assert (scene.state(run_id), scene.run(run_id).error) == ("failed", messages.DIED)


def test_an_executor_that_takes_nothing_fails_the_run_and_not_the_daemon(scene: Scene) -> None:
    scene.executor.refuses = True
    run_id = scene.submit()
    scene.go_on()
    assert scene.state(run_id) == "failed"


def test_what_a_run_is_told_reaches_its_job(scene: Scene) -> None:
    run_id, worker = scene.begun()
    scene.store.post_command(run_id, Verb.RATE, 0.02)
    scene.go_on()
    assert worker.heard == [(Verb.RATE, 0.02)]


def test_a_paused_run_gives_its_slot_to_one_that_waits_and_comes_back_when_it_is_told(scene: Scene) -> None:
    paused, worker = scene.begun()
    scene.pause(worker)
    scene.go_on()
    scene.go_on(30.0)
    assert worker.asked == []  # nobody else wants the slot
    branch = scene.submit()
    scene.go_on()
    assert worker.asked == ["urgently"]
    scene.go_on()
    assert (scene.state(paused), scene.run(paused).is_paused, scene.state(branch)) == ("queued", True, "running")
    scene.store.post_command(paused, Verb.CONTINUE)
    other = scene.executor.workers[-1]
    scene.executor.say(other, JobResult(state=RunState.DONE), WorkerExited())
    scene.go_on()
    assert (scene.state(paused), scene.state(branch)) == ("running", "done")


def test_a_run_that_was_paused_a_moment_ago_keeps_its_slot(scene: Scene) -> None:
    _paused, worker = scene.begun()
    scene.pause(worker)
    scene.submit()
    scene.go_on()
    scene.go_on(1.0)
    assert worker.asked == []


def test_of_one_owners_paused_runs_only_the_newest_keeps_its_worker(scene: Scene) -> None:
    scene.executor.slots = 4
    ids = [scene.submit("a"), scene.submit("a"), scene.submit("b")]
    scene.go_on()
    for worker in scene.executor.workers:
        scene.pause(worker)
        scene.go_on(1.0)
    scene.go_on()
    assert [worker.asked for worker in scene.executor.workers] == [["urgently"], [], []]
    parked = scene.run(ids[0])
    assert (parked.state, parked.is_paused, len(scene.store.steps(ids[0]))) == (RunState.QUEUED, True, 1)
    scene.store.post_command(ids[0], Verb.CONTINUE)
    scene.go_on()
    assert scene.executor.workers[-1].claim.id == ids[0]
    assert scene.executor.workers[-1].claim.start is not None


def test_a_run_that_takes_too_long_fails_at_once_and_keeps_its_steps(scene: Scene) -> None:
    run_id, worker = scene.begun()
    scene.executor.say(worker, START)
    num_steps = 0
    while not worker.asked:
        scene.executor.say(worker, step(num_steps))
        scene.go_on(Options().stall_s / 2)
        num_steps += 1
    assert num_steps * Options().stall_s / 2 > Options().wall_s
    assert worker.asked == ["urgently"]
    scene.go_on()
    run = scene.run(run_id)
    assert (run.state, run.attempt, run.error) == (RunState.FAILED, 1, messages.TOO_LONG)
    assert [found.step for found in scene.store.steps(run_id)] == list(range(num_steps))


def test_the_time_of_a_pause_does_not_count_against_the_run(scene: Scene) -> None:
    _run_id, worker = scene.begun()
    scene.executor.say(worker, START)
    paused_s = 0.0
    for number in range(30):
        scene.executor.say(worker, step(number), PauseChanged(step=number + 1))
        scene.go_on(1.0)
        scene.go_on(Options().pause_s / 2)
        scene.executor.say(worker, PauseChanged(step=None))
        scene.go_on()
        paused_s += Options().pause_s / 2
    assert paused_s > Options().wall_s
    assert worker.asked == []


def full(scene: Scene, *, is_full: bool) -> None:
    """Lets the store's file grow no further, or again."""
    pages = scene.daemon_store._db.execute("PRAGMA page_count").fetchone()[0] if is_full else 2**30
    scene.daemon_store._db.execute(f"PRAGMA max_page_count = {pages}")


def many(first: int) -> list[Step]:
    return [step(number) for number in range(first, first + 40)]


def test_what_a_full_disk_did_not_take_is_written_when_there_is_room(scene: Scene) -> None:
    run_id, worker = scene.begun()
    scene.executor.say(worker, START, *many(0))
    scene.go_on()
    full(scene, is_full=True)
    for first in (40, 80, 120, 160, 200):
        scene.executor.say(worker, *many(first))
        scene.go_on(1.0)
    shown = [found.step for found in scene.store.steps(run_id)]
    assert shown == list(range(len(shown)))
    assert 40 <= len(shown) < 240
    scene.executor.say(
        worker, NetEnded(net=NET, ending=Ending.FINISHED), JobResult(state=RunState.DONE), WorkerExited()
    )
    scene.go_on()
    assert scene.state(run_id) == "running"  # not done before all of it is there
    full(scene, is_full=False)
    scene.go_on()
    assert scene.state(run_id) == "done"
    assert [found.step for found in scene.store.steps(run_id)] == list(range(240))


def test_a_disk_that_stays_full_fails_the_run_in_words_and_what_was_shown_stays(scene: Scene) -> None:
    run_id, worker = scene.begun()
    scene.executor.say(worker, START, *many(0))
    scene.go_on()
    full(scene, is_full=True)
    first = 40
    while not worker.asked:
        scene.executor.say(worker, *many(first))
        scene.go_on(1.0)
        first += 40
    assert worker.asked == ["urgently"]
    full(scene, is_full=False)
    scene.go_on()
    run = scene.run(run_id)
    assert (run.state, run.error) == (RunState.FAILED, messages.UNSTORABLE)
    shown = [found.step for found in scene.store.steps(run_id)]
    assert shown == list(range(len(shown)))
    assert len(shown) >= 40
    with sqlite3.connect(scene.store.path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert scene.submit("b")  # and the queue goes on
    scene.go_on()
    assert scene.executor.workers[-1].claim.owner == "b"
