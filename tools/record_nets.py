"""Makes assets/nets from a finished run: weights of its newest kept step, and what they do on the test pictures.

    python -m tools.record_nets RUN --home FOLDER

The run is one of `python -m resnet_viz train` with the full Fashion-MNIST in a store at FOLDER (RESNET_VIZ_HOME).
"""

import argparse
import hashlib
import io
import json
import os
from typing import Final

import torch

from resnet_viz.data import images
from resnet_viz.data.images import ImageData
from resnet_viz.explain import nets
from resnet_viz.explain.references import NetKind, NetRef
from resnet_viz.explain.shipped import FOLDER, LIST, MAX_BYTES, Shipped, to_json
from resnet_viz.nets.modules import Net
from resnet_viz.runs.home import HOME_VARIABLE, store_path
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.naming import title
from resnet_viz.training import recipe as recipes

NAMES: Final = {  # by title: names stand in addresses
    "plain-20": "plain20",
    "ResNet-20": "resnet20",
    "ResNet-56": "resnet56",
    "ResNet-20, full pre-activation": "preact_resnet20",
}
_BATCH: Final = 500


def main() -> None:
    """Writes the files and prints what they hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", help="id of the run")
    parser.add_argument("--home", required=True, help="folder of the store that holds it")
    arguments = parser.parse_args()
    os.environ[HOME_VARIABLE] = arguments.home
    run = RunStore(store_path()).run(arguments.run)
    if run is None or not run.state.is_final:
        raise SystemExit(f"{arguments.run} is no run that has ended")
    first = run.recipe.nets[0]
    data = images.load(run.recipe.data, image_size=first.image_size)
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = [_record(arguments.run, index, run.recipe, data) for index in range(len(run.recipe.nets))]
    total = sum(net.num_bytes for net in found)
    if total > MAX_BYTES:
        raise SystemExit(f"{total:,} bytes are more than the {MAX_BYTES:,} that are shipped")
    (FOLDER / LIST).write_text(json.dumps([to_json(net) for net in found], indent=1) + "\n", "utf-8")
    for net in found:
        print(f"{net.name:20} {net.num_bytes:>9,} bytes  step {net.steps}  {net.test_accuracy:.4f}")


def _record(run_id: str, index: int, recipe: recipes.Recipe, data: ImageData) -> Shipped:
    opened = nets.open_net(NetRef(NetKind.RUN, run_id, index))
    assert opened.step == recipe.steps, f"the newest kept step is {opened.step} of {recipe.steps}"
    name = NAMES[title(opened.spec)]
    content = io.BytesIO()
    torch.save(dict(opened.net.state_dict()), content)
    path = FOLDER / f"{name}.pt"
    path.write_bytes(content.getvalue())
    return Shipped(
        name=name,
        title=title(opened.spec),
        spec=opened.spec,
        data=recipe.data.value,
        image_size=opened.spec.image_size,
        mean=data.mean,
        std=data.std,
        test_accuracy=accuracy(opened.net, data),
        test_images=len(data.test_y_N),
        recipe=recipes.to_json(recipe),
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
