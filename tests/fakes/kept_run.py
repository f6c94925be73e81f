"""A real, small run with kept steps, trained once for all tests that look into it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resnet_viz.jobs.training import client
from resnet_viz.runs.run import RunState
from resnet_viz.spec.enums import DimMatch, Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.training.recipe import Recipe
from tests.fakes.waiting import ended

_SMALL = NetSpec(
    stem=Stem.CIFAR,
    blocks=(1, 1, 1),
    widths=(4, 8, 16),
    dim_match=DimMatch.ZERO_PAD,
    in_channels=1,
    image_size=14,
    num_classes=10,
)
NETS = (_SMALL.replace(shortcut=Shortcut.NONE), _SMALL)
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
