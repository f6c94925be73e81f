"""Several nets side by side."""

import threading
from collections.abc import Generator
from itertools import islice
from typing import Any

import pytest
import torch

from resnet_viz import i18n
from resnet_viz.errors import BudgetError, DataError, DeviceError
from resnet_viz.nets.build import build
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.engine import devices
from resnet_viz.training.engine import race as racing
from resnet_viz.training.engine.images import ImageData, batches
from resnet_viz.training.engine.loop import train
from resnet_viz.training.engine.race import race
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_values import DeviceName, Schedule
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Record, Step
from resnet_viz.training.step_gate import CheckpointBarrier

pytestmark = pytest.mark.torch


def small(name: str, **fields: Any) -> NetSpec:
    return residual_preset(name, **{"widths": (4, 8, 16), "in_channels": 1, "image_size": 8, **fields})


def recipe(*names: str, **fields: Any) -> Recipe:
    nets = tuple(small(name) for name in names or ("cifar_plain8", "cifar_resnet14", "cifar_preact_resnet8"))
    return Recipe(**{"nets": nets, "steps": 8, "batch_size": 32, "device": DeviceName.CPU, **fields})


def opened(what: Recipe, data: ImageData) -> Generator[Record, None, None]:
    records = race(what, data=data)
    assert isinstance(records, Generator)
    return records


def net_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "resnet_viz net"]


def test_each_round_has_every_net_once_in_the_recipes_order(stripes: ImageData) -> None:
    what = recipe()
    records = [record for record in race(what, data=stripes) if not isinstance(record, CheckpointBarrier)]
    rounds = [records[start : start + 3] for start in range(0, len(records), 3)]
    assert [record.net for record in records] == list(what.labels) * len(rounds)
    assert all(isinstance(record, NetStarted) for record in rounds[0])
    assert [{r.step for r in one if isinstance(r, Step)} for one in rounds[1:-1]] == [{step} for step in range(8)]
    assert all(isinstance(record, NetEnded) for record in rounds[-1])
    assert net_threads() == []


def test_a_net_learns_in_a_race_what_it_learns_alone(stripes: ImageData) -> None:
    what = recipe()
    raced: dict[str, list[float]] = {label: [] for label in what.labels}
    for record in race(what, data=stripes):
        if isinstance(record, Step):
            raced[record.net].append(record.loss)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    for spec, label in zip(what.nets, what.labels, strict=True):
        alone = train(build(spec, seed=what.seed), stripes, what, label=label)
        assert raced[label] == [record.loss for record in alone if isinstance(record, Step)]
    torch.set_num_threads(before)


def test_two_nets_of_a_race_see_the_same_batches(stripes: ImageData, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, list[list[int]]] = {}

    def watched(*arguments: Any, **settings: Any) -> Any:
        own = seen.setdefault(str(len(seen)), [])
        for indices in batches(*arguments, **settings):
            own.append(indices.tolist())
            yield indices

    monkeypatch.setattr("resnet_viz.training.engine.loop.batches", watched)
    list(race(recipe("cifar_plain8", "cifar_resnet8"), data=stripes))
    first, second = seen.values()
    assert len(first) == 8
    assert first == second


def test_the_same_seed_gives_the_identical_race(stripes: ImageData) -> None:
    def losses(**fields: Any) -> list[float]:
        return [record.loss for record in race(recipe(**fields), data=stripes) if isinstance(record, Step)]

    assert losses() == losses()
    assert losses() != losses(seed=1)


@pytest.mark.parametrize("taken", [1, 4, 10])
def test_closing_leaves_nothing_running(stripes: ImageData, taken: int) -> None:
    before = torch.get_num_threads()
    records = opened(recipe(steps=100_000, nets=(small("cifar_plain8"),)), stripes)
    list(islice(records, taken))
    records.close()
    assert net_threads() == []
    assert torch.get_num_threads() == before


def test_nothing_runs_far_ahead_of_what_is_asked_for(stripes: ImageData, monkeypatch: pytest.MonkeyPatch) -> None:
    num_steps = 0

    def counted(*arguments: Any, **settings: Any) -> Any:
        nonlocal num_steps
        for indices in batches(*arguments, **settings):
            num_steps += 1
            yield indices

    monkeypatch.setattr("resnet_viz.training.engine.loop.batches", counted)
    records = opened(recipe("cifar_plain8", steps=1_000), stripes)
    list(islice(records, 3))  # started, steps 0 and 1
    threading.Event().wait(0.3)
    records.close()
    assert num_steps <= 3 + racing.AHEAD + 1


def test_a_net_that_diverges_ends_and_the_others_go_on(stripes: ImageData) -> None:
    wild = small("cifar_resnet56", norm=Norm.NONE)
    what = recipe(nets=(wild, small("cifar_plain8")), lr=10.0, warmup_steps=0, schedule=Schedule.CONSTANT, steps=15)
    records = list(race(what, data=stripes))
    ends = {record.net: record for record in records if isinstance(record, NetEnded)}
    assert ends[what.labels[0]].ending is Ending.DIVERGED
    assert ends["plain-8"].ending is Ending.FINISHED
    assert [r.step for r in records if isinstance(r, Step) and r.net == "plain-8"] == list(range(15))


def test_a_refusal_in_one_net_ends_the_race_with_it(stripes: ImageData, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(*arguments: Any, label: str, **settings: Any) -> Any:
        for record in train(*arguments, label=label, **settings):
            if label == "ResNet-14" and isinstance(record, Step) and record.step == 3:
                raise DataError("The images went away.")
            yield record

    monkeypatch.setattr(racing, "train", refusing)
    with pytest.raises(DataError, match="went away"):
        list(race(recipe(), data=stripes))
    assert net_threads() == []


def test_a_race_beyond_the_budget_is_refused_before_it_starts(stripes: ImageData) -> None:
    with pytest.raises(BudgetError, match="parameters"):
        next(race(recipe(nets=(residual_preset("resnet18"),)), data=stripes))


def test_sentences_of_a_race_are_in_the_readers_language(stripes: ImageData, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()

    def noting(*arguments: Any, **settings: Any) -> Any:
        for record in train(*arguments, **settings):
            seen.add(i18n._language.get())
            yield record

    monkeypatch.setattr(racing, "train", noting)
    token = i18n._language.set("eo")
    try:
        list(race(recipe(), data=stripes))
    finally:
        i18n._language.reset(token)
    assert seen == {"eo"}


def test_auto_takes_a_device_that_is_there() -> None:
    assert torch.zeros(1, device=devices.find(DeviceName.AUTO)).item() == 0
    assert devices.find(DeviceName.CPU) == torch.device("cpu")


@pytest.mark.parametrize(
    ("name", "words"), [(DeviceName.CUDA, "NVIDIA GPU (cuda)"), (DeviceName.MPS, "Apple GPU (mps)")]
)
def test_a_named_device_that_is_missing_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: DeviceName, words: str
) -> None:
    monkeypatch.setattr(devices, "_has", lambda kind: kind == "cpu")
    with pytest.raises(DeviceError) as refusal:
        devices.find(name)
    assert str(refusal.value) == f"This machine, or its installed torch, has no {words}. Choose auto or one of: cpu."
