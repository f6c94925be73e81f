"""A real, small run with kept steps, trained once for all tests that look into it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resnet_viz.jobs import client
from resnet_viz.runs.run import RunState
from resnet_viz.spec.presets import preset
from resnet_viz.training.recipe import Recipe
from tests.jobs.waiting import ended

NETS = tuple(
    preset(name, widths=(4, 8, 16), in_channels=1, image_size=14) for name in ("cifar_plain8", "cifar_resnet8")
)
STEPS = 50  # kept are 0, 25 and 50


@contextmanager
def trained(home: Path) -> Iterator[str]:
    """The id of a run in a store of its own, which stays the program's home inside."""
    before = {name: os.environ.get(name) for name in ("RESNET_VIZ_HOME",)}
    os.environ["RESNET_VIZ_HOME"] = str(home)
    try:
        run_id = client.submit(Recipe(nets=NETS, steps=STEPS, warmup_steps=5, batch_size=32), owner="test")
        run = ended(client.store(), run_id)
        assert run.state is RunState.DONE, run.error
        client.close()
        yield run_id
    finally:
        client.close()
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
