"""torchinfo's figures of a net, on torch's device "meta": shapes pass through the net, no numbers do."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import torchinfo
from torchinfo.layer_info import LayerInfo

from resnet_viz.analysis.torchinfo import TorchinfoLayer, TorchinfoReport, to_json
from resnet_viz.nets.build import build
from resnet_viz.plan.lower import lower
from resnet_viz.spec import codec
from resnet_viz.spec.vgg import AnySpec

MOST_NODES: Final = 600  # ResNet-152 has 514; of deeper nets the summary lists blocks and no layers
_LAYERS: Final = 9  # levels of modules, more than a net has
_BLOCKS: Final = 2


def summarise(spec: AnySpec) -> TorchinfoReport:
    """Returns torchinfo's figures of a net for one image.

    Raises:
        BudgetError: a net too large to build.
    """
    plan = lower(spec)
    found = torchinfo.summary(
        build(spec, device="meta"),
        input_size=(1, *plan.input_shape),
        device="meta",
        verbose=0,
        depth=_LAYERS if len(plan.nodes) <= MOST_NODES else _BLOCKS,
        col_names=("output_size", "num_params", "mult_adds"),
        row_settings=("var_names",),
    )
    return TorchinfoReport(
        version=torchinfo.__version__,
        params=found.total_params,
        trainable=found.trainable_params,
        mult_adds=found.total_mult_adds,
        activation_bytes=found.total_output_bytes,
        layers=tuple(_layers(found.summary_list)),
        summary=str(found),
    )


def answer(fields: Mapping[str, Any], _tick: Callable[[float], None]) -> bytes:
    """Returns the figures of the net that JSON values describe, as JSON: the query `jobs.queries.torchinfo`."""
    return json.dumps(to_json(summarise(codec.from_json(fields)))).encode()


def _layers(rows: list[LayerInfo]) -> Iterator[TorchinfoLayer]:
    for row in rows:
        if row.is_leaf_layer and row.class_name != "Sequential":  # an empty one: a branch of a block that does nothing
            yield TorchinfoLayer(_name(row), tuple(row.output_size[1:]), row.num_params, row.macs)


def _name(row: LayerInfo) -> str:
    """Returns a layer's path in the net, which is its node's name; the net itself has none."""
    name, parent = row.var_name, row.parent_info
    while parent is not None and parent.parent_info is not None:
        name, parent = f"{parent.var_name}.{name}", parent.parent_info
    return name
