"""The nets in a file of a run's kept step, as this program writes them: all tensors of a net in one flat row."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from resnet_viz.weights.files.pickled import children
from resnet_viz.weights.files.stored_tensor import StoredTensor

_PARTS = ("weights", "counters")

NetOfStep = tuple[str, Mapping[str, StoredTensor], Mapping[Any, Any]]


def nets_of_kept_step(content: Any) -> tuple[NetOfStep, ...]:
    """Returns of each net its label, or its number where labels repeat, its tensors, and what is kept beside them.

    Nothing is returned of other files.
    """
    file = children(content)
    nets = [children(net) for net in children(file.get("nets")).values()]
    if "step" not in file or not nets or not all(isinstance(children(net.get("weights")), dict) for net in nets):
        return ()
    tensors = [dict(pair for part in _PARTS for pair in _tensors(children(net.get(part)))) for net in nets]
    if not all(tensors):
        return ()
    labels = Counter(str(net.get("label")) for net in nets)
    return tuple(
        (label if labels[label := str(net.get("label"))] == 1 else f"nets.{number}", found, {"": net})
        for number, (net, found) in enumerate(zip(nets, tensors, strict=True))
    )


def _tensors(part: Mapping[str | int, Any]) -> Iterator[tuple[str, StoredTensor]]:
    """Yields names and tensors of a flat row; those beyond its end are unsound, as `StoredTensor` finds."""
    flat, begin = part.get("flat"), 0
    for pair in children(part.get("shapes")).values():
        match list(children(pair).values()), flat:
            case [str() as name, shape], StoredTensor(storage=storage, dtype=dtype, offset=int() as offset):
                sides = tuple(side if type(side) is int else -1 for side in children(shape).values())
                strides = tuple(math.prod(sides[axis + 1 :]) for axis in range(len(sides)))
                yield name, StoredTensor(storage, dtype, offset + begin, sides, strides)
                begin += math.prod(sides)
            case _:
                return
