"""Runs of a few records, as if two small nets had trained."""

from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import Claim
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import NetStarted, Step

RECIPE = Recipe(nets=(residual_preset("cifar_plain20"), residual_preset("cifar_resnet20")), steps=100)
PLAIN, RESIDUAL = RECIPE.labels
CONVS, BLOCKS = ("c1", "c2", "c3"), ("b1", "b2")


def started(net: str) -> NetStarted:
    return NetStarted(net=net, params=270_000, macs=41_000_000, convs=CONVS, blocks=BLOCKS, device="cpu")


def step(net: str, number: int, *, is_probed: bool = False) -> Step:
    return Step(
        net=net,
        step=number,
        loss=2.3,
        accuracy=0.1,
        lr=0.1,
        images_per_s=1.0,
        seconds=float(number),
        grad_norm=dict.fromkeys(CONVS, float(number)) if is_probed else {},
        activation_std=dict.fromkeys(BLOCKS, 1.5) if is_probed else {},
        test_loss=2.2 if number % 10 == 9 else None,
        test_accuracy=0.2 if number % 10 == 9 else None,
    )


def claimed(store: RunStore, daemon: DaemonStore) -> Claim:
    store.submit(RECIPE, owner="a", name="a run")
    claim = daemon.claim_next()
    assert claim is not None
    return claim
