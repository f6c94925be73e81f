"""Maps at the kept steps of a run: the right nets, the right order, refusals, and a branch of a run."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from resnet_viz.attribution.engine.over_training import maps_over_steps, nets_at
from resnet_viz.attribution.engine.progress import Tick
from resnet_viz.errors import DataError
from resnet_viz.nets.modules import Net
from resnet_viz.runs.sql.checkpoints import Checkpoint
from resnet_viz.spec.enums import Shortcut
from resnet_viz.training.engine.checkpoint_file import RaceState, capture, write
from resnet_viz.training.engine.optimizers import make_optimizer
from resnet_viz.training.recipe import Recipe
from tests.fakes.perturbed import perturbed, small

pytestmark = pytest.mark.torch

SPECS = (small(shortcut=Shortcut.NONE), small())


@pytest.fixture
def kept(tmp_path: Path) -> list[Checkpoint]:
    """Steps 20, 0 and 10 of a plain net and a residual one, whose weights are those of the seed `step`."""
    recipe = Recipe(nets=SPECS)
    for step in (20, 0, 10):
        nets = [perturbed(spec, seed=step) for spec in SPECS]
        states = [
            capture(net, make_optimizer(net, recipe), label=label, seconds=0.0, is_over=False)
            for net, label in zip(nets, recipe.labels, strict=True)
        ]
        write(RaceState(step=step, nets=tuple(states)), tmp_path / f"{step}.pt")
    return [Checkpoint(step=step, file=f"{step}.pt") for step in (20, 0, 10)]


def fc(net: Net, tick: Tick) -> Tensor:
    tick(1.0)
    return net.get_parameter("head.fc.weight").detach().clone()


def test_each_net_is_what_it_was_at_each_step_first_step_first(kept: list[Checkpoint], tmp_path: Path) -> None:
    shares: list[float] = []
    found = list(maps_over_steps(SPECS, kept, (0, 1), fc, folder=tmp_path, tick=shares.append))
    assert [frame.step for frame in found] == [0, 10, 20]
    for frame in found:
        for spec, values in zip(SPECS, frame.values, strict=True):
            assert torch.equal(values, perturbed(spec, seed=frame.step).get_parameter("head.fc.weight"))
    assert shares == [pytest.approx((number + 1) / 6) for number in range(6)]


def test_nets_come_in_evaluation_mode_with_their_running_statistics(kept: list[Checkpoint], tmp_path: Path) -> None:
    (net,) = nets_at(SPECS, kept[0], (1,), folder=tmp_path)
    assert not net.training
    theirs = perturbed(SPECS[1], seed=20).state_dict()
    assert all(torch.equal(value, theirs[key]) for key, value in net.state_dict().items())


def test_the_first_checkpoint_of_a_branch_holds_the_nets_of_the_other_run(
    kept: list[Checkpoint], tmp_path: Path
) -> None:
    branch = Checkpoint(step=10, file="10.pt", sources=(1,))  # its only net goes on from the other's second
    (net,) = nets_at(SPECS[1:], branch, (0,), folder=tmp_path)
    assert torch.equal(net.get_parameter("head.fc.weight"), fc(perturbed(SPECS[1], seed=10), lambda _share: None))


def test_a_file_that_is_gone_damaged_or_of_other_nets_is_refused(kept: list[Checkpoint], tmp_path: Path) -> None:
    (tmp_path / "0.pt").write_bytes(b"PK")
    (tmp_path / "10.pt").unlink()
    for checkpoint in kept[1:]:
        with pytest.raises(DataError, match="missing, damaged"):
            nets_at(SPECS, checkpoint, (0,), folder=tmp_path)
    with pytest.raises(DataError, match="of another net"):
        nets_at(SPECS[::-1], kept[0], (0,), folder=tmp_path)
    with pytest.raises(DataError, match="other nets; it holds 2"):
        nets_at((*SPECS, SPECS[0]), kept[0], (2,), folder=tmp_path)
