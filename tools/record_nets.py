"""Trains the nets that are shipped and makes assets/nets: their weights, and what they do on all 10,000 test pictures.

    python -m tools.record_nets --home FOLDER              # trains, about half an hour on two cores, then records
    python -m tools.record_nets --home FOLDER --run ID     # records a run that has ended in the store at FOLDER

FOLDER becomes RESNET_VIZ_HOME; the full Fashion-MNIST has to be on the machine. The run goes through the same queue,
daemon and worker as any other, with more time than a visitor's may take.
"""

import argparse
import hashlib
import io
import json
import os
import time
from typing import Final

import torch

from resnet_viz.attribution.engine import load_net
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.attribution.sources.shipped_nets import FOLDER, LIST, MAX_BYTES, ShippedNet, to_json
from resnet_viz.jobs.training import client
from resnet_viz.jobs.training.options import Options
from resnet_viz.nets.modules import Net
from resnet_viz.runs.paths import HOME_VARIABLE, store_path
from resnet_viz.runs.run import RunState
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.titles import title
from resnet_viz.training import recipe_files
from resnet_viz.training.budget import FACTOR_VARIABLE
from resnet_viz.training.engine import images
from resnet_viz.training.engine.images import ImageData
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe import to_json as recipe_to_json

NAMES: Final = {  # by title: names stand in addresses
    "plain-20": "plain20",
    "ResNet-20": "resnet20",
    "ResNet-56": "resnet56",
    "ResNet-20, full pre-activation": "preact_resnet20",
}
_BATCH: Final = 500
RECIPE: Final = "shipped_nets"


def main() -> None:
    """Writes the files and prints what they hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--home", required=True, help="folder of the store")
    parser.add_argument("--run", help="id of a run in it; without one the nets are trained")
    arguments = parser.parse_args()
    os.environ[HOME_VARIABLE] = arguments.home
    run_id = arguments.run or train()
    run = RunStore(store_path()).run(run_id)
    if run is None or run.state is not RunState.DONE:
        raise SystemExit(f"{run_id} is no run that is done")
    first = run.recipe.nets[0]
    data = images.load_images(run.recipe.data, image_size=first.square_side)
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = [_record(run_id, index, run.recipe, data) for index in range(len(run.recipe.nets))]
    total = sum(net.num_bytes for net in found)
    if total > MAX_BYTES:
        raise SystemExit(f"{total:,} bytes are more than the {MAX_BYTES:,} that are shipped")
    (FOLDER / LIST).write_text(json.dumps([to_json(net) for net in found], indent=1) + "\n", "utf-8")
    for net in found:
        print(f"{net.name:20} {net.num_bytes:>9,} bytes  step {net.steps}  {net.test_accuracy:.4f}")


def train() -> str:
    """Trains the nets and returns the run's id."""
    os.environ[FACTOR_VARIABLE] = "6"
    runs = client.store()
    run_id = runs.submit(recipe_files.make(RECIPE, {}), owner="tools", name="nets for attribution")
    client.ensure_daemon(runs.path, Options(wall_s=4 * 3_600.0))
    while (run := runs.run(run_id)) is not None and not run.state.is_final:
        print(", ".join(f"{net.label} {net.num_steps}" for net in run.nets), flush=True)
        time.sleep(30.0)
    if run is not None and run.error:
        raise SystemExit(run.error)
    return run_id


def _record(run_id: str, index: int, recipe: Recipe, data: ImageData) -> ShippedNet:
    opened = load_net.open_net(NetRef(NetKind.RUN, run_id, index))
    assert opened.step == recipe.steps, f"the newest kept step is {opened.step} of {recipe.steps}"
    name = NAMES[title(opened.spec)]
    content = io.BytesIO()
    torch.save(dict(opened.net.state_dict()), content)
    path = FOLDER / f"{name}.pt"
    path.write_bytes(content.getvalue())
    return ShippedNet(
        name=name,
        title=title(opened.spec),
        spec=opened.spec,
        data=recipe.data.value,
        image_size=opened.spec.square_side,
        mean=data.mean[0],
        std=data.std[0],
        test_accuracy=accuracy(opened.net, data),
        test_images=len(data.test_y_N),
        recipe=recipe_to_json(recipe),
        steps=recipe.steps,
        sha256=hashlib.sha256(content.getvalue()).hexdigest(),
        num_bytes=len(content.getvalue()),
    )


def accuracy(net: Net, data: ImageData) -> float:
    """Returns the share of all test pictures that a net gets right."""
    with torch.no_grad():
        right = [
            int((net(images.with_channels(x, net_channels(net))).argmax(dim=1) == y).sum())
            for x, y in zip(data.test_x_NCHW.split(_BATCH), data.test_y_N.split(_BATCH), strict=True)
        ]
    return sum(right) / len(data.test_y_N)


def net_channels(net: Net) -> int:
    """Returns the channels of a net's input."""
    return int(next(module for module in net.modules() if isinstance(module, torch.nn.Conv2d)).in_channels)


if __name__ == "__main__":
    main()
