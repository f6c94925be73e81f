"""Each optimiser is torch's own, goes on from a checkpoint bit for bit, and its updates are measured as they are."""

import dataclasses
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from resnet_viz.nets.build import build
from resnet_viz.spec.enums import DimMatch, Shortcut
from resnet_viz.training.engine.images import ImageData, batches
from resnet_viz.training.engine.optimizers import make_optimizer, set_state, state_of
from resnet_viz.training.engine.race import race
from resnet_viz.training.optimizers import OptimizerName
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_values import Schedule
from resnet_viz.training.records import Step
from resnet_viz.training.step_gate import CheckpointSource, RateChange, StepGate
from resnet_viz.weights.files import stated_spec
from tests.fakes.small_nets import hold_update_ratios, recipe, small, steps_of
from tests.training.engine.test_resume import bits, taken
from tests.training.engine.test_resume import recipe as raced

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]

KINDS: dict[str, dict[str, Any]] = {
    "sgd": {},
    "sgd without momentum": {"momentum": 0.0},
    "nesterov": {"nesterov": True, "momentum": 0.8, "weight_decay": 1e-2},
    "nesterov without decay": {"nesterov": True, "weight_decay": 0.0},
    "adam": {"optimizer": "adam", "lr": 1e-3, "weight_decay": 1e-2},
    "adam without decay": {"optimizer": "adam", "lr": 1e-3, "weight_decay": 0.0},
    "adam of other betas": {"optimizer": "adam", "lr": 1e-3, "betas": (0.0, 0.9), "eps": 1e-4},
    "adamw": {"optimizer": "adamw", "lr": 1e-3, "weight_decay": 0.1},
    "adamw without decay": {"optimizer": "adamw", "lr": 1e-3, "weight_decay": 0.0},
}
every_kind = pytest.mark.parametrize("fields", KINDS.values(), ids=KINDS)


def of_torch(net: nn.Module, what: Recipe) -> torch.optim.Optimizer:
    """The optimiser as somebody would write it who has no recipe, with torch's slower loop over the tensors."""
    usual: dict[str, Any] = {"lr": what.lr, "weight_decay": what.weight_decay, "foreach": False, "fused": False}
    if what.optimizer is OptimizerName.SGD:
        return torch.optim.SGD(net.parameters(), momentum=what.momentum, nesterov=what.nesterov, **usual)
    kind = torch.optim.Adam if what.optimizer is OptimizerName.ADAM else torch.optim.AdamW
    return kind(net.parameters(), betas=what.betas, eps=what.eps, **usual)


def plain_losses(data: ImageData, what: Recipe, *, is_fused: bool) -> list[float]:
    net = build(what.nets[0], seed=what.seed, init=what.init).train()
    optimizer = make_optimizer(net, what) if is_fused else of_torch(net, what)
    order = batches(len(data.train_y_N), batch_size=what.batch_size, seed=what.seed)
    losses = []
    for step, indices_B in zip(range(what.steps), order, strict=False):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(data.train_x_NCHW[indices_B]), data.train_y_N[indices_B])
        loss.backward()
        for group in optimizer.param_groups:
            group["lr"] = what.lr_at(step)
        optimizer.step()
        losses.append(loss.item())
    return losses


@every_kind
def test_a_race_is_the_plainest_loop_with_torchs_optimiser(stripes: ImageData, fields: dict[str, Any]) -> None:
    what = recipe(small(), steps=20, probe_every=4, **fields)
    losses = [event.loss for event in race(what, data=stripes) if isinstance(event, Step)]
    assert losses == plain_losses(stripes, what, is_fused=True)  # to the last digit
    assert losses == pytest.approx(plain_losses(stripes, what, is_fused=False), rel=1e-3)  # other order of the sums


def test_the_optimisers_differ(stripes: ImageData) -> None:
    curves = [
        tuple(step.loss for step in steps_of(build(small()), stripes, recipe(small(), **fields)))
        for fields in KINDS.values()
    ]
    assert len(set(curves)) == len(KINDS) - 1  # without decay, Adam and AdamW are one


@every_kind
def test_update_ratios_are_those_of_the_weights_themselves(stripes: ImageData, fields: dict[str, Any]) -> None:
    hold_update_ratios(stripes, recipe(small(), probe_every=1, eval_every=100, **fields))


@every_kind
def test_probing_changes_nothing(stripes: ImageData, fields: dict[str, Any]) -> None:
    curves = [
        [step.loss for step in steps_of(build(small()), stripes, recipe(small(), probe_every=every, **fields))]
        for every in (1, 100)
    ]
    assert curves[0] == curves[1]


@every_kind
def test_resuming_equals_going_on(stripes: ImageData, tmp_path: Path, fields: dict[str, Any]) -> None:
    what = raced("cifar_plain8", "cifar_resnet8", **fields)
    whole, files = taken(what, stripes, tmp_path / "whole")
    again, more = taken(what, stripes, tmp_path / "again", start=CheckpointSource(files=(files[1],)))
    assert again == [step for step in whole if step.step >= 25]
    assert bits(more[-1]) == bits(files[-1])


