"""Contents of weights files as they are read, made without torch."""

from typing import Any

from resnet_viz.weights.files.stored_tensor import Storage, StoredTensor


def tensor(*shape: int, dtype: str = "float32") -> StoredTensor:
    strides = tuple(int(_product(shape[axis + 1 :])) for axis in range(len(shape)))
    return StoredTensor(Storage("0", _product(shape) * 4, dtype), dtype, 0, shape, strides)


def weights(side: int = 8, **more: Any) -> dict[str, Any]:
    """Returns the state dict of a small net."""
    return {"conv1.weight": tensor(side, 3, 3, 3), "bn1.bias": tensor(side), "fc.weight": tensor(10, side), **more}


def _product(sides: tuple[int, ...]) -> int:
    total = 1
    for side in sides:
        total *= side
    return total
