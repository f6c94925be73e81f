"""A race put down at a step and taken up again is the race that was never put down, bit for bit."""

import dataclasses
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from resnet_viz.errors import DataError
from resnet_viz.spec.enums import DimMatch, Init, Norm, Shortcut
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.engine import checkpoint_file
from resnet_viz.training.engine import race as racing
from resnet_viz.training.engine.images import ImageData
from resnet_viz.training.engine.race import race
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_values import Augment, DeviceName, Schedule
from resnet_viz.training.records import Ending, NetEnded, Step
from resnet_viz.training.step_gate import CheckpointBarrier, CheckpointSource, RateChange, StepGate

pytestmark = pytest.mark.torch

NAMES = ("cifar_plain8", "cifar_resnet14", "cifar_preact_resnet8")


def small(name: str, **fields: Any) -> NetSpec:
    return residual_preset(name, **{"widths": (4, 8, 16), "in_channels": 1, "image_size": 8, **fields})


def recipe(*names: str, **fields: Any) -> Recipe:
    nets = tuple(small(name) for name in names or NAMES)
    usual = {"nets": nets, "steps": 40, "batch_size": 32, "device": DeviceName.CPU, "eval_every": 10}
    return Recipe(**{**usual, **fields})


def taken(
    what: Recipe, data: ImageData, folder: Path, *, gate: StepGate | None = None, start: CheckpointSource | None = None
) -> tuple[list[Step], list[Path]]:
    """The steps of a race without their times, and its checkpoints."""
    steps, files = [], []
    for event in race(what, data=data, gate=gate or StepGate(what), start=start):
        if isinstance(event, CheckpointBarrier):
            file = folder / f"{event.step}.pt"
            event.save(file)
            files.append(file)
        elif isinstance(event, Step):
            steps.append(timeless(event))
    return steps, files


def timeless(step: Step) -> Step:
    return dataclasses.replace(step, seconds=0.0, images_per_s=0.0)


def bits(file: Path) -> list[dict[str, list[int]]]:
    """Every tensor of a checkpoint, bit for bit."""
    return [
        {f"{part}.{name}": tensor.contiguous().view(torch.uint8).flatten().tolist() if tensor.dim() else [int(tensor)]
         for part, tensors in {"weights": net.weights, "counters": net.counters, **net.optimizer}.items()
         for name, tensor in tensors.items()}
        for net in checkpoint_file.read(file).nets
    ]  # fmt: skip


@pytest.mark.parametrize("names", [("cifar_plain8",), NAMES])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"momentum": 0.0, "schedule": Schedule.CONSTANT},
        {"augment": Augment.PAD_CROP_FLIP, "init": Init.TORCH_DEFAULT, "schedule": Schedule.STEPS},
    ],
    ids=["usual", "no momentum", "augmented"],
)
def test_resuming_equals_going_on_alone_and_in_a_race(
    stripes: ImageData, tmp_path: Path, names: Sequence[str], fields: dict[str, Any]
) -> None:
    what = recipe(*names, **fields)
    whole, files = taken(what, stripes, tmp_path / "whole")
    assert [file.stem for file in files] == ["0", "25", "40"]
    again, more = taken(what, stripes, tmp_path / "again", start=CheckpointSource(files=(files[1],)))
    assert again == [step for step in whole if step.step >= 25]
    assert bits(more[-1]) == bits(files[-1])


def test_wide_nets_whose_weights_lie_otherwise_resume_the_same(stripes: ImageData, tmp_path: Path) -> None:
    what = recipe(nets=(small("cifar_resnet8", widths=(8, 16, 32)),), steps=30)
    whole, files = taken(what, stripes, tmp_path)
    again, more = taken(what, stripes, tmp_path / "again", start=CheckpointSource(files=(files[1],)))
    assert again == [step for step in whole if step.step >= 25]
    assert bits(more[-1]) == bits(files[-1])