def test_wide_nets_resume_with_adam_too(stripes: ImageData, tmp_path: Path) -> None:
    wide = small("cifar_resnet8", widths=(8, 16, 32))
    what = raced(nets=(wide,), steps=30, optimizer="adam", lr=1e-3)
    whole, files = taken(what, stripes, tmp_path)
    again, more = taken(what, stripes, tmp_path / "again", start=CheckpointSource(files=(files[1],)))
    assert again == [step for step in whole if step.step >= 25]
    assert bits(more[-1]) == bits(files[-1])


@pytest.mark.parametrize("kind", ["nesterov", "adam", "adamw"])
def test_a_rate_changed_in_the_run_holds_from_one_step_on_and_a_resumed_run_equals_it(
    stripes: ImageData, tmp_path: Path, kind: str
) -> None:
    what = raced("cifar_plain8", warmup_steps=0, schedule=Schedule.CONSTANT, **KINDS[kind])
    rates = [RateChange(step=10, lr=5e-4), RateChange(step=30, lr=1e-4)]
    steps, files = taken(what, stripes, tmp_path, gate=StepGate(what, rates=rates))
    assert [step.lr for step in steps] == [what.lr] * 10 + [5e-4] * 20 + [1e-4] * 10
    resumed, _files = taken(
        what, stripes, tmp_path / "again", gate=StepGate(what, rates=rates), start=CheckpointSource(files=(files[1],))
    )
    assert resumed == [step for step in steps if step.step >= 25]


@pytest.mark.parametrize("kind", ["nesterov", "adam", "adamw"])
@pytest.mark.parametrize("dim_match", DimMatch)
def test_a_branch_goes_on_beside_the_net_it_came_from(
    stripes: ImageData, tmp_path: Path, kind: str, dim_match: DimMatch
) -> None:
    what = raced("cifar_plain8", **KINDS[kind])
    whole, files = taken(what, stripes, tmp_path)
    mended = what.nets[0].replace(shortcut=Shortcut.IDENTITY, dim_match=dim_match)  # projections have no state yet
    both = what.replace(nets=(what.nets[0], mended))
    start = CheckpointSource(files=(files[1],), sources=(0, 0))
    branched, _files = taken(both, stripes, tmp_path / "branch", start=start)
    label, other = both.labels
    assert [step for step in branched if step.net == label] == [step for step in whole if step.step >= 25]
    assert [step.step for step in branched if step.net == other] == list(range(25, 40))


def test_weights_that_are_new_in_a_branch_count_their_own_steps() -> None:
    what = recipe(small(dim_match=DimMatch.PROJECTION), optimizer="adam", lr=1e-3)
    old, new = build(small()), build(what.nets[0])
    before, after = make_optimizer(old, what), make_optimizer(new, what)
    old(torch.rand(2, 1, 8, 8)).sum().backward()
    before.step()
    set_state(new, after, state_of(old, before))
    steps = state_of(new, after)["step"]
    assert set(steps) == {name for name, _parameter in old.named_parameters()} != set(dict(new.named_parameters()))
    new(torch.rand(2, 1, 8, 8)).sum().backward()
    after.step()
    steps = state_of(new, after)["step"]
    assert {name: step.item() for name, step in steps.items()} == {
        name: 2.0 if name in dict(old.named_parameters()) else 1.0 for name, _parameter in new.named_parameters()
    }


@pytest.mark.parametrize(("first", "second"), [("sgd", "adam"), ("adamw", "nesterov")])
def test_another_optimiser_begins_anew_at_a_checkpoint(
    stripes: ImageData, tmp_path: Path, first: str, second: str
) -> None:
    what = raced("cifar_plain8", **KINDS[first])
    _whole, files = taken(what, stripes, tmp_path)
    other = raced("cifar_plain8", **KINDS[second])
    resumed, _files = taken(other, stripes, tmp_path / "other", start=CheckpointSource(files=(files[1],)))
    assert [step.step for step in resumed] == list(range(25, 40))
    assert all(0 < step.loss < 10 for step in resumed)


def test_a_checkpoint_of_an_older_version_is_read(stripes: ImageData, tmp_path: Path) -> None:
    what = raced("cifar_plain8")
    whole, files = taken(what, stripes, tmp_path)
    content = torch.load(files[1], weights_only=True)
    for net in content["nets"]:
        for part in [name for name in net if name.startswith("adam_") or name == stated_spec.KEY]:
            del net[part]
    assert set(content["nets"][0]) == {"label", "seconds", "is_over", "weights", "counters", "momentum"}
    torch.save(content, tmp_path / "older.pt")
    again, _files = taken(what, stripes, tmp_path / "again", start=CheckpointSource(files=(tmp_path / "older.pt",)))
    assert again == [step for step in whole if step.step >= 25]


def test_a_race_with_adam_is_the_same_whatever_the_threads_do(stripes: ImageData) -> None:
    what = raced("cifar_plain8", "cifar_resnet8", steps=12, **KINDS["adamw"])

    def raced_once(pause_s: float) -> list[Step]:
        found = []
        for event in race(what, data=stripes):
            threading.Event().wait(pause_s)
            if isinstance(event, Step):
                found.append(dataclasses.replace(event, seconds=0.0, images_per_s=0.0))
        return found

    assert raced_once(0.0) == raced_once(0.003)