def test_dropout_follows_from_seed_and_step_in_a_race_alone_and_resumed(stripes: ImageData, tmp_path: Path) -> None:
    dropping = small("cifar_resnet8", shortcut=Shortcut.DROPOUT)
    other = small("cifar_resnet14", shortcut=Shortcut.DROPOUT, dropout=0.2)
    both, alone = recipe(nets=(dropping, other)), recipe(nets=(dropping,))
    whole, files = taken(both, stripes, tmp_path / "both")
    torch.manual_seed(99)
    again, more = taken(both, stripes, tmp_path / "again", start=CheckpointSource(files=(files[1],)))
    assert again == [step for step in whole if step.step >= 25]
    assert bits(more[-1]) == bits(files[-1])
    label = both.labels[0]
    mine = [dataclasses.replace(step, net="") for step in whole if step.net == label]
    assert [dataclasses.replace(step, net="") for step in taken(alone, stripes, tmp_path / "alone")[0]] == mine
    still = recipe(nets=(dropping.replace(dropout=0.0),))
    assert [step.loss for step in taken(still, stripes, tmp_path / "still")[0]] != [step.loss for step in mine]


def test_landmarks_do_not_change_what_is_learnt(stripes: ImageData, tmp_path: Path) -> None:
    what = recipe()
    with_marks, _files = taken(what, stripes, tmp_path)
    assert [timeless(event) for event in race(what, data=stripes) if isinstance(event, Step)] == with_marks


def test_a_pause_brings_all_nets_to_the_same_step_and_single_steps_go_on_from_there(
    stripes: ImageData, tmp_path: Path
) -> None:
    what = recipe(steps=60)
    gate = StepGate(what, has_checkpoints=False)
    events = race(what, data=stripes, gate=gate)
    seen = [next(events) for _ in range(9)]  # three that start, and two rounds
    gate.hold()
    last = {}
    for event in events:
        if isinstance(event, CheckpointBarrier):
            break
        seen.append(event)
        if isinstance(event, Step):
            last[event.net] = event.step
    assert isinstance(event, CheckpointBarrier)
    assert set(last.values()) == {event.step - 1}
    gate.step_once()
    once = [next(events) for _ in range(3)]
    assert [e.step for e in once if isinstance(e, Step)] == [event.step] * 3
    assert isinstance(next(events), CheckpointBarrier)
    gate.release()
    rest = [e for e in events if isinstance(e, Step)]
    steps = [timeless(e) for e in [*seen, *once, *rest] if isinstance(e, Step)]
    assert steps == taken(what, stripes, tmp_path)[0]


def test_a_pause_at_any_moment_neither_hangs_nor_changes_anything(stripes: ImageData, tmp_path: Path) -> None:
    what = recipe(steps=50)
    whole, _files = taken(what, stripes, tmp_path)
    gate = StepGate(what)
    is_over = threading.Event()

    def press() -> None:
        while not is_over.wait(0.003):
            gate.hold()
            is_over.wait(0.002)
            gate.step_once()
            is_over.wait(0.002)
            gate.release()

    thread = threading.Thread(target=press)
    thread.start()
    steps = []
    for event in _patient(race(what, data=stripes, gate=gate)):
        if isinstance(event, Step):
            steps.append(timeless(event))
    is_over.set()
    thread.join()
    assert steps == whole


def _patient(events: Iterator[Any]) -> Iterator[Any]:
    for event in events:
        if isinstance(event, CheckpointBarrier):
            threading.Event().wait(0.001)
        yield event


def test_nets_that_take_turns_and_are_read_back_several_steps_at_a_time_stand_together(
    stripes: ImageData, tmp_path: Path
) -> None:
    what = recipe(steps=60, probe_every=50, eval_every=50)  # as on an accelerator
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    whole, files = taken(what, stripes, tmp_path / "threads")
    gate = StepGate(what)
    cpu = torch.device("cpu")
    runners = [racing._Runner(spec, what, label, cpu) for spec, label in zip(what.nets, what.labels, strict=True)]
    runs = [runner.train(stripes, what, 0, gate, readback_s=0.5) for runner in runners]
    steps, stood = list[Step](), list[int]()
    for event in racing._rounds(runs, runners, gate, 0):
        if isinstance(event, Step):
            steps.append(timeless(event))
            if event.step in (7, 33) and event.net == what.labels[1]:
                gate.hold()
        elif isinstance(event, CheckpointBarrier):
            stood.append(event.step)
            assert len(steps) == len(runners) * event.step
            event.save(tmp_path / "turns" / f"{event.step}.pt")
            gate.release()
    torch.set_num_threads(before)
    assert steps == whole
    assert {0, 25, 50, 60} <= set(stood)
    for step in (25, 50, 60):
        assert bits(tmp_path / "turns" / f"{step}.pt") == bits(files[0].with_stem(str(step)))


def test_a_new_learning_rate_holds_from_one_step_on_for_all_nets_and_a_replay_equals_it(
    stripes: ImageData, tmp_path: Path
) -> None:
    what = recipe(warmup_steps=0, schedule=Schedule.CONSTANT)
    gate, told = StepGate(what), list[RateChange]()
    events = race(what, data=stripes, gate=gate)
    steps = [event for _number, event in zip(range(20), events, strict=False) if isinstance(event, Step)]
    gate.set_lr(0.02, tell=told.append)
    steps += [event for event in events if isinstance(event, Step)]
    (rate,) = told
    assert {step.step for step in steps if step.lr == 0.02} == set(range(rate.step, 40))
    replay, files = taken(what, stripes, tmp_path, gate=StepGate(what, rates=told))
    assert replay == [timeless(step) for step in steps]
    resumed, _files = taken(
        what, stripes, tmp_path / "again", gate=StepGate(what, rates=told), start=CheckpointSource(files=(files[1],))
    )
    assert resumed == [step for step in replay if step.step >= 25]


@pytest.mark.parametrize("dim_match", [DimMatch.ZERO_PAD, DimMatch.PROJECTION])
def test_a_plain_net_goes_on_with_shortcuts_beside_itself(
    stripes: ImageData, tmp_path: Path, dim_match: DimMatch
) -> None:
    what = recipe("cifar_plain14")
    whole, files = taken(what, stripes, tmp_path)
    mended = what.nets[0].replace(shortcut=Shortcut.IDENTITY, dim_match=dim_match)
    both = what.replace(nets=(what.nets[0], mended))
    branched, _files = taken(
        both, stripes, tmp_path / "branch", start=CheckpointSource(files=(files[1],), sources=(0, 0))
    )
    label, other = both.labels
    assert [step for step in branched if step.net == label] == [step for step in whole if step.step >= 25]
    assert [step.step for step in branched if step.net == other] == list(range(25, 40))


def test_a_net_that_diverged_before_the_checkpoint_stays_ended(stripes: ImageData, tmp_path: Path) -> None:
    wild = small("cifar_resnet56", norm=Norm.NONE)
    what = recipe(nets=(wild, small("cifar_plain8")), lr=10.0, warmup_steps=0, schedule=Schedule.CONSTANT)
    whole, files = taken(what, stripes, tmp_path)
    events = list(race(what, data=stripes, gate=StepGate(what), start=CheckpointSource(files=(files[1],))))
    assert {e.net: e.ending for e in events if isinstance(e, NetEnded)} == {
        what.labels[0]: Ending.DIVERGED,
        "plain-8": Ending.FINISHED,
    }
    again = [timeless(e) for e in events if isinstance(e, Step)]
    assert again == [step for step in whole if step.step >= 25]


def test_a_damaged_checkpoint_is_passed_over(stripes: ImageData, tmp_path: Path) -> None:
    what = recipe("cifar_plain8")
    whole, files = taken(what, stripes, tmp_path)
    content = files[1].read_bytes()
    torn = tmp_path / "torn.pt"
    for damage in (b"", content[: len(content) // 2], b"PK\x03\x04" + content[4:1000]):
        torn.write_bytes(damage)
        with pytest.raises(DataError, match="checkpoint"):
            checkpoint_file.read(torn)
    again, _files = taken(
        what, stripes, tmp_path / "a", start=CheckpointSource(files=(torn, tmp_path / "none.pt", files[1]))
    )
    assert again[0].step == 25
    again, _files = taken(what, stripes, tmp_path / "b", start=CheckpointSource(files=(torn,)))
    assert again == whole


def test_a_checkpoint_is_written_wholly_or_not_at_all(
    stripes: ImageData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    what = recipe("cifar_plain8")
    events = race(what, data=stripes, gate=StepGate(what))
    barrier = next(event for event in events if isinstance(event, CheckpointBarrier))
    save = torch.save

    def fail(content: Any, path: Path) -> None:
        save(content, path)
        raise RuntimeError("PytorchStreamWriter failed writing file: file write failed")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="writing"):
        barrier.save(tmp_path / "0.pt")
    assert list(tmp_path.iterdir()) == []
